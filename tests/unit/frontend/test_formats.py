"""How amounts, dates and texts are written for people."""

import re
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.shared.money import Money
from frontend import formats
from frontend.formats import Language

NBSP = "\N{NO-BREAK SPACE}"
# Midnight at the end of 10 December, in Amsterdam.
DEADLINE = datetime(2026, 12, 10, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cents", "language", "written"),
    [
        (0, "nl", f"€{NBSP}0"),
        (1_250_00, "nl", f"€{NBSP}1.250"),
        (12_50, "nl", f"€{NBSP}12,50"),
        (5, "nl", f"€{NBSP}0,05"),
        (-71_40, "nl", f"€{NBSP}-71,40"),
        (1_234_567_89, "nl", f"€{NBSP}1.234.567,89"),
        (1_250_00, "en", "€1,250"),
        (12_50, "en", "€12.50"),
        (-71_40, "en", "-€71.40"),
    ],
)
def test_money_is_written_as_people_of_that_language_write_it(cents: int, language: Language, written: str) -> None:
    assert formats.money(Money(cents), language) == written
    assert formats.money(cents, language) == written


@given(st.integers(min_value=0, max_value=10**12))
def test_written_money_keeps_every_cent(cents: int) -> None:
    digits = formats.money(cents, "nl").removeprefix(f"€{NBSP}").replace(".", "")
    euros, _comma, rest = digits.partition(",")
    assert int(euros) * 100 + int(rest or 0) == cents


@pytest.mark.parametrize(("cents", "typed"), [(25_00, "25"), (12_50, "12,50"), (1_000_00, "1000")])
def test_an_amount_in_a_field_is_what_a_person_would_type(cents: int, typed: str) -> None:
    assert formats.amount_field(Money(cents)) == typed


@pytest.mark.parametrize(
    ("part", "whole", "percents"),
    [(9_999, 10_000, 99), (10_000, 10_000, 100), (1, 10_000, 1), (0, 10_000, 0), (15_000, 10_000, 150), (5, 0, 0)],
)
def test_percents_never_promise_more_than_there_is(part: int, whole: int, percents: int) -> None:
    assert formats.percent(part, whole) == percents


def test_a_day_is_written_out() -> None:
    assert formats.day(date(2026, 12, 11), "nl") == "vrijdag 11 december"
    assert formats.day(date(2026, 12, 11), "en") == "Friday 11 December"
    assert formats.day(date(2026, 12, 11), "nl", year=True) == "vrijdag 11 december 2026"
    assert formats.short_day(date(2026, 12, 11), "nl") == "11 december 2026"


def test_a_moment_late_in_the_evening_belongs_to_the_dutch_day() -> None:
    assert formats.day(DEADLINE, "nl") == "vrijdag 11 december"
    assert formats.moment(datetime(2026, 7, 1, 12, 30, tzinfo=UTC), "nl") == "woensdag 1 juli om 14.30 uur"
    assert formats.moment(datetime(2026, 7, 1, 12, 30, tzinfo=UTC), "en") == "Wednesday 1 July at 14:30"


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        formats.day(datetime(2026, 12, 11, 12, 0), "nl")  # noqa: DTZ001  the mistake under test


def test_a_span_names_its_second_day_only_when_there_is_one() -> None:
    begin = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
    assert formats.span(begin, begin + timedelta(hours=3), "nl") == "zaterdag 28 november, 10.00 tot 13.00 uur"
    overnight = formats.span(begin, begin + timedelta(hours=20), "nl")
    assert overnight == "zaterdag 28 november, 10.00 tot zondag 29 november 06.00 uur"


@pytest.mark.parametrize(
    ("now", "nl", "en"),
    [
        (datetime(2026, 11, 23, 0, 5, tzinfo=UTC), "18 dagen", "18 days"),
        (datetime(2026, 11, 23, 22, 59, tzinfo=UTC), "18 dagen", "18 days"),
        (datetime(2026, 12, 9, 12, 0, tzinfo=UTC), "2 dagen", "2 days"),
        (datetime(2026, 12, 10, 14, 0, tzinfo=UTC), "9 uur", "9 hours"),
        (datetime(2026, 12, 10, 21, 30, tzinfo=UTC), "1 uur", "1 hour"),
        (datetime(2026, 12, 10, 22, 30, tzinfo=UTC), "minder dan een uur", "less than an hour"),
        (DEADLINE, "", ""),
    ],
)
def test_time_left_counts_days_and_on_the_last_day_hours(now: datetime, nl: str, en: str) -> None:
    assert formats.time_left(DEADLINE, now, "nl") == nl
    assert formats.time_left(DEADLINE, now, "en") == en


def test_markdown_becomes_html_below_the_pages_own_title() -> None:
    html = formats.markdown("# Plan\n\n## Deel\n\nEen **tuin** met [link](https://voorbeeld.example).")
    assert "<h3>Plan</h3>" in html
    assert "<h3>Deel</h3>" in html
    assert "<strong>tuin</strong>" in html
    assert 'href="https://voorbeeld.example" rel="nofollow noopener noreferrer"' in html


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](https://volger.example/pixel.gif)",
        '<img src=x onerror="alert(1)">',
        "[x](data:text/html;base64,AAAA)",
        '<a href="https://x.example" onclick="alert(1)">x</a>',
    ],
)
def test_markdown_lets_nothing_dangerous_through(attack: str) -> None:
    elements = _Elements()
    elements.feed(str(formats.markdown(attack)))
    assert elements.only_safe()


@given(st.text(max_size=300))
def test_markdown_of_anything_holds_only_safe_elements(text: str) -> None:
    elements = _Elements()
    elements.feed(str(formats.markdown(text)))
    assert elements.only_safe()


class _Elements(HTMLParser):
    """What a browser would make of it: text that looks like markup but is escaped is no element."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def only_safe(self) -> bool:
        return not [
            tag
            for tag, attributes in self.found
            if tag in {"script", "img", "iframe", "style", "form", "input", "svg"}
            or not set(attributes) <= {"href", "rel"}
            or not re.match(r"https?:|mailto:|tel:|/|$", attributes.get("href") or "")
        ]
