"""Voorbeeldstad on the map: neighbourhoods, themes and people, all invented.

Its postcodes are numbers that no place in the Netherlands has, around a point in the middle of the country.
"""

from dataclasses import dataclass
from typing import Final

from crowd.municipalities.rules import Area, Description
from frontend.demo import DemoPerson

DESCRIPTION: Final = Description(
    slug="voorbeeldstad",
    name="Voorbeeldstad",
    site_name="Buurtloket Voorbeeldstad",
    phone="14 000",
    visiting_address="Stadsplein 1, 6750 VS Voorbeeldstad",
    email="loket@voorbeeldstad.example",
    brand_colour="#0b6b58",
    accent_colour="#c4513f",
)


@dataclass(frozen=True, slots=True)
class Quarter:
    """A neighbourhood and its postcode areas."""

    slug: str
    name: str
    areas: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """A theme, in both languages, and the drawing that stands for it."""

    slug: str
    label_nl: str
    label_en: str
    picture: str


def _quarter(slug: str, name: str, first: int, centre: tuple[float, float], places: tuple[str, str, str]) -> Quarter:
    north, east = centre
    # Three areas around the centre of the quarter, about a kilometre apart.
    shifts = ((0.0, 0.0), (0.007, 0.009), (-0.006, 0.011))
    return Quarter(
        slug,
        name,
        tuple(
            Area(str(first + place), places[place], round(north + up, 4), round(east + right, 4))
            for place, (up, right) in enumerate(shifts)
        ),
    )


_TOWN: Final = ("Voorbeeldstad", "Voorbeeldstad", "Voorbeeldstad")

QUARTERS: Final = (
    _quarter("oude-stad", "Oude Stad", 6750, (52.0800, 5.7100), _TOWN),
    _quarter("havenkwartier", "Havenkwartier", 6753, (52.0880, 5.6860), _TOWN),
    _quarter("parkwijk", "Parkwijk", 6756, (52.0960, 5.7150), _TOWN),
    _quarter("overwaard", "Overwaard", 6759, (52.0660, 5.6800), _TOWN),
    _quarter("vlietoever", "Vlietoever", 6762, (52.0700, 5.7400), _TOWN),
    _quarter("noord", "Noord", 6765, (52.1120, 5.7000), _TOWN),
    _quarter("hoge-kamp", "De Hoge Kamp", 6768, (52.0920, 5.7520), _TOWN),
    _quarter(
        "buitengebied", "Buitengebied", 6771, (52.1340, 5.7480), ("Voorbeeldbroek", "Voorbeelderveld", "Oud-Voorbeeld")
    ),
)

TOPICS: Final = (
    Topic("groen", "Groen en natuur", "Green and nature", "groen"),
    Topic("ontmoeten", "Ontmoeten", "Meeting", "ontmoeten"),
    Topic("spelen", "Spelen", "Play", "spelen"),
    Topic("repareren", "Repareren en delen", "Repairing and sharing", "samen"),
    Topic("sport", "Sport en bewegen", "Sport and exercise", "sport"),
    Topic("cultuur", "Kunst en cultuur", "Arts and culture", "cultuur"),
    Topic("energie", "Energie en klimaat", "Energy and climate", "duurzaam"),
    Topic("zorg", "Zorg voor elkaar", "Caring for each other", "zorg"),
)

# Who starts initiatives, beside the people one can play (`frontend.demo.PEOPLE`).
NEIGHBOURS: Final = {
    "straat": DemoPerson("Sam Straat", "straat@voorbeeldstad.example"),
    "reparatie": DemoPerson("Rosa Reparatie", "reparatie@voorbeeldstad.example"),
    "oever": DemoPerson("Otto Oever", "oever@voorbeeldstad.example"),
    "wijk": DemoPerson("Willemijn Wijk", "wijk@voorbeeldstad.example"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CoFunding:
    """The demonstration's one co-funding scheme."""

    name: str
    legal_basis: str
    ratio_percent: int
    donor_cap_cents: int
    project_cap_cents: int
    pot_cents: int
    quarters: tuple[str, ...]


# Of a bank that does not exist; its check digits are right.
BANK_ACCOUNT: Final = "NL04VOOR0123456789"

SCHEME: Final = CoFunding(
    name="Buurtfonds Voorbeeldstad",
    legal_basis="Subsidieregeling buurtinitiatieven Voorbeeldstad, artikel 4",
    ratio_percent=50,
    donor_cap_cents=100_00,
    project_cap_cents=2_500_00,
    pot_cents=50_000_00,
    # Not everywhere: the pages then also show what an initiative without co-funding looks like.
    quarters=("oude-stad", "havenkwartier", "parkwijk", "overwaard", "vlietoever", "noord"),
)
