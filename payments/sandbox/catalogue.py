"""Every operation the sandbox answers. What is not in here, the sandbox refuses with 404."""

from payments.sandbox.objects import (
    accounts,
    balance,
    charges,
    checkout_sessions,
    customers,
    disputes,
    event_log,
    fraud_warnings,
    mandates,
    own_bank,
    payment_intents,
    payment_methods,
    refunds,
    setup_attempts,
    setup_intents,
    transfers,
)
from payments.sandbox.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *customers.OPERATIONS,
    *checkout_sessions.OPERATIONS,
    *setup_intents.OPERATIONS,
    *setup_attempts.OPERATIONS,
    *mandates.OPERATIONS,
    *payment_methods.OPERATIONS,
    *payment_intents.OPERATIONS,
    *charges.OPERATIONS,
    *refunds.OPERATIONS,
    *disputes.OPERATIONS,
    *fraud_warnings.OPERATIONS,
    *balance.OPERATIONS,
    *transfers.OPERATIONS,
    *own_bank.OPERATIONS,
    *accounts.OPERATIONS,
    *event_log.OPERATIONS,
)
