"""Paying now with iDEAL: to the bank's page and back, final when the bank says so."""

from urllib.parse import parse_qs, urlsplit

import pytest
import stripe

from tests.integration.payments.sandbox.conftest import RETURN_URL, Donor, eventually
from tests.sandbox_process import Sandbox


def at_bank(donor: Donor, intent: str) -> str:
    """Confirm with iDEAL; the address of the bank's page."""
    asked = donor.client.v1.payment_intents.confirm(
        intent,
        {
            "payment_method_data": {"type": "ideal", "billing_details": {"name": "Proefhouder"}},
            "return_url": RETURN_URL,
        },
    )
    assert asked.status == "requires_action"
    assert asked.next_action is not None
    assert asked.next_action.redirect_to_url is not None
    assert asked.next_action.redirect_to_url.url is not None
    return asked.next_action.redirect_to_url.url


def test_a_donor_who_approves_has_paid(donor: Donor, sandbox: Sandbox, client: stripe.StripeClient) -> None:
    intent = donor.intent()
    bank = at_bank(donor, intent.id)
    with sandbox.browser() as browser:
        page = browser.get(bank)
    assert "€\u00a025,00" in page.text
    back = donor.answer_bank(bank, "complete")
    told = parse_qs(urlsplit(back).query)
    assert (told["payment_intent"], told["redirect_status"]) == ([intent.id], ["succeeded"])
    paid = client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert (paid.status, paid.amount_received) == ("succeeded", 2500)
    assert isinstance(paid.latest_charge, stripe.Charge)
    assert paid.latest_charge.payment_method_details is not None
    assert paid.latest_charge.payment_method_details.ideal is not None
    assert paid.latest_charge.payment_method_details.ideal.verified_name == "Proefhouder"
    charge = paid.latest_charge.id
    eventually(lambda: client.v1.charges.retrieve(charge).balance_transaction is not None)
    movement = client.v1.balance_transactions.list({"source": charge}).data[0]
    assert (movement.type, movement.amount, movement.fee) == ("payment", 2500, 29)


@pytest.mark.parametrize(
    ("outcome", "code"),
    [("cancel", "payment_method_customer_decline"), ("fail", "payment_intent_authentication_failure")],
)
def test_a_donor_who_does_not_approve_has_not_paid_and_may_try_again(
    donor: Donor, client: stripe.StripeClient, outcome: str, code: str
) -> None:
    intent = donor.intent()
    back = donor.answer_bank(at_bank(donor, intent.id), outcome)
    assert parse_qs(urlsplit(back).query)["redirect_status"] == ["failed"]
    failed = client.v1.payment_intents.retrieve(intent.id)
    assert failed.status == "requires_payment_method"
    assert failed.last_payment_error is not None
    assert failed.last_payment_error.code == code
    donor.answer_bank(at_bank(donor, intent.id), "complete")
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_a_debit_that_failed_is_paid_with_ideal_instead(donor: Donor, client: stripe.StripeClient) -> None:
    failed = donor.debited("NL27RABO0002222227")
    donor.answer_bank(at_bank(donor, failed.id), "complete")
    charges = client.v1.charges.list({"payment_intent": failed.id}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


def test_a_declined_card_is_replaced_by_ideal(donor: Donor, client: stripe.StripeClient) -> None:
    method = donor.save("4000000000000341")
    intent = donor.intent()
    with pytest.raises(stripe.CardError):
        client.v1.payment_intents.confirm(intent.id, {"payment_method": method, "off_session": True})
    donor.answer_bank(at_bank(donor, intent.id), "complete")
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_a_visit_to_the_bank_that_was_overtaken_decides_nothing(donor: Donor, client: stripe.StripeClient) -> None:
    intent = donor.intent()
    older, newer = at_bank(donor, intent.id), at_bank(donor, intent.id)
    donor.answer_bank(older, "complete")
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_action"
    donor.answer_bank(newer, "complete")
    assert len(client.v1.charges.list({"payment_intent": intent.id}).data) == 1


def test_ideal_needs_the_donor_and_a_way_back(donor: Donor, client: stripe.StripeClient) -> None:
    ideal = client.v1.payment_methods.create({"type": "ideal"}).id
    with pytest.raises(stripe.InvalidRequestError) as away:
        client.v1.payment_intents.confirm(donor.intent().id, {"payment_method": ideal, "off_session": True})
    assert away.value.param == "off_session"
    with pytest.raises(stripe.InvalidRequestError) as lost:
        client.v1.payment_intents.confirm(donor.intent().id, {"payment_method": ideal})
    assert lost.value.param == "return_url"
    with pytest.raises(stripe.InvalidRequestError, match="used once"):
        client.v1.payment_methods.attach(ideal, {"customer": donor.customer})
    with pytest.raises(stripe.InvalidRequestError, match="only specify one"):
        client.v1.payment_intents.confirm(
            donor.intent().id, {"payment_method": ideal, "payment_method_data": {"type": "ideal"}}
        )


def test_what_was_paid_with_ideal_cannot_be_taken_back_by_a_bank(donor: Donor, sandbox: Sandbox) -> None:
    intent = donor.intent()
    donor.answer_bank(at_bank(donor, intent.id), "complete")
    with pytest.raises(Exception, match="400"):
        sandbox.control.dispute(intent.id)
    refund = donor.client.v1.refunds.create({"payment_intent": intent.id})
    assert refund.status == "pending"
