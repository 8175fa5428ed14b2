"""The cells of a week, languages, and the mask in which both sides meet."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.vocabulary import rules
from matching.vocabulary.rules import AMSTERDAM, cell

moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)).map(lambda naive: naive.replace(tzinfo=UTC))  # noqa: DTZ001  Hypothesis wants its bounds naive
lengths = st.integers(1, 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=AMSTERDAM)  # type: ignore[misc,arg-type]  # year to minute, never microseconds


@pytest.mark.parametrize(
    ("starts", "ends", "cells"),
    [
        # Saturday 28 November 2026: three hours of morning, one of afternoon.
        (local(2026, 11, 28, 10), local(2026, 11, 28, 13), cell(5, 0)),
        (local(2026, 11, 28, 10), local(2026, 11, 28, 14), cell(5, 0) | cell(5, 1)),
        (local(2026, 11, 28, 11, 30), local(2026, 11, 28, 12, 30), cell(5, 0)),
        # Past midnight still belongs to the evening before.
        (local(2026, 11, 28, 22), local(2026, 11, 29, 2), cell(5, 2)),
        (local(2026, 11, 29, 3), local(2026, 11, 29, 5), cell(5, 2)),
    ],
)
def test_a_shift_asks_the_parts_of_the_week_it_takes_more_than_an_hour_of(
    starts: datetime, ends: datetime, cells: int
) -> None:
    assert rules.cells_of(starts, ends) == cells


def test_the_morning_begins_at_six_on_the_clock_in_summer_and_in_winter() -> None:
    for month, monday in ((1, 5), (7, 6)):
        before, after = local(2026, month, monday, 5, 59), local(2026, month, monday, 6)
        assert rules.cells_of(before, before + timedelta(minutes=30)) == cell(6, 2)
        assert rules.cells_of(after, after + timedelta(minutes=30)) == cell(0, 0)


def test_the_night_in_which_the_clock_changes_is_one_cell() -> None:
    # 28 March 2027 skips 2:00, 25 October 2026 has it twice.
    assert rules.cells_of(local(2027, 3, 28, 0), local(2027, 3, 28, 5)) == cell(5, 2)
    assert rules.cells_of(local(2026, 10, 25, 0), local(2026, 10, 25, 5)) == cell(5, 2)


@given(moments, lengths)
def test_every_shift_asks_at_least_one_cell_whatever_zone_it_is_written_in(starts: datetime, length: timedelta) -> None:
    cells = rules.cells_of(starts, starts + length)
    assert 0 < cells <= rules.ALL_CELLS
    there = (starts + length).astimezone(AMSTERDAM)
    assert rules.cells_of(starts.astimezone(AMSTERDAM), there) == cells


@given(moments, lengths, lengths)
def test_a_longer_shift_never_asks_less_than_one_that_asked_a_whole_cell(
    starts: datetime, length: timedelta, more: timedelta
) -> None:
    short = rules.cells_of(starts, starts + length)
    if length > timedelta(hours=1) and short.bit_count() > 1:
        assert short & rules.cells_of(starts, starts + length + more) == short


@given(st.sets(st.sampled_from(rules.LANGUAGE_CODES)))
def test_languages_survive_the_mask(codes: set[str]) -> None:
    mask = rules.language_mask(codes)
    assert {language.code for language in rules.languages_in(mask)} == codes


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(rules.UnknownLanguage):
        rules.language_mask(["nl", "tlh"])


@given(st.integers(0, rules.ALL_CELLS), st.integers(0, (1 << rules.LANGUAGE_BITS) - 1))
def test_cells_and_languages_do_not_touch_each_other_in_the_mask(cells: int, languages: int) -> None:
    mask = rules.asks(cells=cells, languages=languages)
    assert (rules.cells_in(mask), rules.language_bits_in(mask)) == (cells, languages)
    assert mask < 1 << 63
    paused = rules.offers(cells=rules.ALL_CELLS, languages=(1 << rules.LANGUAGE_BITS) - 1, is_open=False)
    assert mask & ~paused == rules.OPEN_TO_SUGGESTIONS


def test_there_is_a_bit_for_every_language() -> None:
    assert len(rules.LANGUAGES) <= rules.LANGUAGE_BITS
