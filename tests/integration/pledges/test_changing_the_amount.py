"""Another amount before the deadline: the total, the history and the municipality's share follow, to the cent."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from crowd.cofunding.change_operations import change_gift
from crowd.cofunding.models import Reservation, Scheme
from crowd.cofunding.operations import reserve_match, reweigh_match
from crowd.pledges.models import Pledge, PledgeAmount
from crowd.pledges.queries import PledgeRow, total
from crowd.pledges.queries import pledge as pledge_row
from crowd.pledges.rules import ChangedMeanwhile, PledgeCannotBecome, TooLateToChange
from crowd.shared.actor import Actor
from crowd.shared.errors import InvalidFields
from crowd.shared.money import Money
from crowd.shared.outbox import OutboxRow
from tests.factories import (
    NOW,
    make_initiative,
    make_municipality,
    make_neighbourhood,
    make_scheme,
    make_secured_pledge,
)


@pytest.fixture
def campaign(session: Session) -> UUID:
    """A campaign of 1,000 euros whose gifts are doubled, at most 250 euros for each donor."""
    here = make_municipality(session)
    place = make_neighbourhood(session, municipality_id=here)
    make_scheme(session, municipality_id=here, neighbourhood_id=place, pot_cents=100_00)
    return make_initiative(session, municipality_id=here, neighbourhood_id=place)


def _give(session: Session, campaign: UUID, euros: int) -> UUID:
    pledge_id = make_secured_pledge(session, initiative_id=campaign, cents=euros * 100)
    reserve_match(session, pledge_id=pledge_id, card_fingerprint=str(pledge_id), now=NOW)
    return pledge_id


def _change(session: Session, pledge_id: UUID, was: int, euros: int, *, days: int = 0) -> PledgeRow:
    return change_gift(
        session,
        pledge_id=pledge_id,
        was=Money(was * 100),
        amount=Money(euros * 100),
        actor=Actor(municipality_id=None),
        now=NOW + timedelta(days=days),
    )


def _match(session: Session, pledge_id: UUID) -> int:
    return session.execute(select(Reservation.amount_cents).where(Reservation.pledge_id == pledge_id)).scalar_one()


def _pot(session: Session) -> int:
    return session.execute(select(Scheme.reserved_cents)).scalar_one()


@pytest.mark.parametrize("euros", [40, 10])
def test_the_total_and_the_match_follow_to_the_cent(session: Session, campaign: UUID, euros: int) -> None:
    pledge_id = _give(session, campaign, 25)

    assert _change(session, pledge_id, 25, euros).amount_cents == euros * 100

    standing = total(session, initiative_id=campaign)
    assert (standing.amount_cents, standing.pledge_count) == (euros * 100, 1)
    assert (_match(session, pledge_id), _pot(session)) == (euros * 100, euros * 100)


def test_every_change_is_kept_and_told_once(session: Session, campaign: UUID) -> None:
    pledge_id = _give(session, campaign, 25)

    for _ in range(2):
        _change(session, pledge_id, 25, 40)
    _change(session, pledge_id, 40, 10)

    kept = session.execute(select(PledgeAmount.from_cents, PledgeAmount.to_cents).order_by(PledgeAmount.id)).all()
    assert [tuple(row) for row in kept] == [(25_00, 40_00), (40_00, 10_00)]
    told = session.scalars(select(OutboxRow.kind).where(OutboxRow.kind == "pledge.amount_changed")).all()
    assert len(told) == len(kept)


def test_a_form_of_before_another_change_changes_nothing(session: Session, campaign: UUID) -> None:
    pledge_id = _give(session, campaign, 25)
    _change(session, pledge_id, 25, 40)

    with pytest.raises(ChangedMeanwhile):
        _change(session, pledge_id, 25, 50)

    assert pledge_row(session, pledge_id=pledge_id).amount_cents == 40_00


def test_what_comes_free_goes_to_who_was_matched_short(session: Session, campaign: UUID) -> None:
    first, second = _give(session, campaign, 50), _give(session, campaign, 50)
    third = _give(session, campaign, 20)
    assert (_match(session, third), _pot(session)) == (0, 100_00)

    _change(session, first, 50, 40)

    assert [_match(session, one) for one in (first, second, third)] == [40_00, 50_00, 10_00]
    assert _pot(session) == 100_00


def test_a_match_is_not_lost_because_others_filled_the_goal(session: Session, campaign: UUID) -> None:
    pledge_id = _give(session, campaign, 100)
    _give(session, campaign, 1_000)

    _change(session, pledge_id, 100, 60)

    assert _match(session, pledge_id) == 60_00


def test_another_donors_card_costs_the_match(session: Session, campaign: UUID) -> None:
    first, second = _give(session, campaign, 50), _give(session, campaign, 50)

    assert reweigh_match(session, pledge_id=second, card_fingerprint=str(first), now=NOW) == Money(0)

    assert (_match(session, first), _match(session, second), _pot(session)) == (50_00, 0, 50_00)


def test_from_the_deadline_on_nothing_changes(session: Session, campaign: UUID) -> None:
    pledge_id = _give(session, campaign, 25)
    with pytest.raises(TooLateToChange):
        _change(session, pledge_id, 25, 40, days=31)


@pytest.mark.parametrize("changes", [{"state": "promised", "secured_at": None}, {"way": "cash"}])
def test_only_what_stands_and_was_not_handed_over_can_be_changed(
    session: Session, campaign: UUID, changes: dict[str, object]
) -> None:
    pledge_id = _give(session, campaign, 25)
    session.execute(update(Pledge).where(Pledge.id == pledge_id).values(**changes))
    with pytest.raises(PledgeCannotBecome):
        _change(session, pledge_id, 25, 40)


def test_an_amount_out_of_bounds_is_refused_and_nothing_changes(session: Session, campaign: UUID) -> None:
    pledge_id = _give(session, campaign, 25)
    with pytest.raises(InvalidFields):
        _change(session, pledge_id, 25, 20_000)
    assert total(session, initiative_id=campaign).amount_cents == 25_00
