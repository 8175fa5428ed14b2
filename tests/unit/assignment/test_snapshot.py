"""A snapshot that contradicts itself is refused before anything is decided on it."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from matching.assignment.snapshot import Lists, Pairs, Snapshot, SnapshotIsBroken, day_number, id_array, id_at
from tests.country import Size, lay

GOOD = lay(Size(volunteers=20, shifts=6), seed=1)


def volunteers(**columns: Any) -> Snapshot:  # noqa: ANN401  each case names the column it means
    return replace(GOOD, volunteers=replace(GOOD.volunteers, **columns))


def shifts(**columns: Any) -> Snapshot:  # noqa: ANN401  same
    return replace(GOOD, shifts=replace(GOOD.shifts, **columns))


@pytest.mark.parametrize(
    "broken",
    [
        lambda: volunteers(ids=GOOD.volunteers.ids[::-1]),
        lambda: volunteers(ids=np.zeros_like(GOOD.volunteers.ids)),
        lambda: volunteers(reach=GOOD.volunteers.reach[:3]),
        lambda: volunteers(credentials=GOOD.volunteers.credentials[:, :2]),
        lambda: volunteers(levels=GOOD.volunteers.levels[1:]),
        lambda: volunteers(themes=Lists(GOOD.volunteers.themes.starts[1:], GOOD.volunteers.themes.items)),
        lambda: shifts(role=GOOD.shifts.role + 1_000),
        lambda: shifts(ends=GOOD.shifts.starts),
        lambda: shifts(filled=GOOD.shifts.capacity + 1),
        lambda: shifts(minimum_crew=GOOD.shifts.capacity + 1),
        lambda: replace(GOOD, parents=GOOD.parents + 1_000),
        lambda: replace(GOOD, barred=Pairs(np.array([20]), np.array([0]))),
        lambda: replace(GOOD, proposed=Pairs(np.array([0]), np.array([-1]))),
        lambda: replace(GOOD, invited=Pairs(np.array([0]), np.array([0, 1]))),
    ],
)
def test_a_contradiction_is_refused(broken: Any) -> None:  # noqa: ANN401  makes a snapshot, or fails to
    with pytest.raises(SnapshotIsBroken):
        broken()


def test_an_id_comes_back_as_it_was() -> None:
    ids = [UUID(int=1), UUID("01890000-0000-7000-8000-00000000ffff"), UUID(int=(1 << 128) - 1)]

    array = id_array(ids)

    assert [id_at(array, index) for index in range(3)] == ids
    assert id_array([]).shape == (0, 2)


def test_days_order_as_numbers_and_subtract_to_ages() -> None:
    born, before, on = date(2008, 2, 29), date(2026, 2, 28), date(2026, 3, 1)

    assert (day_number(before) - day_number(born)) // 10_000 == 17
    assert (day_number(on) - day_number(born)) // 10_000 == 18


def test_an_invitation_takes_a_place_a_wish_and_completes_a_crew() -> None:
    wanting = np.flatnonzero(GOOD.wants_left)[0]
    shift = np.flatnonzero(GOOD.places_left > 1)[0]

    more = replace(
        GOOD,
        invited=Pairs(np.append(GOOD.invited.volunteer, wanting), np.append(GOOD.invited.shift, shift)),
    )

    assert more.places_left[shift] == GOOD.places_left[shift] - 1
    assert more.crew_left[shift] == max(GOOD.crew_left[shift] - 1, 0)
    assert more.wants_left[wanting] == GOOD.wants_left[wanting] - 1
    assert more.is_placed[wanting]
