"""A refund that succeeded and came back days later: noticed, booked back, and given back in another way."""

from uuid import UUID

import pytest
from sqlalchemy import func, select

from frontend.links import own_pledge_path
from payments.bank.queries import ReturnLine, open_returns, return_of
from payments.books.donor_queries import gift_movements
from payments.books.workflow import check_books_as_of
from payments.inbox.workflow import sweep_refunds
from payments.ledger.models import Transfer
from payments.payouts.models import Refund
from payments.payouts.refund_operations import try_refund_again
from payments.payouts.rules import NothingToTryAgain, OnlyTheTreasurer
from tests.gifts import DONORS_ACCOUNT, give_back
from tests.in_process import Visitor, open_house, words
from tests.money import DECLINED_WHEN_CHARGED, MoneyWorld


def _refunded(world: MoneyWorld) -> UUID:
    """A gift of a campaign that failed after collecting, which went back."""
    campaign = world.campaign(50_00)
    pledge = world.pledge(campaign, 25_00)
    world.pledge(campaign, 25_00, DECLINED_WHEN_CHARGED)
    world.pass_deadline(campaign)
    world.work()
    world.advance(days=8)
    world.work()
    assert world.state_of(pledge) == "refunded"
    return pledge


def _send_back(world: MoneyWorld, pledge: UUID) -> None:
    """The donor's bank sends the latest refund back to us."""
    with world.database.reading() as session:
        refund_ref = session.scalars(
            select(Refund.refund_ref).where(Refund.pledge_id == pledge).order_by(Refund.planned_at.desc())
        ).first()
    world.advance(days=2)
    world.sandbox.control.call("POST", f"/_sandbox/refunds/{refund_ref}/failure", {})


def _booked(world: MoneyWorld) -> dict[str, int]:
    with world.database.reading() as session:
        found = session.execute(
            select(Transfer.kind, func.sum(Transfer.amount_cents))
            .where(Transfer.kind.like("refund%"))
            .group_by(Transfer.kind)
        )
        return {kind: int(cents) for kind, cents in found}


def _back(world: MoneyWorld, pledge: UUID) -> ReturnLine | None:
    with world.database.reading() as session:
        return return_of(session, pledge_id=pledge)


def _try_again(world: MoneyWorld, pledge: UUID, *, role: str = "treasurer") -> None:
    actor = world.staff(role)
    with world.database.transaction() as session:
        try_refund_again(session, pledge_id=pledge, actor=actor, now=world.now)


def test_the_sweep_books_it_back_once_and_it_goes_by_bank_to_an_account_the_donor_gives(world: MoneyWorld) -> None:
    pledge = _refunded(world)
    before = world.now
    _send_back(world, pledge)
    # Nobody told us: the sweep looks by itself, as often as it likes.
    assert [sweep_refunds(world.database, world.gateway, now=world.now) for _ in range(2)] == [1, 1]
    back = _back(world, pledge)
    assert back is not None
    assert (world.state_of(pledge), back.state, back.came_back) == ("collected", "planned", True)
    assert world.mails("pledge.refund_failed") == [str(pledge)]
    assert world.verdict().findings == ()
    with world.database.reading() as session:
        assert [line.pledge_id for line in open_returns(session, municipality_id=world.municipality_id)] == [pledge]
    give_back(world, pledge)
    assert world.state_of(pledge) == "refunded"
    assert _booked(world) == {"refund": 25_00, "refund_failed": 25_00, "refund_by_bank": 25_00}
    assert world.verdict().findings == ()
    with world.database.reading() as session:
        moved = gift_movements(session, pledge_id=pledge)
    assert sorted((one.cents, one.is_return) for one in moved) == [
        (-25_00, True),
        (-25_00, True),
        (25_00, False),
        (25_00, True),
    ]
    assert [check_books_as_of(world.database, moment=moment).findings for moment in (before, world.now)] == [(), ()]
    with pytest.raises(NothingToTryAgain):
        _try_again(world, pledge)


def test_donor_and_treasurer_read_what_happened_and_what_to_do(world: MoneyWorld) -> None:
    pledge = _refunded(world)
    _send_back(world, pledge)
    world.work(rounds=1)
    again = f"/loket/terugbetalingen/{pledge}/nieuwe-poging"
    with open_house(world.database) as house:
        own = own_pledge_path(pledge, house.state.runtime.keys)
        donor, treasurer = Visitor(house), Visitor(house).work_as("treasurer")
        assert "Deze terugbetaling kwam terug" in words(treasurer.get("/loket/terugbetalingen").text)
        assert again in treasurer.browser.get("/loket/terugbetalingen").text
        assert "Je geld kwam bij ons terug" in words(donor.get(own).text)
        assert donor.send(f"{own}/rekening", {"account": "NL00", "holder": ""}).status_code == 400
        assert donor.send(f"{own}/rekening", {"account": DONORS_ACCOUNT, "holder": "N. Bij"}).status_code == 303
        assert "Je krijgt je geld terug" in words(donor.follow().text)
        assert again not in treasurer.browser.get("/loket/terugbetalingen").text
        treasurer.get("/loket/terugbetalingen")
        assert treasurer.send(f"/loket/terugbetalingen/{pledge}/betaling", {"reference": "BETAAL 7"}).status_code == 303
        assert "Je hebt je geld terug" in words(donor.get(own).text)


def test_a_clerk_writes_down_the_account_of_a_donor_who_cannot_be_mailed(world: MoneyWorld) -> None:
    pledge = _refunded(world)
    _send_back(world, pledge)
    world.work(rounds=1)
    with open_house(world.database) as house:
        clerk, treasurer = Visitor(house).work_as("clerk"), Visitor(house).work_as("treasurer")
        assert treasurer.get("/loket/rekeningen").status_code == 403
        assert "Rekeningen om te vragen" in words(clerk.get("/loket/rekeningen").text)
        path = f"/loket/rekeningen/{pledge}"
        refused = clerk.send(path, {"account": "NL00", "holder": ""})
        assert refused.status_code == 400
        assert 'aria-invalid="true"' in refused.text
        assert clerk.send(path, {"account": DONORS_ACCOUNT, "holder": "N. Bij"}).status_code == 303
        assert "Er hoeft niemand om een rekening gevraagd te worden" in words(clerk.follow().text)
    back = _back(world, pledge)
    assert back is not None
    assert (back.state, back.account_iban, back.account_by is not None) == ("ready", DONORS_ACCOUNT, True)


def test_a_treasurer_sends_it_once_more_and_it_may_come_back_again(world: MoneyWorld) -> None:
    pledge = _refunded(world)
    _send_back(world, pledge)
    world.work(rounds=1)
    with pytest.raises(OnlyTheTreasurer):
        _try_again(world, pledge, role="clerk")
    _try_again(world, pledge)
    assert _back(world, pledge) is None
    world.work()
    assert (world.state_of(pledge), _booked(world)) == ("refunded", {"refund": 50_00, "refund_failed": 25_00})
    assert world.verdict().findings == ()
    _send_back(world, pledge)
    world.work(rounds=1)
    back = _back(world, pledge)
    assert back is not None
    assert (world.state_of(pledge), back.state) == ("collected", "planned")
    assert world.verdict().findings == ()
