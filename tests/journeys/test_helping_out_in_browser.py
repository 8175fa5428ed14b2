"""Helping out in a real Chromium: on a phone, with the script, with the keyboard, and without any script at all."""

from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from crowd.accounts.models import Person
from crowd.shared.clock import machine_now
from frontend.visit import SESSION
from matching.roles.queries import shift
from matching.vocabulary.operations import lay_skills
from matching.volunteers.queries import profile
from tests.browser import DESKTOP, PHONE
from tests.factories import make_postcode_area
from tests.journeys.conftest import Served
from tests.journeys.mailed_links import sign_in
from tests.people_at_work import make_role, make_shift

PC4 = "1018"
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def task(served: Served) -> UUID:
    now = machine_now()
    with served.database.transaction() as session:
        lay_skills(session)
        make_postcode_area(session, municipality_id=served.municipality_id, neighbourhood_id=None, pc4=PC4)
        role = make_role(session, served.municipality_id, now=now, title="Soep koken voor de buurt")
        return make_shift(session, served.municipality_id, role_id=role, capacity=5, days=3, pc4=PC4, now=now)


def be(page: Page, served: Served, email: str) -> UUID:
    """Sign in by plain HTTP and hand the browser the cookies."""
    with served.visitor() as visitor:
        sign_in(served, visitor, email)
        cookies = [
            {"name": cookie.name, "value": cookie.value or "", "url": served.web.base_url}
            for cookie in visitor.client.cookies.jar
        ]
    assert any(cookie["name"] == SESSION for cookie in cookies)
    page.context.add_cookies(cookies)  # type: ignore[arg-type]  # plain dicts of the right shape
    with served.database.reading() as session:
        return session.scalars(select(Person.id).where(Person.email == email)).one()


def fits(page: Page) -> bool:
    """Whether nothing makes the page wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_a_neighbour_signs_up_on_a_phone_and_a_second_click_changes_nothing(
    page: Page, served: Served, task: UUID
) -> None:
    page.goto(f"{served.web.base_url}/meehelpen")
    page.get_by_role("link", name="Soep koken voor de buurt").first.click()
    assert fits(page)
    page.get_by_label("Je naam").fill("Mo")
    page.get_by_label("E-mailadres").fill("mo.in.de.browser@voorbeeld.example")
    page.get_by_role("button", name="Meld mij aan").dblclick()
    expect(page.get_by_role("heading", name="Kijk in je mail")).to_be_visible()
    assert fits(page)
    with served.database.reading() as session:
        assert shift(session, shift_id=task).filled == 1


@pytest.mark.usefixtures("task")
def test_a_profile_is_made_with_a_thumb(page: Page, served: Served) -> None:
    person = be(page, served, "duim@voorbeeld.example")
    page.goto(f"{served.web.base_url}/mijn/vrijwilliger")
    page.get_by_label("vier cijfers").fill(PC4)
    page.get_by_role("button", name="Het weekend").click()
    expect(page.get_by_role("checkbox", name="zaterdag ochtend")).to_be_checked()
    page.get_by_role("checkbox", name="dinsdag avond").check()
    page.get_by_role("button", name="Alle avonden").click()
    expect(page.get_by_role("checkbox", name="maandag avond")).to_be_checked()
    page.get_by_role("button", name="Werkdagen overdag").click()
    expect(page.get_by_role("checkbox", name="donderdag middag")).to_be_checked()
    page.get_by_role("checkbox", name="donderdag middag").uncheck()
    page.get_by_label("Zoek een vaardigheid").press_sequentially("koke", delay=20)
    page.get_by_role("checkbox", name="Koken").check()
    page.get_by_label("Hoe goed: Koken").select_option("3")
    # What was ticked stays while the next one is looked up.
    page.get_by_label("Zoek een vaardigheid").fill("tuin")
    expect(page.get_by_role("checkbox", name="Tuinieren")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Koken")).to_be_checked()
    expect(page.get_by_label("Hoe goed: Koken")).to_have_value("3")
    expect(page.get_by_label("vier cijfers")).to_have_value(PC4)
    assert fits(page)
    page.get_by_role("button", name="Opslaan").click()
    expect(page.get_by_role("heading", name="Wat past bij jou")).to_be_visible()
    page.get_by_text("Past voor").first.click()
    expect(page.get_by_text("Vaardigheden").first).to_be_visible()
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # a plain dict of the right shape
    assert fits(page)
    with served.database.reading() as session:
        stored = profile(session, person_id=person)
    assert stored is not None
    assert list(stored.skills.values()) == [3]
    assert stored.cells.bit_count() == 20


@pytest.mark.usefixtures("task")
def test_a_week_is_filled_in_with_the_keyboard(page: Page, served: Served) -> None:
    be(page, served, "toetsen@voorbeeld.example")
    page.goto(f"{served.web.base_url}/mijn/vrijwilliger")
    page.get_by_role("checkbox", name="maandag ochtend").focus()
    for _ in range(3):
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
    for part in ("ochtend", "middag", "avond"):
        expect(page.get_by_role("checkbox", name=f"maandag {part}")).to_be_checked()


def test_everything_works_without_a_script(browser: Browser, served: Served, task: UUID) -> None:
    context = browser.new_context(locale="nl-NL", java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]  # a plain dict of the right shape
    page = context.new_page()
    be(page, served, "zonder.script@voorbeeld.example")
    page.goto(f"{served.web.base_url}/mijn/vrijwilliger")
    page.get_by_label("vier cijfers").fill(PC4)
    page.get_by_role("button", name="Werkdagen overdag").click()
    page.get_by_label("Zoek een vaardigheid").fill("koken")
    page.get_by_role("button", name="Zoek", exact=True).click()
    page.get_by_role("checkbox", name="Koken").check()
    page.get_by_role("button", name="Opslaan").click()
    expect(page.get_by_role("heading", name="Wat past bij jou")).to_be_visible()
    page.goto(f"{served.web.base_url}/meehelpen/{task}")
    page.get_by_role("button", name="Meld mij aan").click()
    expect(page.get_by_role("heading", name="Je doet mee!")).to_be_visible()
    page.get_by_text("Ik kan toch niet").click()
    page.get_by_role("button", name="Ja, zeg mij af").click()
    expect(page.get_by_role("heading", name="Je wordt niet meer verwacht")).to_be_visible()
    context.close()
