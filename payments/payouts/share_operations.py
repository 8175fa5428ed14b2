"""The municipality's share, seen as a line of our bank account."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from crowd.initiatives.queries import campaign_facts
from crowd.shared.actor import Actor
from crowd.shared.money import Money
from payments.bank.rules import check_treasurer
from payments.bank.statement_operations import clear, open_line, say_what_it_is
from payments.bank.statement_rules import NotAwaited, check_same_amount
from payments.payouts import queries
from payments.payouts.operations import record_match_received

_REFERENCE_LENGTH = 80


def match_share(
    session: Session, *, line_id: UUID, initiative_id: UUID, actor: Actor, now: datetime, by_itself: bool = False
) -> None:
    """Say that a line is the municipality's share of this campaign, and book it.

    `by_itself`: its reference said so, and `actor` is who uploaded the statement. Raises OnlyTheTreasurerPays,
    NoSuchLine, LineMatched, NotAwaited, MoneyLeft, AmountDiffers.
    """
    check_treasurer(actor=actor)
    campaign = campaign_facts(session, initiative_id=initiative_id, lock="update")
    line = open_line(session, line_id=line_id, actor=actor)
    fixed = queries.payout_facts(session, initiative_id=initiative_id).match_cents
    is_here = queries.match_receipt(session, initiative_id=initiative_id) is not None
    if is_here or not fixed or campaign.municipality_id != line.municipality_id:
        raise NotAwaited
    check_same_amount(line_cents=line.amount_cents, awaited_cents=fixed)
    say_what_it_is(
        session, line=line, outcome="share", actor=actor, now=now, initiative_id=initiative_id, by_itself=by_itself
    )
    record_match_received(
        session,
        initiative_id=initiative_id,
        amount=Money(line.amount_cents),
        reference=line.description.strip()[:_REFERENCE_LENGTH] or line.counterparty_name or str(line_id),
        actor=actor,
        now=now,
    )
    clear(session, line=line, kind="match_received", source_id=str(initiative_id), now=now)
