"""A donor changes their contribution on its own page, by forms alone."""

from uuid import UUID

from sqlalchemy import select

from crowd.pledges.models import Pledge
from crowd.shared.clock import machine_now
from frontend.links import own_pledge_path
from tests.factories import make_initiative, make_secured_pledge
from tests.journeys.conftest import Served


def _gift(served: Served) -> tuple[UUID, str]:
    """A promise of 100 euros that can still be changed, and its own page."""
    now = machine_now()
    with served.database.transaction() as session:
        initiative_id = make_initiative(session, municipality_id=served.municipality_id, now=now)
        pledge_id = make_secured_pledge(session, initiative_id=initiative_id, now=now)
    return pledge_id, own_pledge_path(pledge_id, served.web.keys)


def _cents(served: Served, pledge_id: UUID) -> int:
    with served.database.reading() as session:
        return session.execute(select(Pledge.amount_cents).where(Pledge.id == pledge_id)).scalar_one()


def test_the_amount_is_changed_by_a_form_and_said_back(served: Served) -> None:
    pledge_id, own_page = _gift(served)
    with served.visitor() as visitor:
        assert "Andere kaart kiezen" in visitor.get(own_page).text
        answer = visitor.send(f"{own_page}/bedrag", was="100", amount="62,50")
        shown = visitor.follow(answer)

    assert "Je bijdrage is nu €\xa062,50." in shown.text
    assert _cents(served, pledge_id) == 62_50


def test_a_wrong_amount_comes_back_with_what_is_wrong(served: Served) -> None:
    pledge_id, own_page = _gift(served)
    with served.visitor() as visitor:
        visitor.get(own_page)
        answer = visitor.send(f"{own_page}/bedrag", was="100", amount="tien")

    assert answer.status_code == 400
    assert 'value="tien"' in answer.text
    assert _cents(served, pledge_id) == 100_00


def test_a_form_of_another_window_changes_nothing(served: Served) -> None:
    pledge_id, own_page = _gift(served)
    with served.visitor() as visitor:
        visitor.get(own_page)
        visitor.send(f"{own_page}/bedrag", was="100", amount="60")
        answer = visitor.send(f"{own_page}/bedrag", was="100", amount="70")

    assert answer.status_code == 409
    assert "intussen al gewijzigd" in answer.text
    assert _cents(served, pledge_id) == 60_00
