"""An application through the municipality's inbox: one person scores it, another awards it, neighbours read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from fastapi import FastAPI

from crowd.cofunding.operations import reserve_match
from crowd.cofunding.queries import award_of, reserved_cents
from crowd.grants import operations, queries
from crowd.grants.rules import CRITERIA
from crowd.initiatives.queries import campaign_facts
from crowd.shared.actor import operator
from crowd.shared.clock import machine_now
from crowd.shared.db import Database
from crowd.shared.money import Money
from tests.factories import (
    make_initiative,
    make_municipality,
    make_neighbourhood,
    make_person,
    make_scheme,
    make_secured_pledge,
)
from tests.in_process import Visitor, open_house, words

SCORED = {
    **{f"score_{key}": "4" for key in CRITERIA},
    "note_support": "Veertig buren tekenden.",
    "advice": "400",
    "advice_text": "Een goed plan met veel steun uit de straat.",
    "no_interest": "yes",
}
AWARDED = {
    "outcome": "awarded",
    "up_to": "400,00",
    "reasons": "De buurt heeft hier veel aan en doet zelf mee.",
    "legal_ground": "Regeling Samen voor de buurt, artikel 3",
}


@dataclass(frozen=True, kw_only=True)
class Town:
    """A municipality with a live campaign, its application, and people who work there."""

    app: FastAPI
    database: Database
    here: UUID
    scheme: UUID
    initiative: UUID
    application: UUID
    initiator: UUID

    @property
    def assessing(self) -> str:
        return f"/loket/aanvragen/{self.application}/beoordeling"

    @property
    def deciding(self) -> str:
        return f"/loket/aanvragen/{self.application}/besluit"

    def staff(self, *roles: str, mandate_cents: int = 1_000_00, person_id: UUID | None = None) -> Visitor:
        """Somebody who works at the municipality, signed in."""
        return Visitor(self.app).work_as(*roles, person_id=person_id, mandate_cents=mandate_cents)

    def assessed(self) -> "Town":
        """The same town, its application assessed through the form."""
        assessor = self.staff("assessor")
        assessor.get(self.assessing)
        assert assessor.send(self.assessing, SCORED).status_code == 303
        return self


@pytest.fixture
def town(committing_database: Database) -> Iterator[Town]:
    now = machine_now()
    with committing_database.transaction() as session:
        here = make_municipality(session)
        place = make_neighbourhood(session, municipality_id=here)
        scheme = make_scheme(session, municipality_id=here, neighbourhood_id=place)
        initiator = make_person(session, municipality_id=here)
        initiative = make_initiative(
            session, municipality_id=here, neighbourhood_id=place, initiator_id=initiator, now=now
        )
        application = operations.apply_for_grant(session, initiative_id=initiative, actor=operator(here), now=now)
        assert application is not None
        pledge = make_secured_pledge(session, initiative_id=initiative, cents=100_00, now=now)
        reserve_match(session, pledge_id=pledge, card_fingerprint="kaart", now=now)
    with open_house(committing_database) as app:
        yield Town(
            app=app,
            database=committing_database,
            here=here,
            scheme=scheme,
            initiative=initiative,
            application=application,
            initiator=initiator,
        )


def test_one_scores_another_awards_and_neighbours_read_why(town: Town) -> None:
    assessor, approver, neighbour = town.staff("assessor"), town.staff("approver"), Visitor(town.app)
    assert "Te beoordelen" in words(assessor.get("/loket/aanvragen").text)
    assessor.get(town.assessing)
    assert assessor.send(town.assessing, SCORED).status_code == 303
    assert "De beoordeling is ingeleverd" in words(assessor.follow().text)
    shown = words(approver.get(town.deciding).text)
    assert "4 van 5 Veertig buren tekenden." in shown
    assert "Vier ogen" in shown
    assert approver.send(town.deciding, AWARDED).status_code == 303
    assert "Toegekend, onder voorbehoud" in words(approver.follow().text)
    with town.database.reading() as session:
        found = queries.award(session, initiative_id=town.initiative)
        slug = campaign_facts(session, initiative_id=town.initiative).slug
        assert award_of(session, initiative_id=town.initiative) == Money(400_00)
        assert reserved_cents(session, initiative_id=town.initiative) == 100_00
    assert found is not None
    assert found.up_to_cents == 400_00
    public = words(neighbour.get(f"/initiatieven/{slug}").text)
    assert AWARDED["reasons"] in public


def test_before_the_award_neighbours_read_that_it_is_conditional(town: Town) -> None:
    with town.database.reading() as session:
        slug = campaign_facts(session, initiative_id=town.initiative).slug
    assert "Onder voorbehoud van toekenning" in words(Visitor(town.app).get(f"/initiatieven/{slug}").text)


def test_an_assessment_that_misses_things_keeps_what_was_typed(town: Town) -> None:
    assessor = town.staff("assessor")
    assessor.get(town.assessing)
    answer = assessor.send(town.assessing, {"score_open": "5", "note_open": "Ook wie slecht loopt.", "advice": "veel"})
    assert answer.status_code == 400
    assert 'value="Ook wie slecht loopt."' in answer.text
    assert 'value="veel"' in answer.text
    assert 'href="#score_benefit"' in answer.text
    assert assessor.send(town.assessing, SCORED).status_code == 303


def test_two_clicks_hand_in_one_assessment_and_one_decision(town: Town) -> None:
    assessor, approver = town.staff("assessor"), town.staff("approver")
    for visitor, path, fields in ((assessor, town.assessing, SCORED), (approver, town.deciding, AWARDED)):
        page = visitor.get(path)
        assert visitor.send(path, fields).status_code == 303
        visitor.page = page
        assert visitor.send(path, fields).status_code == 303


def test_whoever_assessed_reads_why_somebody_else_decides(town: Town) -> None:
    with town.database.transaction() as session:
        both = make_person(session, municipality_id=town.here)
    visitor = town.staff("assessor", "approver", person_id=both)
    visitor.get(town.assessing)
    visitor.send(town.assessing, SCORED)
    answer = visitor.get(town.deciding)
    assert "Je hebt deze aanvraag beoordeeld" in words(answer.text)
    assert 'name="outcome"' not in answer.text


def test_an_award_above_the_mandate_is_refused_beside_its_field(town: Town) -> None:
    junior = town.assessed().staff("approver", mandate_cents=100_00)
    junior.get(town.deciding)
    answer = junior.send(town.deciding, AWARDED)
    assert answer.status_code == 400
    assert "Je mandaat gaat tot" in answer.text
    assert AWARDED["reasons"] in answer.text


@pytest.mark.parametrize("amount", ["", "0", "-5", "1,005", "nul", "9" * 30])
def test_an_amount_that_cannot_be_is_refused_with_a_sentence(town: Town, amount: str) -> None:
    approver = town.assessed().staff("approver")
    approver.get(town.deciding)
    answer = approver.send(town.deciding, {**AWARDED, "up_to": amount})
    assert answer.status_code == 400
    assert 'href="#up_to"' in answer.text


def test_the_initiator_who_works_here_gets_no_form(town: Town) -> None:
    insider = town.staff("assessor", person_id=town.initiator)
    answer = insider.get(town.assessing)
    assert "Je hoort bij dit initiatief" in words(answer.text)
    assert 'name="advice"' not in answer.text


def test_the_pot_is_for_staff_and_says_who_holds_what(town: Town) -> None:
    treasurer, neighbour = town.staff("treasurer"), Visitor(town.app)
    shown = words(treasurer.get(f"/loket/regelingen/{town.scheme}").text)
    assert "Geveltuinen in de Kadestraat" in shown
    assert "€ 100" in shown
    assert neighbour.get(f"/loket/regelingen/{town.scheme}").status_code == 303
    assert treasurer.get(town.deciding).status_code == 403
    assert treasurer.get(town.assessing).status_code == 403


@pytest.mark.parametrize("path", ["regelingen/{0}", "aanvragen/{0}/beoordeling", "aanvragen/{0}/besluit"])
def test_what_does_not_exist_is_not_found(town: Town, path: str) -> None:
    everybody = town.staff("assessor", "approver")
    assert everybody.get("/loket/" + path.format(UUID(int=7))).status_code == 404


def test_another_municipality_s_staff_do_not_find_it(town: Town) -> None:
    with town.database.transaction() as session:
        elsewhere = make_municipality(session)
    visitor = Visitor(town.app).work_as("assessor", "approver", here=elsewhere, mandate_cents=1_000_00)
    for path in (town.assessing, town.deciding, f"/loket/regelingen/{town.scheme}"):
        assert visitor.get(path).status_code == 404
