"""How amounts, dates and numbers are written for people, in Dutch and in English.

All moments are shown in the Netherlands' own time. Nothing here divides money: cents stay whole.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal

import nh3
from babel.dates import format_date
from markdown_it import MarkdownIt
from markupsafe import Markup

from crowd.shared.clock import AMSTERDAM
from crowd.shared.money import Money

Language = Literal["nl", "en"]

_LOCALE: Final[dict[Language, str]] = {"nl": "nl_NL", "en": "en_GB"}
_THOUSANDS: Final[dict[Language, str]] = {"nl": ".", "en": ","}
_DECIMAL: Final[dict[Language, str]] = {"nl": ",", "en": "."}
# A no-break space: the euro sign must never stand alone at the end of a line.
_EURO: Final[dict[Language, str]] = {"nl": "€\N{NO-BREAK SPACE}", "en": "€"}

_ALLOWED_TAGS: Final = frozenset(
    {"a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "strong", "ul"}
)
_MARKDOWN: Final = MarkdownIt("commonmark", {"html": False, "linkify": False})


def number(value: int, language: Language) -> str:
    """Return 1250 as "1.250" or "1,250"."""
    return f"{value:,}".replace(",", _THOUSANDS[language])


def money(amount: Money | int, language: Language) -> str:
    """Return an amount, or cents, as "€ 1.250" or "€ 12,50"; in English "€1,250" and "€12.50"."""
    cents = amount.cents if isinstance(amount, Money) else amount
    euros, rest = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    fraction = f"{_DECIMAL[language]}{rest:02d}" if rest else ""
    written = f"{number(euros, language)}{fraction}"
    # Dutch puts the minus at the number, English before the sign.
    return f"{_EURO['nl']}{sign}{written}" if language == "nl" else f"{sign}{_EURO['en']}{written}"


def amount_field(amount: Money | int) -> str:
    """Return an amount as a person types it in a field: "25" or "12,50", the same in both languages."""
    cents = amount.cents if isinstance(amount, Money) else amount
    euros, rest = divmod(cents, 100)
    return f"{euros},{rest:02d}" if rest else str(euros)


def percent(part: Money | int, whole: Money | int) -> int:
    """Return how many whole percents `part` is of `whole`, rounded down: 99.9% is not yet 100%.

    More than nothing is at least 1. A whole of zero gives 0.
    """
    some, all_ = (value.cents if isinstance(value, Money) else value for value in (part, whole))
    if all_ <= 0 or some <= 0:
        return 0
    return max(1, some * 100 // all_)


def local(moment: datetime) -> datetime:
    """Return a moment in Dutch time. A naive one is a mistake and raises ValueError."""
    if moment.tzinfo is None:
        raise ValueError("A moment without a time zone cannot be shown")
    return moment.astimezone(AMSTERDAM)


def day(value: date | datetime, language: Language, *, year: bool = False) -> str:
    """Return "vrijdag 11 december", with the year when asked."""
    return _written(_day_of(value), "EEEE d MMMM y" if year else "EEEE d MMMM", language)


def _day_of(value: date | datetime) -> date:
    return local(value).date() if isinstance(value, datetime) else value


@lru_cache(maxsize=2048)
def _written(value: date, pattern: str, language: Language) -> str:
    # The same few days stand on every page, and looking up a pattern costs more than a whole sentence.
    return format_date(value, pattern, locale=_LOCALE[language])


def short_day(value: date | datetime, language: Language) -> str:
    """Return "11 december 2026"."""
    return _written(_day_of(value), "d MMMM y", language)


def clock_time(moment: datetime, language: Language) -> str:
    """Return "14.30" in Dutch, "14:30" in English."""
    at = local(moment)
    return f"{at.hour:02d}{'.' if language == 'nl' else ':'}{at.minute:02d}"


def moment(value: datetime, language: Language) -> str:
    """Return "vrijdag 11 december om 14.30 uur"."""
    if language == "nl":
        return f"{day(value, language)} om {clock_time(value, language)} uur"
    return f"{day(value, language)} at {clock_time(value, language)}"


def span(starts_at: datetime, ends_at: datetime, language: Language) -> str:
    """Return "zaterdag 28 november, 10.00 tot 13.00 uur"; the end names its day when it is another."""
    until = clock_time(ends_at, language)
    if local(starts_at).date() != local(ends_at).date():
        until = f"{day(ends_at, language)} {until}"
    begin = f"{day(starts_at, language)}, {clock_time(starts_at, language)}"
    return f"{begin} tot {until} uur" if language == "nl" else f"{begin} to {until}"


def days_until(deadline: datetime, now: datetime) -> int:
    """Return how many calendar days, today included, are left before `deadline`; 0 once it has passed.

    A deadline is a local midnight: seen on any hour of 23 November, midnight of 11 December is 18 days away.
    """
    if now >= deadline:
        return 0
    # The instant itself belongs to the day after, so the last moment that counts is just before it.
    last = local(deadline - timedelta(microseconds=1)).date()
    return (last - local(now).date()).days + 1


def time_left(deadline: datetime, now: datetime, language: Language) -> str:
    """Return "18 dagen", on the last day "9 uur", in the last hour "minder dan een uur"; "" once passed.

    Never weeks or months: people plan by days.
    """
    days = days_until(deadline, now)
    if days == 0:
        return ""
    if days > 1:
        return f"{days} dagen" if language == "nl" else f"{days} days"
    hours = (deadline - now) // timedelta(hours=1)
    if hours == 0:
        return "minder dan een uur" if language == "nl" else "less than an hour"
    if language == "nl":
        return f"{hours} uur"
    return "1 hour" if hours == 1 else f"{hours} hours"


def spoken(fact: object, language: Language) -> str:
    """Return a fact of a domain's sentence as people write it: money, a day, a moment, a number, or text."""
    match fact:
        case Money():
            return money(fact, language)
        case datetime():
            return moment(fact, language)
        case date():
            return day(fact, language)
        case bool():
            return str(fact)
        case int():
            return number(fact, language)
        case _:
            return str(fact)


# A story is read far more often than it is written.
@lru_cache(maxsize=256)
def markdown(text: str) -> Markup:
    """Return what a person wrote in Markdown as safe HTML: no pictures, no scripts, no markup of their own.

    Headings start at the second level, since a page has one title. Links say they lead elsewhere to nobody:
    `rel` keeps our address from the other site.
    """
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            # A writer's "#" is a chapter of the story; the page's title is ours.
            token.tag = {"h1": "h3", "h2": "h3"}.get(token.tag, "h4")
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    clean = nh3.clean(
        html,
        tags=set(_ALLOWED_TAGS),
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="nofollow noopener noreferrer",
    )
    return Markup(clean)  # noqa: S704  # nh3 has just cleaned it against the list above
