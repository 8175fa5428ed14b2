"""Over HTTP: profile, suggestion with reasons, a wave, a yes, a no, the next one, the door, hours, a certificate."""

import re
from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest
from sqlalchemy import select

from crowd.accounts.models import Person
from crowd.initiatives.queries import campaign_facts
from crowd.municipalities.models import PostcodeArea
from crowd.shared.clock import Clock, machine_now
from frontend import links
from matching.placements.models import Placement
from matching.placements.wave_workflow import ask_for_shift
from matching.placements.workflow import finish_shifts
from matching.roles.queries import shift
from matching.vocabulary.operations import lay_skills
from tests.factories import make_initiative
from tests.journeys.conftest import Served
from tests.journeys.mailed_links import sign_in
from tests.people_at_work import make_role, make_shift
from tests.visitor import Visitor

# A postcode of its own, far away: nobody of another journey lives near, so nobody else fits.
PC4 = "1054"
CLOCK = Clock(movable=True)
WEEK = [str(cell) for cell in range(21)]


@pytest.fixture(scope="module", autouse=True)
def _town(served: Served) -> None:
    with served.database.transaction() as session:
        lay_skills(session)
        session.add(
            PostcodeArea(municipality_id=served.municipality_id, pc4=PC4, place="Verweg", latitude=53.2, longitude=6.5)
        )


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', text)
    assert found, f"no hidden {name}"
    return unescape(found.group(1))


def let_pass(served: Served, by: timedelta) -> None:
    with served.database.transaction() as session:
        CLOCK.advance(session, by=by)


def states(served: Served, task: UUID) -> dict[str, tuple[UUID, str]]:
    """Address -> placement and state, of everybody on this shift's list."""
    with served.database.reading() as session:
        rows = session.execute(
            select(Person.email, Placement.id, Placement.state)
            .join(Placement, Placement.volunteer_id == Person.id)
            .where(Placement.shift_id == task)
        )
        return {row.email: (row.id, row.state) for row in rows}


def write_profile(served: Served, helper: Visitor, email: str) -> None:
    sign_in(served, helper, email)
    helper.get("/mijn/vrijwilliger")
    data = {
        "csrf": helper.token,
        "pc4": PC4,
        "radius_km": "1",
        "wants_at_most": "2",
        "languages": "nl",
        "cells": WEEK,
        "skills": "planten",
    }
    assert helper.client.post("/mijn/vrijwilliger", data=data).status_code == 303


def planned(served: Served, owner: str, *, capacity: int, days: int) -> tuple[str, UUID]:
    """A shift of an initiative of this owner; the address of its board, and the shift."""
    now = machine_now()
    with served.database.transaction() as session:
        owner_id = session.scalars(select(Person.id).where(Person.email == owner)).one()
        initiative_id = make_initiative(session, municipality_id=served.municipality_id, initiator_id=owner_id, now=now)
        role_id = make_role(session, served.municipality_id, initiative_id=initiative_id, now=now)
        task = make_shift(
            session, served.municipality_id, role_id=role_id, capacity=capacity, days=days, pc4=PC4, now=now
        )
        slug = campaign_facts(session, initiative_id=initiative_id).slug
    return f"/initiatieven/{slug}/diensten/{task}", task


def own(served: Served, placement_id: UUID) -> str:
    return links.own_placement_path(placement_id, served.web.keys)


def test_from_profile_to_certificate(served: Served) -> None:
    owner, emails = "golf@voorbeeld.example", [f"golf{number}@voorbeeld.example" for number in range(6)]
    with served.visitor() as initiator, served.visitor() as first, served.visitor() as second:
        sign_in(served, initiator, owner)
        write_profile(served, first, emails[0])
        write_profile(served, second, emails[1])
        for email in emails[2:]:
            with served.visitor() as other:
                write_profile(served, other, email)
        board, task = planned(served, owner, capacity=1, days=6)

        suggested = first.get("/mijn/vrijwilliger/passend").text
        assert f"/meehelpen/{task}" in suggested
        assert "Past voor" in suggested

        # How many are asked follows from what people of this town answered before, here and in other journeys.
        page = initiator.get(board).text
        wanted = re.search(r"Nu zijn dat er (\d)\.", page)
        assert wanted
        started = initiator.send(f"{board}/golf", wave_id=hidden(page, "wave_id"))
        assert started.status_code == 303
        assert f"Gevraagd: {wanted.group(1)} mensen" in initiator.follow(started).text
        asked = states(served, task)
        assert [state for _id, state in asked.values()] == ["invited"] * int(wanted.group(1))

        # One declines, and the next best is asked by itself.
        decliner, (declined, _state) = next(iter(asked.items()))
        stranger = served.visitor()
        with stranger:
            stranger.get(own(served, declined))
            assert stranger.send(f"{own(served, declined)}/afzegging").status_code == 303
        backfilled = ask_for_shift(served.database, CLOCK, shift_id=task)
        asked_now = states(served, task)
        assert len(asked_now) == len(asked) + backfilled > len(asked)
        assert asked_now[decliner][1] == "declined"
        others = [(email, known) for email, known in asked_now.items() if email != decliner]

        # One accepts, twice; then it is full, and another who says yes hears so.
        email, (placement, _state) = others[0]
        with served.visitor() as helper:
            sign_in(served, helper, email)
            helper.get(own(served, placement))
            for _ in range(2):
                assert helper.send(f"{own(served, placement)}/toezegging").status_code == 303
            late = others[1][1][0]
            helper.get(own(served, late))
            refused = helper.send(f"{own(served, late)}/toezegging")
            assert (refused.status_code, "wachtlijst" in refused.text) == (409, True), refused.text
            page = initiator.get(board).text
            assert f"Komt: 1 · gevraagd: {len(others) - 1} · stil: 0 · kan niet: 1" in page
            below = initiator.send(f"{board}/plaatsen", capacity="0", minimum_crew="1", meeting_point="Hek")
            assert below.status_code == 400
            assert "Het is vol, dus nu wordt niemand gevraagd" in page
            assert initiator.send(f"{board}/golf/einde").status_code == 303

            _the_day(served, initiator, helper, board=board, task=task, placement=placement)
            _afterwards(served, initiator, helper, board=board, placement=placement)
        with served.visitor() as curious:
            sign_in(served, curious, decliner)
            year = machine_now().year
            assert curious.get(f"/mijn/uren/{year}.pdf").status_code == 404


def _the_day(served: Served, initiator: Visitor, helper: Visitor, *, board: str, task: UUID, placement: UUID) -> None:
    sheet = initiator.get(f"{board}/deurblad").text
    assert "<svg" in sheet
    found = re.search(r"(/meehelpen/deur/[A-Za-z0-9_-]+)", sheet)
    assert found
    door, code = found.group(1), links.door_code(task, served.web.keys)
    assert code in sheet
    assert "Je kunt inchecken vanaf" in helper.get(door).text
    early = helper.send(f"{door}/aankomst")
    assert (early.status_code, "Je kunt inchecken vanaf" in early.text) == (409, True)

    with served.database.reading() as session:
        starts_at = shift(session, shift_id=task).starts_at
    let_pass(served, starts_at - machine_now() - timedelta(minutes=20))
    with served.visitor() as passer:
        assert code in passer.get(door).text
        unknown = passer.send(f"{door}/aankomst")
        assert unknown.headers["location"].startswith("/inloggen?volgende=")
        sign_in(served, passer, "voorbijganger@voorbeeld.example")
        assert "Je staat niet op de lijst" in passer.get(door).text
        assert passer.send(f"{door}/aankomst").status_code == 404
    assert "De vier cijfers bij de deur" in helper.get(own(served, placement)).text
    wrong = helper.send(f"{own(served, placement)}/aankomst", code=f"{(int(code) + 1) % 10_000:04d}")
    assert (wrong.status_code, "niet de code" in wrong.text) == (400, True)
    assert "Ik ben er" in helper.get(door).text
    for _ in range(2):
        assert helper.send(f"{door}/aankomst").status_code == 303
    assert "Je bent ingecheckt" in helper.get(door).text

    # The list at the desk says the same, and takes a wrong tap back.
    desk = f"{board}/balie"
    assert "1 van de 1 zijn er" in initiator.get(desk).text
    line = f"{board}/aanmeldingen/{placement}"
    assert initiator.send(f"{line}/aankomst/herroeping").status_code == 303
    assert "0 van de 1 zijn er" in initiator.get(desk).text
    assert initiator.send(f"{line}/aankomst").status_code == 303
    assert helper.get(desk).status_code == 403


def _afterwards(served: Served, initiator: Visitor, helper: Visitor, *, board: str, placement: UUID) -> None:
    let_pass(served, timedelta(hours=5))
    assert finish_shifts(served.database, CLOCK) >= 1
    line = f"{board}/aanmeldingen/{placement}"
    assert "Uren: 3" in initiator.get(board).text
    wrong = initiator.send(f"{line}/uren", hours="veel")
    assert (wrong.status_code, "Vul de uren in" in wrong.text) == (400, True)
    assert initiator.send(f"{line}/uren", hours="2,5").status_code == 303
    assert "Uren: 2:30" in initiator.get(board).text
    mine = helper.get("/mijn").text
    found = re.search(r"(/mijn/uren/\d{4}\.pdf)", mine)
    assert found
    assert "Uren: 2:30" in mine
    certificate = helper.get(found.group(1))
    assert certificate.headers["content-type"] == "application/pdf"
    assert certificate.content.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in certificate.content or b"/ObjStm" in certificate.content
    let_pass(served, timedelta(days=15))
    late = initiator.send(f"{line}/uren", hours="3")
    assert (late.status_code, "14 dagen" in late.text) == (409, True)
