"""What is left of a cancelled campaign is divided to the cent, and two people say so."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.shared.actor import Actor
from crowd.shared.money import Money
from payments.cancelling.rules import (
    BooksDoNotAgree,
    DecidedAlready,
    NotCancellable,
    NothingForTheTown,
    NothingToChoose,
    OnlyATreasurerDecides,
    OnlyTheOffice,
    OwnInitiativeStops,
    OwnPlan,
    Party,
    ShareDiffers,
    Standing,
    TooLateToChoose,
    TransferReferenceMissing,
    borne_by_campaign,
    check_choice,
    check_decision,
    check_proposal,
    check_town_transfer,
    divide,
    sum_of,
    way_of,
)

FIRST, SECOND = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOBODY: frozenset[UUID] = frozenset()


def _someone(*roles: str, person_id: UUID = FIRST) -> Actor:
    return Actor(municipality_id=UUID(int=9), person_id=person_id, roles=frozenset(roles))


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    gifts = draw(st.dictionaries(st.uuids(), st.integers(1, 1_000_000), max_size=12))
    town = draw(st.integers(0, 2_000_000))
    parties = (*(Party(cents, pledge) for pledge, cents in gifts.items()), Party(town, None))
    return Standing(parties, draw(st.integers(0, sum(gifts.values()) + town)))


@given(standings())
def test_the_lines_are_exactly_what_is_left(standing: Standing) -> None:
    lines = divide(standing)
    assert sum(line.amount_cents for line in lines) == standing.left_cents
    assert {line.pledge_id for line in lines} == {party.pledge_id for party in standing.parties}
    assert sum_of(lines, town=True) + sum_of(lines, town=False) == Money(standing.left_cents)


@given(standings())
def test_nobody_gets_more_than_they_gave_nor_a_cent_beside_their_proportion(standing: Standing) -> None:
    for line in divide(standing):
        assert 0 <= line.amount_cents <= line.gave_cents
        exact = standing.left_cents * line.gave_cents
        assert abs(line.amount_cents * standing.gave_cents - exact) < max(standing.gave_cents, 1)


@given(standings(), st.randoms())
def test_the_order_in_which_they_are_named_changes_nothing(standing: Standing, dice: object) -> None:
    shuffled = list(standing.parties)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis gives a random.Random
    assert divide(Standing(tuple(shuffled), standing.left_cents)) == divide(standing)


@given(standings())
def test_when_nothing_was_spent_everybody_gets_all_of_it(standing: Standing) -> None:
    lines = divide(Standing(standing.parties, standing.gave_cents))
    assert all(line.amount_cents == line.gave_cents for line in lines)


def test_the_worked_example_of_the_money_page() -> None:
    given_by = (Party(50_00, FIRST), Party(25_00, SECOND), Party(12_35, UUID(int=3)), Party(37_65, None))
    lines = divide(Standing(given_by, 75_00))
    assert [line.amount_cents for line in lines] == [30_00, 15_00, 7_41, 22_59]


@pytest.mark.parametrize(("gave", "left"), [(10_00, 10_01), (10_00, -1), (-1, 0)])
def test_books_that_do_not_agree_are_not_divided(gave: int, left: int) -> None:
    with pytest.raises(BooksDoNotAgree):
        divide(Standing((Party(gave, FIRST),), left))


def test_an_initiative_to_which_nobody_gave_divides_nothing() -> None:
    assert [line.amount_cents for line in divide(Standing((Party(0, None),), 0))] == [0]


@pytest.mark.parametrize(
    ("actor", "team", "state", "refusal"),
    [
        (_someone("approver"), NOBODY, "funded", OnlyTheOffice),
        (_someone("clerk"), {FIRST}, "funded", OwnInitiativeStops),
        (_someone("treasurer"), NOBODY, "live", NotCancellable),
    ],
)
def test_a_proposal_is_refused(actor: Actor, team: frozenset[UUID], state: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        check_proposal(actor=actor, team=team, state=state)


@pytest.mark.parametrize(
    ("actor", "team", "state", "refusal"),
    [
        (_someone("clerk", person_id=SECOND), NOBODY, "proposed", OnlyATreasurerDecides),
        (_someone("treasurer"), NOBODY, "proposed", OwnPlan),
        (_someone("treasurer", person_id=SECOND), {SECOND}, "proposed", OwnInitiativeStops),
        (_someone("treasurer", person_id=SECOND), NOBODY, "approved", DecidedAlready),
    ],
)
def test_an_approval_is_refused(actor: Actor, team: frozenset[UUID], state: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        check_decision(actor=actor, team=team, proposed_by=FIRST, state=state, approves=True)


def test_whoever_proposed_a_plan_may_take_it_back() -> None:
    check_decision(actor=_someone("clerk"), team=NOBODY, proposed_by=FIRST, state="proposed", approves=False)
    with pytest.raises(OnlyATreasurerDecides):
        check_decision(
            actor=_someone("clerk", person_id=SECOND), team=NOBODY, proposed_by=FIRST, state="proposed", approves=False
        )


def test_a_donor_chooses_until_the_last_moment_and_only_where_something_is_left() -> None:
    until = NOW + timedelta(days=1)
    check_choice(state="approved", choose_until=until, amount_cents=1, now=NOW)
    with pytest.raises(TooLateToChoose):
        check_choice(state="approved", choose_until=until, amount_cents=1, now=until)
    with pytest.raises(NothingToChoose):
        check_choice(state="approved", choose_until=until, amount_cents=0, now=NOW)
    with pytest.raises(NothingToChoose):
        check_choice(state="proposed", choose_until=None, amount_cents=1, now=NOW)


@pytest.mark.parametrize(
    ("choice", "is_offline", "is_moved_here", "may_move", "way"),
    [
        ("refund", False, False, False, "refund"),
        ("refund", True, False, False, "bank"),
        ("move", False, False, True, "move"),
        ("move", False, False, False, "refund"),
        ("move", True, False, False, "bank"),
        ("gift", True, False, False, "gift"),
        ("refund", False, True, False, "gift"),
    ],
)
def test_what_is_done_with_a_line(
    *, choice: str, is_offline: bool, is_moved_here: bool, may_move: bool, way: str
) -> None:
    assert way_of(choice=choice, is_offline=is_offline, is_moved_here=is_moved_here, may_move=may_move) == way


def test_the_transfer_to_the_municipality_is_exactly_what_is_due() -> None:
    treasurer, due = _someone("treasurer"), Money(22_59)
    assert check_town_transfer(actor=treasurer, due=due, sent=due, reference=" STOP 1 ") == "STOP 1"
    for actor, owed, sent, reference, refusal in (
        (_someone("clerk"), due, due, "STOP", OnlyATreasurerDecides),
        (treasurer, Money(0), Money(0), "STOP", NothingForTheTown),
        (treasurer, due, Money(22_58), "STOP", ShareDiffers),
        (treasurer, due, due, " ", TransferReferenceMissing),
    ):
        with pytest.raises(refusal):
            check_town_transfer(actor=actor, due=owed, sent=sent, reference=reference)


def test_a_cancelled_campaign_bears_of_a_lost_dispute_what_its_donor_would_have_got() -> None:
    assert borne_by_campaign(line_cents=15_00, is_gone=False, amount_cents=30_00) == Money(15_00)
    assert borne_by_campaign(line_cents=15_00, is_gone=True, amount_cents=30_00) == Money(0)
