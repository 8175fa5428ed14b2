"""Ending the news of an initiative: one click for a person, one post for a mail program, nothing for a scanner."""

import httpx2
from sqlalchemy import select, update

from crowd.pledges.models import Pledge
from frontend.links import Purpose, sign, stop_updates_path
from tests.factories import make_initiative, make_secured_pledge
from tests.journeys.conftest import Served


def _wanting_news(served: Served) -> tuple[str, str]:
    """A pledge whose donor wants news; its id and the path that ends it."""
    with served.database.transaction() as session:
        initiative_id = make_initiative(session, municipality_id=served.municipality_id)
        pledge_id = make_secured_pledge(session, initiative_id=initiative_id)
        session.execute(update(Pledge).where(Pledge.id == pledge_id).values(wants_updates=True))
    return str(pledge_id), stop_updates_path(pledge_id, served.web.keys)


def _wants(served: Served, pledge_id: str) -> bool:
    with served.database.reading() as session:
        return bool(session.scalar(select(Pledge.wants_updates).where(Pledge.id == pledge_id)))


def test_opening_the_link_ends_nothing_and_one_click_does(served: Served) -> None:
    pledge_id, path = _wanting_news(served)
    with served.visitor() as visitor:
        shown = visitor.get(path)
        after_opening = _wants(served, pledge_id)
        done = visitor.send(path)

    assert shown.status_code == done.status_code == 200
    assert after_opening is True
    assert _wants(served, pledge_id) is False
    assert "Je krijgt geen nieuws meer" in done.text


def test_a_mail_program_ends_it_with_one_post(served: Served) -> None:
    pledge_id, path = _wanting_news(served)

    answer = httpx2.post(served.web.base_url + path, data={"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert _wants(served, pledge_id) is False


def test_the_reference_of_the_donors_own_page_ends_nothing(served: Served) -> None:
    pledge_id, path = _wanting_news(served)
    with served.database.reading() as session:
        known = session.scalars(select(Pledge.id).where(Pledge.id == pledge_id)).one()
    other = sign(Purpose.OWN_PLEDGE, known, served.web.keys)

    answer = httpx2.post(f"{served.web.base_url}{path.rsplit('/', 1)[0]}/{other}")

    assert answer.status_code == 404
    assert _wants(served, pledge_id) is True
