"""Paying in parts over HTTP: proposed, set, reported on, approved by two, specified; and refused with a sentence."""

import csv
import io
from uuid import UUID

from sqlalchemy import select

from crowd.initiatives.models import Initiative
from crowd.shared.money import Money
from payments.bank.terms_operations import set_money_terms
from tests.gifts import OUR_ACCOUNT
from tests.in_process import Visitor, open_house, words
from tests.money import MoneyWorld
from tests.payouts import STORY, a_campaign_to_pay

HALVES = {"percent-1": "50", "milestone-1": "De bakken", "percent-2": "50", "milestone-2": "De kas"}


def _slug(world: MoneyWorld, campaign: UUID) -> str:
    with world.database.reading() as session:
        return session.execute(select(Initiative.slug).where(Initiative.id == campaign)).scalar_one()


def _two_people_from(world: MoneyWorld, cents: int) -> None:
    with world.database.transaction() as session:
        set_money_terms(
            session,
            municipality_id=world.municipality_id,
            bank_account=OUR_ACCOUNT,
            cash_alone=Money(100_00),
            payout_alone=Money(cents),
            actor=world.staff("administrator"),
            now=world.now,
        )


def test_a_payout_goes_from_proposal_to_its_last_part(world: MoneyWorld) -> None:
    campaign = a_campaign_to_pay(world, gifts=(30_00, 30_00), match=30_00)
    _two_people_from(world, 10_00)
    slug = _slug(world, campaign)
    pay, own = f"/loket/uitbetalingen/{slug}", f"/initiatieven/{slug}/voortgang"
    with open_house(world.database) as house:
        initiator = Visitor(house).sign_in(world.database, person_id=world.initiator_id)
        first, second = (
            Visitor(house).work_as("treasurer"),
            Visitor(house).work_as("treasurer"),
        )
        assessor = Visitor(house).work_as("assessor")

        initiator.get(own)
        wrong = initiator.send(f"{own}/plan", {**HALVES, "percent-2": "40"})
        assert (wrong.status_code, "De delen moeten samen 100% zijn; dit is 90%." in words(wrong.text)) == (400, True)
        initiator.send(f"{own}/plan", HALVES)
        assert "Je voorstel is verstuurd." in words(initiator.follow().text)
        assert "De initiatiefnemer stelde deze delen voor." in words(first.get(pay).text)
        assert "90%" in words(first.send(f"{pay}/plan", {"percent-2": "40"}).text)
        first.get(pay)
        first.send(f"{pay}/plan", {})
        assert "Het plan is vastgesteld." in words(first.follow().text)

        before = first.page
        first.send(f"{pay}/goedkeuring", {})
        shown = words(first.follow().text)
        assert "Het geld gaat weg zodra iemand anders het ook heeft goedgekeurd." in shown
        assert "Jij hebt deel 1 goedgekeurd." in shown
        assert "Eerst goedgekeurd door" in words(second.get(pay).text)
        first.page = before
        again = first.send(f"{pay}/goedkeuring", {})
        assert (again.status_code, "Je hebt deze uitbetaling zelf al goedgekeurd." in words(again.text)) == (403, True)
        second.send(f"{pay}/goedkeuring", {})
        assert "De uitbetaling is goedgekeurd" in words(second.follow().text)
        world.work()
        assert "Wacht op een verslag" in words(second.get(pay).text)

        _report(initiator, assessor, own)
        for treasurer in (first, second):
            treasurer.get(pay)
            treasurer.send(f"{pay}/goedkeuring", {})
        world.work()
        assert "Elk deel is goedgekeurd." in words(second.get(pay).text)
        _specified(initiator, f"/initiatieven/{slug}/uitbetaling/specificatie")
        _specified(second, f"{pay}/specificatie")
        assert assessor.get(f"{pay}/specificatie/1.pdf").status_code == 403
        assert assessor.get(f"/initiatieven/{slug}/uitbetaling/specificatie/1.csv").status_code == 404
        assert second.get(f"{pay}/specificatie/3.csv").status_code == 404
    assert world.verdict().findings == ()


def _report(initiator: Visitor, assessor: Visitor, own: str) -> None:
    """The initiator reports, too briefly first; the assessor may send it back only with a reason, and approves."""
    initiator.get(own)
    short = initiator.send(own, {"body": "Klaar."})
    assert (short.status_code, "minstens 40 tekens" in words(short.text)) == (400, True)
    initiator.send(own, {"body": STORY})
    assert "Wordt gelezen" in words(initiator.follow().text)
    listed = assessor.get("/loket/voortgang").text
    path = f"/loket/voortgang/{listed.partition('/loket/voortgang/')[2][:36]}"
    assessor.get(path)
    assert assessor.send(f"{path}/antwoord", {"outcome": "returned"}).status_code == 400
    assessor.send(f"{path}/antwoord", {"outcome": "approved"})
    assert "Er wacht geen verslag" in words(assessor.follow().text)


def _specified(visitor: Visitor, base: str) -> None:
    """Both parts are in the files, to the cent, and the PDF is one."""
    assert visitor.get(f"{base}/1.pdf").content.startswith(b"%PDF-")
    for number, gifts in ((1, ["30,00"]), (2, ["30,00"])):
        text = visitor.get(f"{base}/{number}.csv").content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
        assert [row["in dit deel"] for row in rows if row["soort"] == "bijdrage"] == gifts
        assert [row["in dit deel"] for row in rows if row["soort"] == "gemeente"] == ["15,00"]
        assert rows[-1]["in dit deel"] == "45,00"


def test_a_treasurer_who_is_no_treasurer_sees_no_payout(world: MoneyWorld) -> None:
    slug = _slug(world, a_campaign_to_pay(world, gifts=(30_00,)))
    with open_house(world.database) as house:
        clerk, stranger = (
            Visitor(house).work_as("clerk"),
            Visitor(house).work_as("assessor"),
        )
        assert clerk.get(f"/loket/uitbetalingen/{slug}").status_code == 403
        assert clerk.get("/loket/voortgang").status_code == 403
        assert stranger.get(f"/initiatieven/{slug}/voortgang").status_code == 404
