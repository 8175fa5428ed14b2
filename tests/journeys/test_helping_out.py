"""Helping out, over HTTP: find a shift, sign up without an account, answer an invitation, plan for an initiative."""

import re
from html import unescape
from uuid import UUID

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from crowd.accounts.models import Person
from crowd.initiatives.queries import campaign_facts
from crowd.shared.clock import AMSTERDAM, machine_now
from crowd.shared.ids import new_id
from frontend import links
from matching.placements import operations, queries
from matching.placements.models import Placement
from matching.roles.queries import shift
from matching.vocabulary.operations import lay_skills
from tests.factories import acting, make_initiative, make_person, make_postcode_area
from tests.journeys.conftest import Served
from tests.journeys.mailed_links import sign_in
from tests.people_at_work import make_role, make_shift
from tests.visitor import Visitor

PC4 = "1019"


@pytest.fixture(scope="module", autouse=True)
def _town(served: Served) -> None:
    with served.database.transaction() as session:
        lay_skills(session)
        make_postcode_area(session, municipality_id=served.municipality_id, neighbourhood_id=None, pc4=PC4)


def planned(served: Served, *, capacity: int = 2, days: int = 6, minimum_age: int | None = None) -> UUID:
    """A shift of a live initiative."""
    now = machine_now()
    with served.database.transaction() as session:
        role_id = make_role(session, served.municipality_id, now=now, minimum_age=minimum_age)
        return make_shift(
            session, served.municipality_id, role_id=role_id, capacity=capacity, days=days, pc4=PC4, now=now
        )


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', text)
    assert found, f"no hidden {name}"
    return unescape(found.group(1))


def placement_of(served: Served, shift_id: UUID, email: str) -> Placement | None:
    with served.database.reading() as session:
        return session.scalars(
            select(Placement)
            .join(Person, Person.id == Placement.volunteer_id)
            .where(Placement.shift_id == shift_id, Person.email == email)
        ).one_or_none()


def state_of(served: Served, shift_id: UUID, email: str) -> str:
    found = placement_of(served, shift_id, email)
    return found.state if found else "nothing"


def own_path(served: Served, placement_id: UUID) -> str:
    return links.own_placement_path(placement_id, served.web.keys)


def test_a_neighbour_signs_up_without_an_account_and_cancels_by_the_mailed_link(served: Served) -> None:
    task, email = planned(served), "ik.help.graag@voorbeeld.example"
    with served.visitor() as neighbour:
        assert f"/meehelpen/{task}" in neighbour.get("/meehelpen").text
        form = neighbour.get(f"/meehelpen/{task}")
        placement_id = hidden(form.text, "placement_id")
        wrong = neighbour.send(f"/meehelpen/{task}/aanmelding", placement_id=placement_id, name="", email="geen adres")
        assert wrong.status_code == 400
        assert "Vul je naam in" in wrong.text
        assert 'value="geen adres"' in wrong.text
        assert hidden(wrong.text, "placement_id") == placement_id
        done = neighbour.send(f"/meehelpen/{task}/aanmelding", placement_id=placement_id, name="Mo", email=email)
        assert done.status_code == 303
        assert "Kijk in je mail" in neighbour.follow(done).text
        assert state_of(served, task, email) == "accepted"

        own = own_path(served, UUID(placement_id))
        for _ in range(2):
            assert "Je doet mee" in neighbour.get(own).text or "You are in" in neighbour.get(own).text
        assert state_of(served, task, email) == "accepted"
        (event,) = Calendar.from_ical(neighbour.get(f"{own}/agenda.ics").text).walk("VEVENT")
        assert str(event["UID"]).startswith(f"placement-{placement_id}@")
        assert event.decoded("DTSTART").tzinfo is not None
        assert event.decoded("DTSTART").astimezone(AMSTERDAM).hour == 10

        neighbour.get(own)
        assert neighbour.send(f"{own}/afzegging").status_code == 303
        assert state_of(served, task, email) == "cancelled"
        (gone,) = Calendar.from_ical(neighbour.get(f"{own}/agenda.ics").text).walk("VEVENT")
        assert (str(gone["UID"]), str(gone["STATUS"])) == (str(event["UID"]), "CANCELLED")


def test_two_clicks_on_the_button_are_one_sign_up(served: Served) -> None:
    task = planned(served)
    with served.visitor() as neighbour:
        placement_id = hidden(neighbour.get(f"/meehelpen/{task}").text, "placement_id")
        for _ in range(2):
            answer = neighbour.send(
                f"/meehelpen/{task}/aanmelding", placement_id=placement_id, name="Mo", email="dubbel@voorbeeld.example"
            )
            assert answer.status_code == 303
    with served.database.reading() as session:
        assert shift(session, shift_id=task).filled == 1


def test_the_answer_is_the_same_for_an_address_that_is_busy_and_for_one_nobody_knows(served: Served) -> None:
    first, second = planned(served), planned(served)
    busy, fresh = "bezet@voorbeeld.example", "fris@voorbeeld.example"
    answers = []
    with served.visitor() as neighbour:
        for task, email in ((first, busy), (second, busy), (second, fresh)):
            placement_id = hidden(neighbour.get(f"/meehelpen/{task}").text, "placement_id")
            answer = neighbour.send(f"/meehelpen/{task}/aanmelding", placement_id=placement_id, name="Mo", email=email)
            answers.append((answer.status_code, answer.headers["location"].replace(str(task), "")))
    assert answers[1] == answers[2]
    assert state_of(served, second, busy) == "nothing"
    assert state_of(served, second, fresh) == "accepted"


def test_a_full_shift_offers_its_waiting_list(served: Served) -> None:
    task = planned(served, capacity=1)
    with served.visitor() as neighbour:
        for number, expected in ((1, "accepted"), (2, "waitlisted")):
            form = neighbour.get(f"/meehelpen/{task}")
            assert ("Zet mij op de wachtlijst" in form.text) == (number == 2)
            answer = neighbour.send(
                f"/meehelpen/{task}/aanmelding",
                placement_id=hidden(form.text, "placement_id"),
                name="Mo",
                email=f"wacht{number}@voorbeeld.example",
            )
            assert answer.headers["location"].endswith(f"stand={expected}")
            assert state_of(served, task, f"wacht{number}@voorbeeld.example") == expected


def test_a_shift_with_a_minimum_age_asks_for_a_date_of_birth(served: Served) -> None:
    task = planned(served, minimum_age=18)
    with served.visitor() as neighbour:
        fields = {
            "placement_id": hidden(neighbour.get(f"/meehelpen/{task}").text, "placement_id"),
            "name": "Mo",
            "email": "jong@voorbeeld.example",
        }
        young = neighbour.send(f"/meehelpen/{task}/aanmelding", None, born_on="2012-01-01", **fields)
        assert (young.status_code, "minstens 18 jaar" in young.text) == (400, True)
        unknown = neighbour.send(f"/meehelpen/{task}/aanmelding", None, born_on="31-02-1990", **fields)
        assert unknown.status_code == 400
        assert neighbour.send(f"/meehelpen/{task}/aanmelding", None, born_on="28-02-1990", **fields).status_code == 303


@pytest.mark.parametrize(
    "path",
    [
        "/meehelpen/niets",
        f"/meehelpen/{UUID(int=7)}",
        "/meehelpen/aanmeldingen/onzin",
        "/meehelpen/aanmeldingen/onzin/agenda.ics",
        f"/initiatieven/geen/diensten/{UUID(int=7)}",
    ],
)
def test_what_is_not_there_is_not_found(served: Served, path: str) -> None:
    with served.visitor() as stranger:
        sign_in(served, stranger, "zoeker@voorbeeld.example")
        assert stranger.get(path).status_code == 404


def test_the_list_is_filtered_and_continues_by_key(served: Served) -> None:
    for number in range(22):
        planned(served, days=20 + number)
    with served.visitor() as neighbour:
        seen: list[str] = []
        path = "/meehelpen?wanneer=ochtend"
        while path:
            text = neighbour.get(path).text
            seen += re.findall(r'href="/meehelpen/([0-9a-f-]{36})"', text)
            onward = re.search(r'href="(/meehelpen\?(?![^"]*lang=)[^"]*na=[^"]+)"', text)
            path = unescape(onward.group(1)) if onward else ""
        assert len(seen) == len(set(seen)) >= 22
        assert "Geen diensten" in neighbour.get("/meehelpen?wanneer=avond").text
        assert neighbour.get("/meehelpen?na=rommel&thema=%00&wijk=x").status_code == 200


def test_a_profile_is_filled_in_without_a_script(served: Served) -> None:
    with served.visitor() as helper:
        sign_in(served, helper, "profiel@voorbeeld.example")
        helper.get("/mijn/vrijwilliger")
        found = helper.send("/mijn/vrijwilliger", act="zoek", zoek="moestuin", pc4="99", cells="3")
        assert found.status_code == 200
        assert 'value="planten"' in found.text
        assert 'value="99"' in found.text
        weekend = helper.send("/mijn/vrijwilliger", act="weekend", cells="3")
        assert weekend.text.count("checked") >= 7
        wrong = helper.send("/mijn/vrijwilliger", act="bewaar", pc4="0000", radius_km="0", wants_at_most="veel")
        assert wrong.status_code == 400
        for name in ("radius_km", "wants_at_most", "cells", "languages"):
            assert f'href="#{name}"' in wrong.text
        fields = {"pc4": PC4, "radius_km": "5", "wants_at_most": "2", "languages": "nl", "cells": "3"}
        elsewhere = helper.send("/mijn/vrijwilliger", None, act="bewaar", **{**fields, "pc4": "9999"})
        assert (elsewhere.status_code, 'href="#pc4"' in elsewhere.text) == (400, True)
        saved = helper.send("/mijn/vrijwilliger", None, act="bewaar", skills="planten", level_planten="3", **fields)
        assert saved.status_code == 303
        again = helper.get("/mijn/vrijwilliger").text
        assert re.search(r'value="planten" checked', again)
        assert re.search(r'name="cells" value="3" checked', again)


def _initiative(served: Served, email: str) -> tuple[str, UUID]:
    with served.database.transaction() as session:
        owner = session.scalars(select(Person.id).where(Person.email == email)).one()
        initiative_id = make_initiative(
            session, municipality_id=served.municipality_id, initiator_id=owner, now=machine_now()
        )
        return campaign_facts(session, initiative_id=initiative_id).slug, initiative_id


def _plan(initiator: Visitor, slug: str) -> str:
    """Add a role and a shift through the pages; the shift's board."""
    form = initiator.get(f"/initiatieven/{slug}/rollen/nieuw")
    made = initiator.send(
        f"/initiatieven/{slug}/rollen",
        role_id=hidden(form.text, "role_id"),
        title="Bollen planten",
        desired_skills="planten",
    )
    assert made.status_code == 303, made.text
    shift_form = initiator.follow(made)
    fields = {
        "shift_id": hidden(shift_form.text, "shift_id"),
        "on": "2027-03-20",
        "starts": "10:00",
        "ends": "13.00",
        "capacity": "3",
        "minimum_crew": "2",
        "pc4": PC4,
        "meeting_point": "Bij het hek",
    }
    where = made.headers["location"].replace("/dienst", "/diensten")
    for changes, says in (
        ({"ends": "09:00"}, "eindig"),
        ({"on": "2020-01-01"}, "voorbij"),
        ({"on": "2027-03-28", "starts": "02:30", "ends": "05:00"}, "klok"),
        ({"capacity": "0"}, "hoeveel mensen"),
        ({"pc4": "0001"}, "postcode"),
        ({"on": "31-02-2027"}, "dag, maand"),
    ):
        refused = initiator.send(where, None, **{**fields, **changes})
        assert (refused.status_code, says in refused.text) == (400, True), changes
        assert 'value="Bij het hek"' in refused.text
    assert initiator.send(where, None, **fields).status_code == 303
    return f"/initiatieven/{slug}/diensten/{fields['shift_id']}"


def test_an_initiator_plans_asks_and_hears_yes_and_no(served: Served) -> None:
    with served.visitor() as initiator, served.visitor() as eager, served.visitor() as shy:
        for visitor, email in (
            (initiator, "trekker@voorbeeld.example"),
            (eager, "wil@x.example"),
            (shy, "nee@x.example"),
        ):
            sign_in(served, visitor, email)
        for helper in (eager, shy):
            helper.get("/mijn/vrijwilliger")
            week = [str(cell) for cell in range(21)]
            data = {
                "csrf": helper.token,
                "pc4": PC4,
                "radius_km": "9",
                "wants_at_most": "2",
                "languages": "nl",
                "cells": week,
            }
            assert helper.client.post("/mijn/vrijwilliger", data={**data, "skills": "planten"}).status_code == 303
        slug, _initiative_id = _initiative(served, "trekker@voorbeeld.example")
        board = _plan(initiator, slug)
        shift_id = UUID(board.rpartition("/")[2])
        assert "Bollen planten" in initiator.get(f"/initiatieven/{slug}").text

        page = initiator.get(board).text
        assert page.count("Past voor") >= 2
        assert "1 van de 1 gevraagde vaardigheden" in page
        for email in ("wil@x.example", "nee@x.example"):
            person = _person(served, email)
            asked = initiator.send(f"{board}/uitnodigingen", person_id=str(person), placement_id=str(new_id()))
            assert asked.status_code == 303
        _answer(served, eager, shift_id, "wil@x.example", "toezegging")
        _answer(served, shy, shift_id, "nee@x.example", "afzegging")
        page = initiator.get(board).text
        assert "Wie komt (1)" in page
        assert "wil@x.example" in page
        assert "nee@x.example" not in page
        assert "Komt niet (1)" in page
        below = initiator.send(f"{board}/plaatsen", capacity="0", minimum_crew="1", meeting_point="Hek")
        assert below.status_code == 400
        assert initiator.send(f"{board}/afgelasting").status_code == 303
        assert state_of(served, shift_id, "wil@x.example") == "cancelled"
        assert "Deze dienst is afgezegd" in eager.get(f"/meehelpen/{shift_id}").text


def _person(served: Served, email: str) -> UUID:
    with served.database.reading() as session:
        return session.scalars(select(Person.id).where(Person.email == email)).one()


def _answer(served: Served, helper: Visitor, shift_id: UUID, email: str, act: str) -> None:
    found = placement_of(served, shift_id, email)
    assert found is not None
    path = own_path(served, found.id)
    assert "Help je mee?" in helper.get(path).text
    assert state_of(served, shift_id, email) == "invited"
    assert helper.send(f"{path}/{act}").status_code == 303


def test_an_invitation_is_answered_too_late(served: Served) -> None:
    task, now = planned(served), machine_now()
    with served.visitor() as helper:
        sign_in(served, helper, "laat@voorbeeld.example")
        helper.get("/mijn/vrijwilliger")
        week = [str(cell) for cell in range(21)]
        data = {
            "csrf": helper.token,
            "pc4": PC4,
            "radius_km": "9",
            "wants_at_most": "2",
            "languages": "nl",
            "cells": week,
        }
        assert helper.client.post("/mijn/vrijwilliger", data=data).status_code == 303
        assert "Past voor" in helper.get("/mijn/vrijwilliger/passend").text
        person, invitation = _person(served, "laat@voorbeeld.example"), new_id()
        with served.database.transaction() as session:
            operations.invite(
                session,
                placement_id=invitation,
                volunteer_id=person,
                shift_id=task,
                actor=acting(served.municipality_id, person),
                now=now,
            )
            session.execute(update(Placement).where(Placement.id == invitation).values(expires_at=now))
        path = own_path(served, invitation)
        helper.get(path)
        late = helper.send(f"{path}/toezegging")
        assert late.status_code == 409
        with served.database.reading() as session:
            assert queries.placement(session, placement_id=invitation).state == "invited"
        assert "Meehelpen" in helper.get("/mijn").text
        assert helper.get(f"/mijn/vrijwilliger/diensten/{invitation}").status_code == 303


def test_planning_is_for_the_initiatives_own_people(served: Served) -> None:
    with served.visitor() as owner, served.visitor() as stranger:
        sign_in(served, owner, "eigenaar@voorbeeld.example")
        sign_in(served, stranger, "vreemd@voorbeeld.example")
        slug, _initiative_id = _initiative(served, "eigenaar@voorbeeld.example")
        board = _plan(owner, slug)
        for path in (f"/initiatieven/{slug}/diensten", f"/initiatieven/{slug}/rollen/nieuw", board):
            assert stranger.get(path).status_code == 403
        person = str(_person(served, "vreemd@voorbeeld.example"))
        forged = stranger.send(f"{board}/uitnodigingen", person_id=person, placement_id=str(new_id()))
        assert forged.status_code == 403
        # A shift of another initiative is not reached through one's own.
        other, _id = _initiative(served, "eigenaar@voorbeeld.example")
        assert owner.get(f"/initiatieven/{other}/diensten/{board.rpartition('/')[2]}").status_code == 404
        with served.database.transaction() as session:
            foreign = make_person(session, municipality_id=served.municipality_id)
            placement_id = new_id()
            operations.sign_up(
                session,
                placement_id=placement_id,
                volunteer_id=foreign,
                shift_id=UUID(board.rpartition("/")[2]),
                locale="nl",
                actor=acting(served.municipality_id, foreign),
                now=machine_now(),
            )
        assert stranger.get(f"/mijn/vrijwilliger/diensten/{placement_id}").status_code == 404
