"""An initiator offers something in return, a neighbour chooses the last one, and the next is told so. Forms alone."""

from uuid import UUID

from sqlalchemy import select

from crowd.initiatives.queries import campaign_facts
from crowd.pledges.models import Pledge
from crowd.pledges.operations import secure_pledge
from crowd.rewards.queries import offered
from crowd.shared.clock import machine_now
from crowd.shared.ids import new_id
from frontend.links import own_pledge_path
from frontend.visit import SESSION
from tests.factories import make_initiative, make_person
from tests.journeys.conftest import Served
from tests.journeys.test_changing_a_gift import session_of
from tests.visitor import Visitor


def _give(donor: Visitor, slug: str, reward_id: UUID, *, amount: str = "25") -> tuple[UUID, int, str]:
    """Send the pledge form; the pledge's id, the status and the page of the answer."""
    pledge_id = new_id()
    donor.get(f"/initiatieven/{slug}/steunen")
    answer = donor.send(
        f"/initiatieven/{slug}/steunen",
        pledge_id=str(pledge_id),
        amount=amount,
        email=f"{pledge_id}@gever.example",
        name="Ties",
        reward=str(reward_id),
    )
    return pledge_id, answer.status_code, answer.text


def test_the_last_reward_is_chosen_seen_and_given_up(served: Served) -> None:
    now = machine_now()
    with served.database.transaction() as session:
        initiator = make_person(session, municipality_id=served.municipality_id)
        initiative_id = make_initiative(
            session, municipality_id=served.municipality_id, initiator_id=initiator, now=now
        )
        slug = campaign_facts(session, initiative_id=initiative_id).slug
    with served.visitor() as owner, served.visitor() as donor, served.visitor() as late:
        owner.client.cookies.set(SESSION, session_of(served, initiator))
        owner.get(f"/initiatieven/{slug}/beloningen")
        offers = f"/initiatieven/{slug}/beloningen"
        chosen = str(new_id())
        for stock, status in (("veel", 400), ("1", 303)):
            sent = owner.send(offers, title="Pot honing", from_amount="20", reward_id=chosen, stock=stock)
            assert sent.status_code == status
        with served.database.reading() as session:
            [reward] = offered(session, initiative_id=initiative_id)
        assert "nog 1 over" in donor.get(f"/initiatieven/{slug}").text
        assert "Nog 1 over." in donor.get(f"/initiatieven/{slug}/steunen").text

        _, status, shown = _give(donor, slug, reward.id, amount="10")
        assert (status, "vanaf €\xa020" in shown) == (400, True)
        pledge_id, status, _ = _give(donor, slug, reward.id)
        assert status == 303
        _, status, shown = _give(late, slug, reward.id)
        assert (status, "Deze beloning is net op" in shown) == (400, True)

        with served.database.transaction() as session:
            secure_pledge(session, pledge_id=pledge_id, now=now)
        seen = owner.get(f"/initiatieven/{slug}/steuners").text
        assert "Pot honing" in seen
        assert f"{pledge_id}@gever.example" not in seen

        own_page = own_pledge_path(pledge_id, served.web.keys)
        assert "Pot honing" in donor.get(own_page).text
        donor.send(f"{own_page}/beloning")
        assert _give(late, slug, reward.id)[1] == 303
        owner.get(f"/initiatieven/{slug}/beloningen")
        assert owner.send(f"/initiatieven/{slug}/beloningen/{reward.id}/einde").status_code == 303
        assert "Wil je er iets voor terug" not in donor.get(f"/initiatieven/{slug}/steunen").text

    with served.database.reading() as session:
        assert session.scalars(select(Pledge.reward_id).where(Pledge.id == pledge_id)).one() is None
