"""The municipality this installation serves, read once a minute instead of once a page."""

import time
from dataclasses import dataclass

from crowd.municipalities.queries import MunicipalityFacts, the_municipality
from crowd.shared.db import Database
from crowd.shared.errors import NotFound, msg
from frontend.theme import Brand, fingerprint

_FRESH_SECONDS = 60.0


class NotSetUp(NotFound):
    """The database holds no municipality yet."""

    sentence = msg("This counter has not been set up yet. Try again in a moment.")


@dataclass(frozen=True, slots=True)
class _Known:
    facts: MunicipalityFacts
    until: float


class Town:
    """Remembers the municipality's facts for a minute, so that a page costs no query for them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: _Known | None = None

    def facts(self) -> MunicipalityFacts:
        """Return the municipality; raise NotSetUp when there is none yet. Asks the database when a minute passed."""
        known = self._known
        if known is None or time.monotonic() > known.until:
            with self._database.reading() as session:
                found = the_municipality(session)
            if found is None:
                raise NotSetUp
            known = _Known(facts=found, until=time.monotonic() + _FRESH_SECONDS)
            self._known = known
        return known.facts

    def remembered(self) -> MunicipalityFacts | None:
        """Return what was known last, however old, without asking anyone: for the page that says we are down."""
        return self._known.facts if self._known else None

    def fresh(self) -> MunicipalityFacts | None:
        """Return the facts when they need no query now, else None."""
        known = self._known
        return known.facts if known is not None and time.monotonic() <= known.until else None


def brand_of(facts: MunicipalityFacts) -> Brand:
    """Return a municipality's colours."""
    return Brand(action=facts.brand_colour, accent=facts.accent_colour)


def theme_address(facts: MunicipalityFacts) -> str:
    """Return the address of the municipality's stylesheet; it changes when the colours do."""
    return f"/thema/{fingerprint(brand_of(facts))}.css"
