"""How deep a run looks: `make test` takes a fast sample, `make prove` (pytest --prove) everything."""

from typing import TypeVar

from hypothesis import HealthCheck, settings

T = TypeVar("T")

_proving = [False]


def choose_depth(*, prove: bool) -> None:
    """Called once by conftest, before any test is collected."""
    _proving[0] = prove
    quiet = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    # No deadline: a test is never judged by the clock of a shared machine. The fast sample is the same in
    # every run, so a red build is red again; proving looks somewhere new each time.
    settings.register_profile(
        "sample", max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=quiet
    )
    settings.register_profile("prove", max_examples=2000, deadline=None, print_blob=True, suppress_health_check=quiet)
    settings.load_profile("prove" if prove else "sample")


def proving() -> bool:
    """Whether this run proves in full."""
    return _proving[0]


def deep(*, sample: T, full: T) -> T:
    """`sample` in make test, `full` in make prove; also for parametrize, at import."""
    return full if _proving[0] else sample
