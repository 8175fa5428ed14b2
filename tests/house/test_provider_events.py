"""Never 10: an event we subscribe to has a handler; any other the sandbox sends is left alone for a reason."""

import ast
from collections.abc import Iterator

import pytest

from frontend.local.plan import WEBHOOK_EVENTS
from payments.inbox.workflow import _HANDLERS, SUBSCRIBED
from tests.source import Module, modules, sample

# Stored and then left alone: what they are about is read where it is needed, or comes with another event.
LEFT_ALONE = {
    "balance.available": "the nightly check reads the balance itself",
    **dict.fromkeys(
        ("charge.succeeded", "charge.updated", "charge.failed", "charge.pending", "charge.refund"),
        "a charge is looked at through its payment intent",
    ),
    "customer.": "we made it ourselves",
    "mandate.": "a debit with a mandate that ended is refused, and says so",
    "payment_method.": "read with the hosted page that saved it",
    "radar.": "a warning moves no money; what may come of it is a dispute",
    "refund.created": "a refund's own reply is its outcome; a lost one is found again by its metadata",
    "setup_intent.": "read with the hosted page it belongs to",
    "transfer.": "a transfer's own reply is its outcome; a lost one is found again by its metadata",
    **dict.fromkeys(("payout.", "topup."), "the platform's own bank account; an hourly look at the balance books it"),
}


def events(module: Module) -> Iterator[str]:
    """Every text in the file that is the type of an event the provider sends."""
    for node in module.nodes():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value.split(".")
            if len(words) > 1 and words[-1] in _HAPPENED and all(word.replace("_", "").isalnum() for word in words):
                yield node.value


_HAPPENED = frozenset(
    {
        "attached",
        "available",
        "canceled",
        "closed",
        "completed",
        "created",
        "detached",
        "expired",
        "failed",
        "funds_reinstated",
        "funds_withdrawn",
        "paid",
        "payment_failed",
        "processing",
        "refunded",
        "requires_action",
        "reversed",
        "setup_failed",
        "succeeded",
        "updated",
    }
)


def sent_by_the_sandbox() -> set[str]:
    return {event for module in modules("payments") if "sandbox" in module.name for event in events(module)}


def test_every_event_of_the_sandbox_is_acted_on_or_left_alone_for_a_reason() -> None:
    known = (*SUBSCRIBED, *LEFT_ALONE)
    sent = sent_by_the_sandbox()

    assert len(sent) > 8
    assert sorted(event for event in sent if not event.startswith(known)) == []


# Sent by the provider itself, but not by the sandbox.
NOT_IN_THE_SANDBOX = {"v2.core.account"}


def test_every_subscription_has_a_handler_and_something_to_handle() -> None:
    sent = sent_by_the_sandbox()
    silent = {prefix for prefix in SUBSCRIBED if not any(event.startswith(prefix) for event in sent)}

    assert set(SUBSCRIBED) == set(_HANDLERS)
    assert silent == NOT_IN_THE_SANDBOX


def test_make_run_subscribes_to_what_is_acted_on_and_to_nothing_else() -> None:
    acted_on = {event for event in sent_by_the_sandbox() if event.startswith(SUBSCRIBED)}
    # A payment that was only made is no news: we made it.
    assert set(WEBHOOK_EVENTS) - {"payment_intent.processing"} == acted_on - {
        "payment_intent.created",
        "payment_intent.processing",
    }


def test_nothing_is_both_acted_on_and_left_alone() -> None:
    assert [p for p in SUBSCRIBED if p.startswith(tuple(LEFT_ALONE))] == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('emit("payment_intent.succeeded")', ["payment_intent.succeeded"]),
        ('emit("v2.core.account.updated")', ["v2.core.account.updated"]),
        ('name = "sandbox.sqlite3"', []),
    ],
)
def test_the_scan_finds_events(code: str, found: list[str]) -> None:
    assert list(events(sample(code, "payments/sandbox/api.py"))) == found
