"""What the day of a shift shows: the desk's list, the sheet for the door, and the page behind its square code."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from markupsafe import Markup

from frontend.views.volunteering import PlacementState, ShiftCard


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLine:
    """Somebody expected, with the address of what can be done about them."""

    base: str
    name: str
    is_there: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPage:
    """Who is expected and who is there, one tap for each. `is_open` is from an hour before until the end."""

    template: ClassVar[str] = "volunteering/desk.html"
    base: str
    slug: str
    shift: ShiftCard
    people: tuple[DeskLine, ...]
    opens_at: datetime
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPage:
    """The sheet that hangs at the door: a square code, its address, and the four digits."""

    template: ClassVar[str] = "volunteering/sheet.html"
    base: str
    slug: str
    shift: ShiftCard
    square: Markup
    address: str
    code: str


# Where whoever scanned the code stands: unknown until they sign in, on the list, there already, or not on it.
AtDoor = Literal["unknown", "expected", "there", "not_listed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorPage:
    """What the square code leads to, on a volunteer's own phone."""

    template: ClassVar[str] = "volunteering/door.html"
    base: str
    shift: ShiftCard
    stands: AtDoor
    state: PlacementState | None
    code: str
    name: str
    opens_at: datetime
    when: Literal["early", "open", "over"]
    may_sign_up: bool
