"""A payment from creation to its end, and what is refused on the way."""

import pytest
import stripe

from tests.integration.payments.sandbox.conftest import Donor


def test_a_created_payment_takes_nothing(donor: Donor, client: stripe.StripeClient) -> None:
    intent = donor.intent(1234)
    assert intent.status == "requires_payment_method"
    assert intent.amount_received == 0
    assert client.v1.charges.list({"payment_intent": intent.id}).data == []


def test_a_payment_carries_its_metadata_and_group_to_the_charge(donor: Donor, client: stripe.StripeClient) -> None:
    paid = donor.charge(donor.save("4242424242424242"), 1234)
    found = client.v1.payment_intents.retrieve(paid.id, {"expand": ["latest_charge", "payment_method"]})
    assert isinstance(found.latest_charge, stripe.Charge)
    assert isinstance(found.payment_method, stripe.PaymentMethod)
    assert found.latest_charge.metadata["pledge_id"] == "p-1"
    assert found.latest_charge.transfer_group == "campagne-1"
    assert (found.amount_received, found.latest_charge.amount_captured) == (1234, 1234)


def test_a_payment_succeeds_only_once(donor: Donor, client: stripe.StripeClient) -> None:
    method = donor.save("4242424242424242")
    paid = donor.charge(method)
    with pytest.raises(stripe.InvalidRequestError, match="already succeeded") as refused:
        client.v1.payment_intents.confirm(paid.id, {"payment_method": method, "off_session": True})
    assert refused.value.code == "payment_intent_unexpected_state"
    assert refused.value.error is not None
    assert refused.value.error.payment_intent is not None
    assert refused.value.error.payment_intent.status == "succeeded"
    assert len(client.v1.charges.list({"payment_intent": paid.id}).data) == 1


def test_a_cancelled_payment_can_neither_be_confirmed_nor_cancelled_again(
    donor: Donor, client: stripe.StripeClient
) -> None:
    intent = donor.intent()
    cancelled = client.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (cancelled.status, cancelled.cancellation_reason) == ("canceled", "abandoned")
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
        client.v1.payment_intents.confirm(intent.id, {"payment_method": donor.save("4242424242424242")})
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
        client.v1.payment_intents.cancel(intent.id)


def test_confirming_without_a_card_is_refused(donor: Donor, client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method"):
        client.v1.payment_intents.confirm(donor.intent().id, {"off_session": True})


def test_create_and_confirm_go_in_one_call_too(donor: Donor, client: stripe.StripeClient) -> None:
    paid = client.v1.payment_intents.create(
        {
            "amount": 900,
            "currency": "eur",
            "customer": donor.customer,
            "payment_method": donor.save("4242424242424242"),
            "off_session": True,
            "confirm": True,
        }
    )
    assert paid.status == "succeeded"


def test_payments_are_listed_newest_first_and_page_by_page(donor: Donor, client: stripe.StripeClient) -> None:
    made = [donor.intent(100 + number).id for number in range(7)]
    first = client.v1.payment_intents.list({"customer": donor.customer, "limit": 3})
    assert [one.id for one in first.data] == made[:3:-1]
    assert first.has_more
    everything = [one.id for one in first.auto_paging_iter()]
    assert everything == made[::-1]
    before = client.v1.payment_intents.list({"customer": donor.customer, "limit": 2, "ending_before": made[2]})
    assert [one.id for one in before.data] == [made[4], made[3]]


def test_a_list_can_be_limited_to_a_time(donor: Donor, client: stripe.StripeClient) -> None:
    made = donor.intent()
    inside = client.v1.payment_intents.list({"customer": donor.customer, "created": {"gte": made.created}})
    outside = client.v1.payment_intents.list({"customer": donor.customer, "created": {"gt": made.created}})
    assert [one.id for one in inside.data] == [made.id]
    assert outside.data == []
