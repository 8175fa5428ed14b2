"""The bank's page: finished, refused, out of date; for saving a card and for paying with one."""

from urllib.parse import parse_qs, urlsplit

import pytest
import stripe

from tests.integration.payments.sandbox.conftest import RETURN_URL, Donor
from tests.sandbox_process import Sandbox

ALWAYS = "4000002760003184"


def on_session(donor: Donor, intent: str, method: str) -> str:
    """Confirm with the donor present; the address of the bank's page."""
    asked = donor.client.v1.payment_intents.confirm(intent, {"payment_method": method, "return_url": RETURN_URL})
    assert asked.status == "requires_action"
    assert asked.next_action is not None
    assert asked.next_action.type == "redirect_to_url"
    assert asked.next_action.redirect_to_url is not None
    assert asked.next_action.redirect_to_url.return_url == RETURN_URL
    assert asked.next_action.redirect_to_url.url is not None
    return asked.next_action.redirect_to_url.url


def test_a_donor_who_confirms_has_paid(donor: Donor, client: stripe.StripeClient) -> None:
    method = donor.save(ALWAYS)
    intent = donor.intent()
    back = donor.answer_bank(on_session(donor, intent.id, method), "complete")
    told = parse_qs(urlsplit(back).query)
    assert back.startswith(RETURN_URL + "?")
    assert told["payment_intent"] == [intent.id]
    assert told["redirect_status"] == ["succeeded"]
    found = client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert found.status == "succeeded"
    assert isinstance(found.latest_charge, stripe.Charge)
    assert found.latest_charge.payment_method_details is not None
    assert found.latest_charge.payment_method_details.card is not None
    secure = found.latest_charge.payment_method_details.card.three_d_secure
    assert secure is not None
    assert secure.result == "authenticated"


def test_a_donor_who_refuses_has_not_paid_and_may_try_again(donor: Donor, client: stripe.StripeClient) -> None:
    method = donor.save(ALWAYS)
    intent = donor.intent()
    back = donor.answer_bank(on_session(donor, intent.id, method), "fail")
    assert parse_qs(urlsplit(back).query)["redirect_status"] == ["failed"]
    failed = client.v1.payment_intents.retrieve(intent.id)
    assert failed.status == "requires_payment_method"
    assert failed.last_payment_error is not None
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"
    donor.answer_bank(on_session(donor, intent.id, method), "complete")
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_the_bank_may_refuse_after_confirmation(donor: Donor, client: stripe.StripeClient) -> None:
    method = donor.save("4000008260003178")
    intent = donor.intent()
    back = donor.answer_bank(on_session(donor, intent.id, method), "complete")
    assert parse_qs(urlsplit(back).query)["redirect_status"] == ["failed"]
    failed = client.v1.payment_intents.retrieve(intent.id)
    assert failed.last_payment_error is not None
    assert failed.last_payment_error.decline_code == "insufficient_funds"


def test_an_off_session_decline_is_repaired_with_the_donor_present(donor: Donor, client: stripe.StripeClient) -> None:
    method = donor.save(ALWAYS)
    intent = donor.intent()
    with pytest.raises(stripe.CardError):
        client.v1.payment_intents.confirm(intent.id, {"payment_method": method, "off_session": True})
    donor.answer_bank(on_session(donor, intent.id, method), "complete")
    charges = client.v1.charges.list({"payment_intent": intent.id}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


def test_an_older_bank_page_decides_nothing(donor: Donor, client: stripe.StripeClient) -> None:
    method = donor.save(ALWAYS)
    intent = donor.intent()
    older = on_session(donor, intent.id, method)
    newer = on_session(donor, intent.id, method)
    donor.answer_bank(older, "complete")
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_action"
    donor.answer_bank(newer, "complete")
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    assert len(client.v1.charges.list({"payment_intent": intent.id}).data) == 1


def test_a_cancelled_payment_is_not_taken_by_a_late_confirmation(donor: Donor, client: stripe.StripeClient) -> None:
    method = donor.save(ALWAYS)
    intent = donor.intent()
    address = on_session(donor, intent.id, method)
    client.v1.payment_intents.cancel(intent.id)
    back = donor.answer_bank(address, "complete")
    assert parse_qs(urlsplit(back).query)["redirect_status"] == ["failed"]
    assert client.v1.charges.list({"payment_intent": intent.id}).data == []


def test_answering_twice_changes_nothing_the_second_time(donor: Donor, sandbox: Sandbox) -> None:
    method = donor.save(ALWAYS)
    address = on_session(donor, donor.intent().id, method)
    donor.answer_bank(address, "complete")
    with sandbox.browser() as browser:
        again = browser.post(address, data={"outcome": "fail"})
    assert again.status_code == 200
    assert "Hier is al geantwoord" in again.text
    assert RETURN_URL in again.text


def test_a_donor_who_refuses_while_saving_sees_why_and_can_choose_again(donor: Donor, sandbox: Sandbox) -> None:
    session = donor.session(locale="nl")
    back = donor.answer_bank(donor.choose(session, ALWAYS), "fail")
    with sandbox.browser() as browser:
        page = browser.get(back)
    assert "Je hebt de kaart niet bevestigd" in page.text
    assert "<title>Fout: " in page.text
    assert donor.choose(session, "4242424242424242").startswith("http://127.0.0.1:9/gelukt")


def test_a_card_that_must_be_confirmed_needs_a_way_back(donor: Donor, client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.confirm(donor.intent().id, {"payment_method": donor.save(ALWAYS)})
    assert refused.value.param == "return_url"
