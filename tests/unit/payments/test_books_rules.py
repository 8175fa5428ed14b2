"""What the provider's movements say about our postings: every difference once, and nothing that is on its way."""

import pytest

from payments.books.rules import (
    BOOKED_HAS_MOVED,
    MOVEMENT_IS_BOOKED,
    REST_IS_BOOKED,
    Finding,
    OurMovement,
    TheirMovement,
    compare_movements,
)

BOOKED = (
    OurMovement("ch_1", "charge", 40_00, 85),
    OurMovement("ch_2", "charge", 10_00, None),
    OurMovement("re_1", "refund", -40_00, 0),
    OurMovement("tr_1", "transfer", -10_00, 0),
)
MOVED = (
    TheirMovement("ch_1", "charge", 40_00, 85),
    TheirMovement("ch_2", "payment", 10_00, 40),
    TheirMovement("re_1", "refund", -40_00, 0),
    TheirMovement("tr_1", "transfer", -10_00, 0),
)


def _differences(
    ours: tuple[OurMovement, ...] = BOOKED,
    theirs: tuple[TheirMovement, ...] = MOVED,
    *,
    other_cents: int = 0,
    under_way: tuple[str, ...] = (),
) -> list[tuple[str, str]]:
    found = compare_movements(ours=ours, other_cents=other_cents, theirs=theirs, under_way=under_way)
    return [(finding.promise, finding.subject) for finding in found]


def test_movements_and_postings_that_agree_give_nothing() -> None:
    assert _differences() == []


def test_a_cost_that_we_do_not_know_yet_is_no_difference_and_nor_is_its_movement() -> None:
    assert _differences(theirs=tuple(moved for moved in MOVED if moved.ref != "ch_2")) == []


@pytest.mark.parametrize("ref", ["ch_1", "re_1", "tr_1"])
def test_a_posting_without_its_movement_is_a_difference(ref: str) -> None:
    assert _differences(theirs=tuple(moved for moved in MOVED if moved.ref != ref)) == [(BOOKED_HAS_MOVED, ref)]


@pytest.mark.parametrize("ref", ["ch_1", "re_1", "tr_1"])
def test_a_movement_without_its_posting_is_a_difference(ref: str) -> None:
    ours = tuple(booked for booked in BOOKED if booked.ref != ref)
    assert _differences(ours=ours) == [(MOVEMENT_IS_BOOKED, ref)]


@pytest.mark.parametrize(("kind", "ref"), [("charge", "ch_1"), ("refund", "re_1"), ("transfer", "tr_1")])
def test_a_movement_whose_answer_is_on_its_way_is_none(kind: str, ref: str) -> None:
    ours = tuple(booked for booked in BOOKED if booked.ref != ref)
    assert _differences(ours=ours, under_way=(kind,)) == []


@pytest.mark.parametrize(
    "moved", [TheirMovement("ch_1", "charge", 40_01, 85), TheirMovement("ch_1", "charge", 40_00, 86)]
)
def test_a_movement_of_another_amount_or_cost_is_a_difference(moved: TheirMovement) -> None:
    assert _differences(theirs=(moved, *MOVED[1:])) == [(MOVEMENT_IS_BOOKED, "ch_1")]


def test_the_same_thing_moved_twice_is_a_difference() -> None:
    found = compare_movements(ours=BOOKED, other_cents=0, theirs=(*MOVED, MOVED[2]), under_way=())
    assert found == [Finding("I6", MOVEMENT_IS_BOOKED, "re_1", "-8000, costs 0", "-4000, costs 0")]


def test_movements_of_other_kinds_are_compared_as_a_sum() -> None:
    disputed = TheirMovement("dp_1", "adjustment", -40_00, 15_00)
    won = TheirMovement("dp_1", "adjustment", 40_00, -15_00)
    assert _differences(theirs=(*MOVED, disputed), other_cents=-55_00) == []
    assert _differences(theirs=(*MOVED, disputed, won)) == []
    assert _differences(theirs=(*MOVED, disputed)) == [(REST_IS_BOOKED, "other movements")]
