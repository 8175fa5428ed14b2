"""Gifts in cash and by transfer: a clerk writes them down, a second person counts, the donor says where it goes back.

The clerk's form chose the pledge's id, so sending it twice is one gift.
"""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Final, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.initiatives.queries import live_campaigns
from crowd.pledges import queries as pledges
from crowd.pledges.rules import OFFLINE_WAYS
from crowd.shared.actor import Actor, Channel
from crowd.shared.errors import Invalid, InvalidFields, msg
from crowd.shared.iban import IbanWrong, iban
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from frontend import links
from frontend.access import may, public, requires
from frontend.amounts import read_amount
from frontend.answers import page, see_other
from frontend.gifts import gift_view, may_take_back
from frontend.i18n import refusals, say
from frontend.links import Purpose
from frontend.own_pledges import own_page
from frontend.pages.counter import COUNTER, ChannelMissing, ConsentMissing
from frontend.pages.launch import read_id
from frontend.runtime import Runtime, RuntimeDep
from frontend.views.forms import Choice
from frontend.views.forms import Form as Typed
from frontend.views.gifts import GiftLine, GiftPage, GiftsPage, NewGiftPage, OwnGiftPage, Stage, Way
from frontend.visit import visit_of
from payments.bank import operations, queries, return_operations
from payments.bank.gift_rules import Gift as CounterGift
from payments.bank.gift_rules import check_gift
from payments.bank.queries import DepositRow
from payments.bank.rules import AccountHolderMissing, NoSuchDeposit, account_holder, spaced

router: Final = APIRouter()
GIFTS: Final = f"{COUNTER}/bijdragen"

Clerk = Annotated[Actor, Depends(requires("gift:record"))]
Staff = Annotated[Actor, Depends(requires("gift:confirm"))]


class InitiativeMissing(Invalid):
    """Nobody gives to nothing."""

    sentence = msg("Choose for which initiative this is.")


# --- The list, and writing down -------------------------------------------------------------------------------


@router.get(GIFTS)
def show_gifts(request: Request, runtime: RuntimeDep, actor: Staff) -> Response:
    """Show every gift at the counter of a campaign that still runs."""
    if actor.municipality_id is None:
        raise NoSuchDeposit
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        found = queries.open_gifts(session, municipality_id=actor.municipality_id)
    lines = [
        GiftLine(
            href=f"{GIFTS}/{one.pledge_id}",
            donor=one.donor_name,
            title=one.title,
            amount=Money(one.amount_cents),
            way=cast("Way", one.way),
            stage=cast("Stage", one.state),
            reference=spaced(one.reference),
            recorded_at=one.recorded_at,
        )
        for one in found
    ]
    return page(request, GiftsPage(lines=lines, may_record=may(actor, "gift:record")), now=now)


@router.get(GIFTS + "/nieuw")
def show_form(request: Request, runtime: RuntimeDep, actor: Clerk) -> Response:
    """Ask who gives what to which initiative, and how."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        shown = _form(session, request, actor, form=Typed(), pledge_id=str(new_id()))
    return page(request, shown, now=now)


@router.post(GIFTS)
def record(
    request: Request,
    runtime: RuntimeDep,
    actor: Clerk,
    pledge_id: Annotated[str, Form()] = "",
    initiative: Annotated[str, Form()] = "",
    way: Annotated[str, Form()] = "",
    amount: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    postcode: Annotated[str, Form()] = "",
    house_number: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    public_name: Annotated[str, Form()] = "",
    channel: Annotated[str, Form()] = "",
    consent: Annotated[str, Form()] = "",
) -> Response:
    """Write the gift down; clerk, donor and channel are recorded. Or show the form again with all that is wrong."""
    chosen = read_id(pledge_id)
    typed = {
        "channel": channel,
        "initiative": initiative,
        "way": way,
        "amount": amount,
        "name": name,
        "postcode": postcode,
        "house_number": house_number,
        "email": email,
        "public_name": public_name,
        "consent": consent,
    }
    gift = CounterGift(
        pledge_id=chosen,
        initiative_id=_read_initiative(initiative) or chosen,
        way=way,
        amount=read_amount(amount),
        name=name,
        postcode=postcode,
        house_number=house_number,
        email=email,
        public_name=public_name,
    )
    try:
        _check_form(gift, typed=typed)
        helping = replace(actor, channel=Channel(channel))
        with runtime.database.transaction() as session:
            operations.record_gift(session, gift=gift, actor=helping, now=runtime.clock.now(session))
    except InvalidFields as refused:
        form = Typed(values=typed, errors=refusals(refused.errors, visit_of(request).language))
        with runtime.database.reading() as session:
            now = runtime.clock.now(session)
            shown = _form(session, request, actor, form=form, pledge_id=str(chosen))
        return page(request, shown, now=now, status=400)
    return see_other(request, f"{GIFTS}/{chosen}", said=msg("The gift is written down."))


def _check_form(gift: CounterGift, *, typed: dict[str, str]) -> None:
    """Raise InvalidFields with everything that is wrong, the form's own questions among it."""
    own: list[Invalid] = []
    if typed["channel"] not in {Channel.DESK, Channel.PHONE}:
        own.append(ChannelMissing(field="channel"))
    if _read_initiative(typed["initiative"]) is None:
        own.append(InitiativeMissing(field="initiative"))
    if not typed["consent"]:
        own.append(ConsentMissing(field="consent"))
    if not own:
        return
    try:
        check_gift(gift, channel=Channel(typed["channel"]) if not _is_wrong(own, "channel") else Channel.DESK)
    except InvalidFields as more:
        own = [*own[:-1], *more.errors, own[-1]] if _is_wrong(own, "consent") else [*own, *more.errors]
    raise InvalidFields(tuple(own))


def _is_wrong(errors: list[Invalid], field: str) -> bool:
    return any(error.field == field for error in errors)


def _read_initiative(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _form(session: Session, request: Request, actor: Actor, *, form: Typed, pledge_id: str) -> NewGiftPage:
    if actor.municipality_id is None:
        raise NoSuchDeposit
    language = visit_of(request).language
    terms = queries.money_terms(session, municipality_id=actor.municipality_id)
    ways = [Choice(value="cash", label=say(msg("In cash, now"), language))]
    if terms.bank_account:
        ways.append(Choice(value="bank_transfer", label=say(msg("By bank transfer, later"), language)))
    campaigns = live_campaigns(session, municipality_id=actor.municipality_id)
    return NewGiftPage(
        form=form,
        pledge_id=pledge_id,
        initiatives=tuple(Choice(value=str(found), label=title) for found, title in campaigns),
        ways=tuple(ways),
        channels=(
            Choice(value=Channel.DESK, label=say(msg("At the desk"), language)),
            Choice(value=Channel.PHONE, label=say(msg("On the phone"), language)),
        ),
        alone=Money(terms.cash_alone_cents),
    )


# --- One gift -------------------------------------------------------------------------------------------------


@router.get(GIFTS + "/{pledge_id}")
def show_gift(request: Request, runtime: RuntimeDep, actor: Staff, pledge_id: UUID) -> Response:
    """Show one gift: its receipt, and what can still be done."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        shown = _gift_page(session, actor, pledge_id=pledge_id, form=Typed(), now=now)
    return page(request, shown, now=now)


@router.post(GIFTS + "/{pledge_id}/bevestiging")
def confirm(request: Request, runtime: RuntimeDep, actor: Staff, pledge_id: UUID) -> Response:
    """Confirm as the second person that the cash is there."""
    with runtime.database.transaction() as session:
        here(session, actor, pledge_id=pledge_id)
        operations.confirm_cash(session, pledge_id=pledge_id, actor=actor, now=runtime.clock.now(session))
    return see_other(request, f"{GIFTS}/{pledge_id}", said=msg("The cash is confirmed: from now on it counts."))


@router.post(GIFTS + "/{pledge_id}/afwijzing")
def refuse(request: Request, runtime: RuntimeDep, actor: Staff, pledge_id: UUID) -> Response:
    """Say as the second person that the cash is not there."""
    with runtime.database.transaction() as session:
        here(session, actor, pledge_id=pledge_id)
        operations.refuse_cash(session, pledge_id=pledge_id, actor=actor, now=runtime.clock.now(session))
    return see_other(request, f"{GIFTS}/{pledge_id}", said=msg("The gift does not count: the cash is not there."))


@router.post(GIFTS + "/{pledge_id}/intrekking")
def withdraw(request: Request, runtime: RuntimeDep, actor: Clerk, pledge_id: UUID) -> Response:
    """Withdraw the gift for its donor."""
    with runtime.database.transaction() as session:
        here(session, actor, pledge_id=pledge_id)
        helping = replace(actor, channel=Channel.DESK)
        operations.withdraw_at_counter(session, pledge_id=pledge_id, actor=helping, now=runtime.clock.now(session))
    return see_other(request, f"{GIFTS}/{pledge_id}", said=msg("The gift is withdrawn."))


@router.post(GIFTS + "/{pledge_id}/rekening")
def give_account(
    request: Request,
    runtime: RuntimeDep,
    actor: Clerk,
    pledge_id: UUID,
    account: Annotated[str, Form()] = "",
    holder: Annotated[str, Form()] = "",
) -> Response:
    """Write down for the donor where the money goes back to."""
    try:
        check_account(account, holder)
        with runtime.database.transaction() as session:
            here(session, actor, pledge_id=pledge_id)
            now = runtime.clock.now(session)
            return_operations.give_account(
                session, pledge_id=pledge_id, holder=holder, account=account, actor=actor, now=now
            )
    except InvalidFields as refused:
        form = account_form(request, account=account, holder=holder, refused=refused)
        with runtime.database.reading() as session:
            now = runtime.clock.now(session)
            shown = _gift_page(session, actor, pledge_id=pledge_id, form=form, now=now)
        return page(request, shown, now=now, status=400)
    return see_other(request, f"{GIFTS}/{pledge_id}", said=msg("The account is written down."))


def check_account(account: str, holder: str) -> None:
    """Return when both can be written down; raise InvalidFields naming what is wrong."""
    errors: list[Invalid] = []
    try:
        iban(account, field="account")
    except IbanWrong as wrong:
        errors.append(wrong)
    try:
        account_holder(holder)
    except AccountHolderMissing as wrong:
        errors.append(wrong)
    if errors:
        raise InvalidFields(tuple(errors))


def account_form(request: Request, *, account: str, holder: str, refused: InvalidFields) -> Typed:
    """Return what was typed, with what is wrong with it."""
    values = {"account": account, "holder": holder}
    return Typed(values=values, errors=refusals(refused.errors, visit_of(request).language))


def here(session: Session, actor: Actor, *, pledge_id: UUID) -> DepositRow:
    """Return the gift when it is of the actor's municipality; raise NoSuchDeposit otherwise."""
    found = queries.deposit(session, pledge_id=pledge_id)
    if found.municipality_id != actor.municipality_id:
        raise NoSuchDeposit
    return found


def _gift_page(session: Session, actor: Actor, *, pledge_id: UUID, form: Typed, now: datetime) -> GiftPage:
    found = here(session, actor, pledge_id=pledge_id)
    shown, may_withdraw = gift_view(session, found, now=now)
    is_clerk = may(actor, "gift:record")
    return GiftPage(
        gift=shown,
        base=f"{GIFTS}/{pledge_id}",
        form=form,
        may_confirm=shown.stage == "to_confirm" and found.recorded_by != actor.person_id,
        may_withdraw=may_withdraw and is_clerk,
        may_give_account=shown.stage in {"returning", "account_given"} and is_clerk,
        is_own=found.recorded_by == actor.person_id,
        may_take_back=may_take_back(shown) and is_clerk,
    )


# --- The donor's own page -------------------------------------------------------------------------------------


@router.post("/bijdragen/{token}/rekening")
def give_own_account(
    request: Request,
    runtime: RuntimeDep,
    actor: Annotated[Actor, Depends(public)],
    token: str,
    account: Annotated[str, Form()] = "",
    holder: Annotated[str, Form()] = "",
) -> Response:
    """Let the donor say where their money goes back to."""
    pledge_id = links.verify(Purpose.OWN_PLEDGE, token, runtime.keys)
    own_path = links.own_pledge_path(pledge_id, runtime.keys)
    try:
        check_account(account, holder)
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            return_operations.give_account(
                session, pledge_id=pledge_id, holder=holder, account=account, actor=actor, now=now, is_donor=True
            )
    except InvalidFields as refused:
        form = account_form(request, account=account, holder=holder, refused=refused)
        with runtime.database.reading() as session:
            now = runtime.clock.now(session)
            pledge = pledges.pledge(session, pledge_id=pledge_id)
            if not is_offline(pledge.way):
                return page(request, own_page(session, request, pledge=pledge, now=now, form=form), now=now, status=400)
            shown = own_gift_page(session, runtime, pledge_id=pledge_id, form=form, now=now)
        return page(request, shown, now=now, status=400)
    return see_other(request, own_path, said=msg("Thank you. We pay it back to this account."))


def is_offline(way: str) -> bool:
    """Whether a pledge paid so has the page of a gift, not of a card."""
    return way in OFFLINE_WAYS


def own_gift_page(
    session: Session, runtime: Runtime, *, pledge_id: UUID, now: datetime, form: Typed | None = None
) -> OwnGiftPage:
    """Return the donor's own page of a gift in cash or by transfer."""
    shown, may_withdraw = gift_view(session, queries.deposit(session, pledge_id=pledge_id), now=now)
    return OwnGiftPage(
        gift=shown,
        base=links.own_pledge_path(pledge_id, runtime.keys),
        form=form or Typed(),
        may_withdraw=may_withdraw,
        may_take_back=may_take_back(shown),
    )
