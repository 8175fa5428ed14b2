"""A campaign that nearly made it: its initiator makes the plan smaller, the counter answers, a donor stays or not."""

from dataclasses import replace
from typing import Annotated, Final, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.closing import plan_operations, plan_queries
from crowd.closing.campaign_queries import campaign_card
from crowd.closing.plan_queries import NearMissRow
from crowd.closing.plan_rules import NotANearMiss, Plan, may_answer, may_revise
from crowd.initiatives import queries as initiatives
from crowd.initiatives.content_rules import Budget, clean
from crowd.initiatives.rules import InitiativeNotFound
from crowd.pledges import queries as pledges
from crowd.shared.actor import Actor, Channel
from crowd.shared.errors import InvalidFields, msg
from crowd.shared.money import Money
from frontend import links
from frontend.access import public, requires
from frontend.answers import page, see_other
from frontend.cards import card_view
from frontend.i18n import refusals
from frontend.launch_forms import fields_of, read_section, rows_for, typed_fields
from frontend.links import Purpose
from frontend.near_misses import near_miss_view, revision_view
from frontend.pages.gifts import GIFTS, here
from frontend.runtime import Runtime, RuntimeDep
from frontend.views.forms import Form as Typed
from frontend.views.initiatives import NearMiss
from frontend.views.near_misses import AnswerPage, PlanStep, RevisePage
from frontend.visit import visit_of
from payments.settlement.operations import take_back_gift

router: Final = APIRouter()
PLANS: Final = "/loket/nieuwe-plannen"
STEPS: Final[dict[str, PlanStep]] = {"begroting": "budget", "uitleg": "words", "controle": "check"}
_NUMBERS: Final[dict[PlanStep, int]] = {"budget": 1, "words": 2, "check": 3}
_OVER: Final = NearMiss(step="over", missing=Money(0), until=None)
Owner = Annotated[Actor, Depends(requires("initiative:edit"))]
Clerk = Annotated[Actor, Depends(requires("initiative:review"))]


# --- The initiator --------------------------------------------------------------------------------------------


@router.get("/initiatieven/{slug}/nieuw-plan")
def begin(request: Request, runtime: RuntimeDep, actor: Owner, slug: str) -> Response:
    """Begin, or go on writing, a smaller plan; show it once it was handed in."""
    return _revise(request, runtime, actor, slug=slug, step="budget")


@router.get("/initiatieven/{slug}/nieuw-plan/{step}")
def show_step(request: Request, runtime: RuntimeDep, actor: Owner, slug: str, step: str) -> Response:
    """Show one of the three steps."""
    return _revise(request, runtime, actor, slug=slug, step=_step(step))


@router.post("/initiatieven/{slug}/nieuw-plan/{step}")
async def take_step(request: Request, runtime: RuntimeDep, actor: Owner, slug: str, step: str) -> Response:
    """Keep what was filled in and go on; the last step hands the plan in."""
    typed = typed_fields(await request.form())
    chosen = _step(step)
    if chosen == "check":
        return await run_in_threadpool(_hand_in, request, runtime, actor, slug=slug)
    return await run_in_threadpool(_keep, request, runtime, actor, slug=slug, step=chosen, typed=typed)


def _keep(
    request: Request, runtime: Runtime, actor: Actor, *, slug: str, step: PlanStep, typed: dict[str, str]
) -> Response:
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            initiative_id = initiatives.id_of(session, slug=slug)
            found = _found(session, actor, initiative_id=initiative_id)
            plan_operations.save_plan(
                session,
                initiative_id=initiative_id,
                plan=_read(session, found, step=step, typed=typed),
                actor=actor,
                now=now,
            )
    except InvalidFields as refused:
        form = Typed(values=typed, errors=refusals(refused.errors, visit_of(request).language))
        return _revise(request, runtime, actor, slug=slug, step=step, form=form)
    base = f"/initiatieven/{slug}/nieuw-plan"
    match typed.get("verder"):
        case "regels":
            return see_other(request, f"{base}/begroting?regels=meer")
        case "later":
            return see_other(request, f"/initiatieven/{slug}/beheer", said=msg("Saved. You can go on later."))
        case _:
            return see_other(request, f"{base}/{'uitleg' if step == 'budget' else 'controle'}")


def _hand_in(request: Request, runtime: Runtime, actor: Actor, *, slug: str) -> Response:
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            initiative_id = initiatives.id_of(session, slug=slug)
            plan_operations.submit_plan(session, initiative_id=initiative_id, actor=actor, now=now)
    except InvalidFields as refused:
        form = Typed(errors=refusals(refused.errors, visit_of(request).language))
        return _revise(request, runtime, actor, slug=slug, step="check", form=form)
    return see_other(request, f"/initiatieven/{slug}/nieuw-plan", said=msg("Your plan has been handed in."))


def _revise(
    request: Request, runtime: Runtime, actor: Actor, *, slug: str, step: PlanStep, form: Typed | None = None
) -> Response:
    language = visit_of(request).language
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        card = campaign_card(session, slug=slug)
        found = _found(session, actor, initiative_id=card.id)
        plan = _begun(session, found)
        budget = Budget(lines=plan.lines, minimum=plan.minimum)
        stored = {**fields_of(budget, themes=[]), "what_changes": plan.what_changes, "why": plan.why}
        shown = form if form is not None and step != "check" else Typed(values=stored)
        content = RevisePage(
            card=card_view(card, language),
            base=f"/initiatieven/{slug}/nieuw-plan",
            near_miss=near_miss_view(found, now=now) or _OVER,
            there_is=found.there_is,
            step=step,
            number=_NUMBERS[step],
            form=form or shown,
            rows=rows_for(budget, typed=dict(shown.values), wanted=_wanted(request, budget)),
            target=plan.target if plan.lines else None,
            revision=revision_view(session, found) if found.plan_state else None,
            is_handed_in=found.plan_state not in {"", "draft"} or found.step(now=now) != "plan",
            reason=found.reason if found.plan_state == "refused" else "",
        )
    return page(request, content, now=now, status=400 if form and form.errors else 200)


def _wanted(request: Request, budget: Budget) -> int:
    return len(budget.lines) + 5 if request.query_params.get("regels") else 0


def _read(session: Session, found: NearMissRow, *, step: PlanStep, typed: dict[str, str]) -> Plan:
    """Return the plan with this step as it was typed; raise InvalidFields for what cannot be read at all."""
    plan = _begun(session, found)
    if step == "words":
        what, why = (clean(typed.get(name, ""), one_line=False) for name in ("what_changes", "why"))
        return Plan(lines=plan.lines, minimum=plan.minimum, what_changes=what, why=why)
    section, wrong = read_section(typed, stored=Budget(lines=plan.lines, minimum=plan.minimum), themes=[])
    if wrong:
        raise InvalidFields(wrong)
    budget = cast("Budget", section)
    return Plan(lines=budget.lines, minimum=budget.minimum, what_changes=plan.what_changes, why=plan.why)


def _begun(session: Session, found: NearMissRow) -> Plan:
    """Return the plan as far as it was written; before that, the lines of the plan that was missed."""
    plan = plan_queries.plan_of(session, found=found)
    if found.plan_state:
        return plan
    return Plan(lines=initiatives.content(session, initiative_id=found.initiative_id).budget.lines)


def _found(session: Session, actor: Actor, *, initiative_id: UUID) -> NearMissRow:
    facts = initiatives.facts_for(session, initiative_id=initiative_id, person_id=actor.person_id)
    if denial := may_revise(actor, facts):
        raise denial
    found = plan_queries.near_miss(session, initiative_id=initiative_id)
    if found is None or found.is_decided:
        raise NotANearMiss
    return found


def _step(path: str) -> PlanStep:
    if path not in STEPS:
        raise InitiativeNotFound
    return STEPS[path]


# --- The counter ----------------------------------------------------------------------------------------------


@router.get(PLANS + "/{slug}")
def show_plan(request: Request, runtime: RuntimeDep, actor: Clerk, slug: str) -> Response:
    """Show a smaller plan that waits for an answer."""
    return _answer_page(request, runtime, actor, slug=slug, form=Typed())


@router.post(PLANS + "/{slug}")
def answer(
    request: Request,
    runtime: RuntimeDep,
    actor: Clerk,
    slug: str,
    outcome: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Agree with a smaller plan, or refuse it with a reason."""
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            plan_operations.answer_plan(
                session,
                initiative_id=initiatives.id_of(session, slug=slug),
                outcome=outcome,
                reason=clean(reason, one_line=False),
                actor=actor,
                now=now,
            )
    except InvalidFields as refused:
        form = Typed(values={"reason": reason}, errors=refusals(refused.errors, visit_of(request).language))
        return _answer_page(request, runtime, actor, slug=slug, form=form)
    return see_other(request, "/loket", said=msg("Your answer has been sent."))


def _answer_page(request: Request, runtime: Runtime, actor: Actor, *, slug: str, form: Typed) -> Response:
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        card = campaign_card(session, slug=slug)
        facts = initiatives.facts_for(session, initiative_id=card.id, person_id=actor.person_id)
        if denial := may_answer(actor, facts):
            raise denial
        found = plan_queries.near_miss(session, initiative_id=card.id)
        if found is None or found.plan_state in {"", "draft"}:
            raise NotANearMiss
        content = AnswerPage(
            card=card_view(card, visit_of(request).language),
            action=f"{PLANS}/{slug}",
            near_miss=near_miss_view(found, now=now) or _OVER,
            there_is=found.there_is,
            revision=revision_view(session, found),
            form=form,
            may_answer=found.step(now=now) == "answer",
        )
    return page(request, content, now=now, status=400 if form.errors else 200)


# --- A donor --------------------------------------------------------------------------------------------------


@router.post("/bijdragen/{token}/terugvraag")
def take_back(request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)], token: str) -> Response:
    """Take a collected gift back, because the plan became smaller."""
    pledge_id = links.verify(Purpose.OWN_PLEDGE, token, runtime.keys)
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        take_back_gift(session, pledge_id=pledge_id, actor=actor, now=now)
    return see_other(request, links.own_pledge_path(pledge_id, runtime.keys))


@router.post(GIFTS + "/{pledge_id}/terugvraag")
def take_back_for(
    request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(requires("gift:record"))], pledge_id: UUID
) -> Response:
    """Take a gift in cash or by transfer back for its donor, who may have no e-mail address."""
    with runtime.database.transaction() as session:
        donor = pledges.pledge(session, pledge_id=here(session, actor, pledge_id=pledge_id).pledge_id).person_id
        helping = replace(actor, channel=Channel.DESK, on_behalf_of=donor)
        take_back_gift(session, pledge_id=pledge_id, actor=helping, now=runtime.clock.now(session))
    return see_other(request, f"{GIFTS}/{pledge_id}", said=msg("The gift goes back to its donor."))
