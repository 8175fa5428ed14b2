"""What a municipality and its map may be, and how far apart two places are. Pure."""

import math
import re
from dataclasses import dataclass
from typing import Final

from crowd.shared.errors import Invalid, msg

_PC4: Final = re.compile(r"[1-9][0-9]{3}")
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# Where the flat map begins: the middle of the country, so that distances inside a municipality are right to a
# fraction of a percent. Metres per degree are those of the WGS 84 ellipsoid at that latitude.
_MIDDLE: Final = (52.1, 5.3)
_METRES_PER_DEGREE_NORTH: Final = 111_269.0
_METRES_PER_DEGREE_EAST: Final = 68_525.0
# Degrees: wide enough for every Dutch municipality in Europe.
LATITUDES: Final = (50.0, 54.0)
LONGITUDES: Final = (3.0, 8.0)
# Below four fifths of its minimum no campaign goes through, whoever tolerates it.
TOLERANCE_MAX_PERCENT: Final = 20


class BadPostcode(Invalid):
    """Not the four digits of a Dutch postcode."""

    sentence = msg("A postcode area is four digits and does not begin with 0.")


class PlaceMissing(Invalid):
    """A postcode area lies in a place."""

    sentence = msg("The name of the place is missing.")


class NotInTheNetherlands(Invalid):
    """Coordinates that cannot be right."""

    sentence = msg("The coordinates are missing, or lie outside the Netherlands.")


class BadColour(Invalid):
    """Not a colour as the web writes it."""

    sentence = msg("Write a colour as # and six digits, for example #0b4f6c.")


class ToleranceOutOfRange(Invalid):
    """Below four fifths of its minimum no campaign goes through, whoever tolerates it."""

    sentence = msg("The tolerance is a whole number of percents from 0 to {most}.")


class BadSlug(Invalid):
    """Not a name for use in addresses."""

    sentence = msg("Use small letters, digits and single hyphens for a short name.")


class NameMissing(Invalid):
    """Everything on the map has a name."""

    sentence = msg("The name is missing.")


@dataclass(frozen=True, slots=True)
class Area:
    """A postcode area and its centre, in degrees."""

    pc4: str
    place: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the flat map, in whole metres east and north of the middle of the country."""

    east: int
    north: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """Everything pages and messages say about a municipality."""

    slug: str
    name: str
    site_name: str
    phone: str
    visiting_address: str
    email: str
    brand_colour: str
    accent_colour: str


def place(*, latitude: float, longitude: float) -> Place:
    """Return the point on the flat map of these degrees (WGS 84)."""
    return Place(
        east=round((longitude - _MIDDLE[1]) * _METRES_PER_DEGREE_EAST),
        north=round((latitude - _MIDDLE[0]) * _METRES_PER_DEGREE_NORTH),
    )


def metres_between(one: Place, other: Place) -> int:
    """Return the distance as the crow flies, in whole metres."""
    return round(math.hypot(one.east - other.east, one.north - other.north))


def check_area(area: Area) -> None:
    """Return when this can be a postcode area; raise BadPostcode, PlaceMissing or NotInTheNetherlands."""
    if not _PC4.fullmatch(area.pc4):
        raise BadPostcode(field="pc4")
    if not area.place.strip():
        raise PlaceMissing(field="place")
    # Written so that "not a number" fails too.
    inside = LATITUDES[0] <= area.latitude <= LATITUDES[1] and LONGITUDES[0] <= area.longitude <= LONGITUDES[1]
    if not inside:
        raise NotInTheNetherlands(field="latitude")


def check_tolerance(percent: int) -> None:
    """Return when campaigns may go through at so much less than their minimum; raise ToleranceOutOfRange."""
    if not 0 <= percent <= TOLERANCE_MAX_PERCENT:
        raise ToleranceOutOfRange(field="percent", most=TOLERANCE_MAX_PERCENT)


def check_description(description: Description) -> None:
    """Return when this can be a municipality; raise BadSlug, NameMissing or BadColour."""
    check_named(slug=description.slug, name=description.name)
    if not description.site_name.strip():
        raise NameMissing(field="site_name")
    for field in ("brand_colour", "accent_colour"):
        if not _COLOUR.fullmatch(getattr(description, field)):
            raise BadColour(field=field)


def check_named(*, slug: str, name: str) -> None:
    """Return when something can be called so, on pages and in addresses; raise BadSlug or NameMissing."""
    if not _SLUG.fullmatch(slug):
        raise BadSlug(field="slug")
    if not name.strip():
        raise NameMissing(field="name")
