"""The municipality's inbox of applications: the queue, the assessment, the decision, and the pots behind them.

Everybody at the counter reads the queue and the pots; scoring and deciding are for two different people.
"""

from datetime import datetime, timedelta
from typing import Annotated, Final, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.cofunding import queries as cofunding
from crowd.cofunding.rules import SENTENCES
from crowd.grants import operations, queries
from crowd.grants.queries import ApplicationRow, AssessmentRow, DecisionRow
from crowd.grants.rules import (
    CRITERIA,
    OPEN,
    SCORES,
    ApplicationNotFound,
    AssessmentForm,
    DecisionForm,
    may_assess,
    may_decide,
)
from crowd.shared.actor import Actor
from crowd.shared.clock import local_date
from crowd.shared.errors import DomainError, InvalidFields, msg
from crowd.shared.money import Money
from frontend.access import may, requires
from frontend.amounts import read_amount
from frontend.answers import page, see_other
from frontend.formats import Language, amount_field
from frontend.forms import Fields
from frontend.i18n import refusal, refusals, say
from frontend.runtime import RuntimeDep
from frontend.views.forms import Choice
from frontend.views.forms import Form as Typed
from frontend.views.grants import (
    ApplicationFile,
    ApplicationState,
    AssessmentPage,
    AssessmentView,
    CampaignUnderScheme,
    Clock,
    DecisionPage,
    DecisionView,
    PotLine,
    Purse,
    QueueLine,
    QueuePage,
    SchemePage,
    Score,
)
from frontend.visit import visit_of

router: Final = APIRouter()
QUEUE: Final = "/loket/aanvragen"

Counter = Annotated[Actor, Depends(requires("counter:open"))]
Assessor = Annotated[Actor, Depends(requires("grant:assess"))]
Approver = Annotated[Actor, Depends(requires("grant:decide"))]


# --- The queue ------------------------------------------------------------------------------------------------


@router.get(QUEUE)
def show_queue(request: Request, runtime: RuntimeDep, actor: Counter) -> Response:
    """Show what waits, the clock that runs out first in front, and what was decided."""
    language, here = visit_of(request).language, _home(actor)
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        waiting = queries.open_applications(session, municipality_id=here)
        done = queries.done_applications(session, municipality_id=here)
        pots = [
            PotLine(
                name=scheme.name,
                href=f"/loket/regelingen/{scheme.id}",
                ceiling=Money(scheme.pot_cents),
                left=Money(scheme.pot_cents) - queries.awarded_under(session, scheme_id=scheme.id),
            )
            for scheme in cofunding.schemes(session, municipality_id=here)
        ]
    content = QueuePage(
        waiting=[QueueLine(file=_file(row, now), action=_action(row, actor, language)) for row in waiting],
        done=[
            QueueLine(
                file=_file(row, now),
                action=(_at(row.id, "besluit"), "") if may(actor, "grant:decide") else None,
                outcome=None if row.up_to_cents is None else Money(row.up_to_cents),
            )
            for row in done
        ],
        pots=pots,
        may_open=may(actor, "scheme:edit"),
    )
    return page(request, content, now=now)


def _action(row: ApplicationRow, actor: Actor, language: Language) -> tuple[str, str] | None:
    if row.state == "received" and may(actor, "grant:assess"):
        return _at(row.id, "beoordeling"), say(msg("Assess"), language)
    if row.state == "assessed" and may(actor, "grant:decide"):
        return _at(row.id, "besluit"), say(msg("Decide"), language)
    return None


# --- Assessing ------------------------------------------------------------------------------------------------


@router.get("/loket/aanvragen/{application_id}/beoordeling")
def show_assessment(request: Request, runtime: RuntimeDep, actor: Assessor, application_id: UUID) -> Response:
    """Show the form, or what was written down; somebody of the initiative reads why they cannot."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        row = queries.application(session, application_id=application_id)
        form = Typed(values={"advice": amount_field(Money(row.asked_cents))})
        content = _assessment_page(session, request, actor, row=row, form=form, now=now)
    return page(request, content, now=now)


@router.post("/loket/aanvragen/{application_id}/beoordeling")
def hand_in_assessment(
    request: Request,
    runtime: RuntimeDep,
    actor: Assessor,
    application_id: UUID,
    typed: Fields,
) -> Response:
    """Write the assessment down, or show the form again with everything that is missing."""
    values = {name: value for name, value in typed.items() if isinstance(value, str) and name != "csrf"}
    scores = {str(score): score for score in SCORES}
    form = AssessmentForm(
        scores={key: scores.get(values.get(f"score_{key}", "")) for key in CRITERIA},
        notes={key: values.get(f"note_{key}", "") for key in CRITERIA},
        advice=read_amount(values.get("advice", "")),
        advice_text=values.get("advice_text", ""),
        no_interest=bool(values.get("no_interest")),
    )
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            operations.assess(session, application_id=application_id, form=form, actor=actor, now=now)
    except InvalidFields as refused:
        again = Typed(values=values, errors=refusals(refused.errors, visit_of(request).language))
        with runtime.database.reading() as session:
            now = runtime.clock.now(session)
            row = queries.application(session, application_id=application_id)
            content = _assessment_page(session, request, actor, row=row, form=again, now=now)
        return page(request, content, now=now, status=400)
    return see_other(request, QUEUE, said=msg("The assessment is handed in. Somebody with a mandate decides now."))


def _assessment_page(
    session: Session, request: Request, actor: Actor, *, row: ApplicationRow, form: Typed, now: datetime
) -> AssessmentPage:
    language = visit_of(request).language
    facts = operations.facts_about(session, row=row, actor=actor)
    found = queries.assessment(session, application_id=row.id)
    return AssessmentPage(
        file=_file(row, now),
        form=form,
        criteria=[(key, say(label, language)) for key, label in CRITERIA.items()],
        scores=[Choice(value=str(score), label=str(score)) for score in SCORES],
        done=None if found is None else _assessment(found, language),
        denial=_why_not(may_assess(actor, facts), language) or _over(row, now, language),
    )


# --- Deciding -------------------------------------------------------------------------------------------------


@router.get("/loket/aanvragen/{application_id}/besluit")
def show_decision(request: Request, runtime: RuntimeDep, actor: Approver, application_id: UUID) -> Response:
    """Show the scores, the room there is, and the form; the advised amount is filled in as far as it fits."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        row = queries.application(session, application_id=application_id)
        limits = operations.limits(session, row=row, actor=actor)
        found = queries.assessment(session, application_id=application_id)
        advised = Money(found.advice_cents if found else 0)
        fits = min(advised, limits.asked, limits.mandate, limits.ceiling_left)
        form = Typed(
            values={
                "up_to": amount_field(fits) if fits.cents > 0 else "",
                "legal_ground": cofunding.scheme(session, scheme_id=row.scheme_id).legal_basis,
            }
        )
        content = _decision_page(session, request, actor, row=row, form=form, now=now)
    return page(request, content, now=now)


@router.post("/loket/aanvragen/{application_id}/besluit")
def decide(
    request: Request,
    runtime: RuntimeDep,
    actor: Approver,
    application_id: UUID,
    outcome: Annotated[str, Form()] = "",
    up_to: Annotated[str, Form()] = "",
    reasons: Annotated[str, Form()] = "",
    legal_ground: Annotated[str, Form()] = "",
) -> Response:
    """Award or refuse, or show the form again with everything that is wrong."""
    form = DecisionForm(outcome=outcome, up_to=read_amount(up_to), reasons=reasons, legal_ground=legal_ground)
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            operations.decide(session, application_id=application_id, form=form, actor=actor, now=now)
    except InvalidFields as refused:
        values = {"outcome": outcome, "up_to": up_to, "reasons": reasons, "legal_ground": legal_ground}
        again = Typed(values=values, errors=refusals(refused.errors, visit_of(request).language))
        with runtime.database.reading() as session:
            now = runtime.clock.now(session)
            row = queries.application(session, application_id=application_id)
            content = _decision_page(session, request, actor, row=row, form=again, now=now)
        return page(request, content, now=now, status=400)
    return see_other(request, QUEUE, said=msg("Decided. The initiator gets your decision by e-mail."))


def _decision_page(
    session: Session, request: Request, actor: Actor, *, row: ApplicationRow, form: Typed, now: datetime
) -> DecisionPage:
    language = visit_of(request).language
    facts = operations.facts_about(session, row=row, actor=actor)
    assessed = queries.assessment(session, application_id=row.id)
    decided = queries.decision(session, application_id=row.id)
    return DecisionPage(
        file=_file(row, now),
        form=form,
        outcomes=[
            Choice(
                value="awarded",
                label=say(msg("Award"), language),
                hint=say(msg("Up to an amount, on condition that the minimum is reached."), language),
            ),
            Choice(
                value="refused",
                label=say(msg("Refuse"), language),
                hint=say(msg("The municipality adds nothing."), language),
            ),
        ],
        purse=_purse(session, row.scheme_id, actor),
        assessment=None if assessed is None else _assessment(assessed, language),
        done=None if decided is None else _decision(decided),
        denial=_why_not(may_decide(actor, facts), language) or _over(row, now, language),
    )


# --- The pot --------------------------------------------------------------------------------------------------


@router.get("/loket/regelingen/{scheme_id}")
def show_scheme(request: Request, runtime: RuntimeDep, actor: Counter, scheme_id: UUID) -> Response:
    """Show a scheme's terms, its pot, and what each campaign holds of it and why."""
    language = visit_of(request).language
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        scheme = cofunding.scheme(session, scheme_id=scheme_id)
        if scheme.municipality_id != _home(actor):
            raise cofunding.SchemeNotFound
        content = SchemePage(
            name=scheme.name,
            legal_basis=scheme.legal_basis,
            adds=Money(scheme.ratio_percent),
            per=Money(100),
            donor_cap=Money(scheme.donor_cap_cents),
            project_cap=Money(scheme.project_cap_cents),
            opens_on=scheme.opens_on,
            closes_on=scheme.closes_on,
            decision_weeks=scheme.decision_weeks,
            neighbourhoods=cofunding.places_of(session, scheme_id=scheme_id),
            purse=_purse(session, scheme_id, actor),
            free=scheme.pot_left,
            campaigns=[
                CampaignUnderScheme(
                    title=line.title,
                    href=f"/initiatieven/{line.slug}",
                    state=line.state,
                    reserved=line.reserved,
                    award=line.award,
                    why="" if line.bound is None else say(SENTENCES[line.bound], language),
                )
                for line in cofunding.campaigns_under(session, scheme_id=scheme_id)
            ],
        )
    return page(request, content, now=now)


# --- From rows to what pages show -----------------------------------------------------------------------------


def _home(actor: Actor) -> UUID:
    if actor.municipality_id is None:
        raise ApplicationNotFound
    return actor.municipality_id


def _at(application_id: UUID, noun: str) -> str:
    return f"{QUEUE}/{application_id}/{noun}"


def _why_not(denial: DomainError | None, language: Language) -> str:
    """Return the sentence of a denial; somebody else's municipality is not found at all."""
    if isinstance(denial, ApplicationNotFound):
        raise denial
    return "" if denial is None else refusal(denial, language)


def _over(row: ApplicationRow, now: datetime, language: Language) -> str:
    is_over = row.state in OPEN and (row.deadline_at is None or now >= row.deadline_at)
    if row.state == "lapsed" or is_over:
        sentence = msg("The campaign has ended, so nothing can be decided on this application any more.")
        return say(sentence, language)
    return ""


def _file(row: ApplicationRow, now: datetime) -> ApplicationFile:
    last_day, clock, campaign_ends = row.decide_by, "term", None
    if row.deadline_at is not None:
        # The deadline is the midnight after the campaign's last day.
        campaign_ends = local_date(row.deadline_at - timedelta(microseconds=1))
        if campaign_ends < last_day:
            last_day, clock = campaign_ends, "campaign"
    return ApplicationFile(
        id=row.id,
        title=row.title,
        summary=row.summary,
        href=f"/initiatieven/{row.slug}",
        neighbourhood=row.neighbourhood,
        scheme=row.scheme_name,
        scheme_href=f"/loket/regelingen/{row.scheme_id}",
        state=cast("ApplicationState", row.state),
        asked=Money(row.asked_cents),
        minimum=Money(row.minimum_cents),
        received_at=row.received_at,
        decide_by=row.decide_by,
        campaign_ends_on=campaign_ends,
        last_day=last_day,
        days_left=(last_day - local_date(now)).days + 1,
        clock=cast("Clock", clock),
    )


def _assessment(found: AssessmentRow, language: Language) -> AssessmentView:
    return AssessmentView(
        scores=[
            Score(label=say(label, language), score=found.scores[key]["score"], note=found.scores[key]["note"])
            for key, label in CRITERIA.items()
            if key in found.scores
        ],
        advice=Money(found.advice_cents),
        text=found.advice,
        assessor=found.assessor_name,
        at=found.assessed_at,
    )


def _decision(found: DecisionRow) -> DecisionView:
    return DecisionView(
        is_award=found.outcome == "awarded",
        up_to=Money(found.up_to_cents),
        reasons=found.reasons,
        legal_ground=found.legal_ground,
        at=found.decided_at,
        fixed=None if found.fixed_cents is None else Money(found.fixed_cents),
    )


def _purse(session: Session, scheme_id: UUID, actor: Actor) -> Purse:
    scheme = cofunding.scheme(session, scheme_id=scheme_id)
    return Purse(
        ceiling=Money(scheme.pot_cents),
        awarded=queries.awarded_under(session, scheme_id=scheme_id),
        reserved=Money(scheme.reserved_cents),
        mandate=Money(actor.mandate_cents),
    )
