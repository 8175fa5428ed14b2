"""Money that a treasurer pays back by bank: to donors, and transfers that go back where they came from."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.pledges import queries as pledges
from crowd.shared.actor import Actor
from crowd.shared.errors import msg
from crowd.shared.money import Money
from frontend.answers import page, see_other
from frontend.i18n import refusals
from frontend.pages.bank import NotOurBank, Treasurer, place_of
from frontend.pages.counter import COUNTER
from frontend.pages.gifts import GIFTS
from frontend.runtime import RuntimeDep
from frontend.views.bank import ReturnLine, ReturnsPage
from frontend.views.forms import Form as Typed
from frontend.visit import visit_of
from payments.bank import queries, return_operations
from payments.bank.line_operations import record_sent_back
from payments.bank.line_queries import open_line_returns
from payments.bank.rules import LINE_RETURN, RETURN, PaymentReferenceMissing, spaced
from payments.bank.rules import reference as reference_of
from payments.payouts.refund_operations import try_refund_again

router: Final = APIRouter()
RETURNS: Final = f"{COUNTER}/terugbetalingen"


@router.get(RETURNS)
def show_returns(request: Request, runtime: RuntimeDep, actor: Treasurer) -> Response:
    """Show what goes back to donors by bank."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        shown = _returns_page(session, actor, form=Typed(), wrong_id="")
    return page(request, shown, now=now)


@router.post(RETURNS + "/{pledge_id}/betaling")
def note_paid(
    request: Request,
    runtime: RuntimeDep,
    actor: Treasurer,
    pledge_id: UUID,
    account: Annotated[str, Form()] = "",
    reference: Annotated[str, Form()] = "",
) -> Response:
    """Note that the money was sent back, under this reference, and book it."""
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            _check_here(session, actor, pledge_id=pledge_id)
            return_operations.record_return_paid(
                session, pledge_id=pledge_id, to_account=account, reference=reference, actor=actor, now=now
            )
    except PaymentReferenceMissing as refused:
        return _again(request, runtime, actor, refused=refused, wrong_id=str(pledge_id))
    return see_other(request, RETURNS, said=msg("The payment is noted and booked."))


@router.post(RETURNS + "/regels/{line_id}/betaling")
def note_sent_back(
    request: Request,
    runtime: RuntimeDep,
    actor: Treasurer,
    line_id: UUID,
    account: Annotated[str, Form()] = "",
    reference: Annotated[str, Form()] = "",
) -> Response:
    """Note that a transfer was sent back where it came from, under this reference, and book it."""
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            record_sent_back(session, line_id=line_id, to_account=account, reference=reference, actor=actor, now=now)
    except PaymentReferenceMissing as refused:
        return _again(request, runtime, actor, refused=refused, wrong_id=str(line_id))
    return see_other(request, RETURNS, said=msg("The payment is noted and booked."))


def _again(
    request: Request, runtime: RuntimeDep, actor: Actor, *, refused: PaymentReferenceMissing, wrong_id: str
) -> Response:
    form = Typed(errors=refusals((refused,), visit_of(request).language))
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        shown = _returns_page(session, actor, form=form, wrong_id=wrong_id)
    return page(request, shown, now=now, status=400)


@router.post(RETURNS + "/{pledge_id}/nieuwe-poging")
def try_again(request: Request, runtime: RuntimeDep, actor: Treasurer, pledge_id: UUID) -> Response:
    """Send what came back once more the way it was paid."""
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        _check_here(session, actor, pledge_id=pledge_id)
        try_refund_again(session, pledge_id=pledge_id, actor=actor, now=now)
    return see_other(request, RETURNS, said=msg("It is sent once more, the way it was paid."))


def _check_here(session: Session, actor: Actor, *, pledge_id: UUID) -> None:
    if pledges.pledge(session, pledge_id=pledge_id).municipality_id != actor.municipality_id:
        raise NotOurBank


def _returns_page(session: Session, actor: Actor, *, form: Typed, wrong_id: str) -> ReturnsPage:
    lines = [
        ReturnLine(
            id=str(one.pledge_id),
            base=f"{RETURNS}/{one.pledge_id}",
            gift_href="" if one.came_back else f"{GIFTS}/{one.pledge_id}",
            donor=one.donor_name,
            title=one.title,
            amount=Money(one.amount_cents),
            holder=one.account_holder,
            account=spaced(one.account_iban),
            iban=one.account_iban,
            is_ready=one.state == "ready",
            is_own=one.account_by is not None and one.account_by == actor.person_id,
            came_back=one.came_back,
            reference=spaced(reference_of(kind=RETURN, subject_id=one.pledge_id)),
        )
        for one in queries.open_returns(session, municipality_id=place_of(actor))
    ]
    lines += [
        ReturnLine(
            id=str(one.line_id),
            base=f"{RETURNS}/regels/{one.line_id}",
            gift_href="",
            donor=one.account_holder,
            title="",
            amount=Money(one.amount_cents),
            holder=one.account_holder,
            account=spaced(one.account_iban),
            iban=one.account_iban,
            is_ready=True,
            is_own=one.decided_by == actor.person_id,
            reference=spaced(reference_of(kind=LINE_RETURN, subject_id=one.line_id)),
            came_on=one.booked_on,
        )
        for one in open_line_returns(session, municipality_id=place_of(actor))
    ]
    return ReturnsPage(form=form, wrong_id=wrong_id, lines=lines)
