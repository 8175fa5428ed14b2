"""What a page may cost in statements and bytes: the same with fifty of everything as with one."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import insert, update

from crowd.initiatives.models import BudgetLine, InitiativeUpdate
from crowd.initiatives.queries import campaign_facts
from crowd.pledges.models import Pledge
from crowd.shared.clock import machine_now
from crowd.shared.db import Database
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from frontend import links
from matching.vocabulary import operations as vocabulary
from payments.ledger.operations import post
from tests.factories import (
    make_initiative,
    make_municipality,
    make_neighbourhood,
    make_person,
    make_postcode_area,
    make_scheme,
    make_secured_pledge,
    make_theme,
)
from tests.in_process import Visitor, counted_statements, open_house
from tests.people_at_work import make_role, make_shift

HTML_BYTES_MAX = 15_000
MANY = 50


@dataclass
class City:
    """A municipality with one initiative to look at, which gets more and more of everything."""

    database: Database
    app: FastAPI
    now: datetime = field(default_factory=lambda: machine_now() - timedelta(hours=1))

    def __post_init__(self) -> None:
        with self.database.transaction() as session:
            self.here = make_municipality(session)
            self.harbour = make_neighbourhood(session, municipality_id=self.here)
            self.green = make_theme(session, municipality_id=self.here)
            self.initiator = make_person(session, municipality_id=self.here)
            make_postcode_area(session, municipality_id=self.here, neighbourhood_id=self.harbour)
            vocabulary.lay_skills(session)
            make_scheme(session, municipality_id=self.here, neighbourhood_id=self.harbour)
        self.initiative = self.add_initiative("Geveltuinen in de Kadestraat", budget=(("Planten", 600_00),))
        with self.database.transaction() as session:
            self.slug = campaign_facts(session, initiative_id=self.initiative).slug
            role = make_role(session, self.here, initiative_id=self.initiative, now=self.now)
            self.role = role
        self.pledge = self.give(1)
        self.shift = self.ask_hands(1)

    def add_initiative(self, title: str, *, budget: tuple[tuple[str, int], ...] = (("Alles", 100_00),)) -> UUID:
        with self.database.transaction() as session:
            return make_initiative(
                session,
                municipality_id=self.here,
                initiator_id=self.initiator,
                neighbourhood_id=self.harbour,
                theme_id=self.green,
                title=title,
                budget=budget,
                now=self.now,
            )

    def give(self, number: int) -> UUID:
        """A named gift with its movement on the account."""
        with self.database.transaction() as session:
            pledge_id = make_secured_pledge(session, initiative_id=self.initiative, now=self.now)
            session.execute(update(Pledge).where(Pledge.id == pledge_id).values(public_name=f"Buur {number}"))
            post(
                session,
                kind="charge",
                municipality_id=self.here,
                initiative_id=self.initiative,
                amount=Money(100_00),
                source_type="pledge",
                source_id=str(pledge_id),
                occurred_at=self.now,
            )
            return pledge_id

    def ask_hands(self, days: int) -> UUID:
        with self.database.transaction() as session:
            return make_shift(session, self.here, role_id=self.role, days=days, now=self.now)

    def grow(self) -> None:
        """Fifty of everything."""
        for number in range(2, MANY + 1):
            self.add_initiative(f"Plan {number:02}")
            self.give(number)
            self.ask_hands(number)
        with self.database.transaction() as session:
            session.execute(
                insert(BudgetLine),
                [
                    {
                        "initiative_id": self.initiative,
                        "position": position,
                        "label": f"Post {position}",
                        "amount_cents": 100,
                    }
                    for position in range(1, MANY)
                ],
            )
            session.execute(
                insert(InitiativeUpdate),
                [
                    {
                        "id": new_id(),
                        "initiative_id": self.initiative,
                        "title": f"Nieuws {number}",
                        "body": "Het gaat goed.",
                        "published_at": self.now,
                        "published_by": self.initiator,
                    }
                    for number in range(MANY)
                ],
            )


@pytest.fixture
def city(committing_database: Database) -> Iterator[City]:
    # As in earnest: in a demonstration every page also asks what time it is.
    with open_house(committing_database, DEMO="no") as app:
        yield City(committing_database, app)


def _pages(city: City) -> dict[str, int]:
    """What everyone can read -> how many statements it may cost."""
    own = links.own_pledge_path(city.pledge, city.app.state.runtime.keys)
    api = "/api/v1"
    return {
        "/": 5,
        "/initiatieven": 4,
        "/initiatieven?stand=alles&zoek=a": 4,
        f"/initiatieven/{city.slug}": 6,
        f"/initiatieven/{city.slug}/steunen": 4,
        f"/initiatieven/{city.slug}/elke-euro": 6,
        "/meehelpen": 4,
        f"/meehelpen/{city.shift}": 4,
        own: 4,
        "/open-data": 0,
        "/hoe-werkt-het": 0,
        f"{api}/initiatives": 4,
        f"{api}/initiatives?standing=all&search=a": 4,
        f"{api}/initiatives/{city.slug}": 6,
        f"{api}/initiatives/{city.slug}/movements": 6,
        f"{api}/shifts": 4,
        f"{api}/shifts/{city.shift}": 4,
        f"{api}/municipality": 4,
        f"{api}/themes": 0,
        f"{api}/neighbourhoods": 0,
        f"{api}/skills": 0,
        f"{api}/schemes": 4,
        f"{api}{own.replace('/bijdragen', '/pledges')}": 4,
        f"{api}/openapi.json": 0,
    }


def _costs(city: City, visitor: Visitor) -> dict[str, int]:
    costs = {}
    for path in _pages(city):
        # The first visit also learns what changes hardly ever: the municipality, its themes.
        assert visitor.get(path).status_code == 200, path
        with counted_statements(city.app) as said:
            visitor.get(path)
        costs[path] = len(said)
    return costs


def test_a_page_costs_a_few_statements_whatever_the_data(city: City) -> None:
    visitor = Visitor(city.app)

    with_one = _costs(city, visitor)
    city.grow()
    with_fifty = _costs(city, visitor)

    assert with_fifty == with_one
    assert {path: cost for path, cost in with_one.items() if cost > _pages(city)[path]} == {}


def test_a_page_with_fifty_of_everything_fits_its_bytes(city: City) -> None:
    city.grow()
    visitor = Visitor(city.app)

    sizes = {path: len(gzip.compress(visitor.get(path).content)) for path in _pages(city) if "/api/" not in path}

    assert {path: size for path, size in sizes.items() if size > HTML_BYTES_MAX} == {}


def test_a_promise_costs_six_statements_whatever_the_data(city: City) -> None:
    counts = [_promise(city)]
    city.grow()
    counts.append(_promise(city))

    assert counts[0] == counts[1]
    assert counts[0] <= 6


def _promise(city: City) -> int:
    visitor = Visitor(city.app)
    path = f"/initiatieven/{city.slug}/steunen"
    visitor.get(path)
    with counted_statements(city.app) as said:
        answer = visitor.send(path, {"amount": "25", "email": f"{new_id().hex}@voorbeeld.example"})
    assert answer.status_code == 303
    return len(said)


def test_every_list_is_walked_part_by_part_and_holds_everything_once(city: City) -> None:
    # All at the same moment: only the id keeps them apart.
    for number in range(60):
        city.add_initiative(f"Plan {number}")
        city.give(number)
        city.ask_hands(5)
    visitor = Visitor(city.app)

    initiatives = _walk(visitor, "/api/v1/initiatives?standing=all")
    shifts = _walk(visitor, "/api/v1/shifts?withFull=true")
    movements = _walk(visitor, f"/api/v1/initiatives/{city.slug}/movements")

    assert [len(part) for part in initiatives] == [50, 11]
    assert [len(part) for part in shifts] == [20, 20, 20, 1]
    assert [len(part) for part in movements] == [50, 11]
    for parts, name in ((initiatives, "slug"), (shifts, "id"), (movements, "id")):
        seen = [line[name] for part in parts for line in part]
        assert len(seen) == len(set(seen)) == 61


def _walk(visitor: Visitor, path: str) -> list[list[dict[str, Any]]]:
    """Every part of a list, following `next`; the header Link must say the same."""
    parts, further = [], path
    while further:
        answer = visitor.get(further)
        part = answer.json()
        parts.append(part["items"])
        assert answer.headers.get("link", "") == (f'<{part["next"]}>; rel="next"' if part["next"] else "")
        further = part["next"]
    return parts
