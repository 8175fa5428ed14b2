"""What everyone sees: home, the list, and the page of an initiative in each of its states."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import insert

from crowd.initiatives import rules
from crowd.initiatives.operations import change_state
from crowd.initiatives.queries import campaign_facts
from crowd.pledges.models import Pledge
from crowd.shared.actor import operator
from crowd.shared.clock import machine_now
from crowd.shared.db import Database
from crowd.shared.ids import new_id
from tests.factories import make_initiative, make_municipality, make_neighbourhood, make_person, make_theme
from tests.in_process import Visitor, counted_statements, open_house, words


class House:
    """The application with one municipality in it."""

    def __init__(self, database: Database, app: FastAPI) -> None:
        self.database, self.app = database, app
        with database.transaction() as session:
            self.here = make_municipality(session)
            self.harbour = make_neighbourhood(session, municipality_id=self.here)
            self.green = make_theme(session, municipality_id=self.here)
            self.initiator = make_person(session, municipality_id=self.here)

    def add(self, state: str = "live", *, title: str = "Geveltuinen in de Kadestraat") -> tuple[UUID, str]:
        with self.database.transaction() as session:
            made = make_initiative(
                session,
                municipality_id=self.here,
                state=state,
                initiator_id=self.initiator,
                neighbourhood_id=self.harbour,
                theme_id=self.green,
                title=title,
                now=machine_now() - timedelta(hours=1),
            )
            return made, campaign_facts(session, initiative_id=made).slug


@pytest.fixture
def house(committing_database: Database) -> Iterator[House]:
    with open_house(committing_database) as app:
        yield House(committing_database, app)


# What each state says about itself, in Dutch.
SAYS = {
    "live": "Steun dit initiatief",
    "suspended": "Omdat de test het vraagt.",
    "collecting": "Het minimum is gehaald",
    "funded": "Dit gaat door",
    "unfunded": "niet gelukt",
    "cancelled": "gestopt",
}


@pytest.mark.parametrize("state", sorted(SAYS))
def test_a_public_page_says_what_is_true_now(house: House, state: str) -> None:
    _, slug = house.add(state)
    answer = Visitor(house.app).get(f"/initiatieven/{slug}")
    assert answer.status_code == 200
    text = words(answer.text)
    assert "Geveltuinen in de Kadestraat" in text
    assert SAYS[state] in text
    assert (f"/initiatieven/{slug}/steunen" in answer.text) == (state == "live")


@pytest.mark.parametrize("state", ["draft", "submitted", "changes_requested", "approved"])
def test_a_private_page_is_for_its_people_only(house: House, state: str) -> None:
    _, slug = house.add(state)
    assert Visitor(house.app).get(f"/initiatieven/{slug}").status_code == 404
    own = Visitor(house.app).sign_in(house.database, person_id=house.initiator)
    answer = own.get(f"/initiatieven/{slug}")
    assert answer.status_code == 200
    assert "noindex" in answer.text


def test_every_state_is_public_or_private() -> None:
    # What a near miss says has its own tests: test_near_miss_pages.py.
    assert set(SAYS) | {"near_miss", "draft", "submitted", "changes_requested", "approved"} == set(rules.STATES)


@pytest.mark.parametrize("slug", ["bestaat-niet", "%00", "a" * 3000, "..%2f"])
def test_an_unknown_address_is_not_found(house: House, slug: str) -> None:
    assert Visitor(house.app).get(f"/initiatieven/{slug}").status_code == 404


def test_an_unchanged_page_is_not_sent_again(house: House) -> None:
    initiative, slug = house.add()
    visitor = Visitor(house.app)
    visitor.get(f"/initiatieven/{slug}")
    first = visitor.get(f"/initiatieven/{slug}")
    again = visitor.get(f"/initiatieven/{slug}", **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    with house.database.transaction() as session:
        change_state(
            session,
            initiative_id=initiative,
            to="suspended",
            actor=operator(house.here),
            now=machine_now(),
            reason="Even uitzoeken.",
        )
    changed = visitor.get(f"/initiatieven/{slug}", **{"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    assert "Even uitzoeken." in changed.text


def test_an_initiative_costs_at_most_six_statements_and_the_list_four(house: House) -> None:
    _, slug = house.add()
    house.add(title="Tweede")
    visitor = Visitor(house.app).sign_in(house.database, person_id=house.initiator)
    # The first visit also learns what changes hardly ever: the municipality, its themes.
    visitor.get("/initiatieven")
    with counted_statements(house.app) as said:
        assert visitor.get(f"/initiatieven/{slug}").status_code == 200
    assert len(said) <= 6, said
    with counted_statements(house.app) as said:
        assert visitor.get("/initiatieven").status_code == 200
    assert len(said) <= 4, said
    with counted_statements(house.app) as said:
        assert visitor.get("/").status_code == 200
    assert len(said) <= 6, said


def test_the_list_can_be_walked_and_each_part_has_its_own_address(house: House) -> None:
    for number in range(14):
        house.add(title=f"Plan {number:02}")
    visitor = Visitor(house.app)
    first = visitor.get("/initiatieven?stand=alles")
    assert "14 initiatieven" in words(first.text)
    more = next(line for line in first.text.split('"') if "na=" in line).replace("&amp;", "&")
    second = visitor.get(more)
    shown = {f"Plan {number:02}" for number in range(14) if f"Plan {number:02}" in first.text}
    rest = {f"Plan {number:02}" for number in range(14) if f"Plan {number:02}" in second.text}
    assert len(shown) == 12
    assert len(rest) == 2
    assert not shown & rest


@pytest.mark.parametrize(
    "query",
    ["?thema=nee", "?wijk=nee", "?stand=nee", "?na=rommel", "?na=2026-01-01_x", "?zoek=%25%00'", "?stand=gelukt"],
)
def test_a_changed_address_is_no_error(house: House, query: str) -> None:
    house.add()
    assert Visitor(house.app).get(f"/initiatieven{query}").status_code == 200


def test_home_shows_the_newest_in_both_languages(house: House) -> None:
    house.add()
    visitor = Visitor(house.app)
    assert "Geveltuinen in de Kadestraat" in visitor.get("/").text
    visitor.get("/?lang=en")
    assert "See the initiatives" in visitor.follow().text


def test_no_name_is_shown_of_who_left_it_empty(house: House) -> None:
    initiative, slug = house.add()
    with house.database.transaction() as session:
        for name in ("", "Familie Voorbeeld"):
            donor = make_person(session, municipality_id=house.here, name="Geheime Naam")
            session.execute(
                insert(Pledge).values(
                    id=new_id(),
                    municipality_id=house.here,
                    initiative_id=initiative,
                    person_id=donor,
                    amount_cents=25_00,
                    state="secured",
                    public_name=name,
                    promised_at=machine_now(),
                    secured_at=machine_now(),
                    state_since=machine_now(),
                )
            )
    text = words(Visitor(house.app).get(f"/initiatieven/{slug}").text)
    assert "Geheime Naam" not in text
    assert "Anoniem" in text
    assert "Familie Voorbeeld" in text
