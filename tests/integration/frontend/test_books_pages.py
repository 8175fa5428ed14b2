"""A treasurer reads what does not agree, writes what was found out, and takes the ledger along for the accountant."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from crowd.shared.audit import AuditRow
from crowd.shared.clock import local_date, machine_now
from crowd.shared.db import Database
from crowd.shared.money import Money
from payments.books.finding_queries import open_findings
from payments.books.operations import begin_check, record_check
from payments.books.rules import MOVEMENT_IS_BOOKED, Finding, Verdict
from payments.ledger.operations import post
from tests.auditfile import wrong_with
from tests.factories import make_initiative, make_municipality
from tests.in_process import Visitor, open_house, words

BOOKS = "/loket/boeken"
FINDING = Finding("I6", MOVEMENT_IS_BOOKED, "re_made_up", "-500, costs 0", "not booked")


@pytest.fixture
def here(committing_database: Database) -> UUID:
    with committing_database.transaction() as session:
        return make_municipality(session)


@pytest.fixture
def house(committing_database: Database, here: UUID) -> Iterator[FastAPI]:
    del here  # the house serves the first municipality, which must be there
    with open_house(committing_database) as app:
        yield app


def _check(database: Database, *findings: Finding) -> None:
    verdict = Verdict(
        findings=findings,
        asked=frozenset({MOVEMENT_IS_BOOKED}),
        checks=22,
        captured_cents=0,
        in_flight=0,
        compared_with_provider=True,
    )
    with database.transaction() as session:
        now = machine_now()
        record_check(session, check_id=begin_check(session, now=now), verdict=verdict, now=now)


def _open_finding(database: Database) -> str:
    with database.reading() as session:
        return f"{BOOKS}/{open_findings(session)[0].id}"


def test_a_treasurer_reads_and_explains_a_finding_until_it_is_gone(
    house: FastAPI, committing_database: Database
) -> None:
    treasurer = Visitor(house).work_as("treasurer")
    assert "De boeken zijn nog niet gecontroleerd." in words(treasurer.get(BOOKS).text)
    _check(committing_database, FINDING)
    shown = words(treasurer.get(BOOKS).text)
    assert "elke beweging op het tegoed bij de betaaldienst is geboekt" in shown
    assert "re_made_up. Verwacht: -500, kosten 0. Gevonden: niet geboekt." in shown
    path = _open_finding(committing_database)

    treasurer.get(path)
    empty = treasurer.send(f"{path}/toelichting", {"body": " "})
    assert (empty.status_code, "Schrijf op wat je hebt uitgezocht" in words(empty.text)) == (400, True)
    treasurer.send(f"{path}/toelichting", {"body": "Nagevraagd bij de betaaldienst."})
    assert "Nagevraagd bij de betaaldienst." in words(treasurer.follow().text)
    assert "Toegelicht" in words(treasurer.get(BOOKS).text)

    _check(committing_database)
    assert "klopt dit weer" in words(treasurer.get(path).text)
    assert "Alles klopt." in words(treasurer.get(BOOKS).text)
    assert "Wat weer klopt" in words(treasurer.get(BOOKS).text)


def test_who_reads_the_books_does_not_always_explain_them(house: FastAPI, committing_database: Database) -> None:
    _check(committing_database, FINDING)
    path = _open_finding(committing_database)
    administrator = Visitor(house).work_as("administrator")
    assert "Toelichting toevoegen" not in administrator.get(path).text
    clerk = Visitor(house).work_as("clerk")
    assert [clerk.get(address).status_code for address in (BOOKS, path, f"{BOOKS}/bestand")] == [403, 403, 403]


def test_a_finding_that_does_not_exist_is_not_found(house: FastAPI) -> None:
    treasurer = Visitor(house).work_as("treasurer")
    assert treasurer.get(f"{BOOKS}/01990000-0000-7000-8000-000000000000").status_code == 404


@pytest.mark.parametrize("form", ["xaf", "csv"])
def test_a_treasurer_takes_the_ledger_along_and_that_is_remembered(
    house: FastAPI, committing_database: Database, here: UUID, form: str
) -> None:
    now = machine_now()
    with committing_database.transaction() as session:
        initiative = make_initiative(session, municipality_id=here, title="Buurtmoestuin")
        post(
            session,
            kind="match_awarded",
            municipality_id=here,
            initiative_id=initiative,
            amount=Money(12_34),
            source_type="decision",
            source_id="made up",
            occurred_at=now,
        )
    treasurer = Visitor(house).work_as("treasurer")
    today = local_date(now)
    answer = treasurer.get(f"{BOOKS}/bestand?from={today.replace(day=1)}&to={today}&format={form}")

    assert answer.status_code == 200
    assert answer.headers["content-disposition"].endswith(f'{today.isoformat()}.{form}"')
    assert "Buurtmoestuin" in answer.text
    if form == "xaf":
        assert wrong_with(answer.text) == []
    with committing_database.reading() as session:
        taken = session.scalars(select(AuditRow).where(AuditRow.action == "ledger.exported")).one()
    assert (taken.facts["postings"], taken.facts["format"]) == (1, form)


def test_days_that_make_no_file_are_named(house: FastAPI) -> None:
    treasurer = Visitor(house).work_as("treasurer")
    today = local_date(machine_now())
    year = timedelta(days=366)
    wrong = {
        "from=gisteren&to=2026-01-01&format=xaf": "Kies een dag die bestaat.",
        f"from={today}&to={today - year}&format=xaf": "De laatste dag mag niet voor de eerste liggen.",
        f"from={today - year}&to={today}&format=xaf": "Een auditfile gaat over hooguit één kalenderjaar",
        f"from={today}&to={today}&format=pdf": "Kies een van de soorten bestand.",
    }
    for query, sentence in wrong.items():
        answer = treasurer.get(f"{BOOKS}/bestand?{query}")
        assert answer.status_code == 400
        assert sentence in words(answer.text)
