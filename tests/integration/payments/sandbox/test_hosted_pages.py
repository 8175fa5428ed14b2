"""The pages a person meets, as a browser without JavaScript gets them."""

import httpx2
import pytest
import stripe

from tests.integration.payments.sandbox.conftest import Donor
from tests.sandbox_process import Sandbox


def get(sandbox: Sandbox, address: str, language: str = "nl") -> httpx2.Response:
    with sandbox.browser() as browser:
        return browser.get(address, headers={"Accept-Language": language})


def post(sandbox: Sandbox, address: str, data: dict[str, str]) -> httpx2.Response:
    with sandbox.browser() as browser:
        return browser.post(address, data=data)


def page_of(session: stripe.checkout.Session) -> str:
    assert session.url is not None
    return session.url


TYPED = {"number": "4242 4242 4242 4242", "expiry": "12 / 34", "cvc": "123"}


def test_a_typed_card_is_saved_with_its_expiry(donor: Donor, sandbox: Sandbox, client: stripe.StripeClient) -> None:
    session = donor.session()
    answer = post(sandbox, page_of(session), TYPED)
    assert answer.status_code == 303
    found = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent.payment_method"]})
    assert isinstance(found.setup_intent, stripe.SetupIntent)
    assert isinstance(found.setup_intent.payment_method, stripe.PaymentMethod)
    card = found.setup_intent.payment_method.card
    assert card is not None
    assert (card.last4, card.exp_month, card.exp_year) == ("4242", 12, 2034)


def test_every_mistake_is_told_at_once_and_nothing_is_saved(
    donor: Donor, sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    session = donor.session(locale="nl")
    answer = post(sandbox, page_of(session), {"number": "4242 4242 4242 4241", "expiry": "13/34", "cvc": "12"})
    assert answer.status_code == 400
    assert "<title>Fout: " in answer.text
    for field in ("number", "expiry", "cvc"):
        assert f'href="#{field}"' in answer.text
        assert f'aria-describedby="{field}-hint {field}-mistake" aria-invalid="true"' in answer.text
    assert 'value="13/34"' in answer.text
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("number", "", "Vul een kaartnummer in."),
        ("number", "vier keer vier", "Dit kaartnummer klopt niet."),
        ("number", "\u0664242424242424242", "Dit kaartnummer klopt niet."),
        ("expiry", "", "Vul de vervaldatum in"),
        ("expiry", "01/20", "Deze vervaldatum is voorbij."),
        ("cvc", "", "Vul de drie cijfers"),
    ],
)
def test_each_mistake_has_a_sentence_that_says_what_to_do(
    donor: Donor, sandbox: Sandbox, field: str, typed: str, sentence: str
) -> None:
    answer = post(sandbox, page_of(donor.session(locale="nl")), {**TYPED, field: typed})
    assert answer.status_code == 400
    assert sentence in answer.text


def test_a_number_that_may_be_a_real_card_is_never_shown_again(donor: Donor, sandbox: Sandbox) -> None:
    answer = post(sandbox, page_of(donor.session()), {**TYPED, "number": "4111 1111 1111 1111"})
    assert answer.status_code == 400
    assert "4111" not in answer.text
    assert all(b"4111" not in path.read_bytes() for path in sandbox.data.iterdir())


def test_every_page_says_that_it_is_no_real_money(donor: Donor, sandbox: Sandbox) -> None:
    session = donor.session(locale="nl")
    bank = donor.choose(donor.session(), "4000002760003184")
    for address in (page_of(session), bank, f"{sandbox.base_url}/", f"{sandbox.base_url}/nergens"):
        text = get(sandbox, address).text
        assert "Zandbak: geen echt geld" in text
        assert "Stripe-zandbak van Buurtloket" in text


@pytest.mark.parametrize(
    ("locale", "browser", "lang"),
    [
        ("nl", "en", "nl"),
        ("en", "nl", "en"),
        ("auto", "en-GB,nl;q=0.5", "en"),
        (None, "fr,nl", "nl"),
        (None, "fr", "nl"),
    ],
)
def test_the_language_is_the_sessions_then_the_browsers_then_dutch(
    donor: Donor, sandbox: Sandbox, locale: str | None, browser: str, lang: str
) -> None:
    session = donor.session(**({"locale": locale} if locale else {}))
    answer = get(sandbox, page_of(session), browser)
    assert f'<html lang="{lang}">' in answer.text
    assert answer.headers["Content-Language"] == lang


def test_the_reader_can_choose_the_other_language_and_keeps_it(donor: Donor, sandbox: Sandbox) -> None:
    session = donor.session(locale="nl")
    with sandbox.browser() as browser:
        answer = browser.post(f"{page_of(session)}?lang=en", data={"test_card": "4000000000000002"})
        declined = browser.get(answer.headers["location"])
    assert "The bank declined the card." in declined.text


def test_there_is_a_way_back_without_saving(donor: Donor, sandbox: Sandbox, client: stripe.StripeClient) -> None:
    session = donor.session()
    assert 'href="http://127.0.0.1:9/afgebroken"' in get(sandbox, page_of(session)).text
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_the_second_click_of_a_double_click_goes_on_to_the_same_place(
    donor: Donor, sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    session = donor.session()
    address = page_of(session)
    first = post(sandbox, address, {"test_card": "4242424242424242"})
    second = post(sandbox, address, {"test_card": "4242424242424242"})
    assert second.headers["location"] == first.headers["location"]
    assert len(client.v1.payment_methods.list({"customer": donor.customer}).data) == 1


def test_the_back_button_after_saving_leads_on(donor: Donor, sandbox: Sandbox) -> None:
    session = donor.session(locale="nl")
    donor.choose(session, "4242424242424242")
    answer = get(sandbox, page_of(session))
    assert "De kaart is al bewaard" in answer.text
    assert f'href="http://127.0.0.1:9/gelukt?sessie={session.id}"' in answer.text


def test_an_expired_session_takes_no_card(donor: Donor, sandbox: Sandbox, client: stripe.StripeClient) -> None:
    session = donor.session(locale="nl")
    expired = client.v1.checkout.sessions.expire(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    answer = post(sandbox, page_of(session), TYPED)
    assert answer.status_code == 410
    assert "Deze pagina is verlopen" in answer.text
    assert client.v1.setup_intents.retrieve(str(session.setup_intent)).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="status of `expired`"):
        client.v1.checkout.sessions.expire(session.id)


def test_the_page_may_load_nothing_foreign_and_post_only_home_and_back(donor: Donor, sandbox: Sandbox) -> None:
    answer = get(sandbox, page_of(donor.session()))
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    targets = policy.partition("form-action ")[2].split(" ")
    assert set(targets) == {"'self'", "http://127.0.0.1:9", sandbox.base_url}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script" not in answer.text
    assert " style=" not in answer.text
    assert get(sandbox, f"{sandbox.base_url}/static/sandbox.css").headers["Content-Type"].startswith("text/css")


def test_text_from_outside_is_shown_as_text(donor: Donor, sandbox: Sandbox) -> None:
    session = donor.session(setup_intent_data={"description": "<b>vet</b>"})
    assert "&lt;b&gt;vet&lt;/b&gt;" in get(sandbox, page_of(session)).text


def test_an_unknown_page_is_404(sandbox: Sandbox) -> None:
    for path in ("/c/pay/cs_test_none", "/3ds/none", "/setup/none", "/nergens"):
        assert get(sandbox, sandbox.base_url + path).status_code == 404
        assert post(sandbox, sandbox.base_url + path, {"test_card": "1"}).status_code == 404


def test_the_index_shows_what_happened_lately(donor: Donor, sandbox: Sandbox) -> None:
    paid = donor.charge(donor.save("4242424242424242"), 123456)
    text = get(sandbox, f"{sandbox.base_url}/").text
    assert paid.id in text
    assert "€\u00a01.234,56" in text
    assert "payment_intent.succeeded" in text


def test_the_stylesheet_and_pages_refuse_other_methods(sandbox: Sandbox) -> None:
    with sandbox.browser() as browser:
        assert browser.post(f"{sandbox.base_url}/static/sandbox.css").status_code == 405


def _fingerprint(client: stripe.StripeClient, session: stripe.checkout.Session) -> str:
    found = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent.payment_method"]}).to_dict()
    return str(found["setup_intent"]["payment_method"]["card"]["fingerprint"])


@pytest.mark.parametrize(("form", "are_one_card"), [({"test_card": "4242424242424242"}, False), (TYPED, True)])
def test_a_card_taken_with_one_click_is_the_donor_s_own_and_a_typed_one_everybody_s(
    donor: Donor, sandbox: Sandbox, client: stripe.StripeClient, form: dict[str, str], *, are_one_card: bool
) -> None:
    seen = set()
    for _ in range(2):
        session = donor.session(customer=client.v1.customers.create({}).id)
        post(sandbox, page_of(session), form)
        seen.add(_fingerprint(client, session))
    assert (len(seen) == 1) is are_one_card
