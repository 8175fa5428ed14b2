"""Somebody without e-mail gives at the desk: cash that two people count, a transfer a bank file brings, and back."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from crowd.pledges.models import Pledge
from crowd.shared.actor import operator
from crowd.shared.clock import local_date, machine_now
from crowd.shared.db import Database
from crowd.shared.money import Money
from frontend.links import own_pledge_path
from payments.bank.models import Deposit
from payments.bank.terms_operations import set_money_terms
from tests.bank_files import OURS, THEIRS, Move, camt
from tests.factories import make_initiative, make_municipality, make_neighbourhood, make_person
from tests.in_process import Visitor, open_house, words

NEW = "/loket/bijdragen/nieuw"
SEND = "/loket/bijdragen"
UPLOAD = "/loket/bank/afschriften"


@pytest.fixture
def here(committing_database: Database) -> UUID:
    with committing_database.transaction() as session:
        municipality_id = make_municipality(session)
        set_money_terms(
            session,
            municipality_id=municipality_id,
            bank_account=OURS,
            cash_alone=Money(100_00),
            actor=operator(municipality_id),
            now=machine_now(),
        )
        return municipality_id


@pytest.fixture
def campaign(committing_database: Database, here: UUID) -> UUID:
    now = machine_now()
    with committing_database.transaction() as session:
        return make_initiative(
            session,
            municipality_id=here,
            initiator_id=make_person(session, municipality_id=here),
            neighbourhood_id=make_neighbourhood(session, municipality_id=here),
            minimum_cents=1_000_00,
            budget=(("Alles", 1_000_00),),
            ends_on=local_date(now).replace(year=local_date(now).year + 1),
            now=now,
        )


@pytest.fixture
def house(committing_database: Database, campaign: UUID) -> Iterator[FastAPI]:
    assert campaign.int, "the house serves the first municipality, which must be there"
    with open_house(committing_database) as app:
        yield app


def filled(campaign: UUID, **changes: str) -> dict[str, str]:
    return {
        "channel": "desk",
        "initiative": str(campaign),
        "way": "cash",
        "amount": "60",
        "name": "Jan Zonder Adres",
        "postcode": "1234 ab",
        "house_number": "12",
        "consent": "yes",
        **changes,
    }


def state_of(database: Database, gift: str) -> str:
    with database.reading() as session:
        return session.execute(select(Pledge.state).where(Pledge.id == UUID(gift.rpartition("/")[2]))).scalar_one()


def test_cash_above_the_limit_counts_when_a_colleague_has_counted_it(
    house: FastAPI, committing_database: Database, campaign: UUID
) -> None:
    clerk, colleague = (Visitor(house).work_as("clerk") for _ in range(2))
    clerk.get(NEW)
    gift = clerk.send(SEND, filled(campaign, amount="250")).headers["location"]
    receipt = words(clerk.follow().text)
    assert "Jan Zonder Adres" in receipt
    assert "Je hebt deze bijdrage zelf opgeschreven" in receipt
    assert state_of(committing_database, gift) == "promised"
    assert "Wacht op een tweede persoon" in words(colleague.get(SEND).text)
    colleague.get(gift)
    assert colleague.send(f"{gift}/bevestiging", {}).status_code == 303
    assert state_of(committing_database, gift) == "secured"
    assert "We bewaren het geld" in words(colleague.follow().text)


def test_a_transfer_announced_by_phone_counts_when_the_bank_file_was_read(
    house: FastAPI, committing_database: Database, campaign: UUID
) -> None:
    clerk, treasurer = (Visitor(house).work_as(role) for role in ("clerk", "treasurer"))
    clerk.get(NEW)
    gift = clerk.send(SEND, filled(campaign, way="bank_transfer", channel="phone")).headers["location"]
    assert "NL04 VOOR 0123 4567 89" in words(clerk.follow().text)
    with committing_database.reading() as session:
        reference = session.execute(select(Deposit.reference)).scalar_one()
    content = camt(Move(cents=60_00, told=f"tuin {reference}"), Move(cents=7_00, told="geen idee"))
    treasurer.get("/loket/bank")
    assert treasurer.send(UPLOAD, {}, files={"file": ("a.xml", content, "text/xml")}).status_code == 303
    shown = words(treasurer.follow().text)
    assert "Regels gekoppeld aan hun kenmerk: 1" in shown
    assert "In de omschrijving staat geen kenmerk van ons." in shown
    assert state_of(committing_database, gift) == "secured"
    again = treasurer.send(UPLOAD, {}, files={"file": ("a.xml", content, "text/xml")})
    assert again.status_code == 409
    assert "Dit afschrift was al ingelezen" in words(again.text)


def test_a_line_without_a_reference_is_matched_or_set_aside_by_hand(
    house: FastAPI, committing_database: Database, campaign: UUID
) -> None:
    clerk, treasurer = (Visitor(house).work_as(role) for role in ("clerk", "treasurer"))
    clerk.get(NEW)
    gift = clerk.send(SEND, filled(campaign, way="bank_transfer")).headers["location"]
    content = camt(Move(cents=60_00, told="voor de tuin"), Move(cents=7_00, told="huur"))
    treasurer.get("/loket/bank")
    treasurer.send(UPLOAD, {}, files={"file": ("a.xml", content, "text/xml")})
    for act in ("koppeling", "terzijde"):
        page = treasurer.get("/loket/bank").text
        path = next(part.partition('"')[0] for part in page.split('action="') if f'/{act}"' in part[:120])
        assert treasurer.send(path, {}).status_code == 303
    assert state_of(committing_database, gift) == "secured"
    assert "Alles wat binnenkwam, heeft zijn plek." in words(treasurer.get("/loket/bank").text)


def test_what_was_given_goes_back_to_an_account_the_donor_gave(house: FastAPI, campaign: UUID) -> None:
    clerk, treasurer = (Visitor(house).work_as(role) for role in ("clerk", "treasurer"))
    clerk.get(NEW)
    gift = clerk.send(SEND, filled(campaign, email="jan@voorbeeld.example")).headers["location"]
    pledge_id = UUID(gift.rpartition("/")[2])
    donor = Visitor(house)
    own = own_pledge_path(pledge_id, house.state.runtime.keys)
    donor.get(own)
    assert donor.send(f"{own}/intrekking", {}).status_code == 303
    assert "Je krijgt je geld terug" in words(donor.follow().text)
    wrong = donor.send(f"{own}/rekening", {"account": "NL00", "holder": ""})
    assert wrong.status_code == 400
    assert donor.send(f"{own}/rekening", {"account": THEIRS, "holder": "J. Zonder Adres"}).status_code == 303
    treasurer.get("/loket/terugbetalingen")
    path = f"/loket/terugbetalingen/{pledge_id}/betaling"
    refused = treasurer.send(path, {"reference": " "})
    assert refused.status_code == 400
    assert treasurer.send(path, {"reference": "BETAAL 7"}).status_code == 303
    assert "Er hoeft niets terugbetaald te worden" in words(treasurer.follow().text)
    assert "Je hebt je geld terug" in words(donor.get(own).text)


def test_everything_wrong_in_the_form_is_said_at_once_and_what_was_typed_stays(house: FastAPI) -> None:
    clerk = Visitor(house).work_as("clerk")
    clerk.get(NEW)
    answer = clerk.send(SEND, {"name": "Jan", "amount": "abc", "email": "geen adres"})
    assert answer.status_code == 400
    said = words(answer.text)
    for sentence in (
        "Kies of deze persoon aan de balie",
        "Kies voor welk initiatief dit is.",
        "Kies of het geld contant wordt gegeven",
        "Vul een postcode in",
        "Vul een huisnummer in",
    ):
        assert sentence in said
    assert 'value="Jan"' in answer.text


def test_only_the_right_people_come_near_the_money(house: FastAPI) -> None:
    clerk, assessor, treasurer = (Visitor(house).work_as(role) for role in ("clerk", "assessor", "treasurer"))
    assert clerk.get("/loket/bank").status_code == 403
    assert clerk.get("/loket/terugbetalingen").status_code == 403
    assert assessor.get(SEND).status_code == 403
    assert treasurer.get(NEW).status_code == 403
    assert treasurer.get(SEND).status_code == 200
