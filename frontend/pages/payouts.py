"""Money that leaves: the treasurer notes the municipality's share and approves; the initiator says where to.

The provider's page asks for the account; we keep only whether it may receive.
"""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.accounts.queries import person
from crowd.closing.campaign_queries import CampaignCard, campaign_card
from crowd.closing.queries import final_decision
from crowd.initiatives.queries import campaign_facts, facts_for
from crowd.initiatives.rules import InitiativeNotFound
from crowd.shared.actor import Actor
from crowd.shared.errors import Invalid, msg
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from frontend.access import requires
from frontend.amounts import read_amount
from frontend.answers import page, see_other, see_provider
from frontend.cards import card_view
from frontend.forms import Fields, texts
from frontend.i18n import refusals
from frontend.pages.pledges import PROVIDER_AWAY
from frontend.runtime import Runtime, RuntimeDep
from frontend.tranches import PLAN_REFUSALS, PLAN_ROWS, payee_state, read_plan, standing_of
from frontend.views.forms import Choice
from frontend.views.forms import Form as Typed
from frontend.views.payouts import PayeePage, PayoutLine, PayoutPage, PayoutsPage
from frontend.visit import visit_of
from payments.bank.queries import collected_cents
from payments.bank.rules import SHARE, spaced
from payments.bank.rules import reference as bank_reference
from payments.payouts import host_operations, host_queries, operations, queries, tranche_operations
from payments.payouts.host_rules import NoSuchHost, ReasonMissing
from payments.payouts.rules import MatchDiffers, NotFunded, ReferenceMissing
from payments.payouts.workflow import onboard_payee, refresh_payee_of
from payments.provider import OutcomeUnknown

router: Final = APIRouter()
PAYOUTS: Final = "/loket/uitbetalingen"

Treasurer = Annotated[Actor, Depends(requires("payout:approve"))]
Initiator = Annotated[Actor, Depends(requires("payout:onboard"))]


class AmountUnreadable(Invalid):
    """No amount, or not a number."""

    sentence = msg("Fill in an amount in euros, for example 250 or 12.50.")


# --- The treasurer --------------------------------------------------------------------------------------------


@router.get(PAYOUTS)
def show_payouts(request: Request, runtime: RuntimeDep, actor: Treasurer) -> Response:
    """Show every funded initiative that waits for its money."""
    if actor.municipality_id is None:
        raise InitiativeNotFound
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        found = queries.waiting_for_payout(session, municipality_id=actor.municipality_id)
    waiting = [
        PayoutLine(
            href=f"{PAYOUTS}/{one.slug}",
            title=one.title,
            payee=payee_state(one.payee_state),
            match=Money(one.match_cents),
            is_match_received=one.match_received_cents >= one.match_cents > 0,
            number=one.number,
            parts=one.tranches,
            needs_plan=one.is_undecided,
            needs_report=one.approved_reports < one.number - 1,
            is_stopped=one.is_stopped,
        )
        for one in found
    ]
    return page(request, PayoutsPage(waiting=waiting), now=now)


@router.get(PAYOUTS + "/{slug}")
def show_payout(request: Request, runtime: RuntimeDep, actor: Treasurer, slug: str) -> Response:
    """Show what one payout still needs."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        content = _payout_page(session, request, actor, slug=slug, form=Typed())
    return page(request, content, now=now)


@router.post(PAYOUTS + "/{slug}/ontvangst")
def note_receipt(
    request: Request,
    runtime: RuntimeDep,
    actor: Annotated[Actor, Depends(requires("match:receive"))],
    slug: str,
    amount: Annotated[str, Form()] = "",
    reference: Annotated[str, Form()] = "",
) -> Response:
    """Note that the municipality's share arrived at the bank."""
    try:
        received = _read_received(amount)
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            card = campaign_card(session, slug=slug)
            operations.record_match_received(
                session, initiative_id=card.id, amount=received, reference=reference, actor=actor, now=now
            )
    except (AmountUnreadable, MatchDiffers, ReferenceMissing) as refused:
        typed = {"amount": amount, "reference": reference}
        return _again(request, runtime, actor, slug=slug, typed=typed, refused=refused)
    return see_other(request, f"{PAYOUTS}/{slug}", said=msg("The receipt has been noted."))


def _again(
    request: Request, runtime: Runtime, actor: Actor, *, slug: str, typed: dict[str, str], refused: Invalid
) -> Response:
    """Show the payout once more, with what was typed and why it was refused."""
    form = Typed(values=typed, errors=refusals((refused,), visit_of(request).language))
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        content = _payout_page(session, request, actor, slug=slug, form=form)
    return page(request, content, now=now, status=400)


@router.post(PAYOUTS + "/{slug}/plan")
def plan(request: Request, runtime: RuntimeDep, actor: Treasurer, slug: str, fields: Fields) -> Response:
    """Decide in which parts this initiative is paid."""
    typed = texts(fields)
    try:
        percents, milestones = read_plan(typed)
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            card = campaign_card(session, slug=slug)
            tranche_operations.set_plan(
                session, initiative_id=card.id, percents=percents, milestones=milestones, actor=actor, now=now
            )
    except PLAN_REFUSALS as refused:
        return _again(request, runtime, actor, slug=slug, typed=typed, refused=refused)
    return see_other(request, f"{PAYOUTS}/{slug}", said=msg("The plan has been set."))


@router.post(PAYOUTS + "/{slug}/goedkeuring")
def approve(
    request: Request, runtime: RuntimeDep, actor: Treasurer, slug: str, number: Annotated[int, Form(ge=1)] = 1
) -> Response:
    """Approve one part of the payout; the worker sends it line by line, once nobody else has to approve it."""
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        card = campaign_card(session, slug=slug)
        done = tranche_operations.approve_payout(session, initiative_id=card.id, actor=actor, now=now, number=number)
    said = msg("The payout is approved and on its way.")
    if done == "waits":
        said = msg("You approved it. The money leaves once somebody else has approved it too.")
    return see_other(request, f"{PAYOUTS}/{slug}", said=said)


@router.post(PAYOUTS + "/{slug}/ontvanger/sluiting")
def close_payee(
    request: Request, runtime: RuntimeDep, actor: Treasurer, slug: str, reason: Annotated[str, Form()] = ""
) -> Response:
    """Let nothing more go to the account of this initiative."""
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            card = _here(session, actor, slug=slug)
            host_operations.close_payee(session, initiative_id=card.id, reason=reason, actor=actor, now=now)
    except ReasonMissing as refused:
        return _again(request, runtime, actor, slug=slug, typed={"reason": reason}, refused=refused)
    return see_other(request, f"{PAYOUTS}/{slug}", said=msg("The account is closed: nothing more goes to it."))


@router.post(PAYOUTS + "/{slug}/ontvanger/doorsturen")
def send_on(request: Request, runtime: RuntimeDep, actor: Treasurer, slug: str) -> Response:
    """Let what the closed account held go to the new one."""
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        card = _here(session, actor, slug=slug)
        sent = host_operations.send_on(session, initiative_id=card.id, actor=actor, now=now)
    said = msg("Transfers that now go to the new account: {count}.")
    return see_other(request, f"{PAYOUTS}/{slug}", said=said, facts={"count": sent})


def _here(session: Session, actor: Actor, *, slug: str) -> CampaignCard:
    card = campaign_card(session, slug=slug)
    if campaign_facts(session, initiative_id=card.id).municipality_id != actor.municipality_id:
        raise InitiativeNotFound
    return card


def _read_received(text: str) -> Money:
    received = read_amount(text)
    if received is None:
        raise AmountUnreadable(field="amount")
    return received


def _payout_page(session: Session, request: Request, actor: Actor, *, slug: str, form: Typed) -> PayoutPage:
    card = campaign_card(session, slug=slug)
    decision = final_decision(session, initiative_id=card.id)
    if decision is None or decision.outcome != "funded":
        raise NotFunded
    facts = queries.payout_facts(session, initiative_id=card.id)
    receipt = queries.match_receipt(session, initiative_id=card.id)
    standing = standing_of(session, initiative_id=card.id, facts=facts)
    payee = queries.payee(session, initiative_id=card.id)
    coming = standing.coming
    return PayoutPage(
        card=card_view(card, visit_of(request).language),
        base=f"{PAYOUTS}/{slug}",
        form=form if form.errors else Typed(values={**standing.typed, **form.values}),
        payee=payee_state(facts.payee_state),
        gifts=Money(decision.collected_cents),
        gift_count=decision.collected_count,
        by_bank=Money(collected_cents(session, initiative_id=card.id)),
        share_reference=spaced(bank_reference(kind=SHARE, subject_id=card.id)),
        match=Money(decision.match_cents),
        match_received_at=receipt.received_at if receipt else None,
        match_reference=receipt.reference if receipt else "",
        parts=standing.parts,
        next_total=Money(coming.parts.total_cents if coming else 0),
        limit=Money(coming.alone_cents if coming else 0),
        needs_second=coming.needs_second if coming else False,
        said_first=actor.person_id in standing.said_first,
        is_proposed=facts.is_undecided,
        may_plan=standing.may_plan and actor.person_id not in facts.team,
        rows=PLAN_ROWS,
        is_own=actor.person_id in facts.team,
        host=host_queries.host_name(session, initiative_id=card.id),
        closed_reason=payee.closed_reason if payee else "",
        may_send_on=facts.payee_state == "ready" and host_queries.holds_lines(session, initiative_id=card.id),
        is_stopped=facts.is_stopped,
    )


# --- The initiator --------------------------------------------------------------------------------------------


@router.get("/initiatieven/{slug}/uitbetaling")
def show_payee(request: Request, runtime: RuntimeDep, actor: Initiator, slug: str) -> Response:
    """Show the initiator where the money goes, and what is still to be filled in."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        content = _payee_page(session, request, actor, slug=slug, form=Typed())
    return page(request, content, now=now)


@router.post("/initiatieven/{slug}/uitbetaling/gastheer")
def ask_host(
    request: Request, runtime: RuntimeDep, actor: Initiator, slug: str, host: Annotated[str, Form()] = ""
) -> Response:
    """Ask a fiscal host to receive the money, for a group without legal form."""
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            card = _own_funded(session, actor, slug=slug)
            asked = _read_host(host)
            host_operations.ask_host(
                session, payee_id=new_id(), initiative_id=card.id, organisation_id=asked, actor=actor, now=now
            )
    except NoSuchHost as refused:
        form = Typed(values={"host": host}, errors=refusals((refused,), visit_of(request).language))
        with runtime.database.reading() as session:
            now = runtime.clock.now(session)
            content = _payee_page(session, request, actor, slug=slug, form=form)
        return page(request, content, now=now, status=400)
    return see_other(request, f"/initiatieven/{slug}/uitbetaling", said=msg("The organisation is asked."))


def _read_host(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise NoSuchHost(field="host") from wrong


def _payee_page(session: Session, request: Request, actor: Actor, *, slug: str, form: Typed) -> PayeePage:
    card = _own_funded(session, actor, slug=slug)
    payee = queries.payee(session, initiative_id=card.id)
    payouts = queries.payouts(session, initiative_id=card.id)
    decision = final_decision(session, initiative_id=card.id)
    known = host_queries.hosts(session, municipality_id=actor.municipality_id) if actor.municipality_id else []
    names = {one.organisation_id: one.name for one in known}
    host_id = payee.host_id if payee and payee.state != "closed" else None
    return PayeePage(
        card=card_view(card, visit_of(request).language),
        action=f"/initiatieven/{slug}/uitbetaling",
        payee=payee_state(payee.state if payee else None),
        approved_at=payouts[-1].approved_at if payouts else None,
        sent_at=payouts[-1].sent_at if payouts else None,
        total=Money(decision.collected_cents + decision.match_cents) if decision else Money(0),
        form=form,
        hosts=tuple(Choice(value=str(one.organisation_id), label=one.name) for one in known),
        host=names.get(host_id, "") if host_id else "",
        host_stage="" if payee is None or host_id is None else "agreed" if payee.agreed_at else "asked",
    )


@router.post("/initiatieven/{slug}/uitbetaling")
def go_to_onboarding(request: Request, runtime: RuntimeDep, actor: Initiator, slug: str) -> Response:
    """Lead the initiator to the provider's page."""
    return _to_onboarding(request, runtime, actor, slug=slug)


@router.get("/initiatieven/{slug}/uitbetaling/opnieuw")
def go_again(request: Request, runtime: RuntimeDep, actor: Initiator, slug: str) -> Response:
    """The provider sends people here when its page was too old: lead them to a fresh one."""
    return _to_onboarding(request, runtime, actor, slug=slug)


@router.get("/initiatieven/{slug}/uitbetaling/terug")
def come_back(request: Request, runtime: RuntimeDep, actor: Initiator, slug: str) -> Response:
    """Look at once whether the account is ready; the webhook may be faster, or never come."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        card = _own_funded(session, actor, slug=slug)
    try:
        refresh_payee_of(runtime.database, runtime.gateway, initiative_id=card.id, now=now)
    except OutcomeUnknown:
        return see_other(request, f"/initiatieven/{slug}/uitbetaling", said=PROVIDER_AWAY, tone="warning")
    return see_other(request, f"/initiatieven/{slug}/uitbetaling")


def _to_onboarding(request: Request, runtime: RuntimeDep, actor: Actor, *, slug: str) -> Response:
    own_address = f"{runtime.settings.base_url}/initiatieven/{slug}/uitbetaling"
    with runtime.database.reading() as session:
        now: datetime = runtime.clock.now(session)
        card = _own_funded(session, actor, slug=slug)
        initiator = person(session, person_id=actor.person_id) if actor.person_id else None
    try:
        url = onboard_payee(
            runtime.database,
            runtime.gateway,
            payee_id=new_id(),
            initiative_id=card.id,
            display_name=card.title,
            contact_email=initiator.email if initiator else "",
            return_url=f"{own_address}/terug",
            refresh_url=f"{own_address}/opnieuw",
            actor=actor,
            now=now,
        )
    except OutcomeUnknown:
        return see_other(request, f"/initiatieven/{slug}/uitbetaling", said=PROVIDER_AWAY, tone="warning")
    return see_provider(url)


def _own_funded(session: Session, actor: Actor, *, slug: str) -> CampaignCard:
    card = campaign_card(session, slug=slug)
    part = facts_for(session, initiative_id=card.id, person_id=actor.person_id).part
    if part != "initiator":
        raise InitiativeNotFound
    if card.state != "funded":
        raise NotFunded
    return card
