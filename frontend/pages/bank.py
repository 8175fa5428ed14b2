"""Our bank account, for the treasurer: statements read, lines said to be what they are, money paid back to donors."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, UploadFile
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.pledges import queries as pledges
from crowd.shared.actor import Actor
from crowd.shared.errors import DomainError, Invalid, NotFound, msg
from crowd.shared.money import Money
from frontend.access import requires
from frontend.answers import page, see_other
from frontend.formats import Language
from frontend.i18n import refusal, refusals, say
from frontend.pages.counter import COUNTER
from frontend.pages.gifts import GIFTS
from frontend.runtime import RuntimeDep
from frontend.views.bank import AwaitedLine, BankPage, OpenLine, ReturnLine, ReturnsPage, StatementLine
from frontend.views.forms import Choice
from frontend.views.forms import Form as Typed
from frontend.visit import visit_of
from payments.bank import queries, return_operations, statement_operations, statement_queries
from payments.bank.rules import PaymentReferenceMissing, spaced
from payments.bank.statement_queries import AwaitedGift, LineRow
from payments.bank.statement_rules import BYTES_MAX, SENTENCES, AccountNotSet, NotAwaited, Reason, StatementKnown, judge
from payments.bank.workflow import match_gifts
from payments.ledger.queries import balance_cents
from payments.ledger.rules import CASH_DESK
from payments.payouts.refund_operations import try_refund_again
from payments.payouts.share_operations import match_share
from payments.payouts.share_queries import AwaitedShare, awaited_by_reference, awaited_shares
from payments.payouts.share_workflow import match_shares

router: Final = APIRouter()
BANK: Final = f"{COUNTER}/bank"
RETURNS: Final = f"{COUNTER}/terugbetalingen"

Treasurer = Annotated[Actor, Depends(requires("bank:match"))]


class NotOurBank(NotFound):
    """Whoever has no municipality has no bank account here."""

    sentence = msg("We cannot find this.")


@router.get(BANK)
def show_bank(request: Request, runtime: RuntimeDep, actor: Treasurer) -> Response:
    """Show what waits to be matched, what is awaited, and which statements were read."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        shown = _bank_page(session, request, actor, form=Typed())
    return page(request, shown, now=now)


@router.post(BANK + "/afschriften")
def read_statement(
    request: Request, runtime: RuntimeDep, actor: Treasurer, file: Annotated[UploadFile | None, Form()] = None
) -> Response:
    """Read a bank's file, whole or not at all, and match what its references say."""
    # One byte more than allowed is enough to know that it is too much.
    content = file.file.read(BYTES_MAX + 1) if file is not None else b""
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            statement_operations.store_file(
                session,
                municipality_id=_place(actor),
                content=content,
                file_name=(file.filename or "") if file is not None else "",
                actor=actor,
                now=now,
            )
    except (Invalid, StatementKnown, AccountNotSet) as refused:
        form = Typed(errors={"file": refusal(refused, visit_of(request).language)})
        with runtime.database.reading() as session:
            now = runtime.clock.now(session)
            shown = _bank_page(session, request, actor, form=form)
        return page(request, shown, now=now, status=400 if isinstance(refused, Invalid) else 409)
    matched = match_gifts(runtime.database, now=now) + match_shares(runtime.database, now=now)
    said = msg("The statement has been read. Lines matched by their reference: {matched}.")
    return see_other(request, BANK, said=said, facts={"matched": matched})


@router.post(BANK + "/regels/{line_id}/koppeling")
def match_line(
    request: Request, runtime: RuntimeDep, actor: Treasurer, line_id: UUID, awaited: Annotated[str, Form()] = ""
) -> Response:
    """Say that a line is a gift's transfer, or the municipality's share."""
    kind, _, subject = awaited.partition(":")
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


def _place(actor: Actor) -> UUID:
    if actor.municipality_id is None:
        raise NotOurBank
    return actor.municipality_id


def _bank_page(session: Session, request: Request, actor: Actor, *, form: Typed) -> BankPage:
    here, language = _place(actor), visit_of(request).language
    gifts = statement_queries.awaited_gifts(session, municipality_id=here)
    shares = awaited_shares(session, municipality_id=here)
    by_reference = {
        **statement_queries.awaited(session, municipality_id=here),
        **awaited_by_reference(session, municipality_id=here),
    }
    in_drawer = balance_cents(session, municipality_id=here, account=CASH_DESK)
    found = statement_queries.open_lines(session, municipality_id=here)
    reasons = {
        line.id: judge(amount_cents=line.amount_cents, description=line.description, awaited=by_reference).reason
        for line in found
    }
    return BankPage(
        form=form,
        account=spaced(queries.money_terms(session, municipality_id=here).bank_account),
        in_drawer=Money(in_drawer),
        lines=[
            _open_line(line, language, reason=reasons[line.id], gifts=gifts, shares=shares, in_drawer=in_drawer)
            for line in found
        ],
        awaited=[
            *(
                AwaitedLine(reference=spaced(one.reference), who="", title=one.title, amount=Money(one.amount_cents))
                for one in shares
            ),
            *(
                AwaitedLine(
                    reference=spaced(one.reference),
                    who=one.donor_name,
                    title=one.title,
                    amount=Money(one.amount_cents),
                )
                for one in gifts
            ),
        ],
        statements=[
            StatementLine(
                ref=one.statement_ref,
                from_on=one.from_on,
                to_on=one.to_on,
                opening=Money(one.opening_cents),
                closing=Money(one.closing_cents),
                uploaded_at=one.uploaded_at,
                lines=one.lines,
                waiting=one.waiting,
            )
            for one in statement_queries.statements(session, municipality_id=here)
        ],
    )


def _open_line(
    line: LineRow,
    language: Language,
    *,
    reason: Reason | None,
    gifts: list[AwaitedGift],
    shares: list[AwaitedShare],
    in_drawer: int,
) -> OpenLine:
    municipality = say(msg("The municipality"), language)
    fitting = [
        Choice(value=f"gift:{one.pledge_id}", label=f"{one.donor_name}, {one.title}")
        for one in gifts
        if one.amount_cents == line.amount_cents
    ]
    fitting += [
        Choice(value=f"share:{one.initiative_id}", label=f"{municipality}, {one.title}")
        for one in shares
        if one.amount_cents == line.amount_cents
    ]
    waits = msg("The reference and the amount fit: it is matched in a moment.")
    return OpenLine(
        id=str(line.id),
        base=f"{BANK}/regels/{line.id}",
        booked_on=line.booked_on,
        amount=Money(line.amount_cents),
        counterparty=line.counterparty_name,
        account=spaced(line.counterparty_iban),
        description=line.description,
        reason=say(SENTENCES[reason] if reason else waits, language),
        awaited=tuple(fitting),
        may_be_cash=line.amount_cents <= in_drawer,
    )


# --- Paying back ----------------------------------------------------------------------------------------------


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
        errors: tuple[DomainError, ...] = (refused,)
        form = Typed(errors=refusals(errors, visit_of(request).language))
        with runtime.database.reading() as session:
            now = runtime.clock.now(session)
            shown = _returns_page(session, actor, form=form, wrong_id=str(pledge_id))
        return page(request, shown, now=now, status=400)
    return see_other(request, RETURNS, said=msg("The payment is noted and booked."))


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
        )
        for one in queries.open_returns(session, municipality_id=_place(actor))
    ]
    return ReturnsPage(form=form, wrong_id=wrong_id, lines=lines)
