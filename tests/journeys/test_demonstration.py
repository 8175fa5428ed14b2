"""The demonstration's doors: a part to play, a clock to move; and none of it outside one."""

from contextlib import closing

import pytest
from sqlalchemy import select

from crowd.shared.db import Database
from crowd.shared.outbox import OutboxRow
from frontend.demo import FOLLOW_CLOCK, PEOPLE
from tests.database import Server
from tests.factories import make_municipality
from tests.journeys.conftest import Served
from tests.visitor import Visitor
from tests.web_server import running_web


@pytest.mark.parametrize("part", sorted(PEOPLE))
def test_one_click_signs_in_as_anybody_of_the_demonstration(served: Served, part: str) -> None:
    with served.visitor() as visitor:
        button = visitor.get(f"/demo/inloggen/{part}")
        answer = visitor.send(f"/demo/inloggen/{part}")
        mine = visitor.get("/mijn")

    assert PEOPLE[part].name in button.text
    assert answer.status_code == 303
    assert PEOPLE[part].name in mine.text
    assert ('href="/loket"' in mine.text) == bool(PEOPLE[part].role)


def test_a_link_to_a_part_signs_nobody_in_by_itself(served: Served) -> None:
    with served.visitor() as visitor:
        visitor.get("/demo/inloggen/approver")

        assert visitor.get("/mijn").status_code == 303


def test_the_clock_moves_and_the_sandbox_is_told_at_least_later(served: Served) -> None:
    with served.visitor() as visitor:
        visitor.get("/demo")
        answer = visitor.send("/demo/klok", days="7", volgende="/inloggen")
        shown = visitor.follow(answer)
    with served.database.reading() as session:
        left = session.scalars(select(OutboxRow).where(OutboxRow.kind == FOLLOW_CLOCK)).all()

    assert answer.headers["location"] == "/inloggen"
    assert "Het is nu" in shown.text
    assert left


def test_a_sandbox_that_does_not_answer_is_said_and_made_up_for_later(served: Served) -> None:
    away = {"DEMO": "yes", "SANDBOX_CONTROL_URL": "http://127.0.0.1:9", "SANDBOX_CONTROL_TOKEN": "only-for-tests"}
    with (
        running_web(served.database_url, broker_url=served.broker_url, **away) as web,
        Visitor(web.base_url) as visitor,
    ):
        visitor.get("/demo")
        shown = visitor.follow(visitor.send("/demo/klok", days="1"))

    assert "zijn klok volgt zodra hij weer antwoordt" in shown.text


@pytest.mark.parametrize("days", ["", "-1", "1.5", "many", "9999", "²"])
def test_only_a_whole_number_of_days_moves_the_clock(served: Served, days: str) -> None:
    with served.visitor() as visitor:
        visitor.get("/demo")

        assert visitor.send("/demo/klok", days=days).status_code == 400


def test_without_a_running_campaign_there_is_no_deadline_to_go_to(served: Served, database_server: Server) -> None:
    # A municipality of its own: in the shared one other journeys leave campaigns behind that still run.
    url = database_server.clone("demonstration_without_campaigns")
    with closing(Database(url, pool_size=1)) as database, database.transaction() as session:
        make_municipality(session)
    with running_web(url, broker_url=served.broker_url, DEMO="yes") as web, Visitor(web.base_url) as visitor:
        visitor.get("/demo")
        answer = visitor.send("/demo/klok", to="deadline")

    assert answer.status_code == 409
    assert "geen einddatum" in answer.text


def test_outside_a_demonstration_none_of_it_exists(served: Served) -> None:
    with running_web(served.database_url, broker_url=served.broker_url) as web, Visitor(web.base_url) as visitor:
        visitor.get("/inloggen")
        statuses = [
            visitor.get("/demo").status_code,
            visitor.get("/demo/inloggen/clerk").status_code,
            visitor.send("/demo/inloggen/clerk").status_code,
            visitor.send("/demo/klok", days="1").status_code,
        ]

    assert statuses == [404] * 4
