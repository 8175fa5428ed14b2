"""Starting an initiative in a real Chromium: with and without scripts, by keyboard, narrow and wide, nl and en."""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from crowd.accounts.operations import grant_role, start_session
from crowd.initiatives.operations import request_changes
from crowd.initiatives.queries import campaign_facts
from crowd.shared.actor import Actor, operator
from crowd.shared.clock import local_date, machine_now
from frontend.security import new_token, token_hash
from frontend.visit import SESSION
from tests.factories import (
    make_initiative,
    make_neighbourhood,
    make_organisation,
    make_person,
    make_postcode_area,
    make_theme,
)
from tests.journeys.conftest import Served

AXE = Path(__file__).parents[2] / "frontend/assets/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROW, WIDE = {"width": 320, "height": 700}, {"width": 1280, "height": 900}


@dataclass(frozen=True, kw_only=True)
class Cast:
    """The people and things of these journeys."""

    resident: UUID
    clerk: UUID
    theme_label: str
    initiatives: dict[str, tuple[UUID, str]]


@pytest.fixture(scope="module")
def cast(served: Served) -> Cast:
    here, now = served.municipality_id, machine_now()
    initiatives: dict[str, tuple[UUID, str]] = {}
    with served.database.transaction() as session:
        harbour = make_neighbourhood(session, municipality_id=here, name="Havenkwartier")
        make_postcode_area(session, municipality_id=here, neighbourhood_id=harbour, pc4="1011")
        theme = make_theme(session, municipality_id=here, label_nl="Groen en water", label_en="Green and water")
        resident = make_person(session, municipality_id=here, name="Noor Voorbeeld")
        clerk = make_person(session, municipality_id=here, name="Bo Balie")
        grant_role(session, person_id=clerk, role="clerk", actor=operator(here), now=now)
        organisation = make_organisation(session, municipality_id=here, name="Stichting Voorbeeldstraat")
        for state in ("draft", "submitted", "approved", "live", "suspended"):
            made = make_initiative(
                session,
                municipality_id=here,
                state=state,
                initiator_id=None if state == "suspended" else resident,
                organisation_id=organisation if state == "suspended" else None,
                neighbourhood_id=harbour,
                theme_id=theme,
                pc4="1011",
                title=f"Geveltuinen in de Kadestraat ({state})",
                now=now - timedelta(hours=2),
            )
            initiatives[state] = made, campaign_facts(session, initiative_id=made).slug
        asked = make_initiative(
            session, municipality_id=here, state="submitted", initiator_id=resident, neighbourhood_id=harbour, now=now
        )
        request_changes(
            session,
            initiative_id=asked,
            actor=operator(here),
            now=now,
            reason="Bijna goed.",
            notes={"budget": "Waarom zo veel tegels?"},
        )
        initiatives["changes_requested"] = asked, campaign_facts(session, initiative_id=asked).slug
    return Cast(resident=resident, clerk=clerk, theme_label="Groen en water", initiatives=initiatives)


def sign_in(page: Page, served: Served, person_id: UUID) -> None:
    """Hold a session, as after clicking the link in the mail."""
    token = new_token()
    with served.database.transaction() as session:
        start_session(
            session,
            person_id=person_id,
            token_hash=token_hash(token),
            browser="Chromium",
            actor=Actor(municipality_id=None, person_id=person_id),
            now=machine_now(),
        )
    page.context.add_cookies([{"name": SESSION, "value": token, "url": served.web.base_url}])


def faults(page: Page) -> list[str]:
    """What axe finds, and how much wider than the screen the page is."""
    page.evaluate("for (const more of document.querySelectorAll('details')) more.open = true")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)
    said = [f"{fault['id']}: {[node['target'] for node in fault['nodes']][:3]}" for fault in found["violations"]]
    return said + ([f"{wide} px too wide"] if wide > 0 else [])


def addresses(cast: Cast) -> list[tuple[str, str]]:
    """(who, address) of every page of starting, managing and reviewing."""
    of = cast.initiatives
    draft = f"/start/{of['draft'][0]}"
    steps = [f"{draft}/{step}" for step in ("idee", "plek", "begroting", "hulp", "foto", "controle", "voorbeeld")]
    asked = f"/start/{of['changes_requested'][0]}"
    managed = [f"/initiatieven/{of[state][1]}/beheer" for state in ("submitted", "approved", "live")]
    reviewed = [f"/loket/initiatieven/{of[state][0]}" for state in ("submitted", "approved", "suspended")]
    resident = ["/", "/initiatieven", f"/initiatieven/{of['live'][1]}", "/start", "/mijn"]
    return [
        *(("resident", one) for one in [*resident, *steps, f"{asked}/begroting", f"{asked}/controle", *managed]),
        *(("clerk", one) for one in ["/loket", "/loket/helpen", *reviewed]),
    ]


@pytest.mark.parametrize(("language", "screen"), [("nl", NARROW), ("en", WIDE)])
def test_every_page_is_accessible_and_fits_the_screen(
    page: Page, served: Served, cast: Cast, language: str, screen: dict[str, int]
) -> None:
    page.set_viewport_size(screen)  # type: ignore[arg-type]  # a plain dict of the right shape
    wrong, signed_in = [], ""
    for who, address in addresses(cast):
        if who != signed_in:
            sign_in(page, served, cast.resident if who == "resident" else cast.clerk)
            signed_in = who
        joint = "&" if "?" in address else "?"
        answer = page.goto(f"{served.web.base_url}{address}{joint}lang={language}")
        assert answer is not None
        wrong += [f"{address}: {answer.status}"] if answer.status != 200 else []
        wrong += [f"{address}: {fault}" for fault in faults(page)]
    assert wrong == []


def fill_in(page: Page) -> None:
    """Write a whole plan and stop at the last step, pressing only the forms' own buttons."""
    page.get_by_label("Titel").fill("Geveltuinen in de Kadestraat")
    page.get_by_label("In één zin").fill("Samen maken we de straat groener.")
    page.get_by_label("Het verhaal").fill("Wij gaan **planten**.")
    page.get_by_label("Thema").select_option(label="Groen en water")
    page.get_by_role("button", name="Bewaren en verder").click()
    page.get_by_label("Postcode").fill("1011")
    page.get_by_role("button", name="Bewaren en verder").click()
    page.get_by_label("Waarvoor, regel 1").fill("Planten")
    page.get_by_label("Bedrag, regel 1").fill("1.500")
    page.get_by_label("Het minimum").fill("1000")
    page.get_by_label("De laatste dag om te geven").fill((local_date(machine_now()) + timedelta(days=30)).isoformat())
    page.get_by_role("button", name="Bewaren en verder").click()
    page.get_by_role("button", name="Bewaren en verder").click()
    page.get_by_role("button", name="Bewaren en verder").click()


def test_a_plan_is_handed_in_on_a_phone(page: Page, served: Served, cast: Cast) -> None:
    sign_in(page, served, cast.resident)
    page.goto(f"{served.web.base_url}/start")
    page.get_by_role("button", name="Beginnen").click()
    expect(page.get_by_text("Stap 1 van 6")).to_be_visible()
    fill_in(page)
    expect(page.get_by_text("Stap 6 van 6")).to_be_visible()
    page.get_by_role("button", name="Indienen").click()
    expect(page.get_by_text("De gemeente leest je plan en antwoordt uiterlijk")).to_be_visible()


def test_without_scripts_everything_works_the_same(browser: Browser, served: Served, cast: Cast) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=NARROW)  # type: ignore[arg-type]  # as above
    page = context.new_page()
    sign_in(page, served, cast.resident)
    page.goto(f"{served.web.base_url}/start")
    page.get_by_role("button", name="Beginnen").click()
    fill_in(page)
    page.get_by_role("button", name="Indienen").click()
    expect(page.get_by_text("De gemeente leest je plan en antwoordt uiterlijk")).to_be_visible()
    context.close()


def test_what_is_typed_is_saved_by_itself_and_a_second_window_is_told(page: Page, served: Served, cast: Cast) -> None:
    sign_in(page, served, cast.resident)
    page.goto(f"{served.web.base_url}/start")
    page.get_by_role("button", name="Beginnen").click()
    second = page.context.new_page()
    second.goto(page.url)
    page.get_by_label("Titel").fill("Een tuin")
    expect(page.get_by_text("Opgeslagen.", exact=True)).to_be_visible()
    with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        page.get_by_label("Titel").fill("Een tuin voor de school")
    assert answered.value.status == 204
    second.get_by_label("Titel").fill("Iets anders")
    expect(second.get_by_text("in een ander venster veranderd")).to_be_visible()
    second.close()
    page.reload()
    expect(page.get_by_label("Titel")).to_have_value("Een tuin voor de school")


def test_the_keyboard_alone_begins_saves_and_meets_its_errors(page: Page, served: Served, cast: Cast) -> None:
    sign_in(page, served, cast.resident)
    page.goto(f"{served.web.base_url}/start")
    page.get_by_role("button", name="Beginnen").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Stap 1 van 6")).to_be_visible()
    page.goto(page.url.replace("/idee", "/begroting"))
    page.get_by_label("Bedrag, regel 1").focus()
    page.keyboard.type("veel")
    # Enter sends the form on, not the button for more lines.
    page.keyboard.press("Enter")
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^Fout: Stap 3 van 6: De begroting"))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Bedrag, regel 1")).to_be_focused()
    expect(page.get_by_label("Bedrag, regel 1")).to_have_value("veel")
