"""Stopping a funded initiative: staff propose, look, approve and transfer; each donor chooses by their own link."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.accounts.queries import person
from crowd.closing.campaign_queries import CampaignCard, campaign_card
from crowd.initiatives.rules import InitiativeNotFound, ReasonMissing, ReasonTooLong
from crowd.pledges.queries import donor_names, pledge
from crowd.shared.actor import Actor
from crowd.shared.errors import Conflict, DomainError, msg
from crowd.shared.money import ZERO, Money
from frontend import links
from frontend.access import public, requires
from frontend.amounts import read_amount
from frontend.answers import page, see_other
from frontend.cancelling import last_moment, part_lines, preview_lines, state_of, wish_of
from frontend.cards import card_view
from frontend.i18n import refusal, refusals
from frontend.links import Purpose
from frontend.runtime import RuntimeDep
from frontend.views.cancelling import ChoicePage, PlanLine, PlansPage, StopPage
from frontend.views.forms import Choice
from frontend.views.forms import Form as Typed
from frontend.visit import visit_of
from payments.cancelling import line_operations, operations, queries
from payments.cancelling.queries import PlanRow
from payments.cancelling.rules import (
    CancellationNotFound,
    ChoiceMissing,
    Line,
    NotCancellable,
    NothingToDivide,
    PaymentUnderWay,
    ShareDiffers,
    TargetMissing,
    TransferReferenceMissing,
    divide,
    sum_of,
)
from payments.payouts.queries import payout_facts
from payments.payouts.stop_operations import is_under_way

router: Final = APIRouter()
STOPS: Final = "/loket/stoppen"
_LINES_SHOWN: Final = 100

Office = Annotated[Actor, Depends(requires("cancellation:propose"))]


# --- Staff ----------------------------------------------------------------------------------------------------


@router.get(STOPS)
def show_plans(request: Request, runtime: RuntimeDep, actor: Office) -> Response:
    """Show the plans to stop, and for which funded initiatives one can be made."""
    if actor.municipality_id is None:
        raise InitiativeNotFound
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        found = queries.plans(session, municipality_id=actor.municipality_id)
        can = queries.targets(session, municipality_id=actor.municipality_id)
    plans = [
        PlanLine(
            href=f"{STOPS}/{one.slug}",
            title=one.title,
            state=one.state,  # type: ignore[arg-type]  # the database holds only known states
            left=Money(one.left_cents),
            proposed_at=one.proposed_at,
            choose_until=one.choose_until,
        )
        for one in found
    ]
    may_stop = [Choice(value=f"{STOPS}/{one.slug}", label=one.title) for one in can]
    return page(request, PlansPage(plans=plans, may_stop=may_stop), now=now)


@router.get(STOPS + "/{slug}")
def show_plan(
    request: Request,
    runtime: RuntimeDep,
    actor: Office,
    slug: str,
    na: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> Response:
    """Show what everybody would get, or how far a plan is."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        content = _stop_page(session, request, actor, slug=slug, now=now, after=na)
    return page(request, content, now=now)


@router.post(STOPS + "/{slug}/voorstel")
def propose(
    request: Request, runtime: RuntimeDep, actor: Office, slug: str, reason: Annotated[str, Form()] = ""
) -> Response:
    """Propose to stop, with the reason that everybody will read."""
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            card = campaign_card(session, slug=slug)
            operations.propose(session, initiative_id=card.id, reason=reason, actor=actor, now=now)
    except (ReasonMissing, ReasonTooLong) as refused:
        return _again(request, runtime, actor, slug=slug, typed={"reason": reason}, refused=refused)
    return see_other(request, f"{STOPS}/{slug}", said=msg("Proposed. Nothing is paid out until a treasurer decides."))


@router.post(STOPS + "/{slug}/goedkeuring")
def approve(request: Request, runtime: RuntimeDep, actor: Office, slug: str) -> Response:
    """Approve a plan that somebody else proposed."""
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        operations.approve(session, initiative_id=campaign_card(session, slug=slug).id, actor=actor, now=now)
    return see_other(request, f"{STOPS}/{slug}", said=msg("Approved. Every donor gets an e-mail and can choose."))


@router.post(STOPS + "/{slug}/afwijzing")
def refuse(request: Request, runtime: RuntimeDep, actor: Office, slug: str) -> Response:
    """Refuse a plan, or take one's own back."""
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        operations.refuse(session, initiative_id=campaign_card(session, slug=slug).id, actor=actor, now=now)
    return see_other(request, f"{STOPS}/{slug}", said=msg("The plan is off: payouts go on as before."))


@router.post(STOPS + "/{slug}/gemeente")
def note_transfer(
    request: Request,
    runtime: RuntimeDep,
    actor: Office,
    slug: str,
    amount: Annotated[str, Form()] = "",
    reference: Annotated[str, Form()] = "",
) -> Response:
    """Note what was transferred to the municipality."""
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            line_operations.record_town_transfer(
                session,
                initiative_id=campaign_card(session, slug=slug).id,
                amount=read_amount(amount) or ZERO,
                reference=reference,
                actor=actor,
                now=now,
            )
    except (ShareDiffers, TransferReferenceMissing) as refused:
        typed = {"amount": amount, "reference": reference}
        return _again(request, runtime, actor, slug=slug, typed=typed, refused=refused)
    return see_other(request, f"{STOPS}/{slug}", said=msg("The transfer has been noted."))


def _again(
    request: Request, runtime: RuntimeDep, actor: Actor, *, slug: str, typed: dict[str, str], refused: DomainError
) -> Response:
    form = Typed(values=typed, errors=refusals((refused,), visit_of(request).language))
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        content = _stop_page(session, request, actor, slug=slug, now=now, form=form)
    return page(request, content, now=now, status=400)


def _stop_page(
    session: Session,
    request: Request,
    actor: Actor,
    *,
    slug: str,
    now: datetime,
    after: int = 0,
    form: Typed | None = None,
) -> StopPage:
    card = campaign_card(session, slug=slug)
    form = form or Typed()
    plan = queries.plan_of(session, initiative_id=card.id)
    is_own = actor.person_id in payout_facts(session, initiative_id=card.id).team
    if plan is None:
        return _preview(session, request, card=card, form=form, is_own=is_own, after=after)
    rows = queries.lines(session, plan_id=plan.id, after=after, most=_LINES_SHOWN + 1)
    sums = queries.sums(session, plan_id=plan.id)
    return StopPage(
        card=card_view(card, visit_of(request).language),
        base=f"{STOPS}/{slug}",
        form=form,
        state="approved" if plan.state == "approved" else "proposed",
        problem="",
        gave=Money(plan.gave_cents),
        left=Money(plan.left_cents),
        town=Money(sum(one.cents for one in sums if one.is_town)),
        donors=sum(one.count for one in sums if not one.is_town),
        lines=part_lines(rows[:_LINES_SHOWN]),
        more_href=f"{STOPS}/{slug}?na={rows[_LINES_SHOWN - 1].number}" if len(rows) > _LINES_SHOWN else None,
        reason=plan.reason,
        proposed_by=_name(session, plan.proposed_by),
        proposed_at=plan.proposed_at,
        decided_by=_name(session, plan.decided_by),
        decided_at=plan.decided_at,
        choose_until=last_moment(plan.choose_until) if plan.choose_until else None,
        is_choosing=plan.choose_until is not None and now < plan.choose_until,
        town_due=line_operations.town_due(session, plan_id=plan.id),
        town_sent=Money(sum(one.cents for one in sums if one.is_done and one.way in {"share", "gift"})),
        done=sum(one.count for one in sums if one.is_done),
        is_own=is_own,
        is_own_plan=plan.proposed_by == actor.person_id,
        may_decide="treasurer" in actor.roles,
    )


def _preview(
    session: Session, request: Request, *, card: CampaignCard, form: Typed, is_own: bool, after: int
) -> StopPage:
    if card.state != "funded":
        raise NotCancellable
    found = queries.standing(session, initiative_id=card.id)
    problem = ""
    planned: list[Line] = []
    try:
        if is_under_way(session, initiative_id=card.id):
            raise PaymentUnderWay
        if not found.left_cents:
            raise NothingToDivide
        planned = divide(found)
    except Conflict as cannot:
        problem = refusal(cannot, visit_of(request).language)
    shown = planned[after : after + _LINES_SHOWN]
    names = donor_names(session, pledges=[one.pledge_id for one in shown if one.pledge_id])
    ends = after + _LINES_SHOWN
    return StopPage(
        card=card_view(card, visit_of(request).language),
        base=f"{STOPS}/{card.slug}",
        form=form,
        state="preview",
        problem=problem,
        gave=Money(found.gave_cents),
        left=Money(found.left_cents),
        town=sum_of(planned, town=True),
        donors=sum(one.pledge_id is not None for one in planned),
        lines=preview_lines(shown, names),
        more_href=f"{STOPS}/{card.slug}?na={ends}" if len(planned) > ends else None,
        is_own=is_own,
    )


def _name(session: Session, person_id: UUID | None) -> str:
    found = person(session, person_id=person_id) if person_id else None
    return (found.name or found.email or "") if found else ""


# --- Donors ---------------------------------------------------------------------------------------------------


@router.get("/bijdragen/{token}/keuze")
def show_choice(
    request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)], token: str
) -> Response:
    """Show a donor what is left of their gift, and what may happen to it."""
    del actor
    pledge_id = links.verify(Purpose.OWN_PLEDGE, token, runtime.keys)
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        content = _choice_page(session, request, runtime, pledge_id=pledge_id, now=now)
    return page(request, content, now=now)


@router.post("/bijdragen/{token}/keuze")
def choose(
    request: Request,
    runtime: RuntimeDep,
    actor: Annotated[Actor, Depends(public)],
    token: str,
    choice: Annotated[str, Form()] = "",
    target: Annotated[str, Form()] = "",
) -> Response:
    """Write down what a donor wants; until the last day they may change their mind."""
    pledge_id = links.verify(Purpose.OWN_PLEDGE, token, runtime.keys)
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            operations.choose(session, pledge_id=pledge_id, choice=choice, target=_id(target), actor=actor, now=now)
    except (ChoiceMissing, TargetMissing) as refused:
        form = Typed(
            values={"choice": choice, "target": target}, errors=refusals((refused,), visit_of(request).language)
        )
        with runtime.database.reading() as session:
            now = runtime.clock.now(session)
            content = _choice_page(session, request, runtime, pledge_id=pledge_id, now=now, form=form)
        return page(request, content, now=now, status=400)
    own = links.own_pledge_path(pledge_id, runtime.keys)
    return see_other(request, f"{own}/keuze", said=msg("Thank you. You can change it until the last day."))


def _choice_page(
    session: Session,
    request: Request,
    runtime: RuntimeDep,
    *,
    pledge_id: UUID,
    now: datetime,
    form: Typed | None = None,
) -> ChoicePage:
    gift = pledge(session, pledge_id=pledge_id)
    plan: PlanRow = queries.the_plan_of(session, initiative_id=gift.initiative_id)
    line = queries.line_of(session, pledge_id=pledge_id)
    if line is None or plan.choose_until is None:
        raise CancellationNotFound
    wish = wish_of(line)
    stands = Typed(values={"choice": wish if line.choice else "", "target": str(line.to_initiative_id or "")})
    return ChoicePage(
        card=card_view(campaign_card(session, initiative_id=gift.initiative_id), visit_of(request).language),
        base=links.own_pledge_path(pledge_id, runtime.keys),
        form=form or stands,
        gave=Money(line.gave_cents),
        left=Money(line.amount_cents),
        reason=plan.reason,
        choose_until=last_moment(plan.choose_until),
        may_choose=now < plan.choose_until and line.way is None and gift.state == "collected" and line.amount_cents > 0,
        chosen=wish,
        to_title=line.to_title or "",
        state=state_of(line),
        targets=[
            Choice(value=str(one.id), label=one.title)
            for one in queries.targets(session, municipality_id=plan.municipality_id)
        ],
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
