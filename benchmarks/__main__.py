"""`make bench`: every goal beside its measure, and the same in var/bench.json. Always 0: the table judges.

A new benchmark is a file with `measure() -> Iterator[Measure]` and a line in BENCHMARKS. Names on the command line
run only those, and leave the report of the whole as it was: `python -m benchmarks web`.
"""

import sys
import time
from pathlib import Path

from benchmarks import assignment, provider, settlement, start, web
from benchmarks.measure import Measure
from benchmarks.report import HEADING, line, write

BENCHMARKS = {"web": web, "provider": provider, "settlement": settlement, "start": start, "assignment": assignment}

_REPORT = Path(__file__).parent.parent / "var" / "bench.json"


def main(names: list[str]) -> int:
    """Measure everything, one after the other: two at once would measure each other."""
    rows: list[Measure] = []
    began = time.monotonic()
    print(HEADING)
    for name in names or BENCHMARKS:
        for row in BENCHMARKS[name].measure():
            rows.append(row)
            print(line(row), flush=True)
    met, seconds = sum(row.met for row in rows), time.monotonic() - began
    print(f"{met} of {len(rows)} goals met in {seconds:.0f} s")
    if not names:
        write(rows, _REPORT)
        print(f"Written to var/{_REPORT.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
