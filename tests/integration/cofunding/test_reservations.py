"""Reserving and releasing the match, on PostgreSQL."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crowd.accounts.models import Person
from crowd.cofunding import operations, queries
from crowd.cofunding.counted_queries import matches_on
from crowd.cofunding.models import Reservation, Scheme
from crowd.cofunding.rules import Bound
from crowd.initiatives.operations import change_state
from crowd.pledges import operations as pledges
from crowd.pledges.models import Pledge
from crowd.shared.actor import operator
from crowd.shared.clock import local_date
from crowd.shared.ids import new_id
from crowd.shared.money import ZERO, Money
from tests.factories import (
    NOW,
    make_initiative,
    make_municipality,
    make_neighbourhood,
    make_person,
    make_scheme,
    make_secured_pledge,
)


@dataclass(frozen=True)
class Town:
    """A municipality with one neighbourhood, one scheme and one live campaign."""

    here: UUID
    place: UUID
    scheme: UUID
    campaign: UUID
    initiator: UUID


def town(
    session: Session, *, minimum_cents: int = 1_000_00, pot_cents: int = 20_000_00, donor_cap_cents: int = 250_00
) -> Town:
    here = make_municipality(session)
    place = make_neighbourhood(session, municipality_id=here)
    scheme = make_scheme(
        session,
        municipality_id=here,
        neighbourhood_id=place,
        pot_cents=pot_cents,
        donor_cap_cents=donor_cap_cents,
    )
    initiator = make_person(session, municipality_id=here, email=f"{new_id()}@voorbeeld.example")
    campaign = make_initiative(
        session, municipality_id=here, neighbourhood_id=place, initiator_id=initiator, minimum_cents=minimum_cents
    )
    return Town(here, place, scheme, campaign, initiator)


def another_campaign(session: Session, where: Town, *, minimum_cents: int = 1_000_00) -> UUID:
    return make_initiative(
        session, municipality_id=where.here, neighbourhood_id=where.place, minimum_cents=minimum_cents
    )


def secure(session: Session, campaign: UUID, euros: int, *, email: str | None = None, confirmed: bool = True) -> UUID:
    return make_secured_pledge(session, initiative_id=campaign, cents=euros * 100, email=email, confirmed=confirmed)


def give(session: Session, campaign: UUID, euros: int, *, minute: int = 0, card: str | None = None) -> UUID:
    """A secured pledge with its match reserved, so many minutes after NOW, by a new donor with a new card."""
    moment = NOW + timedelta(minutes=minute)
    pledge_id = make_secured_pledge(session, initiative_id=campaign, cents=euros * 100, now=moment)
    operations.reserve_match(session, pledge_id=pledge_id, card_fingerprint=card or str(pledge_id), now=moment)
    return pledge_id


def reserved(session: Session, pledge_id: UUID) -> tuple[int, str, str]:
    """(cents, bound, state) of the pledge's reservation."""
    row = session.execute(
        select(Reservation.amount_cents, Reservation.bound, Reservation.state).where(Reservation.pledge_id == pledge_id)
    ).one()
    return row[0], row[1], row[2]


def pot_used(session: Session, scheme: UUID) -> int:
    return session.execute(select(Scheme.reserved_cents).where(Scheme.id == scheme)).scalar_one()


def test_a_secured_and_confirmed_gift_reserves_its_match(session: Session) -> None:
    here = town(session)
    pledge = secure(session, here.campaign, 100)
    amount = operations.reserve_match(session, pledge_id=pledge, card_fingerprint="kaart", now=NOW)
    assert amount == Money(100_00)
    assert reserved(session, pledge) == (100_00, "ratio", "reserved")
    assert queries.reserved_cents(session, initiative_id=here.campaign) == 100_00
    assert pot_used(session, here.scheme) == 100_00


def test_asking_twice_reserves_once(session: Session) -> None:
    here = town(session)
    pledge = secure(session, here.campaign, 100)
    for _ in range(2):
        amount = operations.reserve_match(session, pledge_id=pledge, card_fingerprint="kaart", now=NOW)
        assert amount == Money(100_00)
    assert pot_used(session, here.scheme) == 100_00


def test_an_unconfirmed_gift_is_matched_from_the_click_in_the_receipt_with_the_card_kept_before(
    session: Session,
) -> None:
    here = town(session)
    pledge = secure(session, here.campaign, 100, confirmed=False)
    assert operations.reserve_match(session, pledge_id=pledge, card_fingerprint="kaart", now=NOW) == ZERO
    assert reserved(session, pledge) == (0, "not_confirmed", "reserved")
    pledges.confirm_pledge(session, pledge_id=pledge, now=NOW)
    assert operations.reserve_match(session, pledge_id=pledge, now=NOW) == Money(100_00)
    assert session.scalar(select(Reservation.card_fingerprint).where(Reservation.pledge_id == pledge)) == "kaart"


def test_the_initiator_is_not_matched(session: Session) -> None:
    here = town(session)
    address = session.scalar(select(Person.email).where(Person.id == here.initiator))
    pledge = secure(session, here.campaign, 100, email=address)
    assert operations.reserve_match(session, pledge_id=pledge, card_fingerprint="kaart", now=NOW) == ZERO
    assert reserved(session, pledge)[1] == Bound.INITIATOR_OR_TEAM


def test_a_second_address_with_the_same_card_is_no_second_donor(session: Session) -> None:
    here = town(session)
    give(session, here.campaign, 100, card="kaart")
    again = give(session, here.campaign, 100, card="kaart")
    assert reserved(session, again) == (0, "same_card", "reserved")


def test_a_donor_who_gives_again_with_their_own_card_is_matched_up_to_the_donor_cap(session: Session) -> None:
    here = town(session, donor_cap_cents=150_00)
    first = secure(session, here.campaign, 100, email="gever@voorbeeld.example")
    second = secure(session, here.campaign, 100, email="gever@voorbeeld.example")
    for pledge in (first, second):
        operations.reserve_match(session, pledge_id=pledge, card_fingerprint="kaart", now=NOW)
    assert reserved(session, first) == (100_00, "ratio", "reserved")
    assert reserved(session, second) == (50_00, "donor_cap", "reserved")


def test_the_same_card_helps_another_initiative_too(session: Session) -> None:
    here = town(session)
    give(session, here.campaign, 100, card="kaart")
    elsewhere = give(session, another_campaign(session, here), 100, card="kaart")
    assert reserved(session, elsewhere) == (100_00, "ratio", "reserved")


def test_the_match_stops_at_the_minimum(session: Session) -> None:
    here = town(session, minimum_cents=500_00)
    first, second, third = (give(session, here.campaign, 200, minute=n) for n in range(3))
    assert reserved(session, first) == (200_00, "ratio", "reserved")
    assert reserved(session, second) == (0, "goal", "reserved")
    assert reserved(session, third) == (0, "goal", "reserved")
    assert queries.match_so_far(session, initiative_id=here.campaign) == queries.MatchSoFar(
        scheme=queries.scheme(session, scheme_id=here.scheme), amount=Money(200_00), bound=Bound.GOAL, award=None
    )


def test_outside_the_scheme_s_neighbourhoods_nothing_is_reserved(session: Session) -> None:
    here = town(session)
    elsewhere = make_initiative(
        session,
        municipality_id=here.here,
        neighbourhood_id=make_neighbourhood(session, municipality_id=here.here, name="Duinzicht"),
    )
    pledge = give(session, elsewhere, 100)
    assert session.get(Reservation, pledge) is None
    assert queries.scheme_for(session, initiative_id=elsewhere, on=local_date(NOW)) is None
    assert queries.match_so_far(session, initiative_id=elsewhere) is None


def test_a_withdrawn_gift_gives_its_match_to_the_oldest_that_waits_for_the_pot(session: Session) -> None:
    here = town(session, pot_cents=150_00)
    other = another_campaign(session, here)
    first = give(session, here.campaign, 100, minute=0)
    short = give(session, other, 100, minute=1)
    shorter = give(session, other, 100, minute=2)
    assert (reserved(session, short)[:2], reserved(session, shorter)[:2]) == ((50_00, "pot"), (0, "pot"))
    pledges.withdraw_pledge(session, pledge_id=first, actor=operator(here.here), now=NOW)
    operations.release_match(session, pledge_id=first, now=NOW)
    assert reserved(session, first) == (100_00, "ratio", "released")
    assert reserved(session, short) == (100_00, "ratio", "reserved")
    assert reserved(session, shorter) == (50_00, "pot", "reserved")
    assert pot_used(session, here.scheme) == 150_00


def test_a_withdrawn_gift_opens_the_goal_for_a_later_one_in_the_same_campaign(session: Session) -> None:
    here = town(session, minimum_cents=400_00)
    first = give(session, here.campaign, 200, minute=0)
    later = give(session, here.campaign, 100, minute=1)
    assert reserved(session, later)[:2] == (0, "goal")
    pledges.withdraw_pledge(session, pledge_id=first, actor=operator(here.here), now=NOW)
    operations.release_match(session, pledge_id=first, now=NOW)
    assert reserved(session, later)[:2] == (100_00, "ratio")


def test_once_the_card_s_first_donor_withdraws_the_second_one_is_matched(session: Session) -> None:
    here = town(session)
    first = give(session, here.campaign, 100, card="kaart")
    second = give(session, here.campaign, 50, card="kaart")
    pledges.withdraw_pledge(session, pledge_id=first, actor=operator(here.here), now=NOW)
    operations.release_match(session, pledge_id=first, now=NOW)
    assert reserved(session, second)[:2] == (50_00, "ratio")


def test_releasing_twice_frees_once(session: Session) -> None:
    here = town(session)
    pledge = give(session, here.campaign, 100)
    pledges.withdraw_pledge(session, pledge_id=pledge, actor=operator(here.here), now=NOW)
    for _ in range(2):
        operations.release_match(session, pledge_id=pledge, now=NOW)
    assert pot_used(session, here.scheme) == 0
    assert operations.reserve_match(session, pledge_id=pledge, now=NOW) == ZERO


def test_after_closing_a_reservation_is_frozen(session: Session) -> None:
    here = town(session)
    pledge = give(session, here.campaign, 100)
    change_state(session, initiative_id=here.campaign, to="collecting", actor=operator(here.here), now=NOW)
    operations.release_match(session, pledge_id=pledge, now=NOW)
    assert reserved(session, pledge) == (100_00, "ratio", "reserved")
    assert operations.reserve_match(session, pledge_id=pledge, now=NOW) == Money(100_00)


def test_an_unfunded_campaign_gives_everything_back(session: Session) -> None:
    here = town(session, pot_cents=100_00)
    give(session, here.campaign, 100, minute=0)
    waiting = give(session, another_campaign(session, here), 80, minute=1)
    pledges.release_pledges(session, initiative_id=here.campaign, now=NOW, reason="niet gehaald")
    assert operations.release_all(session, initiative_id=here.campaign, now=NOW) == Money(100_00)
    assert operations.release_all(session, initiative_id=here.campaign, now=NOW) == ZERO
    assert reserved(session, waiting)[:2] == (80_00, "ratio")
    assert pot_used(session, here.scheme) == 80_00


def test_the_final_match_is_confirmed_where_it_was_earned_and_the_rest_returns_to_the_pot(session: Session) -> None:
    here = town(session)
    first, failed, third = (give(session, here.campaign, 100, minute=n) for n in range(3))
    change_state(session, initiative_id=here.campaign, to="collecting", actor=operator(here.here), now=NOW)
    session.execute(update(Pledge).where(Pledge.id.in_([first, third])).values(state="collected"))
    session.execute(update(Pledge).where(Pledge.id == failed).values(state="dropped"))
    final = matches_on(session, awards={here.campaign: Money(5_000_00)})[here.campaign]
    assert final == Money(200_00)
    for _ in range(2):
        operations.confirm_all(session, initiative_id=here.campaign, final_cents=final.cents, now=NOW)
    states = [reserved(session, pledge)[::2] for pledge in (first, failed, third)]
    assert states == [(100_00, "confirmed"), (0, "released"), (100_00, "confirmed")]
    assert pot_used(session, here.scheme) == 200_00
    assert queries.reserved_cents(session, initiative_id=here.campaign) == 200_00


def test_a_lower_award_takes_back_from_the_newest_gifts_and_holds_for_later_ones(session: Session) -> None:
    here = town(session)
    first, second = (give(session, here.campaign, 100, minute=n) for n in range(2))
    operations.limit_match(session, initiative_id=here.campaign, award=Money(150_00))
    assert reserved(session, first)[:2] == (100_00, "ratio")
    assert reserved(session, second)[:2] == (50_00, "award")
    assert reserved(session, give(session, here.campaign, 100, minute=3))[:2] == (0, "award")
    assert pot_used(session, here.scheme) == 150_00


def test_after_a_refusal_nothing_is_or_becomes_reserved(session: Session) -> None:
    here = town(session)
    first = give(session, here.campaign, 100)
    operations.limit_match(session, initiative_id=here.campaign, award=ZERO)
    later = give(session, here.campaign, 100, minute=1)
    assert reserved(session, first)[:2] == (0, "refused")
    assert reserved(session, later)[:2] == (0, "refused")
    assert pot_used(session, here.scheme) == 0


def test_a_draft_shows_what_it_could_get_and_why(session: Session) -> None:
    here = town(session)
    draft = make_initiative(session, municipality_id=here.here, state="draft", neighbourhood_id=here.place)
    could = queries.potential_match(session, initiative_id=draft, on=local_date(NOW))
    assert could is not None
    assert (could.amount, could.bound, could.scheme.id) == (Money(500_00), Bound.RATIO, here.scheme)


def test_the_database_itself_refuses_one_card_for_two_donors(session: Session) -> None:
    here = town(session)
    give(session, here.campaign, 100, card="kaart")
    other = give(session, here.campaign, 100, card="andere kaart")
    with pytest.raises(IntegrityError, match="one_donor_per_card"):
        session.execute(text("UPDATE reservations SET card_fingerprint = 'kaart' WHERE pledge_id = :id"), {"id": other})


def test_the_database_itself_refuses_more_than_the_pot(session: Session) -> None:
    here = town(session, pot_cents=100_00)
    with pytest.raises(IntegrityError, match="reserved_within_pot"):
        session.execute(update(Scheme).where(Scheme.id == here.scheme).values(reserved_cents=100_01))
