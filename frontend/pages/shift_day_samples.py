"""Plainly fictional pages about the day of a shift, for the style guide and the tests that look at them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from frontend.pages.shift_day import square_code
from frontend.rendering import Page
from frontend.views.shift_day import DeskLine, DeskPage, DoorPage, SheetPage
from frontend.views.volunteering import ShiftCard

_SLUG: Final = "buurtmoestuin-kersenlaan"
_ADDRESS: Final = "https://buurtloket.example/meehelpen/deur/AZMAAAAAcAAAgAAAAAAAAAsmS8PBhLFVYk0Qv1bQKxvvXw"


def pages(shift: ShiftCard) -> Mapping[str, Page]:
    """Return every sample about the day of this shift, by the name in its address."""
    opens_at = shift.starts_at - timedelta(hours=1)
    desk = DeskPage(
        base="/x",
        slug=_SLUG,
        shift=shift,
        people=tuple(DeskLine(base="/x", name=name, is_there=name == "Mo Voorbeeld") for name in ("Mo Voorbeeld", "")),
        opens_at=opens_at,
        is_open=True,
    )
    door = DoorPage(
        base="/meehelpen/deur/x",
        shift=shift,
        stands="expected",
        state="accepted",
        code="0482",
        name="Vera",
        opens_at=opens_at,
        when="open",
        may_sign_up=False,
    )
    return {
        "balie-lijst": desk,
        "balie-lijst-vroeg": replace(desk, is_open=False),
        "balie-lijst-leeg": replace(desk, people=(), is_open=False, shift=replace(shift, closed="over")),
        "deurblad": SheetPage(
            base="/x", slug=_SLUG, shift=shift, square=square_code(_ADDRESS), address=_ADDRESS, code="0482"
        ),
        "deur": door,
        "deur-onbekend": replace(door, stands="unknown", name=""),
        "deur-er": replace(door, stands="there", state="checked_in"),
        "deur-niet-op-lijst": replace(door, stands="not_listed", state=None),
        "deur-nog-plaats": replace(door, stands="not_listed", state=None, may_sign_up=True),
        "deur-vroeg": replace(door, when="early"),
        "deur-voorbij": replace(door, when="over"),
        "deur-afgelast": replace(door, shift=replace(shift, closed="cancelled")),
    }
