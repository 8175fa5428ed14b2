"""The municipality's people: one click to sign in as each, as the demonstration offers, then only their own pages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from frontend.simulation.browser import Browser, Page, Surprise
from frontend.simulation.city import City
from frontend.simulation.plan import Grant, Scheme

KIND: Final = 96
_PARTS: Final = ("clerk", "assessor", "approver", "treasurer", "administrator")
_OK: Final = 200
_AMOUNT: Final = re.compile(r"€\s?([\d.,]+)")
ADVICE: Final = "Past bij de wijk en bij de regeling; de begroting is sober en de buurt doet zelf mee."
REASONS: Final = "De buurt heeft hier veel aan, het plan is uitvoerbaar en buren geven en helpen zelf mee."
NO_REASONS: Final = "Dit past niet bij de regeling: het is vaste dekking van een organisatie, geen buurtinitiatief."


def enter(city: City, part: str, *, english: bool = True) -> Browser:
    """Return a browser that is signed in as the demonstration's clerk, assessor and so on.

    In English, whose sentences are the keys of all others, so that what a page says can be recognised.
    """
    browser = city.browser(KIND, _PARTS.index(part))
    if english:
        browser.open("/?lang=en")
    page = browser.open(f"/demo/inloggen/{part}")
    page = browser.send(page.form(f"/demo/inloggen/{part}"))
    if page.status != _OK:
        raise Surprise(f"signing in as {part} answers {page.status}")
    return browser


def is_demonstration(city: City) -> bool:
    """Whether the service is one whose clock can be moved."""
    with city.browser(KIND, 20) as browser:
        return browser.open("/demo").status == _OK


def move_clock(administrator: Browser, *, days: int) -> None:
    """Let days pass, for the service and for its payment sandbox."""
    page = administrator.open("/demo")
    page = administrator.send(page.form("/demo/klok"), {"days": str(days)})
    if page.status != _OK:
        raise Surprise(f"moving the clock answers {page.status}")


def open_scheme(administrator: Browser, scheme: Scheme, *, places: Sequence[str], opens: date, closes: date) -> None:
    """Open a co-funding scheme in the neighbourhoods with these names, unless it was opened before."""
    if administrator.open("/loket/aanvragen").html.count(f">{scheme.name}<"):
        return
    page = administrator.open("/loket/regelingen/nieuw")
    form = page.form("/loket/regelingen")
    labels = dict(re.findall(r'name="neighbourhoods" value="([^"]+)"[^>]*><span>([^<]+)<', page.html))
    chosen = [slug for slug, label in labels.items() if label in set(places)]
    page = administrator.send(
        form,
        {
            "name": scheme.name,
            "legal_basis": scheme.legal_basis,
            "ratio_percent": str(scheme.ratio_percent),
            "donor_cap": str(scheme.donor_cap_cents // 100),
            "project_cap": str(scheme.project_cap_cents // 100),
            "pot": str(scheme.pot_cents // 100),
            "opens_on": opens.isoformat(),
            "closes_on": closes.isoformat(),
            "neighbourhoods": chosen,
        },
    )
    if page.status != _OK or scheme.name not in page.html:
        raise Surprise(f"opening a scheme answers {page.status}")


@dataclass(frozen=True, slots=True)
class Application:
    """An application in the queue: the initiative's address, and where it is assessed or decided on."""

    slug: str
    path: str


def waiting(browser: Browser, noun: str) -> list[Application]:
    """Return the applications in the queue that wait for this member of staff: "beoordeling" or "besluit"."""
    page = browser.open("/loket/aanvragen")
    found = []
    for article in page.html.split("<article")[1:]:
        slug = re.search(r'href="/initiatieven/([^"/]+)"', article)
        path = re.search(rf'href="(/loket/aanvragen/[^"/]+/{noun})"', article.partition("</article>")[0])
        if slug and path:
            found.append(Application(slug[1], path[1]))
    return found


def assess(assessor: Browser, application: Application, grant: Grant) -> None:
    """Score an application and advise an amount."""
    page = assessor.open(application.path)
    form = page.form("/beoordeling")
    asked = _cents(form.values["advice"][0])
    scored = {
        name: str(score) for name, score in zip(sorted(form.offered), (*grant.scores, *grant.scores), strict=False)
    }
    scored = {name: score for name, score in scored.items() if name.startswith("score_")}
    advice = asked * grant.advice_percent // 100
    page = assessor.send(
        form,
        {**scored, "advice": f"{advice // 100},{advice % 100:02d}", "advice_text": ADVICE, "no_interest": "yes"},
    )
    _check(page, "/loket/aanvragen", "an assessment")


def decide(approver: Browser, application: Application) -> None:
    """Award what was advised, as far as the page says it can be; refuse where the advice is to refuse."""
    page = approver.open(application.path)
    form = page.form("/besluit")
    up_to = form.values["up_to"][0]
    chosen = (
        {"outcome": "awarded", "up_to": up_to, "reasons": REASONS}
        if up_to
        else {"outcome": "refused", "up_to": "", "reasons": NO_REASONS}
    )
    _check(approver.send(form, chosen), "/loket/aanvragen", "a decision")


def hand_over(clerk: Browser, *, initiative_id: str, email: str) -> bool:
    """Invite whoever answers for the organisation; False when somebody does already."""
    page = clerk.open(f"/loket/initiatieven/{initiative_id}")
    if not page.has_form("/overdracht"):
        return False
    page = clerk.send(page.form("/overdracht"), {"email": email})
    if page.status != _OK:
        raise Surprise(f"an invitation of the counter answers {page.status}")
    return True


def agree(clerk: Browser, *, slug: str) -> None:
    """Agree with the smaller plan of an initiative that nearly made it."""
    page = clerk.open(f"/loket/nieuwe-plannen/{slug}")
    _check(clerk.send(page.form(f"/loket/nieuwe-plannen/{slug}"), {"outcome": "confirmed"}), "/loket", "an agreement")


# --- Payouts ----------------------------------------------------------------------------------------------------


def pay_out(treasurer: Browser, slug: str) -> bool:
    """Note that the municipality's share arrived, and approve the payout; False when the account is not known yet."""
    page = treasurer.open(f"/loket/uitbetalingen/{slug}")
    if page.has_form("/ontvangst"):
        expected = re.search(r'id="amount-hint">[^<]*?€\s?([\d.,]+)', page.html)
        if expected is None:
            raise Surprise("the payout page does not say which amount is expected")
        statement = expected[1].rstrip(".")
        page = treasurer.send(page.form("/ontvangst"), {"amount": statement, "reference": f"MATCH {slug[:40]}"})
    if not page.has_form("/goedkeuring"):
        return "Approved" in page.words()
    page = treasurer.send(page.form("/goedkeuring"))
    if page.status != _OK:
        raise Surprise(f"approving a payout answers {page.status}")
    return True


def is_paid_out(treasurer: Browser, slug: str) -> bool:
    """Whether the last line of a payout was sent."""
    return ">Paid out<" in treasurer.open(f"/loket/uitbetalingen/{slug}").html


_STATES: Final = {
    "Open for support": "live",
    "Minimum reached, collecting": "collecting",
    "Nearly made it": "near_miss",
    "It is happening": "funded",
    "Not reached": "unfunded",
    "Paused": "suspended",
    "Stopped": "cancelled",
}
_BADGE: Final = re.compile(r'<span class="nl-data-badge[^"]*">\s*([^<]+?)\s*</span>')


def state_of(reader: Browser, slug: str) -> str:
    """Return the state of a campaign as its page shows it."""
    page = reader.open(f"/initiatieven/{slug}")
    found = (_STATES.get(badge) for badge in _BADGE.findall(page.html))
    state = next((state for state in found if state), None)
    if state is None:
        raise Surprise(f"the page of an initiative shows no state ({page.status})")
    return state


def _cents(text: str) -> int:
    whole, _, cents = text.replace(".", "").partition(",")
    return int(whole or "0") * 100 + int((cents or "0").ljust(2, "0"))


def _check(page: Page, path: str, what: str) -> None:
    if page.status != _OK or urlsplit(page.url).path != path:
        raise Surprise(f"{what} answers {page.status}")
