"""Invented neighbours who want to help in the demonstration, so that an initiator has somebody to ask."""

from dataclasses import dataclass
from typing import Final

from matching.vocabulary.rules import ALL_CELLS, cell

_EVENINGS: Final = sum(cell(day, 2) for day in range(7))
_WEEKEND: Final = sum(cell(day, part) for day in (5, 6) for part in range(3))
_WORKDAYS: Final = sum(cell(day, part) for day in range(5) for part in (0, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """One of them. `skills` is a skill's slug and its level; `themes` are slugs of the town's topics."""

    name: str
    pc4: str
    radius_km: int
    cells: int
    languages: tuple[str, ...] = ("nl",)
    skills: tuple[tuple[str, int], ...] = ()
    themes: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        """An address that no mail ever leaves the machine for."""
        return f"{self.name.partition(' ')[0].lower()}@voorbeeldstad.example"


VOLUNTEERS: Final = (
    Neighbour(
        name="Anouk Voorbeeld",
        pc4="6759",
        radius_km=6,
        cells=_WEEKEND,
        skills=(("timmeren", 3), ("tuinieren", 2)),
        themes=("groen",),
    ),
    Neighbour(name="Bram Voorbeeld", pc4="6750", radius_km=10, cells=_EVENINGS | _WEEKEND, skills=(("koken", 3),)),
    Neighbour(
        name="Chaima Voorbeeld",
        pc4="6753",
        radius_km=8,
        cells=_WORKDAYS | _EVENINGS,
        languages=("nl", "ar", "fr"),
        skills=(("lesgeven", 3), ("gastvrijheid", 2)),
        themes=("ontmoeten", "zorg"),
    ),
    Neighbour(
        name="Daan Voorbeeld", pc4="6762", radius_km=12, cells=ALL_CELLS, skills=(("repareren", 3), ("elektra", 2))
    ),
    Neighbour(
        name="Esra Voorbeeld",
        pc4="6763",
        radius_km=5,
        cells=_WORKDAYS,
        languages=("nl", "tr"),
        skills=(("bakken", 3), ("ouderen", 2)),
        themes=("zorg",),
    ),
    Neighbour(
        name="Femke Voorbeeld", pc4="6756", radius_km=7, cells=_WEEKEND, skills=(("muziek", 3), ("evenementen", 2))
    ),
    Neighbour(name="Gijs Voorbeeld", pc4="6768", radius_km=15, cells=_WORKDAYS | _WEEKEND, skills=(("klussen", 2),)),
    Neighbour(
        name="Hanna Voorbeeld",
        pc4="6760",
        radius_km=9,
        cells=_EVENINGS,
        languages=("nl", "en", "uk"),
        skills=(("vertalen", 2), ("sociale-media", 3)),
        themes=("ontmoeten", "cultuur"),
    ),
    Neighbour(name="Ilias Voorbeeld", pc4="6765", radius_km=6, cells=_EVENINGS | _WEEKEND, skills=(("sport", 3),)),
    Neighbour(
        name="Joke Voorbeeld", pc4="6751", radius_km=4, cells=_WORKDAYS, skills=(("planten", 3), ("boekhouden", 2))
    ),
)
