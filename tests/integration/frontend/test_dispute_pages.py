"""A treasurer reads which payments a bank took back, and by when to answer; an empty answer is refused."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import insert

from crowd.shared.clock import machine_now
from crowd.shared.db import Database
from crowd.shared.ids import new_id
from payments.collection.models import Charge
from payments.disputes.models import Dispute
from tests.factories import make_initiative, make_municipality, make_person, make_secured_pledge
from tests.in_process import Visitor, open_house, words

DISPUTES = "/loket/betwistingen"


@pytest.fixture
def here(committing_database: Database) -> UUID:
    with committing_database.transaction() as session:
        return make_municipality(session)


@pytest.fixture
def house(committing_database: Database, here: UUID) -> Iterator[FastAPI]:
    del here  # the house serves the first municipality, which must be there
    with open_house(committing_database) as app:
        yield app


def _disputed(database: Database, here: UUID) -> UUID:
    now, dispute_id = machine_now(), new_id()
    with database.transaction() as session:
        initiator = make_person(session, municipality_id=here)
        initiative_id = make_initiative(session, municipality_id=here, initiator_id=initiator)
        pledge_id = make_secured_pledge(session, initiative_id=initiative_id, now=now)
        session.execute(
            insert(Charge).values(
                pledge_id=pledge_id,
                initiative_id=initiative_id,
                amount_cents=30_00,
                planned_at=now,
                state="succeeded",
                charge_ref="ch_1",
                intent_ref="pi_1",
            )
        )
        session.execute(
            insert(Dispute).values(
                id=dispute_id,
                dispute_ref="du_1",
                municipality_id=here,
                pledge_id=pledge_id,
                amount_cents=30_00,
                fee_cents=20_00,
                reason="fraudulent",
                state="open",
                due_at=now + timedelta(days=8),
                opened_at=now,
                withdrawn_at=now,
            )
        )
    return dispute_id


def test_a_treasurer_sees_what_a_bank_wants_back_and_is_asked_for_an_answer(
    house: FastAPI, committing_database: Database, here: UUID
) -> None:
    treasurer = Visitor(house).work_as("treasurer")
    assert "Er is geen betaling betwist" in words(treasurer.get(DISPUTES).text)
    dispute = _disputed(committing_database, here)
    listed = words(treasurer.get(DISPUTES).text)
    assert "€ 30" in listed.replace("\N{NO-BREAK SPACE}", " ")
    shown = words(treasurer.get(f"{DISPUTES}/{dispute}").text)
    assert "De kaarthouder zegt dat die deze betaling niet heeft gedaan." in shown
    empty = treasurer.send(f"{DISPUTES}/{dispute}/antwoord", {"evidence": " "})
    assert (empty.status_code, "Schrijf op waarom de betaling klopte." in words(empty.text)) == (400, True)


def test_only_a_treasurer_sees_disputes(house: FastAPI, committing_database: Database, here: UUID) -> None:
    dispute = _disputed(committing_database, here)
    clerk = Visitor(house).work_as("clerk")
    assert [clerk.get(path).status_code for path in (DISPUTES, f"{DISPUTES}/{dispute}")] == [403, 403]
