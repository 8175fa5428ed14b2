"""Stopping over HTTP: proposed by one, approved by another, chosen by each donor, and read by everybody."""

from uuid import UUID

from sqlalchemy import select

from crowd.initiatives.models import Initiative
from crowd.pledges.queries import collected_ids
from frontend.links import own_pledge_path
from tests.cancelling import REASON, end_choosing
from tests.in_process import Visitor, open_house, words
from tests.money import MoneyWorld
from tests.payouts import a_campaign_to_pay


def _slug(world: MoneyWorld, campaign: UUID) -> str:
    with world.database.reading() as session:
        return session.execute(select(Initiative.slug).where(Initiative.id == campaign)).scalar_one()


def _read(page: str) -> str:
    return words(page).replace("\N{NO-BREAK SPACE}", " ")


def test_a_funded_initiative_stops_from_proposal_to_the_last_transfer(world: MoneyWorld) -> None:
    target = a_campaign_to_pay(world, gifts=(20_00,))
    campaign = a_campaign_to_pay(world, gifts=(30_00, 10_00))
    slug = _slug(world, campaign)
    stop, public = f"/loket/stoppen/{slug}", f"/initiatieven/{slug}"
    with world.database.reading() as session:
        moves, _ = collected_ids(session, initiative_id=campaign)
    with open_house(world.database) as house:
        clerk, treasurer = Visitor(house).work_as("clerk", "treasurer"), Visitor(house).work_as("treasurer")
        donor, neighbour = Visitor(house), Visitor(house)

        assert stop in clerk.get("/loket/stoppen").text
        assert "2 donateurs" in _read(clerk.get(stop).text)
        empty = clerk.send(f"{stop}/voorstel", {"reason": " "})
        assert (empty.status_code, "Schrijf op waarom" in words(empty.text)) == (400, True)
        clerk.send(f"{stop}/voorstel", {"reason": REASON})
        mine = clerk.follow().text
        assert "Je hebt dit zelf voorgesteld, dus een andere penningmeester keurt het goed." in _read(mine)
        assert f"{stop}/goedkeuring" not in mine
        treasurer.get(stop)
        treasurer.send(f"{stop}/goedkeuring", {})
        assert "Donateurs kiezen" in _read(treasurer.follow().text)

        own = own_pledge_path(moves, house.state.runtime.keys)
        assert "Dit initiatief stopt toch" in _read(donor.get(own).text)
        assert "Van je € 30 is € 30 over" in _read(donor.get(own).text)
        assert "Over voor jou € 30" in _read(donor.get(f"{own}/keuze").text)
        wrong = donor.send(f"{own}/keuze", {"choice": "move", "target": "nergens"})
        assert (wrong.status_code, "Kies welk initiatief je geld krijgt." in words(wrong.text)) == (400, True)
        donor.send(f"{own}/keuze", {"choice": "move", "target": str(target)})
        assert "Je kunt het tot de laatste dag veranderen." in _read(donor.follow().text)

        read = _read(neighbour.get(public).text)
        assert REASON in read
        assert "Wat er met het geld gebeurt" in read
        end_choosing(world)
        assert "Naar andere initiatieven € 30" in _read(neighbour.get(public).text)
        assert "Naar een ander initiatief" in _read(neighbour.get(f"{public}/elke-euro").text)
        there = f"/initiatieven/{_slug(world, target)}/elke-euro"
        assert "Van een initiatief dat stopte" in _read(neighbour.get(there).text)
        answer = neighbour.get(f"/api/v1/initiatives/{slug}").json()
        assert answer["stopped"]["leftCents"] == 40_00
        assert answer["stopped"]["movedCents"] == 30_00


def test_only_staff_see_a_plan_and_a_gift_without_one_has_nothing_to_choose(world: MoneyWorld) -> None:
    campaign = a_campaign_to_pay(world, gifts=(30_00,))
    with world.database.reading() as session:
        (pledge,) = collected_ids(session, initiative_id=campaign)
    with open_house(world.database) as house:
        resident = Visitor(house).sign_in(world.database, person_id=world.initiator_id)
        assert resident.get(f"/loket/stoppen/{_slug(world, campaign)}").status_code == 403
        own = own_pledge_path(pledge, house.state.runtime.keys)
        assert Visitor(house).get(f"{own}/keuze").status_code == 404
