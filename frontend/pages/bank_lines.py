"""What a treasurer says that a line of our bank account is: one act for each."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from crowd.shared.errors import Invalid, msg
from frontend.answers import see_other
from frontend.forms import Fields, texts
from frontend.i18n import refusal
from frontend.pages.bank import BANK, Treasurer, bank_again
from frontend.runtime import RuntimeDep
from frontend.views.forms import Form as Typed
from frontend.visit import visit_of
from payments.bank import line_operations, statement_operations
from payments.bank.clearing_operations import match_booked
from payments.bank.clearing_operations import match_costs as bear_costs
from payments.bank.clearing_rules import read_key
from payments.bank.statement_rules import NotAwaited
from payments.payouts.share_operations import match_share

router: Final = APIRouter()


@router.post(BANK + "/regels/{line_id}/koppeling")
def match_line(
    request: Request, runtime: RuntimeDep, actor: Treasurer, line_id: UUID, awaited: Annotated[str, Form()] = ""
) -> Response:
    """Say that a line is a gift's transfer, the municipality's share, or what was booked before."""
    kind, _, subject = awaited.partition(":")
    if kind == "booked":
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            match_booked(session, line_id=line_id, transfer_ids=read_key(subject), actor=actor, now=now)
        return see_other(request, BANK, said=msg("The line is matched: it is what was booked."))
    try:
        subject_id = UUID(subject)
    except ValueError as wrong:
        raise NotAwaited from wrong
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        if kind == "share":
            match_share(session, line_id=line_id, initiative_id=subject_id, actor=actor, now=now)
        else:
            statement_operations.match_gift(session, line_id=line_id, pledge_id=subject_id, actor=actor, now=now)
    return see_other(request, BANK, said=msg("The line is matched and booked."))


@router.post(BANK + "/regels/{line_id}/kas")
def match_cash(request: Request, runtime: RuntimeDep, actor: Treasurer, line_id: UUID) -> Response:
    """Say that a line is our own cash, brought to the bank."""
    with runtime.database.transaction() as session:
        statement_operations.match_cash(session, line_id=line_id, actor=actor, now=runtime.clock.now(session))
    return see_other(request, BANK, said=msg("The line is matched and booked."))


@router.post(BANK + "/regels/{line_id}/terzijde")
def set_aside(request: Request, runtime: RuntimeDep, actor: Treasurer, line_id: UUID) -> Response:
    """Say that a line is not ours to book."""
    with runtime.database.transaction() as session:
        statement_operations.set_aside(session, line_id=line_id, note="", actor=actor, now=runtime.clock.now(session))
    return see_other(request, BANK, said=msg("The line is set aside: nothing was booked."))


@router.post(BANK + "/regels/{line_id}/kosten")
def match_costs(request: Request, runtime: RuntimeDep, actor: Treasurer, line_id: UUID) -> Response:
    """Say that by a line the municipality bears costs of the payment provider."""
    with runtime.database.transaction() as session:
        bear_costs(session, line_id=line_id, actor=actor, now=runtime.clock.now(session))
    return see_other(request, BANK, said=msg("The line is matched and booked."))


@router.post(BANK + "/regels/{line_id}/bijdrage")
def take_as_gift(request: Request, runtime: RuntimeDep, actor: Treasurer, line_id: UUID) -> Response:
    """Take a transfer as a gift of what came, of the donor whose reference it names."""
    with runtime.database.transaction() as session:
        line_operations.take_as_gift(session, line_id=line_id, actor=actor, now=runtime.clock.now(session))
    return see_other(request, BANK, said=msg("It is taken as a gift of this amount, and booked."))


@router.post(BANK + "/regels/{line_id}/terug")
def send_back(request: Request, runtime: RuntimeDep, actor: Treasurer, line_id: UUID, fields: Fields) -> Response:
    """Decide that a transfer goes back where it came from; another treasurer pays it.

    Its fields are named after the line, since a page holds this form for many lines.
    """
    typed = texts(fields)
    account, holder = (typed.get(f"{name}-{line_id}", "") for name in ("account", "holder"))
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            line_operations.send_back(session, line_id=line_id, holder=holder, account=account, actor=actor, now=now)
    except Invalid as refused:
        said = refusal(refused, visit_of(request).language)
        form = Typed(values=typed, errors={f"{refused.field or 'account'}-{line_id}": said})
        return bank_again(request, runtime, actor, form=form, status=400)
    said = msg("It goes back where it came from. Another treasurer pays it, on the page of money to pay back.")
    return see_other(request, BANK, said=said)
