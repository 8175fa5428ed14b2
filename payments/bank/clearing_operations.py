"""Tying a line of our bank account to the postings it carried out. Locks: the line's one saying comes last, as ever."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.shared.actor import Actor
from crowd.shared.money import Money
from payments.bank import clearing_queries
from payments.bank.clearing_rules import NotBooked, check_booked, check_costs
from payments.bank.models import BankClearing
from payments.bank.rules import check_treasurer
from payments.bank.statement_operations import clear, lock_account, open_line, say_what_it_is
from payments.ledger.operations import post
from payments.ledger.queries import balance_cents
from payments.ledger.rules import PROVIDER_FEES


def match_booked(
    session: Session,
    *,
    line_id: UUID,
    transfer_ids: tuple[int, ...],
    actor: Actor,
    now: datetime,
    by_itself: bool = False,
) -> None:
    """Say that a line carried out what was booked before; nothing is booked by it.

    `by_itself`: its reference said so, and `actor` is who uploaded the statement. Raises OnlyTheTreasurerPays,
    NoSuchLine, LineMatched, NotBooked, BookedOtherwise.
    """
    check_treasurer(actor=actor)
    line = open_line(session, line_id=line_id, actor=actor)
    # One posting is one line's: whoever comes second finds it gone.
    lock_account(session, municipality_id=line.municipality_id)
    found = clearing_queries.posted(session, municipality_id=line.municipality_id, transfer_ids=transfer_ids)
    check_booked(line_cents=line.amount_cents, wanted=transfer_ids, found=found)
    say_what_it_is(session, line=line, outcome="booked", actor=actor, now=now, by_itself=by_itself)
    tied = session.execute(
        insert(BankClearing)
        .values([{"transfer_id": one, "line_id": line.id, "cleared_at": now} for one in transfer_ids])
        .on_conflict_do_nothing()
        .returning(BankClearing.transfer_id)
    ).all()
    if len(tied) != len(transfer_ids):
        raise NotBooked


def match_costs(session: Session, *, line_id: UUID, actor: Actor, now: datetime) -> None:
    """Say that by a line the municipality bears costs of the provider, and book it.

    Raises OnlyTheTreasurerPays, NoSuchLine, LineMatched, MoneyLeft, NotSoMuchCosts.
    """
    check_treasurer(actor=actor)
    lock_account(session, municipality_id=open_line(session, line_id=line_id, actor=actor).municipality_id)
    line = open_line(session, line_id=line_id, actor=actor)
    unborne = balance_cents(session, municipality_id=line.municipality_id, account=PROVIDER_FEES)
    check_costs(line_cents=line.amount_cents, unborne=Money(max(0, unborne)))
    say_what_it_is(session, line=line, outcome="costs", actor=actor, now=now)
    post(
        session,
        kind="costs_borne",
        municipality_id=line.municipality_id,
        initiative_id=None,
        amount=Money(line.amount_cents),
        source_type="bank_line",
        source_id=str(line_id),
        occurred_at=now,
    )
    clear(session, line=line, kind="costs_borne", source_id=str(line_id), now=now)
