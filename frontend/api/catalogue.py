"""What lists can be filtered by, remembered for a minute per process so that a filter costs no statement."""

import time
from dataclasses import dataclass
from typing import Final
from uuid import UUID
from weakref import WeakKeyDictionary

from crowd.municipalities.models import Theme
from crowd.municipalities.queries import neighbourhoods, themes
from crowd.shared.db import Database
from frontend.runtime import Runtime
from matching.vocabulary.queries import SkillFacts, skills

_FRESH_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The themes, neighbourhoods (id, slug, name) and skills of this municipality."""

    themes: tuple[Theme, ...]
    neighbourhoods: tuple[tuple[UUID, str, str], ...]
    skills: tuple[SkillFacts, ...]

    def theme_id(self, slug: str) -> UUID | None:
        """Return the id of a theme, or None for one that does not exist."""
        return next((one.id for one in self.themes if one.slug == slug), None)

    def neighbourhood_id(self, slug: str) -> UUID | None:
        """Return the id of a neighbourhood, or None for one that does not exist."""
        return next((found for found, known, _name in self.neighbourhoods if known == slug), None)

    def skill_id(self, slug: str) -> int | None:
        """Return the id of a skill, or None for one that does not exist."""
        return next((one.id for one in self.skills if one.slug == slug), None)


_remembered: WeakKeyDictionary[Database, tuple[float, Catalogue]] = WeakKeyDictionary()


def catalogue(runtime: Runtime) -> Catalogue:
    """Return what can be chosen; asks the database, in three statements, when a minute passed."""
    known = _remembered.get(runtime.database)
    if known is not None and time.monotonic() < known[0]:
        return known[1]
    here = runtime.town.facts().id
    with runtime.database.reading() as session:
        found = Catalogue(
            themes=tuple(themes(session, municipality_id=here)),
            neighbourhoods=tuple(neighbourhoods(session, municipality_id=here)),
            skills=tuple(skills(session, municipality_id=here)),
        )
    _remembered[runtime.database] = (time.monotonic() + _FRESH_SECONDS, found)
    return found
