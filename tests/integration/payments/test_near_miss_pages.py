"""A near miss over HTTP: the initiator's smaller plan, the counter's answer, a donor who stays and two who do not."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from fastapi import FastAPI

from crowd.closing.campaign_queries import campaign_card
from frontend.links import own_pledge_path
from tests.gifts import take_cash
from tests.in_process import Visitor, open_house, words
from tests.money import LOST, MoneyWorld
from tests.near_misses import WHAT, WHY, answer, collect, hand_in

SHORT = "Bank."


@dataclass
class Nearly:
    """A campaign of 100 euros of which 90 came in, found a day ago: 40 and 30 by card, 20 in cash without address."""

    world: MoneyWorld
    house: FastAPI
    campaign: UUID
    slug: str
    gifts: tuple[UUID, UUID, UUID]

    def own(self, which: int) -> str:
        return own_pledge_path(self.gifts[which], self.house.state.runtime.keys)

    def initiator(self) -> Visitor:
        return Visitor(self.house).sign_in(self.world.database, person_id=self.world.initiator_id)


def read(page: str) -> str:
    return words(page).replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def nearly(world: MoneyWorld) -> Iterator[Nearly]:
    # The pages go by the machine's clock: begin so long ago that collecting ended yesterday.
    world.advance(days=-39)
    campaign = world.campaign(100_00, days=29)
    gifts = world.pledge(campaign, 40_00), world.pledge(campaign, 30_00), take_cash(world, campaign, 20_00)
    world.pledge(campaign, 10_00, LOST)
    world.pass_deadline(campaign)
    collect(world)
    assert world.state_of_campaign(campaign) == "near_miss"
    with world.database.reading() as session:
        slug = campaign_card(session, initiative_id=campaign).slug
    with open_house(world.database, DEMO="no") as house:
        yield Nearly(world, house, campaign, slug, gifts)


def test_the_initiator_writes_a_smaller_plan_step_by_step_and_hands_it_in_once(nearly: Nearly) -> None:
    initiator, base = nearly.initiator(), f"/initiatieven/{nearly.slug}/nieuw-plan"
    assert base in initiator.get(f"/initiatieven/{nearly.slug}/beheer").text
    assert "Er is € 90" in read(initiator.get(base).text)
    unreadable = initiator.send(f"{base}/begroting", {"amount_1": "veel"})
    assert unreadable.status_code == 400
    assert 'value="veel"' in unreadable.text
    plan = {"label_1": "Eén bank", "amount_1": "95", "minimum": "95", "verder": "volgende"}
    initiator.send(f"{base}/begroting", plan)
    initiator.follow()
    initiator.send(f"{base}/uitleg", {"what_changes": SHORT, "why": WHY, "verder": "volgende"})
    initiator.follow()
    refused = initiator.send(f"{base}/controle", {})
    said = read(refused.text)
    assert refused.status_code == 400
    assert "Het nieuwe minimum is hoogstens wat er nu is: € 90." in said
    assert "De regels zijn samen € 95, en er is € 90." in said
    assert "Schrijf dit in minstens 20 tekens op" in said

    initiator.get(base)
    initiator.send(f"{base}/begroting", {**plan, "amount_1": "60", "minimum": "60", "verder": "later"})
    assert "Bewaard. Je kunt later verdergaan." in read(initiator.follow().text)
    initiator.get(f"{base}/uitleg")
    initiator.send(f"{base}/uitleg", {"what_changes": WHAT, "why": WHY, "verder": "volgende"})
    assert WHAT in initiator.follow().text
    initiator.send(f"{base}/controle", {})
    assert "De gemeente leest het en antwoordt uiterlijk" in read(initiator.follow().text)
    # A second tab still shows the form: what was handed in stands still, and handing it in again is once.
    assert initiator.page is not None
    assert f'action="{base}' not in initiator.page.text
    assert WHAT not in Visitor(nearly.house).get(f"/initiatieven/{nearly.slug}").text
    assert Visitor(nearly.house).work_as("assessor").get(base).status_code == 403


def test_the_counter_finds_the_plan_refuses_only_with_a_reason_and_agrees(nearly: Nearly) -> None:
    hand_in(nearly.world, nearly.campaign, 60_00)
    clerk, path = Visitor(nearly.house).work_as("clerk"), f"/loket/nieuwe-plannen/{nearly.slug}"
    assert path in clerk.get("/loket").text
    assert WHAT in clerk.get(path).text
    without = clerk.send(path, {"outcome": "refused", "reason": "Nee."})
    assert without.status_code == 400
    assert "Schrijf in minstens 20 tekens op waarom niet" in read(without.text)
    assert clerk.send(path, {}).status_code == 400
    assert clerk.send(path, {"outcome": "confirmed"}).status_code == 303
    assert path not in clerk.follow().text
    assert f'action="{path}"' not in clerk.get(path).text
    visitor = Visitor(nearly.house)
    assert visitor.get(path).status_code == 303
    assert "Wat er verandert in het plan" in read(visitor.get(f"/initiatieven/{nearly.slug}").text)
    told = visitor.get(f"/api/v1/initiatives/{nearly.slug}").json()
    assert told["state"] == "near_miss"
    assert (told["nearlyMade"]["step"], told["nearlyMade"]["leftCents"]) == ("donors", 90_00)
    assert told["nearlyMade"]["plan"]["minimumCents"] == 60_00
    # For the initiator it reads what happens now; a refusal would have said why.
    assert "De gemeente is akkoord" in read(nearly.initiator().get(f"/initiatieven/{nearly.slug}/nieuw-plan").text)


def test_a_donor_takes_a_gift_back_and_the_counter_does_for_who_has_no_address(nearly: Nearly) -> None:
    donor, clerk = Visitor(nearly.house), Visitor(nearly.house).work_as("clerk")
    desk = f"/loket/bijdragen/{nearly.gifts[2]}"
    waits = read(donor.get(nearly.own(0)).text)
    assert "Het is bijna gelukt" in waits
    assert "Mede dankzij jou gaat het door" not in waits
    assert f"{desk}/terugvraag" not in clerk.get(desk).text
    hand_in(nearly.world, nearly.campaign, 60_00)
    answer(nearly.world, nearly.campaign, "confirmed")

    api = f"/api/v1/pledges/{nearly.own(1).rpartition('/')[2]}"
    assert donor.get(api).json()["mayTakeBackUntil"]
    assert "Blijf je meedoen?" in read(donor.get(nearly.own(1)).text)
    assert donor.send(f"{nearly.own(1)}/terugvraag", {}).status_code == 303
    assert "Je krijgt je geld terug" in read(donor.follow().text)
    assert donor.page is not None
    assert f"{nearly.own(1)}/terugvraag" not in donor.page.text
    mine = donor.get(api).json()
    assert (mine["state"], mine["isGoingBack"], mine["mayTakeBackUntil"]) == ("collected", True, None)
    assert "Blijf je meedoen?" in read(donor.get(nearly.own(2)).text)

    assert "Jan Zonder Adres" in read(clerk.get("/loket/bijdragen").text)
    assert "bel of schrijf" in read(clerk.get(desk).text)
    assert clerk.send(f"{desk}/terugvraag", {}).status_code == 303
    shown = clerk.follow().text
    assert "De bijdrage gaat terug naar de gever." in read(shown)
    assert f"{desk}/rekening" in shown
    assert "Je krijgt je geld terug" in read(donor.get(nearly.own(2)).text)
    told = donor.get(f"/api/v1/initiatives/{nearly.slug}").json()
    assert (told["neighboursCents"], told["nearlyMade"]["missingCents"]) == (40_00, 20_00)
