"""What each test card does: when it is saved, and when it is charged while the donor is away."""

import pytest
import stripe

from tests.integration.payments.sandbox.conftest import Donor


@pytest.mark.parametrize("number", ["4242424242424242", "5555555555554444", "4000000000000077"])
def test_a_good_card_is_saved_and_charged(donor: Donor, number: str) -> None:
    method = donor.save(number)
    assert donor.charge(method).status == "succeeded"


@pytest.mark.parametrize("number", ["4000002500003155", "4000003800000446"])
def test_a_card_confirmed_when_saved_is_charged_without_asking_again(donor: Donor, number: str) -> None:
    method = donor.save(number)
    intent = donor.charge(method)
    assert intent.status == "succeeded"
    assert intent.next_action is None


@pytest.mark.parametrize(
    ("number", "code", "decline_code", "advice_code"),
    [
        ("4000000000000341", "card_declined", "generic_decline", "try_again_later"),
        ("4000008260003178", "card_declined", "insufficient_funds", "try_again_later"),
        ("4000000099900005", "card_declined", "insufficient_funds", "try_again_later"),
        ("4000000099900021", "card_declined", "lost_card", "do_not_try_again"),
        ("4000002760003184", "authentication_required", "authentication_required", "try_again_later"),
    ],
)
def test_a_card_that_is_saved_can_fail_when_charged(
    donor: Donor, client: stripe.StripeClient, number: str, code: str, decline_code: str, advice_code: str
) -> None:
    method = donor.save(number)
    with pytest.raises(stripe.CardError) as refused:
        donor.charge(method)
    error = refused.value.error
    assert error is not None
    assert (error.code, error.decline_code, error.advice_code) == (code, decline_code, advice_code)
    assert error.payment_intent is not None
    kept = client.v1.payment_intents.retrieve(error.payment_intent.id, {"expand": ["latest_charge"]})
    assert kept.status == "requires_payment_method"
    assert kept.payment_method is None
    assert kept.last_payment_error is not None
    assert kept.last_payment_error.advice_code == advice_code
    assert isinstance(kept.latest_charge, stripe.Charge)
    assert kept.latest_charge.status == "failed"


def test_the_card_that_fails_twice_is_good_the_third_time(donor: Donor, client: stripe.StripeClient) -> None:
    method = donor.save("4000000099900013")
    intent = donor.intent()
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            client.v1.payment_intents.confirm(intent.id, {"payment_method": method, "off_session": True})
    third = client.v1.payment_intents.confirm(intent.id, {"payment_method": method, "off_session": True})
    assert third.status == "succeeded"
    attempts = client.v1.charges.list({"payment_intent": intent.id}).data
    assert [attempt.status for attempt in attempts] == ["succeeded", "failed", "failed"]


@pytest.mark.parametrize(
    ("number", "code", "decline_code"),
    [
        ("4000000000000002", "card_declined", "generic_decline"),
        ("4000000000009995", "card_declined", "insufficient_funds"),
        ("4000000000009987", "card_declined", "lost_card"),
        ("4000000000009979", "card_declined", "stolen_card"),
        ("4000000000000069", "expired_card", "expired_card"),
        ("4000000000000127", "incorrect_cvc", "incorrect_cvc"),
        ("4000000000000119", "processing_error", "processing_error"),
    ],
)
def test_a_card_refused_when_saved_leaves_the_page_open(
    donor: Donor, client: stripe.StripeClient, number: str, code: str, decline_code: str
) -> None:
    session = donor.session()
    address = donor.choose(session, number)
    assert address.partition("?")[0] == session.url
    found = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]})
    assert found.status == "open"
    assert isinstance(found.setup_intent, stripe.SetupIntent)
    error = found.setup_intent.last_setup_error
    assert error is not None
    assert (error.code, error.decline_code) == (code, decline_code)
    donor.choose(session, "4242424242424242")
    assert client.v1.checkout.sessions.retrieve(session.id).status == "complete"


@pytest.mark.parametrize("token", ["pm_card_chargeDeclined", "pm_card_visa_chargeDeclinedInsufficientFunds"])
def test_a_token_of_a_refused_card_cannot_be_attached(donor: Donor, client: stripe.StripeClient, token: str) -> None:
    with pytest.raises(stripe.CardError):
        client.v1.payment_methods.attach(token, {"customer": donor.customer})
    assert client.v1.payment_methods.list({"customer": donor.customer}).data == []


@pytest.mark.parametrize(
    ("token", "outcome"),
    [
        ("pm_card_visa", "succeeded"),
        ("pm_card_authenticationRequiredOnSetup", "authentication_required"),
        ("pm_card_authenticationRequired", "authentication_required"),
        ("pm_card_authenticationRequiredSetupForOffSession", "succeeded"),
        ("pm_card_chargeCustomerFail", "card_declined"),
        ("pm_card_sandboxInsufficientFundsWhenCharged", "card_declined"),
    ],
)
def test_a_token_attached_without_the_page_behaves_as_its_card(
    donor: Donor, client: stripe.StripeClient, token: str, outcome: str
) -> None:
    method = client.v1.payment_methods.attach(token, {"customer": donor.customer})
    if outcome == "succeeded":
        assert donor.charge(method.id).status == outcome
        return
    with pytest.raises(stripe.CardError) as refused:
        donor.charge(method.id)
    assert refused.value.code == outcome


def test_a_detached_card_is_never_charged_again(donor: Donor, client: stripe.StripeClient) -> None:
    method = donor.save("4242424242424242")
    assert [one.id for one in client.v1.payment_methods.list({"customer": donor.customer}).data] == [method]
    assert client.v1.payment_methods.detach(method).customer is None
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        donor.charge(method)
    assert client.v1.payment_methods.list({"customer": donor.customer}).data == []


def test_a_card_of_somebody_else_is_refused(donor: Donor, client: stripe.StripeClient) -> None:
    other = client.v1.customers.create({})
    method = client.v1.payment_methods.attach("pm_card_visa", {"customer": other.id})
    with pytest.raises(stripe.InvalidRequestError, match="belongs to another Customer"):
        donor.charge(method.id)
