"""Debits of a saved bank account: on their way first, then there or back, by the sandbox's clock."""

import pytest
import stripe

from tests.integration.payments.sandbox.conftest import DEBIT_SECONDS, Donor, eventually
from tests.sandbox_process import Sandbox

GOOD = "NL39RABO0300065264"
DAY = 86_400


def charge_of(intent: stripe.PaymentIntent) -> stripe.Charge:
    assert isinstance(intent.latest_charge, stripe.Charge)
    return intent.latest_charge


def test_a_debit_is_on_its_way_before_it_has_succeeded(
    donor: Donor, sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    begun = donor.charge(donor.save_account(GOOD))
    assert (begun.status, begun.amount_received, begun.last_payment_error) == ("processing", 0, None)
    pending = client.v1.charges.retrieve(str(begun.latest_charge))
    assert (pending.status, pending.paid, pending.balance_transaction) == ("pending", False, None)
    assert pending.id.startswith("py_")
    assert pending.payment_method_details is not None
    assert pending.payment_method_details.sepa_debit is not None
    assert pending.payment_method_details.sepa_debit.last4 == "5264"
    assert str(pending.payment_method_details.sepa_debit.mandate).startswith("mandate_")
    sandbox.control.advance(DEBIT_SECONDS)
    done = client.v1.payment_intents.retrieve(begun.id, {"expand": ["latest_charge"]})
    assert (done.status, done.amount_received) == ("succeeded", 2500)
    assert (charge_of(done).id, charge_of(done).status, charge_of(done).captured) == (pending.id, "succeeded", True)


def test_the_events_of_a_debit_come_in_order(donor: Donor, sandbox: Sandbox, client: stripe.StripeClient) -> None:
    begun = donor.charge(donor.save_account(GOOD))
    sandbox.control.advance(DEBIT_SECONDS)
    charge = str(begun.latest_charge)
    eventually(lambda: client.v1.charges.retrieve(charge).balance_transaction is not None)
    assert donor.event_types(begun.id) == [
        "payment_intent.created",
        "charge.pending",
        "payment_intent.processing",
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.updated",
    ]


def test_the_money_of_a_debit_comes_with_its_own_fee_and_type(
    donor: Donor, sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    charge = charge_of(donor.debited(GOOD)).id
    eventually(lambda: client.v1.charges.retrieve(charge).balance_transaction is not None)
    found = client.v1.balance_transactions.list({"source": charge}).data
    assert [(one.type, one.reporting_category, one.amount, one.fee) for one in found] == [
        ("payment", "charge", 2500, 35)
    ]
    sandbox.control.advance(4 * DAY)
    assert client.v1.balance_transactions.retrieve(found[0].id).status == "available"


@pytest.mark.parametrize(
    ("iban", "code"),
    [
        ("NL91ABNA0417164300", "generic_could_not_process"),
        ("NL27RABO0000343434", "charge_exceeds_source_limit"),
        ("NL86RABO0000121212", "charge_exceeds_weekly_limit"),
        ("NL27RABO0002222227", "insufficient_funds"),
        ("NL85ZAND0000000005", "debit_not_authorized"),
    ],
)
def test_a_debit_can_fail_and_says_why(donor: Donor, client: stripe.StripeClient, iban: str, code: str) -> None:
    failed = donor.debited(iban)
    assert (failed.status, failed.payment_method) == ("requires_payment_method", None)
    assert failed.last_payment_error is not None
    assert (failed.last_payment_error.code, failed.last_payment_error.charge) == (code, charge_of(failed).id)
    assert (charge_of(failed).status, charge_of(failed).failure_code) == ("failed", code)
    assert client.v1.balance_transactions.list({"source": charge_of(failed).id}).data == []
    assert donor.event_types(failed.id)[-2:] == ["charge.failed", "payment_intent.payment_failed"]


@pytest.mark.parametrize(
    ("iban", "seconds", "status"),
    [
        ("NL55RABO0300065267", 180, "succeeded"),
        ("NL28RABO0300065268", 180, "requires_payment_method"),
        ("NL96ZAND0000000001", 6 * DAY, "succeeded"),
        ("NL69ZAND0000000002", 6 * DAY, "requires_payment_method"),
    ],
)
def test_some_debits_take_their_time(
    donor: Donor, sandbox: Sandbox, client: stripe.StripeClient, iban: str, seconds: int, status: str
) -> None:
    begun = donor.charge(donor.save_account(iban))
    sandbox.control.advance(seconds - 30)
    assert client.v1.payment_intents.retrieve(begun.id).status == "processing"
    sandbox.control.advance(30 + DEBIT_SECONDS)
    assert client.v1.payment_intents.retrieve(begun.id).status == status


def test_money_that_came_early_is_taken_out_when_the_debit_fails(
    donor: Donor, sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    begun = donor.charge(donor.save_account("NL31ZAND0000000007"))
    charge = str(begun.latest_charge)
    sandbox.control.advance(2)
    assert client.v1.charges.retrieve(charge).balance_transaction is not None
    assert client.v1.payment_intents.retrieve(begun.id).status == "processing"
    sandbox.control.advance(180 + DEBIT_SECONDS)
    failed = client.v1.charges.retrieve(charge, {"expand": ["failure_balance_transaction"]})
    assert (failed.status, failed.failure_code, failed.captured) == ("failed", "insufficient_funds", False)
    assert isinstance(failed.failure_balance_transaction, stripe.BalanceTransaction)
    assert failed.failure_balance_transaction.type == "payment_failure_refund"
    moved = client.v1.balance_transactions.list({"source": charge}).data
    assert sorted(one.net for one in moved) == [-2465, 2465]


def test_the_account_that_is_empty_once_pays_at_the_second_try(donor: Donor, sandbox: Sandbox) -> None:
    method = donor.save_account("NL15ZAND0000000004")
    statuses = []
    intent = donor.intent()
    for _ in range(2):
        donor.client.v1.payment_intents.confirm(intent.id, {"payment_method": method, "off_session": True})
        sandbox.control.advance(DEBIT_SECONDS)
        statuses.append(donor.client.v1.payment_intents.retrieve(intent.id).status)
    assert statuses == ["requires_payment_method", "succeeded"]


def test_a_payment_that_is_processing_can_neither_be_confirmed_nor_cancelled(
    donor: Donor, client: stripe.StripeClient
) -> None:
    method = donor.save_account(GOOD)
    begun = donor.charge(method)
    with pytest.raises(stripe.InvalidRequestError, match="status of processing"):
        client.v1.payment_intents.confirm(begun.id, {"payment_method": method, "off_session": True})
    with pytest.raises(stripe.InvalidRequestError, match="status of processing"):
        client.v1.payment_intents.cancel(begun.id)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"payment_intent": begun.id})
    assert len(client.v1.charges.list({"payment_intent": begun.id}).data) == 1


def test_a_refused_mandate_debits_nothing_any_more(donor: Donor, client: stripe.StripeClient) -> None:
    method = donor.save_account("NL85ZAND0000000005")
    failed = donor.charge(method)
    donor.sandbox.control.advance(DEBIT_SECONDS)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.confirm(failed.id, {"payment_method": method, "off_session": True})
    assert refused.value.code == "payment_intent_mandate_invalid"
    ended = client.v1.events.list({"type": "mandate.updated", "limit": 1}).data[0]
    assert ended.data.object["status"] == "inactive"


def test_forgetting_an_account_ends_its_mandate(donor: Donor, client: stripe.StripeClient) -> None:
    method = donor.save_account(GOOD)
    begun = donor.charge(method)
    charge = client.v1.charges.retrieve(str(begun.latest_charge))
    assert charge.payment_method_details is not None
    assert charge.payment_method_details.sepa_debit is not None
    client.v1.payment_methods.detach(method)
    mandate = client.v1.mandates.retrieve(str(charge.payment_method_details.sepa_debit.mandate))
    assert mandate.status == "inactive"
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        donor.charge(method)


def test_a_debit_has_an_upper_limit(donor: Donor) -> None:
    method = donor.save_account(GOOD)
    assert donor.charge(method, 1_000_000).status == "processing"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        donor.charge(method, 1_000_001)
    assert refused.value.code == "charge_exceeds_transaction_limit"


def test_a_payment_only_takes_the_types_it_allows(donor: Donor, client: stripe.StripeClient) -> None:
    method = donor.save_account(GOOD)
    intent = client.v1.payment_intents.create(
        {
            "amount": 900,
            "currency": "eur",
            "customer": donor.customer,
            "allowed_payment_method_types": ["card"],
        }
    )
    with pytest.raises(stripe.InvalidRequestError, match="not allowed for this PaymentIntent") as refused:
        client.v1.payment_intents.confirm(intent.id, {"payment_method": method, "off_session": True})
    assert refused.value.code == "payment_intent_incompatible_payment_method"
    wider = client.v1.payment_intents.confirm(
        intent.id,
        {"payment_method": method, "off_session": True, "allowed_payment_method_types": ["card", "sepa_debit"]},
    )
    assert (wider.status, wider.payment_method_types) == ("processing", ["card", "sepa_debit"])


def test_a_token_needs_a_mandate_for_its_one_payment(donor: Donor, client: stripe.StripeClient) -> None:
    intent = donor.intent()
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_sepaDebit_success_nl"})
    assert refused.value.param == "mandate_data"
    begun = client.v1.payment_intents.confirm(
        intent.id,
        {
            "payment_method": "pm_success_nl",
            "mandate_data": {"customer_acceptance": {"type": "offline", "offline": {}}},
        },
        {"idempotency_key": f"{intent.id}/offline"},
    )
    assert begun.status == "processing"


def test_an_account_can_be_told_in_the_call_itself(client: stripe.StripeClient) -> None:
    about: stripe.params.PaymentMethodCreateParams = {
        "type": "sepa_debit",
        "sepa_debit": {"iban": "nl39 rabo 0300 0652 64"},
        "billing_details": {"name": "Proefhouder", "email": "proef@voorbeeld.example"},
    }
    method = client.v1.payment_methods.create(about)
    assert method.sepa_debit is not None
    assert method.sepa_debit.last4 == "5264"
    for iban in ("NL38RABO0300065264", "NL02ABNA0123456789", "NL53RABO0000055555"):
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.payment_methods.create({**about, "sepa_debit": {"iban": iban}})
    with pytest.raises(stripe.InvalidRequestError) as nameless:
        client.v1.payment_methods.create({**about, "billing_details": {"name": "Proefhouder"}})
    assert nameless.value.param == "billing_details[email]"


def test_a_refund_of_a_debit_is_on_its_way_first(donor: Donor, sandbox: Sandbox, client: stripe.StripeClient) -> None:
    paid = donor.debited(GOOD)
    refund = client.v1.refunds.create({"payment_intent": paid.id, "amount": 1000})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    movement = client.v1.balance_transactions.list({"source": refund.id}).data[0]
    assert (movement.type, movement.reporting_category, movement.amount) == ("payment_refund", "refund", -1000)
    sandbox.control.advance(DEBIT_SECONDS)
    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"
    about = [kind for kind in donor.event_types(paid.id) if "refund" in kind]
    assert about == ["refund.created", "charge.refunded", "refund.updated", "charge.refund.updated"]


@pytest.mark.parametrize(
    ("status", "more", "ends_as"),
    [
        ("succeeded", {}, "succeeded"),
        ("failed", {"code": "insufficient_funds"}, "requires_payment_method"),
    ],
)
def test_a_test_can_end_a_debit_itself(
    donor: Donor, sandbox: Sandbox, client: stripe.StripeClient, status: str, more: dict[str, str], ends_as: str
) -> None:
    begun = donor.charge(donor.save_account("NL96ZAND0000000001"))
    assert sandbox.control.end_debit(begun.id, status, **more)["status"] == ends_as
    # The alarm that was set for its natural end finds it ended.
    sandbox.control.advance(7 * DAY)
    assert client.v1.payment_intents.retrieve(begun.id).status == ends_as
