"""How measures are written down: a line of the table, and var/bench.json."""

import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import Measure

HEADING = f"{'':8}{'measured':>12} {'goal':>12}  what"


def line(row: Measure) -> str:
    """One line of the table."""
    sign = ">=" if row.at_least else "<="
    verdict = "met" if row.met else "NOT MET"
    note = f": {row.note}" if row.note else ""
    return f"{verdict:8}{row.measured:>12.2f} {sign} {row.goal:>9.2f}  {row.name} ({row.unit}){note}"


def write(rows: Sequence[Measure], path: Path) -> None:
    """Write the list of {"name", "goal", "measured", "unit", "met"}; what was measured, to four digits."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps([_as_json(row) for row in rows], indent=1) + "\n", encoding="utf-8")


def _as_json(row: Measure) -> dict[str, object]:
    return {
        "name": row.name,
        "goal": row.goal,
        "measured": float(f"{row.measured:.4g}"),
        "unit": row.unit,
        "met": row.met,
    }
