"""Booking what goes between our account at the provider and our own bank account, once each, by the provider's name."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowd.shared import log
from crowd.shared.db import Database
from crowd.shared.money import Money
from payments.bank.models import MoneyTerms
from payments.gateway import Gateway
from payments.ledger.operations import post
from payments.provider import Movement

# A movement is on the balance's list at once; a month covers whatever time nobody asked.
LOOKS_BACK: Final = timedelta(days=31)
# What the provider calls it -> the posting, and the sign its amount has on the provider's balance.
_POSTINGS: Final = {"payout": ("provider_paid_out", -1), "topup": ("provider_topped_up", 1)}

_log = log.logger()


def book_moves(database: Database, gateway: Gateway, *, now: datetime) -> int:
    """Book every payout to our bank and every top-up from it that the provider's balance shows; return how many.

    Each once, whatever was asked before. One balance at the provider is one bank account's: where several
    municipalities named one nothing is booked, and check-books names each movement. Raises OutcomeUnknown.
    """
    since = int((now - LOOKS_BACK).timestamp())
    moves = gateway.moves_to_bank(since=since)
    if not moves:
        return 0
    with database.transaction() as session:
        owner = _owner(session)
        if owner is None:
            _log.warning("provider_moves_without_one_bank_account", moves=len(moves))
            return 0
        return sum(_book(session, moves, municipality_id=owner))


def _owner(session: Session) -> UUID | None:
    found = session.scalars(select(MoneyTerms.municipality_id).where(MoneyTerms.bank_account != "").limit(2)).all()
    return found[0] if len(found) == 1 else None


def _book(session: Session, moves: Iterable[Movement], *, municipality_id: UUID) -> Iterable[bool]:
    for move in moves:
        kind, sign = _POSTINGS[move.type]
        cents = sign * (move.amount_cents - move.fee_cents)
        if cents > 0:
            yield post(
                session,
                kind=kind,
                municipality_id=municipality_id,
                initiative_id=None,
                amount=Money(cents),
                source_type="provider_move",
                source_id=move.source_ref,
                occurred_at=datetime.fromtimestamp(move.created, UTC),
            )
