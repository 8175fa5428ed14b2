"""Initiators: they take over what stands in their organisation's name, ask for hands, and say where money goes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlsplit

from frontend.seed.town import QUARTERS
from frontend.simulation.browser import Browser, Surprise
from frontend.simulation.city import City
from frontend.simulation.plan import ShiftPlan

KIND: Final = 80
AREA_CODES: Final = tuple(area.pc4 for quarter in QUARTERS for area in quarter.areas)
_MAIL_PATIENCE_SECONDS: Final = 90.0
_OK: Final = 200
_WHY: Final = "Ook in het klein heeft de buurt er veel aan, en de rest kan later."


def sign_in(city: City, browser: Browser, email: str) -> None:
    """Sign in as everybody does: ask for a link, open it from the mail, press its button."""
    before = city.mailbox.letters(to=email, most=1)
    page = browser.open("/inloggen")
    page = browser.send(page.form("/inloggen"), {"email": email})
    if page.status != _OK:
        raise Surprise(f"asking for a link answers {page.status}")
    after = before[0].number if before else 0
    letter = city.mailbox.await_letter("/inloggen/", to=email, after=after, seconds=_MAIL_PATIENCE_SECONDS)
    if letter is None:
        raise Surprise("no link to sign in came by mail")
    link = letter.link("/inloggen/")
    page = browser.open(link)
    page = browser.send(page.form(urlsplit(link).path))
    if page.status != _OK:
        raise Surprise(f"the link to sign in answers {page.status}")


@dataclass(slots=True)
class Shift:
    """A shift on the initiator's board. `day` counts from going live."""

    path: str
    day: int
    capacity: int


@dataclass(slots=True)
class Initiator:
    """Who answers for an organisation. `slugs` are the initiatives they took over, by dossier number."""

    number: int
    organisation: str
    keys: list[str]
    browser: Browser
    slugs: dict[str, str] = field(default_factory=dict)
    shifts: dict[str, list[Shift]] = field(default_factory=dict)

    @property
    def email(self) -> str:
        return f"initiatief-{self.number}@organisaties.example"


def take_over(city: City, initiator: Initiator, slugs: dict[str, str]) -> int:
    """Sign in, read every invitation and accept it; return how many."""
    taken: set[str] = set()
    with pausing(initiator.browser) as browser:
        sign_in(city, browser, initiator.email)
        # The mail leads to one's own page, where every invitation waits.
        for link in browser.open("/mijn").links(r"/uitnodigingen/[\w-]+$"):
            page = browser.open(link)
            page = browser.send(page.form("/aanvaarding"))
            if page.status == _OK and page.url.endswith("/beheer"):
                taken.add(urlsplit(page.url).path.split("/")[2])
    initiator.slugs = {key: slugs[key] for key in initiator.keys if slugs[key] in taken}
    return len(taken)


def ask_for_hands(initiator: Initiator, key: str, plans: tuple[ShiftPlan, ...], *, today: date) -> int:
    """Add a role and plan its shifts; return how many."""
    slug, browser = initiator.slugs[key], initiator.browser
    with pausing(browser):
        page = browser.open(f"/initiatieven/{slug}/rollen/nieuw")
        form = page.form("/rollen")
        first = plans[0]
        wanted = {"title": first.role, "desired_skills": [first.skill], "desired_languages": ["nl"]}
        page = browser.send(form, wanted)
        for number, plan in enumerate(plans):
            form = page.form("/diensten")
            planned = {
                "on": (today + timedelta(days=plan.day)).isoformat(),
                "starts": plan.starts,
                "ends": plan.ends,
                "capacity": str(plan.capacity),
                "minimum_crew": "1",
                "pc4": AREA_CODES[(initiator.number + number) % len(AREA_CODES)],
                "meeting_point": "Bij de ingang",
            }
            role_page = page.url
            page = browser.send(form, planned)
            if page.status != _OK:
                raise Surprise(f"planning a shift answers {page.status}")
            page = browser.open(role_page)
        board = browser.open(f"/initiatieven/{slug}/diensten")
        paths = [urlsplit(link).path for link in board.links(rf"/initiatieven/{re.escape(slug)}/diensten/[\w-]+$")]
    by_day = sorted(plans, key=lambda plan: plan.day)
    initiator.shifts[key] = [Shift(path, plan.day, plan.capacity) for path, plan in zip(paths, by_day, strict=False)]
    return len(paths)


def invite(initiator: Initiator, shift: Shift, *, most: int) -> int:
    """Ask people who fit for the free places of a shift; return how many were asked."""
    browser, asked = initiator.browser, 0
    with pausing(browser):
        page = browser.open(shift.path)
        for form in [form for form in page.forms() if form.address.endswith("/uitnodigingen")][:most]:
            answer = browser.send(form)
            # Somebody else may have asked the same person a moment ago: that is said, and no surprise.
            asked += answer.status == _OK
    return asked


def note_absence(initiator: Initiator, shift: Shift, *, absent: frozenset[str]) -> int:
    """After a shift, write down who was not there; return how many."""
    browser, noted = initiator.browser, 0
    with pausing(browser):
        page = browser.open(shift.path)
        for person in page.html.split("<li>")[1:]:
            email = re.search(r'href="mailto:([^"]+)"', person)
            action = re.search(r'action="([^"]+/aanwezigheid)"', person.partition("</li>")[0])
            if email and action and email[1] in absent and 'value="no"' in person:
                page_form = next(form for form in page.forms() if form.address.endswith(action[1]))
                noted += browser.send(page_form, {"came": "no"}).status == _OK
    return noted


def make_plan_smaller(initiator: Initiator, slug: str) -> bool:
    """Hand in a smaller plan for an initiative that nearly made it: what there is, less a tenth for who leaves."""
    browser, base = initiator.browser, f"/initiatieven/{slug}/nieuw-plan"
    with pausing(browser):
        page = browser.open(base)
        there_is = re.search(r'id="minimum-hint">[^<]*?€\s?([\d.]+)', page.html)
        if there_is is None:
            raise Surprise(f"the page of a smaller plan does not say what there is ({page.status})")
        euros = int(there_is[1].replace(".", "")) * 9 // 10
        form = page.form("/begroting")
        empty = {name: "" for name in form.values if name.startswith(("label_", "amount_"))}
        wanted = {"label_1": "Het plan in het klein", "amount_1": str(euros), "minimum": str(euros)}
        page = browser.send(form, {**empty, **wanted, "verder": "volgende"})
        words = {"what_changes": "We doen het met wat er is en laten weg wat kan wachten.", "why": _WHY}
        page = browser.send(page.form("/uitleg"), {**words, "verder": "volgende"})
        page = browser.send(page.form("/controle"))
    if page.status != _OK or page.has_form("/controle"):
        raise Surprise(f"handing in a smaller plan answers {page.status}")
    return True


def fill_in_account(initiator: Initiator, slug: str) -> bool:
    """Give a funded initiative's account on the provider's page."""
    browser = initiator.browser
    with pausing(browser):
        page = browser.open(f"/initiatieven/{slug}/uitbetaling")
        if not page.has_form("/uitbetaling"):
            return False
        page = browser.send(page.form("/uitbetaling"))
        hosted = [form for form in page.forms() if "name" not in form.values]
        if 'name="fill"' not in page.html or not hosted:
            raise Surprise(f"no page to fill in an account but {page.status}")
        page = browser.send(hosted[0], {"fill": "test"})
    if page.status != _OK:
        raise Surprise(f"after filling in an account {page.status}")
    return True


@contextmanager
def pausing(browser: Browser) -> Iterator[Browser]:
    """Close the connections after a visit; the session goes on."""
    try:
        yield browser
    finally:
        browser.pause()
