"""The same pages in a real Chromium: readable by everyone, whole on a narrow phone, and it all clicks through."""

from pathlib import Path

from playwright.sync_api import Page

from tests.browser import DESKTOP
from tests.integration.payments.sandbox.conftest import ALL_WAYS, Donor
from tests.sandbox_process import Sandbox

AXE = Path(__file__).parents[4] / "frontend/assets/node_modules/axe-core/axe.min.js"
NARROW = {"width": 320, "height": 640}
VIOLATIONS = "() => axe.run().then(found => found.violations.map(one => one.id + ': ' + one.nodes[0].html))"


def assert_good_for_everyone(page: Page) -> None:
    """Check axe's rules, and that nothing sticks out at 320 pixels or on a desk."""
    page.evaluate(AXE.read_text())
    assert page.evaluate(VIOLATIONS) == []
    before = page.viewport_size
    for size in (NARROW, DESKTOP):
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict of the right shape
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert before is not None
    page.set_viewport_size(before)


def test_a_donor_saves_a_card_that_asks_for_confirmation(donor: Donor, sandbox: Sandbox, page: Page) -> None:
    home = f"{sandbox.base_url}/?klaar={{CHECKOUT_SESSION_ID}}"
    session = donor.session(locale="nl", success_url=home)
    assert session.url is not None
    page.goto(session.url)
    assert_good_for_everyone(page)
    page.locator("details").nth(2).locator("summary").click()
    page.get_by_role("button", name="Geweigerde kaart").click()
    assert page.get_by_role("alert").evaluate("it => it === document.activeElement")
    assert_good_for_everyone(page)
    page.get_by_role("button", name="Altijd bevestigen").click()
    page.get_by_role("heading", name="Bevestig bij je bank").wait_for()
    assert_good_for_everyone(page)
    page.get_by_role("button", name="Bevestigen", exact=True).click()
    page.wait_for_url(home.replace("{CHECKOUT_SESSION_ID}", session.id))


def test_a_donor_types_a_card_with_the_keyboard_only(donor: Donor, sandbox: Sandbox, page: Page) -> None:
    session = donor.session(locale="en", success_url=f"{sandbox.base_url}/?done=1")
    assert session.url is not None
    page.goto(session.url)
    page.get_by_label("Card number").focus()
    page.keyboard.type("4242424242424242")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert page.title().startswith("Error: ")
    assert_good_for_everyone(page)
    page.get_by_role("link", name="Enter the three digits").click()
    assert page.get_by_label("Security code").evaluate("it => it === document.activeElement")
    page.keyboard.type("123")
    page.get_by_label("Expiry date").fill("12/34")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?done=1")


def test_a_donor_changes_their_mind_at_the_bank_and_types_an_account(
    donor: Donor, sandbox: Sandbox, page: Page
) -> None:
    session = donor.session(
        locale="nl", success_url=f"{sandbox.base_url}/?klaar=1", allowed_payment_method_types=ALL_WAYS
    )
    assert session.url is not None
    page.goto(session.url)
    assert_good_for_everyone(page)
    page.get_by_role("link", name="iDEAL | Wero").click()
    assert_good_for_everyone(page)
    page.get_by_role("button", name="Naar je bank").click()
    page.get_by_role("heading", name="iDEAL | Wero: bij je bank").wait_for()
    page.locator("details summary").click()
    assert_good_for_everyone(page)
    page.get_by_role("button", name="Annuleren").click()
    assert page.get_by_role("alert").evaluate("it => it === document.activeElement")
    assert "Je bent bij je bank gestopt" in page.get_by_role("alert").inner_text()
    page.get_by_role("link", name="Kies een andere manier").click()
    page.get_by_role("link", name="Automatische incasso").click()
    assert_good_for_everyone(page)
    page.get_by_label("Naam van de rekeninghouder").fill("Proefhouder")
    page.get_by_label("Rekeningnummer (IBAN)").fill("NL39 RABO 0300 0652 65")
    page.get_by_role("button", name="Bewaar deze rekening").click()
    assert "Dit rekeningnummer klopt niet" in page.get_by_role("alert").inner_text()
    assert_good_for_everyone(page)
    page.get_by_label("Rekeningnummer (IBAN)").fill("NL39 RABO 0300 0652 64")
    page.get_by_role("button", name="Bewaar deze rekening").click()
    page.wait_for_url("**/?klaar=1")
    expand = ["setup_intent.mandate"]
    saved = donor.client.v1.checkout.sessions.retrieve(session.id, {"expand": expand}).to_dict()
    page.goto(saved["setup_intent"]["mandate"]["payment_method_details"]["sepa_debit"]["url"])
    assert_good_for_everyone(page)


def test_a_payee_signs_up(donor: Donor, sandbox: Sandbox, page: Page) -> None:
    account = donor.client.v2.core.accounts.create(
        {
            "configuration": {
                "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
            }
        }
    )
    link = donor.client.v2.core.account_links.create(
        {
            "account": account.id,
            "use_case": {
                "type": "account_onboarding",
                "account_onboarding": {
                    "refresh_url": f"{sandbox.base_url}/?opnieuw=1",
                    "return_url": f"{sandbox.base_url}/?terug=1",
                },
            },
        }
    )
    page.goto(link.url)
    assert_good_for_everyone(page)
    page.get_by_label("Naam van de rekeninghouder").fill("Stichting Proef")
    page.get_by_label("Rekeningnummer (IBAN)").fill("NL00 NIET 0000")
    page.get_by_role("button", name="Afronden", exact=True).click()
    assert "Dit rekeningnummer klopt niet" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Naam van de rekeninghouder").input_value() == "Stichting Proef"
    assert_good_for_everyone(page)
    page.get_by_role("button", name="Vul proefgegevens in en rond af").click()
    page.wait_for_url("**/?terug=1")
    assert_good_for_everyone(page)
    page.goto(link.url)
    page.wait_for_url("**/?opnieuw=1")
