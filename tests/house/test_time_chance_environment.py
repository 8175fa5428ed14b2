"""Never 8: below the doors only `clock.py` reads the time, `ids.py` draws by chance, `settings.py` the environment.

Measuring how long something took is no reading of the time: `time.monotonic` and `time.perf_counter` are free.
What the database calls now (`func.now()`, `clock_timestamp()`) is machine time, for leases and `recorded_at`.
"""

from collections.abc import Iterator

import pytest

from tests.source import BELOW_THE_DOORS, Module, dotted, imported, modules, nothing_wrong, sample

READS_TIME = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns")
DRAWS = ("random", "secrets", "uuid_utils", "uuid.uuid1", "uuid.uuid4", "uuid.uuid7", "os.urandom")
READS_ENVIRONMENT = ("os.environ", "os.getenv", "os.environb")

READS_THE_CLOCK = ("crowd/shared/clock.py",)
CHOOSES_IDS = ("crowd/shared/ids.py",)
READS_SETTINGS = ("crowd/shared/settings.py",)


def _names(module: Module) -> Iterator[tuple[int, str]]:
    for node in module.nodes():
        name = dotted(node)
        if "." in name:
            yield getattr(node, "lineno", 1), name
    for imports, name in imported(module):
        yield imports.lineno, name


def _uses(module: Module, names: tuple[str, ...]) -> Iterator[int]:
    for line, name in _names(module):
        if any(name == known or name.endswith(f".{known}") or name.startswith(f"{known}.") for known in names):
            yield line


def time(module: Module) -> Iterator[str]:
    for line in sorted(set(_uses(module, READS_TIME))):
        yield f"{module.name}:{line}: `now` is passed in; machine time is `machine_now()` of crowd/shared/clock.py"


def chance(module: Module) -> Iterator[str]:
    for line in sorted(set(_uses(module, DRAWS))):
        yield f"{module.name}:{line}: nothing here happens by chance; an id is chosen by `new_id()` at the door"


def environment(module: Module) -> Iterator[str]:
    for line in sorted(set(_uses(module, READS_ENVIRONMENT))):
        yield f"{module.name}:{line}: only crowd/shared/settings.py reads the environment"


def test_only_the_clock_reads_the_time() -> None:
    assert nothing_wrong(time, modules(*BELOW_THE_DOORS, sandbox=False), allowed=READS_THE_CLOCK)


def test_only_ids_are_drawn_by_chance() -> None:
    assert nothing_wrong(chance, modules(*BELOW_THE_DOORS, sandbox=False), allowed=CHOOSES_IDS)


def test_only_settings_read_the_environment() -> None:
    assert nothing_wrong(environment, modules(*BELOW_THE_DOORS, sandbox=False), allowed=READS_SETTINGS)


@pytest.mark.parametrize(
    "code",
    ["now = datetime.now(UTC)", "at = datetime.datetime.utcnow()", "today = date.today()", "from time import time"],
)
def test_reading_the_time_is_noticed(code: str) -> None:
    assert list(time(sample(code)))


@pytest.mark.parametrize(
    "code", ["import random", "from secrets import token_hex", "id = uuid.uuid4()", "from uuid import uuid4"]
)
def test_chance_is_noticed(code: str) -> None:
    assert list(chance(sample(code)))


@pytest.mark.parametrize("code", ["url = os.environ['X']", "url = os.getenv('X')", "from os import environ"])
def test_reading_the_environment_is_noticed(code: str) -> None:
    assert list(environment(sample(code)))


@pytest.mark.parametrize("code", ["began = time.monotonic()", "began = time.perf_counter()", "now: datetime", "a.now"])
def test_measuring_a_duration_is_allowed(code: str) -> None:
    module = sample(code)

    assert [*time(module), *chance(module), *environment(module)] == []
