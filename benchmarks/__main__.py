"""`make bench`: every goal beside its measure, and the same in var/bench.json. Always 0: the table judges.

A new benchmark is a file with `measure() -> Iterator[Measure]` and a line in BENCHMARKS.
"""

import json
import sys
from pathlib import Path

from benchmarks import start
from benchmarks.measure import Measure

BENCHMARKS = (start,)

_REPORT = Path(__file__).parent.parent / "var" / "bench.json"


def main() -> int:
    """Measure everything, one after the other: two at once would measure each other."""
    rows: list[Measure] = []
    print(f"{'':8}{'measured':>12} {'goal':>12}  what")
    for benchmark in BENCHMARKS:
        for row in benchmark.measure():
            rows.append(row)
            sign = ">=" if row.at_least else "<="
            verdict = "met" if row.met else "NOT MET"
            print(f"{verdict:8}{row.measured:>12.2f} {sign} {row.goal:>9.2f}  {row.name} ({row.unit})", flush=True)
    _REPORT.parent.mkdir(exist_ok=True)
    _REPORT.write_text(json.dumps([_as_json(row) for row in rows], indent=1) + "\n", encoding="utf-8")
    print(f"{sum(row.met for row in rows)} of {len(rows)} goals met; written to {_REPORT.name} in var/")
    return 0


def _as_json(row: Measure) -> dict[str, object]:
    return {
        "name": row.name,
        "goal": row.goal,
        "measured": row.measured,
        "unit": row.unit,
        "met": row.met,
    }


if __name__ == "__main__":
    sys.exit(main())
