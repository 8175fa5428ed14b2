"""Donors: they choose an amount, pay on the hosted page, read their mail, change their mind, and mend what failed."""

import re
import time
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from frontend.simulation.browser import Browser, Page, Surprise
from frontend.simulation.cards import Trouble
from frontend.simulation.city import City
from frontend.simulation.plan import Answer, Gift, second_card

KIND: Final = 16
_OWN_PAGE: Final = re.compile(r"/bijdragen/[\w-]+")
_PATIENCE: Final = 5
_OK: Final = 200
_CLOSED: Final = frozenset({404, 409, 410})
_THANKS: Final = "Wat fijn dat je meedoet"


def mail_of(donor: int) -> str:
    """Return a donor's e-mail address."""
    return f"gever-{donor}@inwoners.example"


@dataclass(slots=True)
class Given:
    """What came of a gift on the site: the donor's own page, once there is one. `is_open` says the campaign took it.

    `thanked`: the page they came back to said that they join in, so from then on the service may never lose this gift.
    """

    gift: Gift
    own_path: str = ""
    is_open: bool = True
    finished: bool = False
    thanked: bool = False
    mended: bool = field(default=False)


def give(city: City, gift: Gift, slug: str) -> Given:
    """Go through the three screens of a gift, as far as this donor goes."""
    given = Given(gift)
    with city.browser(KIND, gift.donor) as browser:
        page = browser.open(f"/initiatieven/{slug}")
        if not page.links(rf"/initiatieven/{re.escape(slug)}/steunen$"):
            given.is_open = False
            return given
        page = browser.open(f"/initiatieven/{slug}/steunen")
        if page.status in _CLOSED:
            given.is_open = False
            return given
        form = page.form("/steunen")
        page = _to_cards(browser, browser.send(form, _filled(gift, form.offered.get("amount", []))))
        if page.status in _CLOSED:
            given.is_open = False
            return given
        for _ in range(_PATIENCE):
            if _is_hosted(page) or not page.has_form("/betaalwijze"):
                break
            # Our payment provider does not answer, says the page: the promise is kept, try again in a while.
            time.sleep(1)
            page = _to_cards(browser, browser.send(page.form("/betaalwijze")))
        cancel = page.links(_OWN_PAGE.pattern)
        if not _is_hosted(page) or not cancel:
            raise Surprise(f"after the pledge form no payment page but {page.status} {urlsplit(page.url).path[:10]}")
        given.own_path = _OWN_PAGE.search(cancel[0])[0]  # type: ignore[index]  # it was found by this pattern
        if gift.leaves:
            return given
        page = _pay(browser, page, gift)
        given.finished = page.status == _OK and _OWN_PAGE.search(page.url) is not None
        given.thanked = given.finished and _THANKS in page.words()
    return given


def _filled(gift: Gift, offered: list[str]) -> dict[str, str]:
    euros = _euros(gift.cents)
    chosen = {"amount": euros} if euros in offered else {"amount": "other", "other_amount": euros}
    news = {"updates": "yes"} if gift.wants_updates else {}
    return {**chosen, **news, "name": f"Gever {gift.donor}" if gift.donor % 3 else "", "email": mail_of(gift.donor)}


def _euros(cents: int) -> str:
    """Return an amount as people type it."""
    return str(cents // 100) if cents % 100 == 0 else f"{cents // 100},{cents % 100:02d}"


def _to_cards(browser: Browser, page: Page) -> Page:
    """Choose to pay by card where the hosted page first asks how; simulated donors hold nothing else."""
    ways = page.links(r"[?&]way=card\b")
    return browser.open(ways[0]) if ways else page


def _is_hosted(page: Page) -> bool:
    return page.status == _OK and 'name="test_card"' in page.html


def _pay(browser: Browser, page: Page, gift: Gift) -> Page:
    """Choose a card on the hosted page, once more when the first is refused there; return where that led."""
    page = _choose(browser, page, gift.card.number)
    if _is_hosted(page) and gift.card.trouble is Trouble.AT_SAVING:
        page = _choose(browser, page, second_card(gift.card).number)
    return page


def _choose(browser: Browser, page: Page, number: str) -> Page:
    """Click a card, and say yes at the bank when it asks."""
    hosted = next(form for form in page.forms() if "test_card" in form.values or "/c/pay/" in form.address)
    page = browser.send(hosted, {"test_card": number})
    if 'name="outcome"' in page.html:
        page = browser.send(page.forms()[0], {"outcome": "complete"})
    return page


# --- Mail -------------------------------------------------------------------------------------------------------


def confirm(city: City, given: Given) -> bool:
    """Click the button in the receipt; whether there was one. A donor who confirmed before is not asked again."""
    token = given.own_path.rpartition("/")[2]
    receipt = city.mailbox.await_letter(token, to=mail_of(given.gift.donor), seconds=city.mail_patience_seconds)
    if receipt is None:
        raise Surprise("no receipt in the mail")
    asked = receipt.link(f"{token}/bevestiging/")
    if not asked:
        return False
    with city.browser(KIND, given.gift.donor) as browser:
        page = browser.open(asked)
    if page.status != _OK:
        raise Surprise(f"the button in the receipt answers {page.status}")
    return True


def withdraw(city: City, given: Given) -> bool:
    """Take a gift back on its own page; False when that is no longer offered."""
    with city.browser(KIND, given.gift.donor) as browser:
        page = browser.open(given.own_path)
        if not page.has_form("/intrekking"):
            return False
        return browser.send(page.form("/intrekking")).status == _OK


def react(city: City, given: Given, *, after: int) -> bool:
    """Do what a mail asks that came after mail number `after`; whether something was done.

    The mail leads to the donor's own page, which shows what can be done.
    """
    token = given.own_path.rpartition("/")[2]
    letter = city.mailbox.await_letter(token, to=mail_of(given.gift.donor), after=after, seconds=0)
    if letter is None:
        return False
    with city.browser(KIND, given.gift.donor) as browser:
        page = browser.open(letter.link(token))
        if not page.has_form("/betaalwijze"):
            return False
        match given.gift.answer:
            case Answer.APPROVE | Answer.TRY_AGAIN:
                # After a bank's definite no there is nothing to try again with.
                if not page.has_form("/betaling"):
                    return False
                page = browser.send(page.form("/betaling"))
                if 'name="outcome"' in page.html:
                    page = browser.send(page.forms()[0], {"outcome": "complete"})
            case Answer.OTHER_CARD:
                page = _to_cards(browser, browser.send(page.form("/betaalwijze")))
                if not _is_hosted(page):
                    raise Surprise(f"no payment page for another card but {page.status}")
                page = _choose(browser, page, second_card(given.gift.card).number)
            case Answer.NOTHING:
                return False
    # Still asked for, as when the provider was away for a moment: then they try once more another day.
    given.mended = given.gift.answer is Answer.TRY_AGAIN or not page.has_form("/betaling")
    return given.mended


def is_moving(city: City, given: Given) -> bool:
    """Whether a gift's own page says that it is being charged at this moment."""
    with city.browser(KIND, given.gift.donor) as browser:
        return "We schrijven nu je" in browser.open(given.own_path).words()
