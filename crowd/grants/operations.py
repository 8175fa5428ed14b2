"""Applying, assessing, deciding, fixing and lapsing. Every act leaves an audit row without a donor's name in it.

Locks, always in this order: the campaign, the application, the pot.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crowd.cofunding.operations import limit_match, open_match
from crowd.cofunding.queries import scheme, scheme_for
from crowd.cofunding.rules import potential
from crowd.grants import queries
from crowd.grants.models import Application, Assessment, Decision, FixedGrant
from crowd.grants.queries import ApplicationRow
from crowd.grants.rules import (
    CRITERIA,
    ApplicationFacts,
    AssessmentForm,
    AssessorDecides,
    DecisionForm,
    Limits,
    check_assessment,
    check_before_deadline,
    check_decision,
    check_transition,
    decide_by,
    may_assess,
    may_decide,
)
from crowd.initiatives.queries import campaign_facts, facts_for
from crowd.shared import audit, outbox
from crowd.shared.actor import Actor, system
from crowd.shared.clock import local_date
from crowd.shared.ids import new_id
from crowd.shared.money import Money

_FOUR_EYES = "ck_grant_decisions_four_eyes"


def apply_for_grant(session: Session, *, initiative_id: UUID, actor: Actor, now: datetime) -> UUID | None:
    """Apply for co-funding of a live initiative under the scheme of its place, and return the application's id.

    Asked is the most the scheme could add. An initiative that goes online where a scheme is open applies by that
    act: handing it in says so. None when no scheme applies, or the campaign is not live. Applying twice gives the
    first application. Raises InitiativeNotFound.
    """
    campaign = campaign_facts(session, initiative_id=initiative_id)
    if campaign.state != "live" or campaign.live_at is None or campaign.minimum_cents is None:
        return None
    found = scheme_for(session, initiative_id=initiative_id, on=local_date(campaign.live_at))
    if found is None:
        return None
    asked = potential(rule=found.rule(), goal=Money(campaign.minimum_cents), pot_left=Money(found.pot_cents)).amount
    if not asked:
        return None
    made = session.execute(
        upsert(Application)
        .values(
            id=new_id(),
            municipality_id=campaign.municipality_id,
            initiative_id=initiative_id,
            scheme_id=found.id,
            asked_cents=asked.cents,
            received_at=now,
            decide_by=decide_by(received_on=local_date(now), weeks=found.decision_weeks),
        )
        .on_conflict_do_nothing(index_elements=[Application.initiative_id])
        .returning(Application.id)
    ).scalar_one_or_none()
    if made is None:
        return queries.application_of(session, initiative_id=initiative_id)
    open_match(session, initiative_id=initiative_id, scheme_id=found.id, now=now)
    _record(session, actor=actor, action="grant.applied", application_id=made, now=now, asked_cents=asked.cents)
    return made


def apply_where_due(session: Session, *, now: datetime) -> int:
    """Apply for every live initiative that falls under a scheme and has not yet, and return how many did.

    For Beat: it makes the application certain by whatever door the initiative went online.
    """
    due = queries.not_applied(session, now=now)
    made = [apply_for_grant(session, initiative_id=initiative_id, actor=system(None), now=now) for initiative_id in due]
    return sum(application_id is not None for application_id in made)


def assess(session: Session, *, application_id: UUID, form: AssessmentForm, actor: Actor, now: datetime) -> None:
    """Write down the scores and the advice of an assessor who has no interest in it.

    The same assessment sent again changes nothing. Raises ApplicationNotFound, OnlyAssessors, OwnApplication,
    AlreadyAssessed, CampaignIsOver, InvalidFields.
    """
    row = _locked(session, application_id=application_id)
    denial = may_assess(actor, facts_about(session, row=row, actor=actor))
    if denial is not None:
        raise denial
    advice = check_assessment(form=form, asked=Money(row.asked_cents))
    scores = {key: {"score": form.scores[key], "note": form.notes.get(key, "").strip()} for key in CRITERIA}
    earlier = queries.assessment(session, application_id=application_id)
    same = (actor.person_id, scores, advice.cents, form.advice_text.strip())
    if earlier is not None and (earlier.assessor_id, earlier.scores, earlier.advice_cents, earlier.advice) == same:
        return
    check_transition(current=row.state, to="assessed")
    check_before_deadline(state=row.initiative_state, deadline_at=row.deadline_at, now=now)
    session.execute(
        insert(Assessment).values(
            application_id=application_id,
            assessor_id=actor.person_id,
            scores=scores,
            advice_cents=advice.cents,
            advice=form.advice_text.strip(),
            no_interest_declared=form.no_interest,
            assessed_at=now,
        )
    )
    _become(session, application_id=application_id, state="assessed")
    _record(
        session,
        actor=actor,
        action="grant.assessed",
        application_id=application_id,
        now=now,
        advice_cents=advice.cents,
        no_interest_declared=True,
    )


def decide(session: Session, *, application_id: UUID, form: DecisionForm, actor: Actor, now: datetime) -> None:
    """Award up to an amount, conditional on the minimum, or refuse; by somebody with mandate who did not assess.

    Keeps the reservations within the award and tells the initiator. The same decision sent again changes nothing.
    Raises ApplicationNotFound, OnlyApprovers, OwnApplication, AssessorDecides, NotYetAssessed, AlreadyDecided,
    CampaignIsOver, CeilingReached, InvalidFields.
    """
    row = _locked(session, application_id=application_id)
    denial = may_decide(actor, facts_about(session, row=row, actor=actor))
    if denial is not None:
        raise denial
    if _is_same_decision(session, application_id=application_id, form=form, actor=actor):
        return
    check_transition(current=row.state, to="refused")
    check_before_deadline(state=row.initiative_state, deadline_at=row.deadline_at, now=now)
    up_to = check_decision(form=form, limits=limits(session, row=row, actor=actor, lock=True))
    _store_decision(session, application_id=application_id, form=form, up_to=up_to, actor=actor, now=now)
    _become(session, application_id=application_id, state=form.outcome)
    limit_match(session, initiative_id=row.initiative_id, award=up_to)
    _record(
        session,
        actor=actor,
        action=f"grant.{form.outcome}",
        application_id=application_id,
        now=now,
        up_to_cents=up_to.cents,
        legal_ground=form.legal_ground.strip(),
    )
    outbox.add(
        session,
        kind="grant.decided",
        args={"application_id": str(application_id)},
        dedupe_key=f"grant.decided/{application_id}",
    )


def fix_grant(session: Session, *, initiative_id: UUID, amount: Money, now: datetime) -> None:
    """Write down what an award came to, now that the campaign is funded. Saying it twice keeps the first."""
    application_id = queries.application_of(session, initiative_id=initiative_id)
    if application_id is None:
        return
    row = queries.application(session, application_id=application_id, lock=True)
    if row.state == "fixed":
        return
    check_transition(current=row.state, to="fixed")
    session.execute(insert(FixedGrant).values(application_id=application_id, amount_cents=amount.cents, fixed_at=now))
    _become(session, application_id=application_id, state="fixed")
    _record(
        session,
        actor=system(row.municipality_id),
        action="grant.fixed",
        application_id=application_id,
        now=now,
        amount_cents=amount.cents,
    )


def lapse(session: Session, *, initiative_id: UUID, now: datetime) -> None:
    """End an application whose campaign came to nothing, or ended before a decision; a settled one stays as it is."""
    application_id = queries.application_of(session, initiative_id=initiative_id)
    if application_id is None:
        return
    row = queries.application(session, application_id=application_id, lock=True)
    if row.state not in {"received", "assessed", "awarded"}:
        return
    _become(session, application_id=application_id, state="lapsed")
    _record(
        session,
        actor=system(row.municipality_id),
        action="grant.lapsed",
        application_id=application_id,
        now=now,
        was=row.state,
    )


def facts_about(session: Session, *, row: ApplicationRow, actor: Actor) -> ApplicationFacts:
    """Return what the `may_...` rules need to know about this application and this person."""
    part = facts_for(session, initiative_id=row.initiative_id, person_id=actor.person_id).part
    assessed = queries.assessment(session, application_id=row.id)
    return ApplicationFacts(
        municipality_id=row.municipality_id,
        state=row.state,
        is_of_the_team=part is not None,
        assessor_id=None if assessed is None else assessed.assessor_id,
    )


def limits(session: Session, *, row: ApplicationRow, actor: Actor, lock: bool = False) -> Limits:
    """Return what this actor's award may not pass; with `lock` the ceiling stands still until the transaction ends."""
    ceiling = Money(scheme(session, scheme_id=row.scheme_id, lock=lock).pot_cents)
    return Limits(
        asked=Money(row.asked_cents),
        mandate=Money(actor.mandate_cents),
        ceiling_left=ceiling - queries.awarded_under(session, scheme_id=row.scheme_id),
    )


def _locked(session: Session, *, application_id: UUID) -> ApplicationRow:
    seen = queries.application(session, application_id=application_id)
    campaign_facts(session, initiative_id=seen.initiative_id, lock="share")
    return queries.application(session, application_id=application_id, lock=True)


def _is_same_decision(session: Session, *, application_id: UUID, form: DecisionForm, actor: Actor) -> bool:
    earlier = queries.decision(session, application_id=application_id)
    up_to = form.up_to.cents if form.outcome == "awarded" and form.up_to is not None else 0
    return earlier is not None and (
        earlier.decided_by,
        earlier.outcome,
        earlier.up_to_cents,
        earlier.reasons,
        earlier.legal_ground,
    ) == (actor.person_id, form.outcome, up_to, form.reasons.strip(), form.legal_ground.strip())


def _store_decision(
    session: Session, *, application_id: UUID, form: DecisionForm, up_to: Money, actor: Actor, now: datetime
) -> None:
    # In a savepoint, so that the refusal can be told and the rest of the transaction is not lost.
    try:
        with session.begin_nested():
            session.execute(
                insert(Decision).values(
                    application_id=application_id,
                    decided_by=actor.person_id,
                    outcome=form.outcome,
                    up_to_cents=up_to.cents,
                    reasons=form.reasons.strip(),
                    legal_ground=form.legal_ground.strip(),
                    decided_at=now,
                )
            )
    except IntegrityError as error:
        raise translated(error) from error


def translated(error: IntegrityError) -> Exception:
    """Return the refusal that a violated four-eyes trigger means, or the error itself when it was something else."""
    diagnosis = getattr(error.orig, "diag", None)
    return AssessorDecides() if getattr(diagnosis, "constraint_name", None) == _FOUR_EYES else error


def _become(session: Session, *, application_id: UUID, state: str) -> None:
    session.execute(update(Application).where(Application.id == application_id).values(state=state))


def _record(
    session: Session, *, actor: Actor, action: str, application_id: UUID, now: datetime, **facts: str | int | bool
) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject_type="grant_application",
        subject_id=application_id,
        now=now,
        facts=facts,
    )
