"""Plainly fictional pages of the books, in every state, for the style guide and the tests."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from frontend.rendering import Page
from frontend.views.books import BooksPage, Explanation, FindingPage, FindingView, LastCheck
from frontend.views.forms import Choice, Form

_NOW: Final = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
_FORMATS: Final = (
    Choice(value="xaf", label="Auditfile (XAF 3.2)"),
    Choice(value="csv", label="Spreadsheet (CSV)"),
)
_TYPED: Final = Form(values={"from": "2026-01-01", "to": "2026-11-23", "format": "xaf"})
_TO_DO: Final = (
    "Wat de betaaldienst deed en wat wij daarvan boekten, verschilt. Leg dit kenmerk naast het overzicht van de"
    " betaaldienst: mist daar een beweging, of hier een boeking?"
)


def _finding(*, gone: bool = False, explained: bool = False) -> FindingView:
    note = Explanation(at=_NOW, by="Penningmeester Voorbeeld", body="Gebeld met de betaaldienst.\nZij zoeken het uit.")
    return FindingView(
        href="/loket/boeken/01990000-0000-7000-8000-000000000000",
        invariant="I6",
        promise="elke beweging op het tegoed bij de betaaldienst is geboekt, voor haar bedrag",
        subject="re_voorbeeldVoorbeeldVoorbeeld",
        expected="-500, kosten 0",
        found="niet geboekt",
        to_do=_TO_DO,
        first_seen_at=_NOW - timedelta(days=3),
        last_seen_at=_NOW - timedelta(days=1 if gone else 0),
        gone_at=_NOW if gone else None,
        notes=(note,) if explained else (),
    )


def _books(*, calm: bool = False) -> BooksPage:
    return BooksPage(
        last=LastCheck(at=_NOW, questions=23, in_flight=0 if calm else 2, with_provider=calm),
        checking_since=None if calm else _NOW,
        open=() if calm else (_finding(), _finding(explained=True)),
        gone=() if calm else (_finding(gone=True),),
        form=_TYPED
        if calm
        else Form(values={**_TYPED.values, "to": "2025-01-01"}, errors={"to": "De laatste dag ligt voor de eerste."}),
        formats=_FORMATS,
    )


def pages() -> Mapping[str, Page]:
    """Return every page of the books in every state that differs, by a short name."""
    action = "/loket/boeken/01990000-0000-7000-8000-000000000000/toelichting"
    return {
        "boeken": _books(),
        "boeken-kloppen": _books(calm=True),
        "boeken-nooit": BooksPage(last=None, checking_since=None, open=(), gone=(), form=_TYPED, formats=_FORMATS),
        "bevinding": FindingPage(
            finding=_finding(), action=action, form=Form(errors={"body": "Schrijf op wat u vond."}), may_explain=True
        ),
        "bevinding-weg": FindingPage(
            finding=_finding(gone=True, explained=True), action=action, form=Form(), may_explain=False
        ),
    }
