"""Holding what would leave for a campaign while a plan to cancel it is weighed, and calling it off for good."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from payments.payouts.leaving_queries import IS_LEASED, MAY_HAVE_LEFT
from payments.payouts.models import Payout, PayoutLine, PayoutStop, TransferReversal
from payments.payouts.operations import finish_payout


def stop_payouts(session: Session, *, initiative_id: UUID, now: datetime) -> None:
    """Let nothing leave for a campaign any more, save what the provider was asked for before. Twice is once."""
    session.execute(insert(PayoutStop).values(initiative_id=initiative_id, stopped_at=now).on_conflict_do_nothing())


def resume_payouts(session: Session, *, initiative_id: UUID, municipality_id: UUID, now: datetime) -> None:
    """Let a campaign be paid again; a part whose last line ended meanwhile is finished now."""
    session.execute(delete(PayoutStop).where(PayoutStop.initiative_id == initiative_id))
    finished = session.scalars(
        select(Payout.tranche_id).where(
            Payout.initiative_id == initiative_id,
            Payout.state == "approved",
            ~exists().where(PayoutLine.tranche_id == Payout.tranche_id, PayoutLine.state == "planned"),
        )
    ).all()
    for tranche_id in finished:
        finish_payout(session, tranche_id=tranche_id, municipality_id=municipality_id, now=now)


def is_under_way(session: Session, *, initiative_id: UUID) -> bool:
    """Whether a line may have left, or come back, without our knowing yet: it is being sent, or its answer was lost."""
    return bool(
        session.execute(
            select(
                exists().where(
                    PayoutLine.initiative_id == initiative_id,
                    PayoutLine.state == "planned",
                    or_(IS_LEASED, MAY_HAVE_LEFT),
                )
                | exists().where(
                    TransferReversal.line_id == PayoutLine.id,
                    PayoutLine.initiative_id == initiative_id,
                    TransferReversal.state == "planned",
                )
            )
        ).scalar_one()
    )


def call_off_payouts(session: Session, *, initiative_id: UUID) -> None:
    """End every line that did not leave. The caller saw that none is under way, and holds the campaign's lock."""
    session.execute(
        update(PayoutLine)
        .where(PayoutLine.initiative_id == initiative_id, PayoutLine.state == "planned")
        .values(state="cancelled", leased_until=None)
    )
