"""The page of a collecting campaign says what is missing, and its form takes it."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from crowd.closing.operations import close_campaign
from crowd.initiatives.models import Initiative
from crowd.pledges.models import Pledge
from crowd.pledges.operations import change_state
from crowd.pledges.queries import pledge
from crowd.shared.clock import local_date, machine_now
from crowd.shared.ids import new_id
from tests.factories import make_initiative, make_secured_pledge
from tests.journeys.conftest import Served


def collecting_campaign(served: Served, *, failed: str) -> tuple[UUID, str, UUID]:
    """A campaign of 100 euros that closed today with 100, its address, and its gift of 40 in state `failed`."""
    now = machine_now()
    begun = now - timedelta(days=20)
    # Not yesterday: in the first quarter of an hour of a day that one may not be closed yet.
    last_day: date = local_date(now) - timedelta(days=2)
    with served.database.transaction() as session:
        campaign = make_initiative(
            session,
            municipality_id=served.municipality_id,
            minimum_cents=100_00,
            budget=(("Alles", 150_00),),
            ends_on=last_day,
            now=begun,
        )
        good = make_secured_pledge(session, initiative_id=campaign, cents=60_00, now=begun)
        bad = make_secured_pledge(session, initiative_id=campaign, cents=40_00, now=begun)
        close_campaign(session, initiative_id=campaign, now=now - timedelta(seconds=1))
        for pledge_id, states in ((good, ("charging", "collected")), (bad, ("charging", failed))):
            for state in states:
                change_state(session, pledge=pledge(session, pledge_id=pledge_id, lock=True), to=state, now=now)
        slug = session.execute(select(Initiative.slug).where(Initiative.id == campaign)).scalar_one()
    return campaign, f"/initiatieven/{slug}", bad


def _gifts(served: Served, campaign: UUID, since: datetime) -> list[tuple[str, int]]:
    with served.database.reading() as session:
        found = session.execute(
            select(Pledge.state, Pledge.amount_cents).where(
                Pledge.initiative_id == campaign, Pledge.promised_at >= since
            )
        )
        return [(row.state, row.amount_cents) for row in found]


def test_a_neighbour_reads_what_is_missing_and_gives_it(served: Served) -> None:
    begun = machine_now()
    campaign, address, _ = collecting_campaign(served, failed="declined")
    with served.visitor() as visitor:
        shown = visitor.get(address).text
        assert "er ontbreekt €\xa040" in shown
        assert "€\xa060" in shown
        form = visitor.get(f"{address}/steunen").text
        assert "Er ontbreekt €\xa040" in form
        assert "er wordt meteen afgeschreven" in form
        answer = visitor.send(
            f"{address}/steunen", pledge_id=str(new_id()), amount="other", other_amount="40", email="gat@buur.example"
        )
    assert answer.status_code == 303
    assert _gifts(served, campaign, begun) == [("promised", 40_00)]


def test_in_english_it_says_the_same(served: Served) -> None:
    _campaign, address, _ = collecting_campaign(served, failed="needs_action")
    with served.visitor() as visitor:
        shown = visitor.follow(visitor.get(f"{address}?lang=en")).text
    assert "Some payments failed: €40 is missing" in shown


def test_nothing_is_asked_while_nothing_is_missing(served: Served) -> None:
    begun = machine_now()
    campaign, address, _ = collecting_campaign(served, failed="processing")
    with served.visitor() as visitor:
        assert "ontbreekt" not in visitor.get(address).text
        assert visitor.get(f"{address}/steunen").status_code == 409
    assert _gifts(served, campaign, begun) == []


def test_programs_see_what_is_missing(served: Served) -> None:
    _campaign, address, _ = collecting_campaign(served, failed="declined")
    with served.visitor() as visitor:
        found = visitor.get(f"/api/v1/initiatives/{address.rsplit('/', 1)[1]}").json()
    assert (found["missingCents"], found["takesPledges"], found["neighboursCents"]) == (40_00, True, 60_00)
