"""Which line carried out what was booked: by its reference and its exact amount, and never on a guess."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.shared.money import Money
from payments.bank.clearing_rules import (
    BookedOtherwise,
    NotBooked,
    NotSoMuchCosts,
    Posted,
    check_booked,
    check_costs,
    judge_booked,
    read_key,
    together,
)
from payments.bank.line_rules import ComesFromElsewhere, check_where_to
from payments.bank.rules import spaced
from payments.bank.statement_rules import MoneyLeft

DAY = date(2026, 11, 20)
TRANCHE = "0193a1b2-0000-7000-8000-000000000001"


def posted(number: int, kind: str, cents: int, *, source: str = TRANCHE, noted: str = "") -> Posted:
    return Posted(
        id=number,
        kind=kind,
        source_id=source,
        initiative_id=UUID(int=9),
        title="Moestuin",
        cents=cents,
        booked_on=DAY,
        noted=noted,
    )


def test_the_parts_of_one_payout_are_one_transfer_and_other_postings_are_their_own() -> None:
    found = together(
        [
            posted(3, "payout_deposits", -40_00),
            posted(2, "payout_match", -20_00),
            posted(4, "refund_by_bank", -5_00, noted="BETAAL 7"),
        ]
    )
    assert [(one.key, one.cents) for one in found] == [("2+3", -60_00), ("4", -5_00)]


def test_a_line_is_tied_by_our_reference_or_by_what_was_noted_for_its_amount_only() -> None:
    payout, back = together([posted(2, "payout_match", -20_00), posted(4, "refund_by_bank", -5_00, noted="BETAAL 7")])
    booked = [payout, back]
    told = f"Uitbetaling {spaced(payout.reference)}"
    assert judge_booked(amount_cents=-20_00, description=told, booked=booked) == payout
    assert judge_booked(amount_cents=-5_00, description="bet-aal 7/2026", booked=booked) == back
    for cents, description in ((-20_01, told), (20_00, told), (-20_00, "zonder kenmerk"), (-5_00, "betaal 8")):
        assert judge_booked(amount_cents=cents, description=description, booked=booked) is None


def test_two_bookings_that_both_fit_are_left_to_a_person() -> None:
    booked = together(
        [posted(number, "refund_by_bank", -5_00, source=str(number), noted="BETAAL 7") for number in (1, 2)]
    )
    assert judge_booked(amount_cents=-5_00, description="BETAAL 7", booked=booked) is None


def test_a_note_of_a_few_letters_ties_nothing() -> None:
    booked = together([posted(1, "refund_by_bank", -5_00, noted="A1")])
    assert judge_booked(amount_cents=-5_00, description="huur a1", booked=booked) is None


@given(st.lists(st.integers(-1000, 1000).filter(bool), min_size=1, max_size=5), st.integers(-3000, 3000))
def test_only_exactly_what_was_booked_may_be_tied(cents: list[int], line: int) -> None:
    found = [posted(number, "payout_match", one) for number, one in enumerate(cents)]
    wanted = [one.id for one in found]
    if line == sum(cents):
        check_booked(line_cents=line, wanted=wanted, found=found)
    else:
        with pytest.raises(BookedOtherwise):
            check_booked(line_cents=line, wanted=wanted, found=found)
    with pytest.raises(NotBooked):
        check_booked(line_cents=line, wanted=[*wanted, 99], found=found)


@pytest.mark.parametrize("key", ["", "1+", "a", "-1", "1.5", "9" * 30])
def test_a_key_that_names_no_postings_is_refused(key: str) -> None:
    with pytest.raises(NotBooked):
        read_key(key)


def test_costs_are_borne_up_to_what_there_are_and_only_by_money_that_came() -> None:
    check_costs(line_cents=2_07, unborne=Money(2_07))
    with pytest.raises(NotSoMuchCosts, match="2,07"):
        check_costs(line_cents=2_08, unborne=Money(2_07))
    with pytest.raises(MoneyLeft):
        check_costs(line_cents=-1, unborne=Money(2_07))


def test_money_goes_back_only_where_it_came_from() -> None:
    check_where_to(account="NL1", came_from="NL1")
    check_where_to(account="NL1", came_from="")
    with pytest.raises(ComesFromElsewhere):
        check_where_to(account="NL2", came_from="NL1")
