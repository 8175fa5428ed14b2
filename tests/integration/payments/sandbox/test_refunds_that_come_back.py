"""Refunds that are not over when they are asked for: on their way first, or failing after they seemed to succeed."""

import pytest
import stripe

from tests.integration.payments.sandbox.conftest import DEBIT_SECONDS, Donor
from tests.sandbox_process import Sandbox

FAILS, LATER, GOOD = "4000000000005126", "4000000000007726", "4242424242424242"


def total(client: stripe.StripeClient) -> int:
    found = client.v1.balance.retrieve()
    return found.available[0].amount + found.pending[0].amount


def test_a_refund_can_fail_after_it_succeeded(donor: Donor, sandbox: Sandbox, client: stripe.StripeClient) -> None:
    paid = donor.charge(donor.save(FAILS))
    sandbox.control.advance(2)
    before = total(client)
    refund = client.v1.refunds.create({"payment_intent": paid.id, "amount": 2000})
    assert (refund.status, total(client)) == ("succeeded", before - 2000)
    sandbox.control.advance(DEBIT_SECONDS)
    failed = client.v1.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert isinstance(failed.failure_balance_transaction, stripe.BalanceTransaction)
    movement = failed.failure_balance_transaction
    assert (movement.type, movement.amount, movement.source) == ("refund_failure", 2000, refund.id)
    assert total(client) == before
    charge = client.v1.charges.retrieve(str(paid.latest_charge))
    assert (charge.amount_refunded, charge.refunded) == (0, False)


def test_the_events_of_a_refund_that_fails(donor: Donor, sandbox: Sandbox, client: stripe.StripeClient) -> None:
    paid = donor.charge(donor.save(FAILS))
    client.v1.refunds.create({"payment_intent": paid.id})
    sandbox.control.advance(DEBIT_SECONDS)
    assert [kind for kind in donor.event_types(paid.id) if "refund" in kind] == [
        "refund.created",
        "charge.refunded",
        "refund.updated",
        "charge.refund.updated",
        "refund.failed",
    ]


def test_what_came_back_can_be_refunded_again(donor: Donor, sandbox: Sandbox, client: stripe.StripeClient) -> None:
    paid = donor.charge(donor.save(GOOD))
    first = client.v1.refunds.create({"payment_intent": paid.id})
    assert sandbox.control.fail_refund(first.id, reason="declined")["failure_reason"] == "declined"
    assert client.v1.refunds.create({"payment_intent": paid.id}).status == "succeeded"
    with pytest.raises(Exception, match="400"):
        sandbox.control.fail_refund(first.id)


def test_a_refund_can_be_on_its_way_first(donor: Donor, sandbox: Sandbox, client: stripe.StripeClient) -> None:
    paid = donor.charge(donor.save(LATER))
    refund = client.v1.refunds.create({"payment_intent": paid.id})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    sandbox.control.advance(DEBIT_SECONDS)
    done = client.v1.refunds.retrieve(refund.id)
    assert (done.status, done.pending_reason) == ("succeeded", None)


def test_a_refund_to_a_bank_account_can_come_back(donor: Donor, sandbox: Sandbox, client: stripe.StripeClient) -> None:
    paid = donor.debited("NL58ZAND0000000006")
    refund = client.v1.refunds.create({"payment_intent": paid.id})
    assert refund.status == "pending"
    sandbox.control.advance(DEBIT_SECONDS)
    assert client.v1.refunds.retrieve(refund.id).status == "failed"


def test_a_refund_that_a_test_let_fail_stays_failed(
    donor: Donor, sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    paid = donor.debited("NL39RABO0300065264")
    refund = client.v1.refunds.create({"payment_intent": paid.id})
    sandbox.control.fail_refund(refund.id)
    before = total(client)
    sandbox.control.advance(DEBIT_SECONDS)
    assert client.v1.refunds.retrieve(refund.id).status == "failed"
    assert total(client) == before
