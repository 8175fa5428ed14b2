"""What a certificate of hours says, in both languages."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from frontend.documents import write_pdf
from frontend.pages.hours import certificate
from matching.placements.day_rules import Helped, NoHoursYet

HELPED = [
    Helped(
        placement_id=UUID(int=number),
        initiative_id=UUID(int=number % 2),
        initiative=f"Tuin {number % 2}",
        role="Wieden & snoeien",
        starts_at=datetime(2026, 3, number, 9, tzinfo=UTC),
        minutes=minutes,
    )
    for number, minutes in ((1, 180), (2, 45), (3, 90))
]


def test_a_certificate_sums_hours_per_initiative_and_altogether() -> None:
    made = certificate(HELPED, year=2026, is_over=True, helper="Vera", municipality="Waterrade", language="nl")
    assert made.title == "Bewijs van vrijwilligerswerk in 2026"
    assert made.lines == ("Vera hielp als vrijwilliger in de buurt.", "Uren in dit jaar: 5:15.")
    assert [(part.heading, part.foot[2]) for part in made.parts] == [("Tuin 1", "4:30"), ("Tuin 0", "0:45")]
    assert made.parts[0].rows[0] == ("1 maart 2026", "Wieden & snoeien", "3")


def test_a_certificate_of_a_year_that_runs_says_so_in_english_too() -> None:
    made = certificate(HELPED, year=2026, is_over=False, helper="Vera", municipality="Waterrade", language="en")
    assert "The year is not over" in made.lines[-1]
    assert b"%PDF-" in write_pdf(made)[:8]


def test_without_hours_there_is_no_certificate() -> None:
    with pytest.raises(NoHoursYet):
        certificate([], year=2026, is_over=True, helper="Vera", municipality="Waterrade", language="nl")
