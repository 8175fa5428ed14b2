"""Every operation the sandbox answers. What is not in here, the sandbox refuses with 404."""

from payments.sandbox.objects import (
    accounts,
    balance,
    charges,
    checkout_sessions,
    customers,
    event_log,
    payment_intents,
    payment_methods,
    refunds,
    setup_intents,
    transfers,
)
from payments.sandbox.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *customers.OPERATIONS,
    *checkout_sessions.OPERATIONS,
    *setup_intents.OPERATIONS,
    *payment_methods.OPERATIONS,
    *payment_intents.OPERATIONS,
    *charges.OPERATIONS,
    *refunds.OPERATIONS,
    *balance.OPERATIONS,
    *transfers.OPERATIONS,
    *accounts.OPERATIONS,
    *event_log.OPERATIONS,
)
