"""Every page in every state, in a real Chromium: accessible, no wider than the screen, light, and still."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response

from frontend.pages import samples
from tests.depth import proving
from tests.look import served_samples

AXE = Path(__file__).parents[2] / "frontend/assets/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROW, WIDE = {"width": 320, "height": 700}, {"width": 1280, "height": 900}

# One state of each kind of page; `make prove` looks at all of them, in both languages, on both screens.
SAMPLE = (
    "home",
    "initiatieven",
    "initiatieven-leeg",
    "initiatief-live",
    "initiatief-suspended",
    "initiatief-funded",
    "steunen",
    "steunen-fout",
    "bijdrage-secured",
    "bijdrage-declined",
    "bijdrage-bedrag-fout",
    "beloningen-fout",
    "gevers",
    "elke-euro",
    "fout-404",
    "hoe-werkt-het",
    "privacy",
    "toegankelijkheid",
    "aanvragen",
    "beoordeling-fout",
    "besluit",
    "regeling",
    "loket-bijdragen",
    "loket-bijdrage-nieuw-fout",
    "loket-bijdrage-announced",
    "loket-bank",
    "loket-terugbetalingen",
    "loket-rekeningen-fout",
    "bijdrage-geld-returning",
    "bijdrage-bijna-keuze",
    "kleiner-plan-fout",
    "loket-kleiner-plan-fout",
    "stoppen-kiezen",
    "keuze-fout",
    "boeken",
    "bevinding",
    "meehelpen",
    "dienst-fout",
    "dienst-past-niet",
    "aanmelding-invited",
    "vrijwilliger-fout",
    "passend",
    "rol",
    "dienst-plannen-fout",
    "bord",
    "stijlgids",
)

# What one first visit to an initiative on a phone may cost, in bytes over the line.
CSS_MAX, SCRIPT_MAX, FONT_MAX, REQUESTS_MAX = 15_000, 20_000, 35_000, 12


_COUNT_SHIFTS = """
window.moved = 0
const note = list => list.getEntries().forEach(entry => window.moved += entry.value)
new PerformanceObserver(note).observe({ type: 'layout-shift', buffered: true })
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served_samples() as served:
        yield served


def _faults(page: Page) -> list[str]:
    """What axe finds, with everything that can be opened open."""
    page.evaluate("for (const more of document.querySelectorAll('details')) more.open = true")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)
    return [f"{fault['id']}: {[node['target'] for node in fault['nodes']][:3]}" for fault in found["violations"]]


def _looks() -> Iterator[tuple[str, str, dict[str, int]]]:
    for name in [*samples.pages(), "stijlgids"] if proving() else SAMPLE:
        yield name, "nl", NARROW
        if proving():
            yield name, "nl", WIDE
            yield name, "en", NARROW
            yield name, "en", WIDE


def test_every_page_is_accessible_and_fits_the_screen(page: Page, address: str) -> None:
    wrong = []
    for name, language, screen in _looks():
        page.set_viewport_size(screen)  # type: ignore[arg-type]  # a plain dict of the right shape
        page.goto(f"{address}/{name}?lang={language}")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wrong += [f"{name} {language} {screen['width']}: {wide} px too wide"] if wide > 0 else []
        wrong += [f"{name} {language} {screen['width']}: {fault}" for fault in _faults(page)]
    assert not wrong, "\n".join(wrong)


def test_a_first_visit_stays_within_its_budget_and_does_not_move(page: Page, address: str) -> None:
    answers: list[Response] = []

    def note(answer: Response) -> None:
        answers.append(answer)

    # A bound method of a list will not do: Playwright wants to write on its listeners.
    page.on("response", note)
    page.add_init_script(_COUNT_SHIFTS)
    page.goto(f"{address}/initiatief-live")
    page.wait_for_load_state("networkidle")
    sizes = {answer.url: len(gzip.compress(answer.body())) for answer in answers}
    assert sum(size for url, size in sizes.items() if url.endswith(".css")) <= CSS_MAX
    assert sum(size for url, size in sizes.items() if url.endswith(".js")) <= SCRIPT_MAX
    assert sum(size for url, size in sizes.items() if url.endswith(".woff2")) <= FONT_MAX
    assert len(answers) <= REQUESTS_MAX
    assert all(url.startswith(address) for url in sizes), "nothing is asked of a third party"
    assert page.evaluate("window.moved") <= 0.05


def test_the_pay_button_names_the_amount(page: Page, address: str) -> None:
    page.goto(f"{address}/steunen")
    button = page.locator("[data-pay-label]")
    assert button.inner_text() == "Zeg €\N{NO-BREAK SPACE}25 toe en kies hoe je betaalt"
    page.get_by_label("Ander bedrag, in euro's").fill("12,50")
    assert button.inner_text() == "Zeg €\N{NO-BREAK SPACE}12,50 toe en kies hoe je betaalt"
    assert page.locator("#amount-other").is_checked()
    page.get_by_label("Ander bedrag, in euro's").fill("tien")
    assert button.inner_text() == "Kies hoe je betaalt"


def test_errors_have_the_focus_and_lead_to_their_field(page: Page, address: str) -> None:
    page.goto(f"{address}/steunen-fout")
    assert page.evaluate("document.activeElement.hasAttribute('data-error-summary')")
    page.get_by_role("link", name="Vul een e-mailadres in.").click()
    assert page.evaluate("document.activeElement.id") == "email"


def test_two_clicks_send_a_form_once(page: Page, address: str) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    # The answer never comes, as on a slow network: the visitor presses again.
    page.route("**/steunen", lambda route: None if route.request.method == "POST" else route.continue_())
    page.goto(f"{address}/steunen")
    page.evaluate("for (let i = 0; i < 3; i++) document.querySelector('form[method=post] button').click()")
    page.wait_for_timeout(300)
    assert len(sent) == 1


def test_a_page_is_walked_through_with_the_keyboard_alone(page: Page, address: str) -> None:
    page.goto(f"{address}/initiatief-live")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#inhoud"
    page.keyboard.press("Enter")
    seen = []
    for _press in range(12):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.textContent.trim()"))
    assert "Steun dit initiatief" in seen


def test_a_filter_is_applied_when_chosen_and_stays_in_the_address(page: Page, address: str) -> None:
    page.goto(f"{address}/initiatieven")
    with page.expect_response(lambda answer: "thema=spelen" in answer.url) as asked:
        page.get_by_label("Thema").select_option("spelen")
    assert asked.value.request.headers["hx-request"] == "true"
    page.wait_for_url("**/initiatieven?*thema=spelen*")
    assert page.locator("#lijst").count() == 1


def test_a_filter_works_without_scripts(browser: Browser, address: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}/initiatieven")
    page.get_by_label("Thema").select_option("spelen")
    page.get_by_role("button", name="Toon").click()
    page.wait_for_url("**/initiatieven?*thema=spelen*")
    page.context.close()
