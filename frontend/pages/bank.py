"""Our bank account, for the treasurer: statements read, what waits, what is awaited, and what was booked unseen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, UploadFile
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.shared.actor import Actor
from crowd.shared.errors import Invalid, NotFound, msg
from crowd.shared.money import Money
from frontend.access import requires
from frontend.answers import page, see_other
from frontend.formats import Language
from frontend.i18n import refusal, say
from frontend.pages.counter import COUNTER
from frontend.runtime import Runtime, RuntimeDep
from frontend.views.bank import AwaitedLine, BankPage, BookedLine, GiftOffer, OpenLine, StatementLine
from frontend.views.forms import Choice
from frontend.views.forms import Form as Typed
from frontend.visit import visit_of
from payments.bank import clearing_queries, queries, statement_operations, statement_queries
from payments.bank.clearing_rules import Booked
from payments.bank.line_queries import gifts_named
from payments.bank.line_rules import ANNOUNCED
from payments.bank.rules import spaced
from payments.bank.statement_queries import AwaitedGift, LineRow
from payments.bank.statement_rules import BYTES_MAX, SENTENCES, AccountNotSet, Awaited, Reason, StatementKnown, judge
from payments.bank.workflow import match_booked_lines, match_gifts
from payments.cancelling.town_queries import town_references
from payments.ledger.queries import balance_cents
from payments.ledger.rules import CASH_DESK, PROVIDER_FEES
from payments.payouts.share_queries import AwaitedShare, awaited_by_reference, awaited_shares
from payments.payouts.share_workflow import match_shares

router: Final = APIRouter()
BANK: Final = f"{COUNTER}/bank"

# What was booked on our account and is to be seen on it -> what we call it.
_ELSE: Final = msg("Booked on our account")
_WHAT: Final = {
    "payout": msg("Payout, by bank"),
    "town": msg("To the municipality, of a stopped initiative"),
    "deposit_returned": msg("Money back to a donor"),
    "refund_by_bank": msg("Money back to a donor"),
    "line_returned": msg("Transfer sent back"),
    "match_received": msg("The municipality's share"),
    "provider_paid_out": msg("From the payment provider"),
    "provider_topped_up": msg("To the payment provider"),
}

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
                municipality_id=place_of(actor),
                content=content,
                file_name=(file.filename or "") if file is not None else "",
                actor=actor,
                now=now,
            )
    except (Invalid, StatementKnown, AccountNotSet) as refused:
        form = Typed(errors={"file": refusal(refused, visit_of(request).language)})
        return bank_again(request, runtime, actor, form=form, status=400 if isinstance(refused, Invalid) else 409)
    matched = match_gifts(runtime.database, now=now) + match_shares(runtime.database, now=now)
    matched += match_booked_lines(runtime.database, notes_in=town_references, now=now)
    said = msg("The statement has been read. Lines matched by their reference: {matched}.")
    return see_other(request, BANK, said=said, facts={"matched": matched})


def bank_again(request: Request, runtime: Runtime, actor: Actor, *, form: Typed, status: int) -> Response:
    """Show the page once more, with what was typed and why it was refused."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        shown = _bank_page(session, request, actor, form=form)
    return page(request, shown, now=now, status=status)


def place_of(actor: Actor) -> UUID:
    """Return the municipality whose account this actor keeps; raise NotOurBank."""
    if actor.municipality_id is None:
        raise NotOurBank
    return actor.municipality_id


@dataclass(frozen=True, slots=True)
class _Known:
    """What a line may turn out to be."""

    gifts: list[AwaitedGift]
    shares: list[AwaitedShare]
    by_reference: Mapping[str, Awaited]
    booked: list[Booked]
    in_drawer: int
    unborne: int


def _known(session: Session, *, municipality_id: UUID) -> _Known:
    return _Known(
        gifts=statement_queries.awaited_gifts(session, municipality_id=municipality_id),
        shares=awaited_shares(session, municipality_id=municipality_id),
        by_reference={
            **statement_queries.awaited(session, municipality_id=municipality_id),
            **awaited_by_reference(session, municipality_id=municipality_id),
        },
        booked=clearing_queries.booked(
            session,
            municipality_id=municipality_id,
            notes=town_references(session, municipality_id=municipality_id),
        ),
        in_drawer=balance_cents(session, municipality_id=municipality_id, account=CASH_DESK),
        unborne=balance_cents(session, municipality_id=municipality_id, account=PROVIDER_FEES),
    )


def _bank_page(session: Session, request: Request, actor: Actor, *, form: Typed) -> BankPage:
    here, language = place_of(actor), visit_of(request).language
    known = _known(session, municipality_id=here)
    came_in = statement_queries.open_lines(session, municipality_id=here)
    left = statement_queries.lines_that_left(session, municipality_id=here)
    named = {f"holder-{line.id}": line.counterparty_name for line in came_in}
    return BankPage(
        form=replace(form, values={**named, **form.values}),
        account=spaced(queries.money_terms(session, municipality_id=here).bank_account),
        in_drawer=Money(known.in_drawer),
        lines=[_came_in(session, line, language, known=known) for line in came_in],
        left=[_left(line, language, known=known) for line in left],
        awaited=[
            *(
                AwaitedLine(reference=spaced(one.reference), who="", title=one.title, amount=Money(one.amount_cents))
                for one in known.shares
            ),
            *(
                AwaitedLine(
                    reference=spaced(one.reference),
                    who=one.donor_name,
                    title=one.title,
                    amount=Money(one.amount_cents),
                )
                for one in known.gifts
            ),
        ],
        booked=[
            BookedLine(
                what=say(_WHAT.get(one.kind, _ELSE), language),
                title=one.title,
                reference=spaced(one.reference) or ", ".join(one.notes),
                amount=Money(abs(one.cents)),
                is_out=one.cents < 0,
                booked_on=one.booked_on,
            )
            for one in known.booked
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


def _came_in(session: Session, line: LineRow, language: Language, *, known: _Known) -> OpenLine:
    municipality = say(msg("The municipality"), language)
    fitting = [
        Choice(value=f"gift:{one.pledge_id}", label=f"{one.donor_name}, {one.title}")
        for one in known.gifts
        if one.amount_cents == line.amount_cents
    ]
    fitting += [
        Choice(value=f"share:{one.initiative_id}", label=f"{municipality}, {one.title}")
        for one in known.shares
        if one.amount_cents == line.amount_cents
    ]
    judged = judge(amount_cents=line.amount_cents, description=line.description, awaited=known.by_reference)
    named = gifts_named(session, municipality_id=line.municipality_id, description=line.description)
    offer = named[0] if len(named) == 1 and judged.reason is not None else None
    shown = _line(line, language, reason=judged.reason, choices=[*fitting, *_fitting(line, language, known=known)])
    return replace(
        shown,
        may_be_cash=line.amount_cents <= known.in_drawer,
        may_be_costs=line.amount_cents <= known.unborne,
        gift=GiftOffer(
            donor=offer.donor_name,
            title=offer.title,
            announced=Money(offer.amount_cents),
            is_second=offer.state != ANNOUNCED,
        )
        if offer
        else None,
    )


def _left(line: LineRow, language: Language, *, known: _Known) -> OpenLine:
    return _line(line, language, reason=Reason.MONEY_OUT, choices=_fitting(line, language, known=known))


def _fitting(line: LineRow, language: Language, *, known: _Known) -> list[Choice]:
    return [
        Choice(
            value=f"booked:{one.key}",
            label=", ".join(filter(None, (say(_WHAT.get(one.kind, _ELSE), language), one.title))),
        )
        for one in known.booked
        if one.cents == line.amount_cents
    ]


def _line(line: LineRow, language: Language, *, reason: Reason | None, choices: list[Choice]) -> OpenLine:
    waits = msg("The reference and the amount fit: it is matched in a moment.")
    return OpenLine(
        id=str(line.id),
        base=f"{BANK}/regels/{line.id}",
        booked_on=line.booked_on,
        amount=Money(abs(line.amount_cents)),
        counterparty=line.counterparty_name,
        account=spaced(line.counterparty_iban),
        description=line.description,
        reason=say(SENTENCES[reason] if reason else waits, language),
        awaited=tuple(choices),
        may_be_cash=False,
    )
