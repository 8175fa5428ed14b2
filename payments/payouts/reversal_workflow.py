"""Taking transfers back: lease one, ask the provider with no transaction open, record what happened."""

from datetime import datetime

from crowd.shared import log
from crowd.shared.db import Database
from payments.calls.workflow import KeySpent, ask
from payments.gateway import Gateway
from payments.payouts import reversal_operations
from payments.payouts.reversal_operations import ReversalToSend
from payments.provider import Answer, OutcomeUnknown
from payments.requests import reverse_transfer

_log = log.logger()


def send_reversals(database: Database, gateway: Gateway, *, now: datetime, most: int) -> int:
    """Lease up to `most` planned reversals and send them; return how many. There are few, so one by one."""
    with database.transaction() as session:
        leased = reversal_operations.lease_reversals(session, most=most)
    for one in leased:
        try:
            _send(database, gateway, one=one, now=now)
        except OutcomeUnknown as unsettled:
            # The lease runs out and it is tried again with the same key.
            _log.warning("line_not_settled", kind="reversal", error=f"{type(unsettled).__name__}: {unsettled}")
    return len(leased)


def _send(database: Database, gateway: Gateway, *, one: ReversalToSend, now: datetime) -> None:
    request = reverse_transfer(
        reversal_id=one.id, line_id=one.line_id, transfer_ref=one.transfer_ref, amount=one.amount
    )
    answer: Answer | None = None
    reversal_ref: str | None = None
    try:
        answer = ask(database, gateway, request=request, now=now)
    except KeySpent:
        reversal_ref = gateway.find_reversal(reversal_id=one.id, transfer_ref=one.transfer_ref)
        if reversal_ref is None:
            answer = ask(database, gateway, request=request, now=now, after_looking=True)
    with database.transaction() as session:
        if answer is not None and answer.outcome == "refused":
            code = str(answer.facts.get("code"))
            reversal_operations.record_refused(session, reversal_id=one.id, refusal=code, now=now)
            return
        if answer is not None:
            reversal_ref = str(answer.facts["ref"])
        reversal_operations.record_reversed(session, reversal_id=one.id, reversal_ref=str(reversal_ref), now=now)
