"""A donor's three screens: how much, the provider's page, thank you. And the way back to it, from every mail.

The form chose the pledge's id, so sending it twice is one pledge. Making the promise and opening the provider's
page are two requests: where the provider is away, the promise is kept and its page says how to go on.
"""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.accounts.operations import confirm_address
from crowd.accounts.queries import person
from crowd.accounts.rules import BadAddress, address
from crowd.closing.campaign_queries import campaign_card
from crowd.closing.gap_operations import promise_gift
from crowd.cofunding.operations import reserve_match
from crowd.pledges import operations, queries
from crowd.pledges.operations import Promise
from crowd.pledges.rules import (
    NAME_LENGTH_MAX,
    CampaignFacts,
    NameTooLong,
    PledgeNotFound,
    check_campaign_takes_pledges,
    check_pledge,
)
from crowd.rewards.queries import offered
from crowd.shared.actor import Actor
from crowd.shared.errors import Invalid, InvalidFields, msg
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from frontend import links
from frontend.access import public, requires
from frontend.amounts import read_amount
from frontend.answers import page, see_other, see_provider
from frontend.campaigns import missing_view
from frontend.cards import card_view
from frontend.i18n import refusals
from frontend.links import LinkNotOurs, Purpose
from frontend.offers import offer_choices, offer_view
from frontend.own_pledges import own_page
from frontend.pages.gifts import is_offline, own_gift_page
from frontend.runtime import Runtime, RuntimeDep
from frontend.views.forms import Form as Typed
from frontend.views.pledges import PledgePage
from frontend.visit import visit_of
from payments.collection.queries import charge, debit_terms, saved_method
from payments.collection.rules import NothingToPay
from payments.collection.workflow import (
    Addresses,
    finish_latest_checkout,
    open_checkout,
    pay_now,
    refresh_charge,
)
from payments.collection.workflow import withdraw as withdraw_pledge
from payments.provider import OutcomeUnknown

router: Final = APIRouter()

PROVIDER_AWAY: Final = msg(
    "Our payment provider does not answer at this moment. Your promise is kept: try again in a minute."
)

NOT_WITHDRAWN: Final = msg(
    "Our payment provider does not answer at this moment, so nothing was changed. Try again in a minute."
)


class NotAFormOfOurs(Invalid):
    """The hidden id is no id: somebody changed the form."""

    sentence = msg("Something went wrong with this form. Open the page again and fill it in once more.")


# --- Screen 1: how much ---------------------------------------------------------------------------------------


@router.get("/initiatieven/{slug}/steunen")
def show_form(request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)], slug: str) -> Response:
    """Ask how much, and where to send the receipt. A signed-in donor's address is filled in."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        donor = person(session, person_id=actor.person_id) if actor.person_id else None
        typed = Typed(
            values={"amount": "25", "email": donor.email if donor else "", "name": donor.name if donor else ""}
        )
        shown = _form_page(session, request, runtime, slug=slug, pledge_id=str(new_id()), form=typed, now=now)
    return page(request, shown, now=now)


@router.post("/initiatieven/{slug}/steunen")
def promise(
    request: Request,
    runtime: RuntimeDep,
    actor: Annotated[Actor, Depends(public)],
    slug: str,
    pledge_id: Annotated[str, Form()] = "",
    amount: Annotated[str, Form()] = "",
    other_amount: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    anonymous: Annotated[str, Form()] = "",
    message: Annotated[str, Form()] = "",
    reward: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    updates: Annotated[str, Form()] = "",
) -> Response:
    """Keep the promise and go on to the payment page; or show the form again with everything that is wrong."""
    visit = visit_of(request)
    given = other_amount if amount == "other" else amount
    typed = {
        "amount": amount,
        "other_amount": other_amount,
        "name": name,
        "anonymous": anonymous,
        "message": message,
        "reward": reward,
        "email": email,
        "updates": updates,
    }
    try:
        promised = Promise(
            pledge_id=_read_id(pledge_id),
            email=_read_email(email, amount=read_amount(given), name=name, message=message),
            amount=read_amount(given),
            public_name=name,
            is_anonymous=bool(anonymous),
            message=message,
            reward_id=_read_id(reward) if reward else None,
            wants_updates=bool(updates),
            locale=visit.language,
        )
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            made = promise_gift(session, slug=slug, promise=promised, actor=actor, now=now)
    except InvalidFields as refused:
        return _again(request, runtime, slug=slug, pledge_id=pledge_id, typed=typed, errors=refused.errors)
    return see_other(request, f"{links.own_pledge_path(made.id, runtime.keys)}/betaalpagina")


def _read_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as broken:
        raise NotAFormOfOurs from broken


def _read_email(text: str, *, amount: Money | None, name: str, message: str) -> str:
    """Return the address; when it is wrong, raise everything that is wrong in the form, not only this."""
    try:
        return address(text)
    except BadAddress as wrong:
        others: tuple[Invalid, ...] = ()
        try:
            check_pledge(amount=amount, public_name=name, message=message)
        except InvalidFields as more:
            others = more.errors
        raise InvalidFields((*others, wrong)) from wrong


def _again(
    request: Request,
    runtime: Runtime,
    *,
    slug: str,
    pledge_id: str,
    typed: dict[str, str],
    errors: tuple[Invalid, ...],
) -> Response:
    named = tuple(_on_form(error, other=typed["amount"] == "other") for error in errors)
    form = Typed(values=typed, errors=refusals(named, visit_of(request).language))
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        shown = _form_page(session, request, runtime, slug=slug, pledge_id=pledge_id, form=form, now=now)
    return page(request, shown, now=now, status=400)


def _on_form(error: Invalid, *, other: bool) -> Invalid:
    """Return the refusal under the name its field has on this form."""
    if isinstance(error, NameTooLong):
        return NameTooLong(field="name", length=NAME_LENGTH_MAX)
    if error.field == "amount" and other:
        error.field = "other_amount"
    return error


def _form_page(
    session: Session, request: Request, runtime: Runtime, *, slug: str, pledge_id: str, form: Typed, now: datetime
) -> PledgePage:
    card = campaign_card(session, slug=slug)
    gap = card.gap_at(now)
    campaign = CampaignFacts(card.state, card.deadline_at, gap.window if gap else None)
    check_campaign_takes_pledges(campaign=campaign, now=now)
    terms = debit_terms(session, municipality_id=runtime.town.facts().id)
    language = visit_of(request).language
    offers = tuple(offer_view(row) for row in offered(session, initiative_id=card.id))
    return PledgePage(
        card=card_view(card, language),
        pledge_id=pledge_id,
        form=form,
        debit_limit=terms.limit,
        rewards=offer_choices(offers, language),
        gone=tuple(offer.title for offer in offers if offer.is_gone),
        missing=None if gap is None else missing_view(gap),
    )


# --- Screen 2: the provider's page ----------------------------------------------------------------------------


@router.get("/bijdragen/{token}/betaalpagina")
def go_to_payment_page(
    request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)], token: str
) -> Response:
    """Lead the donor to the provider's page, the same one as long as it can be used."""
    del actor
    pledge_id = links.verify(Purpose.OWN_PLEDGE, token, runtime.keys)
    return _to_payment_page(request, runtime, pledge_id=pledge_id)


@router.post("/bijdragen/{token}/betaalwijze")
def choose_other_card(
    request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)], token: str
) -> Response:
    """Lead the donor to the provider's page once more: to finish, or to save another card."""
    del actor
    pledge_id = links.verify(Purpose.OWN_PLEDGE, token, runtime.keys)
    return _to_payment_page(request, runtime, pledge_id=pledge_id, is_other_card=True)


def _to_payment_page(request: Request, runtime: Runtime, *, pledge_id: UUID, is_other_card: bool = False) -> Response:
    own_page = links.own_pledge_path(pledge_id, runtime.keys)
    own_address = runtime.settings.base_url + own_page
    addresses = Addresses(success_url=f"{own_address}/terug", cancel_url=own_address)
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
    try:
        url = open_checkout(
            runtime.database,
            runtime.gateway,
            pledge_id=pledge_id,
            addresses=addresses,
            now=now,
            is_other_card=is_other_card,
        )
    except NothingToPay:
        return see_other(request, own_page)
    except OutcomeUnknown:
        return see_other(request, own_page, said=PROVIDER_AWAY, tone="warning")
    return see_provider(url)


# --- Screen 3: thank you, and the donor's own page from then on -----------------------------------------------


@router.get("/bijdragen/{token}/terug")
def come_back(request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)], token: str) -> Response:
    """Look at once what the payment page came to, and show it. The webhook may have been faster, or never come."""
    del actor
    pledge_id = links.verify(Purpose.OWN_PLEDGE, token, runtime.keys)
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        waiting = charge(session, pledge_id=pledge_id)
    try:
        finish_latest_checkout(runtime.database, runtime.gateway, pledge_id=pledge_id, now=now)
        if waiting is not None and waiting.intent_ref is not None:
            refresh_charge(
                runtime.database, runtime.gateway, pledge_id=pledge_id, intent_ref=waiting.intent_ref, now=now
            )
    except OutcomeUnknown:
        # The donor's page says that we are waiting; the worker asks again.
        pass
    return see_other(request, links.own_pledge_path(pledge_id, runtime.keys))


@router.get("/bijdragen/{token}")
def show_own(request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)], token: str) -> Response:
    """Show a donor's own contribution: what was promised, where it stands, what they can do."""
    del actor
    pledge_id = links.verify(Purpose.OWN_PLEDGE, token, runtime.keys)
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        pledge = queries.pledge(session, pledge_id=pledge_id)
        if is_offline(pledge.way):
            return page(request, own_gift_page(session, runtime, pledge_id=pledge_id, now=now), now=now)
        shown = own_page(session, request, pledge=pledge, now=now)
    return page(request, shown, now=now)


@router.post("/bijdragen/{token}/betaling")
def pay_at_bank(
    request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)], token: str
) -> Response:
    """Charge with the donor present; their bank may want to see them first."""
    del actor
    return _pay(request, runtime, token=token, by_ideal=False)


@router.post("/bijdragen/{token}/ideal")
def pay_by_ideal(
    request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)], token: str
) -> Response:
    """Pay at once by iDEAL, instead of with what was saved and failed."""
    del actor
    return _pay(request, runtime, token=token, by_ideal=True)


def _pay(request: Request, runtime: Runtime, *, token: str, by_ideal: bool) -> Response:
    pledge_id = links.verify(Purpose.OWN_PLEDGE, token, runtime.keys)
    own_page = links.own_pledge_path(pledge_id, runtime.keys)
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
    try:
        bank_url = pay_now(
            runtime.database,
            runtime.gateway,
            pledge_id=pledge_id,
            return_url=f"{runtime.settings.base_url}{own_page}/terug",
            now=now,
            by_ideal=by_ideal,
        )
    except OutcomeUnknown:
        return see_other(request, own_page, said=PROVIDER_AWAY, tone="warning")
    return see_provider(bank_url) if bank_url else see_other(request, own_page)


@router.post("/bijdragen/{token}/intrekking")
def withdraw(request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)], token: str) -> Response:
    """Take the promise back, until the last day."""
    pledge_id = links.verify(Purpose.OWN_PLEDGE, token, runtime.keys)
    own_page = links.own_pledge_path(pledge_id, runtime.keys)
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
    try:
        withdraw_pledge(runtime.database, runtime.gateway, pledge_id=pledge_id, actor=actor, now=now)
    except OutcomeUnknown:
        return see_other(request, own_page, said=NOT_WITHDRAWN, tone="warning")
    return see_other(request, own_page)


@router.get("/bijdragen/{token}/bevestiging/{proof}")
def show_confirmation(
    request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)], token: str, proof: str
) -> Response:
    """Confirm the address the receipt was sent to. One click in the mail is enough, and repeating it harmless."""
    del actor
    pledge_id = links.verify(Purpose.OWN_PLEDGE, token, runtime.keys)
    if links.verify(Purpose.CONFIRM_ADDRESS, proof, runtime.keys) != pledge_id:
        raise LinkNotOurs
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        pledge = operations.confirm_pledge(session, pledge_id=pledge_id, now=now)
        confirm_address(session, person_id=pledge.person_id, now=now)
        method = saved_method(session, pledge_id=pledge_id)
        reserve_match(session, pledge_id=pledge_id, card_fingerprint=method.fingerprint if method else "", now=now)
    said = msg("Your address is confirmed. The municipality can now add its share to your contribution.")
    return see_other(request, links.own_pledge_path(pledge_id, runtime.keys), said=said)


# --- My page --------------------------------------------------------------------------------------------------


@router.get("/mijn/bijdragen/{pledge_id}")
def show_mine(
    request: Request,
    runtime: RuntimeDep,
    actor: Annotated[Actor, Depends(requires("pledge:read-own"))],
    pledge_id: UUID,
) -> Response:
    """Lead a signed-in donor to the page of their own contribution; somebody else's is not found."""
    with runtime.database.reading() as session:
        if queries.pledge(session, pledge_id=pledge_id).person_id != actor.person_id:
            raise PledgeNotFound
    return see_other(request, links.own_pledge_path(pledge_id, runtime.keys))
