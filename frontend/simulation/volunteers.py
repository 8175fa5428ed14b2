"""Volunteers: with a profile and suggestions, or with just a name; they answer mail, cancel, and come or do not."""

import re
from dataclasses import dataclass, field
from typing import Final

from frontend.simulation.browser import Browser, Surprise
from frontend.simulation.city import City
from frontend.simulation.dice import Dice
from frontend.simulation.initiators import AREA_CODES, pausing, sign_in
from frontend.simulation.plan import Volunteer

KIND: Final = 48
_SHIFT: Final = r"/meehelpen/[0-9a-f-]{36}$"
_OWN: Final = "/meehelpen/aanmeldingen/"
_OK: Final = 200
_SAID_NO: Final = frozenset({400, 404, 409})


def mail_of(number: int) -> str:
    """Return a volunteer's e-mail address."""
    return f"helper-{number}@inwoners.example"


@dataclass(slots=True)
class Helper:
    """A volunteer on the site."""

    plan: Volunteer
    browser: Browser
    signed_up: int = 0
    read_until: int = 0
    answered: set[str] = field(default_factory=set)

    @property
    def email(self) -> str:
        return mail_of(self.plan.number)


def join(city: City, helper: Helper, *, seed: int) -> int:
    """Make oneself known and sign up for shifts; return for how many."""
    dice = Dice(f"helper {helper.plan.number}", seed)
    with pausing(helper.browser) as browser:
        if helper.plan.signs_in:
            sign_in(city, browser, helper.email)
            links = _tell_about_oneself(browser, helper.plan)
        else:
            links = browser.open("/meehelpen").links(_SHIFT)
            dice.shuffle(links)
        # The best suggestion is not everybody's first choice.
        chosen = links[: helper.plan.wants + 2]
        for link in chosen:
            if helper.signed_up >= helper.plan.wants:
                break
            helper.signed_up += _sign_up(browser, link, helper)
    return helper.signed_up


def _tell_about_oneself(browser: Browser, plan: Volunteer) -> list[str]:
    page = browser.open("/mijn/vrijwilliger")
    form = page.form("/mijn/vrijwilliger")
    profile: dict[str, str | list[str]] = {
        "act": "bewaar",
        "pc4": AREA_CODES[plan.area % len(AREA_CODES)],
        "radius_km": "12",
        "wants_at_most": str(plan.wants),
        "languages": ["nl"],
        "cells": [str(cell) for cell in plan.cells],
        "skills": list(plan.skills),
        **{f"level_{skill}": "2" for skill in plan.skills},
    }
    page = browser.send(form, profile)
    if page.status != _OK:
        raise Surprise(f"a volunteer's profile answers {page.status}")
    return page.links(_SHIFT)


def _sign_up(browser: Browser, link: str, helper: Helper) -> bool:
    page = browser.open(link)
    if not page.has_form("/aanmelding"):
        return False
    known = {} if helper.plan.signs_in else {"name": f"Helper {helper.plan.number}", "email": helper.email}
    page = browser.send(page.form("/aanmelding"), known)
    if page.status not in {_OK, *_SAID_NO}:
        raise Surprise(f"signing up for a shift answers {page.status}")
    return page.status == _OK


def read_mail(city: City, helper: Helper) -> int:
    """Answer invitations, and take back a place when plans change; return how many answers were given."""
    letters = city.mailbox.letters(to=helper.email, after=helper.read_until)
    if not letters:
        return 0
    helper.read_until = letters[0].number
    given = 0
    with pausing(helper.browser) as browser:
        for link in dict.fromkeys(letter.link(_OWN) for letter in letters if letter.link(_OWN)):
            page = browser.open(re.sub(r"/agenda\.ics$", "", link))
            if page.has_form("/toezegging"):
                answer = "/toezegging" if helper.plan.says_yes else "/afzegging"
            elif page.has_form("/afzegging") and helper.plan.cancels and link not in helper.answered:
                answer = "/afzegging"
            else:
                continue
            helper.answered.add(link)
            page = browser.send(page.form(answer))
            given += page.status == _OK
    return given
