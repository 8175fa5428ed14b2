"""An organisation is added and asked, an account is closed: each over its own form, refused with a sentence."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import insert, select

from crowd.accounts.models import Organisation, RoleGrant
from crowd.closing.models import FinalDecision
from crowd.initiatives.models import Initiative
from crowd.shared.clock import machine_now
from crowd.shared.db import Database
from payments.payouts.models import FiscalHost
from tests.factories import make_initiative, make_municipality, make_person
from tests.in_process import Visitor, open_house, words

HOST = "/mijn/gastheer"


@pytest.fixture
def here(committing_database: Database) -> UUID:
    with committing_database.transaction() as session:
        return make_municipality(session)


@pytest.fixture
def house(committing_database: Database, here: UUID) -> Iterator[FastAPI]:
    del here  # the house serves the first municipality, which must be there
    with open_house(committing_database) as app:
        yield app


def _somebody(house: FastAPI, database: Database, here: UUID, role: str = "") -> Visitor:
    with database.transaction() as session:
        who = make_person(session, municipality_id=here)
        if role:
            session.execute(
                insert(RoleGrant).values(
                    municipality_id=here, person_id=who, role=role, mandate_cents=0, granted_at=machine_now()
                )
            )
    return Visitor(house).sign_in(database, person_id=who)


def _funded(database: Database, here: UUID) -> tuple[str, UUID]:
    """A funded initiative: its slug, and its initiator."""
    now = machine_now()
    with database.transaction() as session:
        initiator = make_person(session, municipality_id=here)
        campaign = make_initiative(session, municipality_id=here, initiator_id=initiator, state="funded")
        session.execute(
            insert(FinalDecision).values(
                initiative_id=campaign,
                outcome="funded",
                collected_cents=30_00,
                collected_count=1,
                match_cents=0,
                decided_at=now,
            )
        )
        slug = session.execute(select(Initiative.slug).where(Initiative.id == campaign)).scalar_one()
    return slug, initiator


def test_a_host_is_added_asked_agrees_and_is_closed(house: FastAPI, committing_database: Database, here: UUID) -> None:
    host = _somebody(house, committing_database, here)
    host.get(HOST)
    assert host.send(f"{HOST}/organisaties", {"name": " "}).status_code == 400
    assert host.send(f"{HOST}/organisaties", {"name": "Stichting Voorbeeldwijk"}).status_code == 303
    assert "Stichting Voorbeeldwijk" in words(host.follow().text)
    assert "Mijn organisaties" in words(host.get("/mijn").text)
    other = _somebody(house, committing_database, here)
    other.get(HOST)
    taken = other.send(f"{HOST}/organisaties", {"name": "Stichting Voorbeeldwijk"})
    assert (taken.status_code, "Deze organisatie is al bekend" in words(taken.text)) == (409, True)
    with committing_database.transaction() as session:
        organisation = session.execute(select(Organisation.id)).scalar_one()
        session.execute(
            insert(FiscalHost).values(
                organisation_id=organisation, account_ref="acct_1", state="ready", started_at=machine_now()
            )
        )
    slug, initiator_id = _funded(committing_database, here)
    page = f"/initiatieven/{slug}/uitbetaling"
    initiator = Visitor(house).sign_in(committing_database, person_id=initiator_id)
    initiator.get(page)
    assert initiator.send(f"{page}/gastheer", {"host": "niemand"}).status_code == 400
    assert initiator.send(f"{page}/gastheer", {"host": str(organisation)}).status_code == 303
    assert "nog niet geantwoord" in words(initiator.follow().text)
    asked = host.get(HOST)
    (action,) = {part.partition('"')[0] for part in asked.text.split('action="') if "/verzoeken/" in part[:60]}
    assert host.send(action, {"answer": "yes"}).status_code == 303
    assert "Jullie fiscaal gastheer is akkoord" in words(initiator.get(page).text)
    treasurer = _somebody(house, committing_database, here, "treasurer")
    payout = f"/loket/uitbetalingen/{slug}"
    assert "Stichting Voorbeeldwijk" in words(treasurer.get(payout).text)
    assert treasurer.send(f"{payout}/ontvanger/sluiting", {"reason": ""}).status_code == 400
    assert treasurer.send(f"{payout}/ontvanger/sluiting", {"reason": "Opgeheven."}).status_code == 303
    assert "Opgeheven." in words(treasurer.follow().text)
    assert "Er is een andere rekening nodig" in words(initiator.get(page).text)
