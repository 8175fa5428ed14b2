"""Disputes: look at the provider how one stands, and send our answer."""

from datetime import datetime
from uuid import UUID

from crowd.shared.actor import Actor
from crowd.shared.db import Database
from payments.calls.workflow import ask
from payments.collection.queries import charge, pledge_of_intent
from payments.collection.workflow import refresh_charge
from payments.disputes import operations, queries
from payments.gateway import Gateway
from payments.requests import answer_dispute


def refresh_dispute(database: Database, gateway: Gateway, *, dispute_ref: str, now: datetime) -> None:
    """Look at the provider how a dispute stands, and apply it; one of a payment that is not ours is left alone."""
    found = gateway.fetch_dispute(dispute_ref)
    with database.reading() as session:
        pledge_id = pledge_of_intent(session, intent_ref=found.intent_ref)
        known = charge(session, pledge_id=pledge_id) if pledge_id is not None else None
    if pledge_id is None or known is None:
        return
    if known.state != "succeeded":
        # A debit can be taken back the moment it succeeds: the payment first.
        refresh_charge(database, gateway, pledge_id=pledge_id, intent_ref=found.intent_ref, now=now)
    with database.transaction() as session:
        operations.record_dispute(session, pledge_id=pledge_id, found=found, now=now)


def submit_evidence(
    database: Database, gateway: Gateway, *, dispute_id: UUID, evidence: str, actor: Actor, now: datetime
) -> None:
    """Send our answer to the bank, once. Raises what `keep_evidence` raises, and OutcomeUnknown: kept, try again."""
    with database.transaction() as session:
        words = operations.keep_evidence(session, dispute_id=dispute_id, evidence=evidence, actor=actor, now=now)
        found = queries.dispute(session, dispute_id=dispute_id, municipality_id=actor.municipality_id)
    request = answer_dispute(dispute_id=dispute_id, dispute_ref=found.dispute_ref, evidence=words)
    answer = ask(database, gateway, request=request, now=now)
    if answer.outcome == "succeeded":
        with database.transaction() as session:
            operations.record_evidence_sent(session, dispute_id=dispute_id, now=now)
    refresh_dispute(database, gateway, dispute_ref=found.dispute_ref, now=now)
