"""What `make bench` leaves behind for machines to read."""

import json
from pathlib import Path

from benchmarks.measure import Measure
from benchmarks.report import line, write


def test_the_report_is_a_list_of_goals_beside_their_measures(tmp_path: Path) -> None:
    rows = [
        Measure(name="first page", goal=4.0, measured=3.14159, unit="times", note="1.20 ms against 0.38"),
        Measure(name="pledges", goal=0.8, measured=0.5, unit="times", at_least=True),
    ]
    write(rows, tmp_path / "var" / "bench.json")
    assert json.loads((tmp_path / "var" / "bench.json").read_text(encoding="utf-8")) == [
        {"name": "first page", "goal": 4.0, "measured": 3.142, "unit": "times", "met": True},
        {"name": "pledges", "goal": 0.8, "measured": 0.5, "unit": "times", "met": False},
    ]


def test_a_goal_that_is_not_met_says_so_in_its_line() -> None:
    row = Measure(name="page", goal=1.5, measured=1.51, unit="times")
    assert line(row).startswith("NOT MET")
    assert "1.51 <=" in line(row)


def test_a_measure_on_its_goal_meets_it_from_either_side() -> None:
    assert Measure(name="at most", goal=8.0, measured=8.0, unit="s").met
    assert Measure(name="at least", goal=0.8, measured=0.8, unit="times", at_least=True).met
