"""The schedules are worth nothing unless they can fail: each planted mistake is found, and its invariant named.

It is found by schedules drawn by chance, of the same kind as those that must pass, within a bounded number of them.
"""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, reproduce_failure, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.database import Server
from tests.schedules.ground import ground
from tests.schedules.machine import Schedule
from tests.schedules.mistakes import MISTAKES

SCHEDULES_MOST = 60
# No shrinking: what is found is known.
_SETTINGS = settings(
    max_examples=SCHEDULES_MOST,
    stateful_step_count=8,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    print_blob=True,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
_BLOB = re.compile(r"@reproduce_failure\('([^']+)', b'([^']+)'\)")


def _find(machine: type[Schedule], named: str) -> AssertionError:
    with pytest.raises(AssertionError, match=named) as found:
        run_state_machine_as_test(machine, settings=_SETTINGS)
    return found.value


@pytest.mark.parametrize("planted", MISTAKES)
def test_a_planted_mistake_is_found(planted: str, database_server: Server, worker_name: str, tmp_path: Path) -> None:
    mistake = MISTAKES[planted]
    with ground(database_server, worker_name, tmp_path, way=mistake.way) as made:
        _find(mistake.on(made), mistake.named)


def test_a_schedule_that_failed_can_be_played_again(database_server: Server, worker_name: str, tmp_path: Path) -> None:
    mistake = MISTAKES["a booking vanishes"]
    with ground(database_server, worker_name, tmp_path, way=mistake.way) as made:
        first = _find(mistake.on(made), mistake.named)
        printed = _BLOB.search("\n".join(first.__notes__))
        assert printed is not None, "nothing to play it again with"
        before = made.worlds
        machine = reproduce_failure(printed[1], printed[2].encode())(mistake.on(made))
        again = _find(machine, mistake.named)
        assert made.worlds - before <= 2, "played more than the one that failed"
        assert str(again).partition(":")[0] == str(first).partition(":")[0]
