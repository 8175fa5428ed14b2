"""An administrator opens a co-funding scheme; initiatives in its neighbourhoods apply by themselves."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from crowd.cofunding.models import Scheme
from crowd.cofunding.queries import places_of
from crowd.grants.queries import application_of
from crowd.municipalities.queries import neighbourhoods
from crowd.shared.audit import AuditRow
from crowd.shared.clock import local_date, machine_now
from crowd.shared.db import Database
from frontend.granting import apply_for_grants
from tests.factories import make_initiative, make_municipality, make_neighbourhood
from tests.in_process import Visitor, open_house, words

FORM = "/loket/regelingen/nieuw"
SEND = "/loket/regelingen"


@pytest.fixture
def here(committing_database: Database) -> UUID:
    with committing_database.transaction() as session:
        return make_municipality(session)


@pytest.fixture
def places(committing_database: Database, here: UUID) -> list[UUID]:
    """Two neighbourhoods, and nothing else."""
    with committing_database.transaction() as session:
        return [make_neighbourhood(session, municipality_id=here, name=name) for name in ("Oost", "West")]


@pytest.fixture
def east(committing_database: Database, here: UUID, places: list[UUID]) -> str:
    """What the form sends for the first of them."""
    with committing_database.reading() as session:
        return next(slug for found, slug, _ in neighbourhoods(session, municipality_id=here) if found == places[0])


@pytest.fixture
def house(committing_database: Database, places: list[UUID]) -> Iterator[FastAPI]:
    assert places, "the house serves the first municipality, which must be there"
    with open_house(committing_database) as app:
        yield app


def _filled(place: str) -> dict[str, object]:
    today = local_date(machine_now())
    return {
        "name": "Wijkfonds",
        "legal_basis": "Verordening wijkfonds, artikel 2",
        "ratio_percent": "50",
        "donor_cap": "100",
        "project_cap": "2.000",
        "pot": "60.000,00",
        "opens_on": (today - timedelta(days=1)).isoformat(),
        "closes_on": (today + timedelta(days=300)).isoformat(),
        "neighbourhoods": [place],
    }


def _count(database: Database) -> int:
    with database.reading() as session:
        return session.execute(select(func.count(Scheme.id))).scalar_one()


def test_a_scheme_that_an_administrator_opens_applies_in_its_neighbourhoods(
    house: FastAPI, committing_database: Database, here: UUID, places: list[UUID], east: str
) -> None:
    with committing_database.transaction() as session:
        in_east, in_west = (
            make_initiative(session, municipality_id=here, neighbourhood_id=place, now=machine_now())
            for place in places
        )
    administrator = Visitor(house).work_as("administrator")
    administrator.get(FORM)

    answer = administrator.send(SEND, _filled(east))

    assert answer.status_code == 303, words(answer.text)
    shown = words(administrator.follow().text)
    assert "De regeling is open." in shown
    assert "Wijkfonds" in shown
    apply_for_grants(house.state.runtime)
    with committing_database.reading() as session:
        assert application_of(session, initiative_id=in_east) is not None
        assert application_of(session, initiative_id=in_west) is None
        scheme = session.execute(select(Scheme)).scalar_one()
        assert (scheme.donor_cap_cents, scheme.project_cap_cents, scheme.pot_cents) == (100_00, 2_000_00, 60_000_00)
        assert places_of(session, scheme_id=scheme.id) == ["Oost"]
        noted = session.execute(select(AuditRow.subject_id).where(AuditRow.action == "scheme.opened")).scalar_one()
        assert noted == scheme.id


def test_everything_wrong_in_the_form_is_said_at_once_and_what_was_typed_is_kept(
    house: FastAPI, committing_database: Database, east: str
) -> None:
    administrator = Visitor(house).work_as("administrator")
    administrator.get(FORM)
    wrong = {
        **_filled(east),
        "name": " ",
        "ratio_percent": "de helft",
        "donor_cap": "0",
        "closes_on": "2020-01-01",
        "neighbourhoods": ["maan"],
    }

    answer = administrator.send(SEND, wrong)

    assert answer.status_code == 400
    said = words(answer.text)
    for sentence in (
        "Geef de regeling een naam",
        "Vul een heel percentage in van 1 tot 1.000",
        "Vul een bedrag boven nul in",
        "De laatste dag kan niet voor de eerste dag liggen.",
        "Kies minstens één wijk.",
    ):
        assert sentence in said
    assert 'value="de helft"' in answer.text
    assert _count(committing_database) == 0


def test_two_clicks_open_one_scheme_and_its_name_is_then_taken(
    house: FastAPI, committing_database: Database, east: str
) -> None:
    administrator = Visitor(house).work_as("administrator")
    page = administrator.get(FORM)
    administrator.send(SEND, _filled(east))
    administrator.page = page
    again = administrator.send(SEND, _filled(east))
    administrator.page = page
    changed = administrator.send(SEND, {**_filled(east), "name": "Een ander fonds"})
    administrator.get(FORM)
    second = administrator.send(SEND, _filled(east))

    assert (again.status_code, changed.status_code, second.status_code) == (303, 409, 400)
    assert "Er is al een regeling met deze naam." in words(second.text)
    assert _count(committing_database) == 1


@pytest.mark.parametrize("role", ["clerk", "assessor", "treasurer"])
def test_nobody_else_opens_a_scheme(house: FastAPI, role: str) -> None:
    other = Visitor(house).work_as(role)
    assert other.get(FORM).status_code == 403
    assert "Een regeling openen" not in other.get("/loket/aanvragen").text
