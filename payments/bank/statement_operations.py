"""Storing statements of our bank account, and saying what a line is: a gift, the municipality's share, our own cash.

Locks, always in this order: our account (an advisory lock, while a file is stored or cash is counted), the campaign,
the pledge, the deposit; what a line is comes last, and a unique index lets only one say so.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.initiatives.queries import campaign_facts
from crowd.pledges import queries as pledge_queries
from crowd.shared import audit
from crowd.shared.actor import Actor
from crowd.shared.money import Money
from payments.bank import queries, statement_queries
from payments.bank.camt_rules import read_camt
from payments.bank.csv_rules import read_csv
from payments.bank.models import BankClearing, BankLine, BankLineParty, BankMatch, BankStatement
from payments.bank.operations import receive
from payments.bank.rules import NOTE_LENGTH, check_treasurer
from payments.bank.statement_queries import LineRow
from payments.bank.statement_rules import (
    BYTES_MAX,
    AccountNotSet,
    FileMissing,
    FileTooLarge,
    LineMatched,
    NotAwaited,
    Statement,
    StatementKnown,
    check_cash_banked,
    check_same_amount,
    check_statement,
    file_hash,
    keyed,
)
from payments.ledger.models import Transfer
from payments.ledger.operations import post
from payments.ledger.queries import balance_cents
from payments.ledger.rules import CASH_DESK

_ADD_LINES = (
    insert(BankLine)
    .on_conflict_do_nothing(index_elements=[BankLine.municipality_id, BankLine.line_key])
    .returning(BankLine.id, BankLine.line_key)
)


def store_file(
    session: Session, *, municipality_id: UUID, content: bytes, file_name: str, actor: Actor, now: datetime
) -> list[UUID]:
    """Store every statement in a bank's file, whole or not at all, and return them; nothing is booked by it.

    Each line is stored once, whatever files it comes in. Raises OnlyTheTreasurerPays, AccountNotSet, StatementKnown,
    and what is wrong with the file: FileMissing, FileTooLarge, FileUnreadable, FileUnsafe, FileIncomplete, NoBalance,
    WrongCurrency, ForeignAccount, DoesNotAddUp, TooManyLines.
    """
    check_treasurer(actor=actor)
    our_account = queries.money_terms(session, municipality_id=municipality_id).bank_account
    if not our_account:
        raise AccountNotSet
    read = _read(content)
    for statement in read:
        check_statement(statement, our_account=our_account)
    lock_account(session, municipality_id=municipality_id)
    known = file_hash(content)
    if session.scalars(
        select(BankStatement.id).where(
            BankStatement.municipality_id == municipality_id, BankStatement.file_hash == known
        )
    ).first():
        raise StatementKnown
    stored = []
    for statement in read:
        values = {
            "municipality_id": municipality_id,
            "file_hash": known,
            "file_name": file_name[-80:],
            "uploaded_by": actor.person_id,
            "uploaded_at": now,
        }
        stored.append(_store(session, statement=statement, values=values))
    for statement_id, statement in zip(stored, read, strict=True):
        audit.record(
            session,
            actor=actor,
            action="statement.read",
            subject_type="bank_statement",
            subject_id=statement_id,
            now=now,
            facts={"lines": len(statement.lines), "closing_cents": statement.closing_cents},
        )
    return stored


def _read(content: bytes) -> tuple[Statement, ...]:
    if not content:
        raise FileMissing(field="file")
    if len(content) > BYTES_MAX:
        raise FileTooLarge(field="file")
    # UTF-16 begins with a mark of its own; a CSV never begins with an angle bracket.
    is_xml = content[:200].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0").startswith(b"<")
    return read_camt(content) if is_xml else read_csv(content)


def lock_account(session: Session, *, municipality_id: UUID) -> None:
    """Let nobody else store a file, count cash, or tie a posting to a line of this account meanwhile."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"bank/{municipality_id}", 0))))


def _store(session: Session, *, statement: Statement, values: dict[str, object]) -> UUID:
    statement_id = session.execute(
        insert(BankStatement)
        .values(
            statement_ref=statement.ref,
            layout=statement.layout,
            opening_cents=statement.opening_cents,
            closing_cents=statement.closing_cents,
            from_on=statement.from_on,
            to_on=statement.to_on,
            **values,
        )
        .on_conflict_do_nothing(index_elements=[BankStatement.municipality_id, BankStatement.statement_ref])
        .returning(BankStatement.id)
    ).scalar_one_or_none()
    if statement_id is None:
        raise StatementKnown
    told = dict(keyed(statement))
    lines = [
        {
            "statement_id": statement_id,
            "municipality_id": values["municipality_id"],
            "number": number,
            "line_key": key,
            "booked_on": line.booked_on,
            "amount_cents": line.amount_cents,
            "bank_ref": line.bank_ref,
        }
        for number, (key, line) in enumerate(told.items(), start=1)
    ]
    added = session.execute(_ADD_LINES, lines).all() if lines else []
    parties = [
        {
            "line_id": line_id,
            "counterparty_name": told[key].counterparty_name,
            "counterparty_iban": told[key].counterparty_iban,
            "description": told[key].description,
        }
        for line_id, key in added
    ]
    if parties:
        session.execute(insert(BankLineParty), parties)
    return statement_id


# --- Saying what a line is ------------------------------------------------------------------------------------


def match_gift(
    session: Session, *, line_id: UUID, pledge_id: UUID, actor: Actor, now: datetime, by_itself: bool = False
) -> None:
    """Say that a line is the transfer of this gift, and book it: from now on the gift counts.

    `by_itself`: its reference said so, and `actor` is who uploaded the statement. Raises OnlyTheTreasurerPays,
    NoSuchLine, LineMatched, NotAwaited, MoneyLeft, AmountDiffers.
    """
    check_treasurer(actor=actor)
    seen = queries.deposit(session, pledge_id=pledge_id)
    campaign_facts(session, initiative_id=seen.initiative_id, lock="share")
    pledge_queries.pledge(session, pledge_id=pledge_id, lock=True)
    found = queries.deposit(session, pledge_id=pledge_id, lock=True)
    line = open_line(session, line_id=line_id, actor=actor)
    if found.state != "announced" or found.way != "bank_transfer" or found.municipality_id != line.municipality_id:
        raise NotAwaited
    check_same_amount(line_cents=line.amount_cents, awaited_cents=found.amount_cents)
    say_what_it_is(
        session, line=line, outcome="deposit", actor=actor, now=now, pledge_id=pledge_id, by_itself=by_itself
    )
    receive(session, pledge_id=pledge_id, now=now)
    clear(session, line=line, kind="deposit_received", source_id=str(pledge_id), now=now)


def match_cash(session: Session, *, line_id: UUID, actor: Actor, now: datetime) -> None:
    """Say that a line is cash of ours that was brought to the bank, and book it.

    Raises OnlyTheTreasurerPays, NoSuchLine, LineMatched, MoneyLeft, NotSoMuchCash.
    """
    check_treasurer(actor=actor)
    # Two lines at once must not both find the drawer full.
    lock_account(session, municipality_id=open_line(session, line_id=line_id, actor=actor).municipality_id)
    line = open_line(session, line_id=line_id, actor=actor)
    in_drawer = Money(balance_cents(session, municipality_id=line.municipality_id, account=CASH_DESK))
    check_cash_banked(line_cents=line.amount_cents, in_drawer=in_drawer)
    say_what_it_is(session, line=line, outcome="cash_banked", actor=actor, now=now)
    post(
        session,
        kind="cash_banked",
        municipality_id=line.municipality_id,
        initiative_id=None,
        amount=Money(line.amount_cents),
        source_type="bank_line",
        source_id=str(line_id),
        occurred_at=now,
    )
    clear(session, line=line, kind="cash_banked", source_id=str(line_id), now=now)


def set_aside(session: Session, *, line_id: UUID, note: str, actor: Actor, now: datetime) -> None:
    """Say that a line is not ours to book; whoever finds out otherwise can still match it.

    Raises OnlyTheTreasurerPays, NoSuchLine, LineMatched.
    """
    check_treasurer(actor=actor)
    line = statement_queries.line(session, line_id=line_id, municipality_id=actor.municipality_id)
    if line.outcome:
        raise LineMatched
    say_what_it_is(session, line=line, outcome="not_ours", actor=actor, now=now, note=note)


def open_line(session: Session, *, line_id: UUID, actor: Actor) -> LineRow:
    """Return a line of the actor's municipality that was not matched; it may have been set aside.

    Raises NoSuchLine, LineMatched.
    """
    line = statement_queries.line(session, line_id=line_id, municipality_id=actor.municipality_id)
    if line.outcome not in {"", "not_ours"}:
        raise LineMatched
    return line


def say_what_it_is(
    session: Session,
    *,
    line: LineRow,
    outcome: str,
    actor: Actor,
    now: datetime,
    pledge_id: UUID | None = None,
    initiative_id: UUID | None = None,
    by_itself: bool = False,
    note: str = "",
) -> None:
    """Write down what a line is, once; whoever comes second is told. Raises LineMatched.

    The caller books what follows from it, in the same transaction.
    """
    said = session.execute(
        insert(BankMatch)
        .values(
            line_id=line.id,
            outcome=outcome,
            pledge_id=pledge_id,
            initiative_id=initiative_id,
            matched_by=None if by_itself else actor.person_id,
            matched_at=now,
            note=" ".join(note.split())[:NOTE_LENGTH],
        )
        .on_conflict_do_nothing()
        .returning(BankMatch.id)
    ).first()
    if said is None:
        raise LineMatched
    audit.record(
        session,
        actor=actor,
        action="bank_line.matched",
        subject_type="bank_line",
        subject_id=line.id,
        now=now,
        facts={
            "outcome": outcome,
            "amount_cents": line.amount_cents,
            "by_itself": by_itself,
            "pledge_id": str(pledge_id) if pledge_id else None,
            "initiative_id": str(initiative_id) if initiative_id else None,
        },
    )


def clear(session: Session, *, line: LineRow, kind: str, source_id: str, now: datetime) -> None:
    """Tie a line to the posting that was just made of it."""
    found = select(Transfer.id, literal(line.id), literal(now)).where(
        Transfer.kind == kind, Transfer.source_id == source_id
    )
    session.execute(insert(BankClearing).from_select(["transfer_id", "line_id", "cleared_at"], found))
