"""Saving a bank account for later debits on the hosted page: by iDEAL, and by typing its number."""

from typing import Any

import httpx2
import pytest
import stripe

from tests.integration.payments.sandbox.conftest import ALL_WAYS, Donor
from tests.sandbox_process import Sandbox

GOOD = "NL39RABO0300065264"
TYPED = {"name": "Proefhouder", "iban": "NL39 RABO 0300 0652 64"}


def page_of(session: stripe.checkout.Session) -> str:
    assert session.url is not None
    return session.url


def show(sandbox: Sandbox, address: str) -> str:
    with sandbox.browser() as browser:
        answer = browser.get(address)
    assert answer.status_code == 200
    return answer.text


def setup_of(client: stripe.StripeClient, session: stripe.checkout.Session, *expand: str) -> dict[str, Any]:
    found = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["setup_intent", *(f"setup_intent.{path}" for path in expand)]}
    )
    assert isinstance(found.setup_intent, stripe.SetupIntent)
    return found.setup_intent.to_dict()


@pytest.fixture
def session(donor: Donor) -> stripe.checkout.Session:
    return donor.session(allowed_payment_method_types=ALL_WAYS, locale="nl")


def test_a_page_with_several_ways_asks_first_which(sandbox: Sandbox, session: stripe.checkout.Session) -> None:
    text = show(sandbox, page_of(session))
    assert session.payment_method_types == ALL_WAYS
    assert "Hoe wil je betalen?" in text
    for way in ALL_WAYS:
        assert f"?way={way}&amp;lang=nl" in text
    assert "<form" not in text


@pytest.mark.parametrize(
    ("way", "sentence"),
    [("ideal", "Naar je bank"), ("sepa_debit", "Bewaar een proefrekening"), ("card", "Bewaar een proefkaart")],
)
def test_each_way_has_its_own_page_and_a_way_back(
    sandbox: Sandbox, session: stripe.checkout.Session, way: str, sentence: str
) -> None:
    text = show(sandbox, f"{page_of(session)}?way={way}")
    assert sentence in text
    assert "Kies een andere manier" in text
    assert f"?lang=en&amp;way={way}" in text


def test_a_page_with_one_way_shows_it_at_once(donor: Donor, sandbox: Sandbox) -> None:
    session = donor.session(allowed_payment_method_types=["sepa_debit"], locale="nl")
    text = show(sandbox, page_of(session))
    assert "Bewaar een proefrekening" in text
    assert "Kies een andere manier" not in text


def test_a_way_that_was_not_asked_for_saves_nothing(
    donor: Donor, sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    session = donor.session()
    for form in ({"way": "ideal"}, {"test_iban": GOOD}, TYPED):
        with sandbox.browser() as browser:
            assert browser.post(page_of(session), data=form).status_code == 400
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"


@pytest.mark.parametrize("types", [[], ["klarna"], ["card", "card"]])
def test_a_way_the_sandbox_does_not_know_is_refused(donor: Donor, types: list[str]) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        donor.session(allowed_payment_method_types=types or ["klarna", "ideal"])


def test_ideal_leaves_an_account_that_can_be_debited(
    donor: Donor, client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    bank = donor.fill_in(session, way="ideal")
    assert "/ideal/" in bank
    assert setup_of(client, session)["status"] == "requires_action"
    back = donor.answer_bank(bank, "complete")
    assert back == f"http://127.0.0.1:9/gelukt?sessie={session.id}"
    intent = setup_of(client, session, "latest_attempt", "payment_method")
    attempt = intent["latest_attempt"]
    told = attempt["payment_method_details"]["ideal"]
    assert (intent["status"], attempt["status"], intent["payment_method"]["type"]) == (
        "succeeded",
        "succeeded",
        "ideal",
    )
    assert (told["bank"], told["bic"], told["iban_last4"]) == ("rabobank", "RABONL2U", "5264")
    saved = client.v1.payment_methods.retrieve(told["generated_sepa_debit"])
    assert (saved.type, saved.customer) == ("sepa_debit", donor.customer)
    assert saved.sepa_debit is not None
    assert saved.sepa_debit.generated_from is not None
    assert saved.sepa_debit.generated_from.setup_attempt == attempt["id"]
    mandate = client.v1.mandates.retrieve(told["generated_sepa_debit_mandate"])
    assert (mandate.status, mandate.type, mandate.payment_method) == ("active", "multi_use", saved.id)
    assert intent["mandate"] == mandate.id
    listed = client.v1.payment_methods.list({"customer": donor.customer, "type": "sepa_debit"}).data
    assert [one.id for one in listed] == [saved.id]
    assert donor.charge(saved.id).status == "processing"


def test_the_generated_account_can_be_asked_for_in_one_call(
    donor: Donor, client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    donor.answer_bank(donor.fill_in(session, way="ideal"), "complete")
    where = "latest_attempt.payment_method_details.ideal.generated_sepa_debit"
    attempt = setup_of(client, session, where)["latest_attempt"]
    assert attempt["payment_method_details"]["ideal"]["generated_sepa_debit"]["type"] == "sepa_debit"
    listed = client.v1.setup_attempts.list({"setup_intent": attempt["setup_intent"]}).data
    assert [one.id for one in listed] == [attempt["id"]]


@pytest.mark.parametrize(
    ("outcome", "code", "sentence"),
    [
        ("cancel", "payment_method_customer_decline", "Je bent bij je bank gestopt"),
        ("fail", "setup_intent_authentication_failure", "Je bank heeft niet bevestigd"),
    ],
)
def test_a_donor_whose_bank_says_no_sees_why_and_can_choose_again(
    donor: Donor,
    sandbox: Sandbox,
    client: stripe.StripeClient,
    session: stripe.checkout.Session,
    outcome: str,
    code: str,
    sentence: str,
) -> None:
    back = donor.answer_bank(donor.fill_in(session, way="ideal"), outcome)
    assert sentence in show(sandbox, back)
    intent = setup_of(client, session, "latest_attempt")
    assert (intent["status"], intent["last_setup_error"]["code"]) == ("requires_payment_method", code)
    assert intent["latest_attempt"]["status"] == "failed"
    donor.answer_bank(donor.fill_in(session, way="ideal"), "complete")
    assert client.v1.checkout.sessions.retrieve(session.id).status == "complete"


def test_with_ideal_one_can_have_an_account_that_behaves_otherwise_later(
    donor: Donor, client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    donor.answer_bank(donor.fill_in(session, way="ideal"), "complete", test_iban="NL27RABO0002222227")
    intent = setup_of(client, session, "latest_attempt")
    assert intent["latest_attempt"]["payment_method_details"]["ideal"]["iban_last4"] == "2227"


def test_an_answered_bank_page_decides_nothing_any_more(
    donor: Donor, sandbox: Sandbox, session: stripe.checkout.Session
) -> None:
    bank = donor.fill_in(session, way="ideal")
    donor.answer_bank(bank, "complete")
    with sandbox.browser() as browser:
        again = browser.post(bank, data={"outcome": "fail"})
        elsewhere = browser.get(bank.replace("/ideal/", "/3ds/"))
        nonsense = browser.post(bank, data={"outcome": "misschien"})
    assert "Hier is al geantwoord" in again.text
    assert (elsewhere.status_code, nonsense.status_code) == (404, 400)


def test_a_typed_account_is_saved_with_its_holder_and_a_mandate(
    donor: Donor, client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    donor.fill_in(session, **TYPED)
    intent = setup_of(client, session, "payment_method", "mandate", "latest_attempt")
    method = intent["payment_method"]
    assert (method["type"], method["billing_details"]["name"]) == ("sepa_debit", "Proefhouder")
    assert (method["sepa_debit"]["last4"], method["sepa_debit"]["country"]) == ("5264", "NL")
    assert intent["mandate"]["payment_method"] == method["id"]
    assert intent["mandate"]["customer_acceptance"]["online"] == {"ip_address": None, "user_agent": None}
    assert intent["latest_attempt"]["payment_method_details"] == {"type": "sepa_debit", "sepa_debit": {}}


def test_a_mandate_can_be_read_again_without_telling_whose_it_is(
    donor: Donor, sandbox: Sandbox, client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    donor.fill_in(session, **TYPED)
    details = setup_of(client, session, "mandate")["mandate"]["payment_method_details"]["sepa_debit"]
    text = show(sandbox, details["url"])
    assert details["reference"] in text
    assert "geldig" in text
    assert "Proefhouder" not in text
    assert "NL39" not in text


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", " ", "Vul de naam van de rekeninghouder in."),
        ("iban", "", "Vul een rekeningnummer (IBAN) in."),
        ("iban", "NL38RABO0300065264", "Dit rekeningnummer klopt niet."),
        ("iban", "NL02ABNA0123456789", "Dit is geen proefrekening."),
        ("iban", "\u0660\u0661", "Dit rekeningnummer klopt niet."),
    ],
)
def test_each_mistake_has_a_sentence_that_says_what_to_do(
    sandbox: Sandbox, session: stripe.checkout.Session, field: str, typed: str, sentence: str
) -> None:
    with sandbox.browser() as browser:
        answer = browser.post(page_of(session), data={**TYPED, field: typed})
    assert answer.status_code == httpx2.codes.BAD_REQUEST
    assert sentence in answer.text
    assert f'href="#{field}"' in answer.text


def test_a_number_that_may_be_a_real_account_is_never_shown_again(
    sandbox: Sandbox, session: stripe.checkout.Session
) -> None:
    with sandbox.browser() as browser:
        answer = browser.post(page_of(session), data={"name": "Proef", "iban": "NL02ABNA0123456789"})
    assert "0123456789" not in answer.text
    assert 'value="Proef"' in answer.text
    assert all(b"0123456789" not in path.read_bytes() for path in sandbox.data.iterdir())


@pytest.mark.parametrize(
    ("iban", "code", "sentence"),
    [
        ("NL53RABO0000055555", "sepa_debit_bank_not_supported", "Deze bank doet niet mee"),
        ("NL77RABO0000066666", "bank_account_unusable", "Van deze rekening kan niet worden afgeschreven."),
    ],
)
def test_an_account_that_cannot_be_debited_leaves_the_page_open(
    donor: Donor,
    sandbox: Sandbox,
    client: stripe.StripeClient,
    session: stripe.checkout.Session,
    iban: str,
    code: str,
    sentence: str,
) -> None:
    back = donor.fill_in(session, test_iban=iban)
    assert sentence in show(sandbox, back)
    assert setup_of(client, session)["last_setup_error"]["code"] == code
    donor.fill_in(session, test_iban=GOOD)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "complete"


def test_an_account_taken_with_one_click_is_the_donors_own_and_a_typed_one_everybodys(
    donor: Donor, client: stripe.StripeClient
) -> None:
    seen: dict[str, set[str]] = {"clicked": set(), "typed": set()}
    for _ in range(2):
        customer = client.v1.customers.create({}).id
        for name, form in (("clicked", {"test_iban": GOOD}), ("typed", TYPED)):
            session = donor.session(customer=customer, allowed_payment_method_types=["sepa_debit"])
            donor.fill_in(session, **form)
            method = setup_of(client, session, "payment_method")["payment_method"]
            seen[name].add(method["sepa_debit"]["fingerprint"])
    assert (len(seen["clicked"]), len(seen["typed"])) == (2, 1)


def test_what_ended_says_so_whatever_was_saved(donor: Donor, sandbox: Sandbox, client: stripe.StripeClient) -> None:
    done = donor.session(allowed_payment_method_types=ALL_WAYS, locale="nl")
    donor.fill_in(done, test_iban=GOOD)
    expired = donor.session(allowed_payment_method_types=ALL_WAYS, locale="nl")
    client.v1.checkout.sessions.expire(expired.id)
    assert "Het is al bewaard" in show(sandbox, page_of(done))
    with sandbox.browser() as browser:
        assert "Er is niets bewaard." in browser.get(page_of(expired)).text


def test_a_card_saved_on_the_page_leaves_an_attempt_too(
    donor: Donor, client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    donor.choose(session, "4000000000000002")
    donor.choose(session, "4242424242424242")
    intent = setup_of(client, session)
    attempts = client.v1.setup_attempts.list({"setup_intent": intent["id"]}).data
    assert [attempt.status for attempt in attempts] == ["succeeded", "failed"]
    assert attempts[0].id == intent["latest_attempt"]
    assert attempts[1].setup_error is not None
    assert attempts[1].setup_error.code == "card_declined"
