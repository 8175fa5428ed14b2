"""Working off the outbox: claim, commit, act, mark. At least once, so every handler may be repeated.

The claim is committed before acting, so no lock is held while a mail server thinks; its lease keeps other
workers away meanwhile. What crashes between acting and marking is done again when the lease ends.
"""

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from crowd.shared import outbox
from crowd.shared.clock import machine_now
from crowd.shared.log import correlated, logger
from crowd.shared.outbox import Job
from frontend import demo, emails, moving
from frontend.runtime import Runtime

Handler = Callable[[Runtime, Job], None]

# One row per kind that any domain adds; tests/house keeps both sides equal.
HANDLERS: Final[Mapping[str, Handler]] = {
    **dict.fromkeys(emails.MAILS, emails.deliver),
    demo.FOLLOW_CLOCK: demo.follow_clock,
    moving.ASKED: moving.take_in_file,
}

BATCH: Final = 10
LEASE: Final = timedelta(minutes=2)
# A batch stops taking up new jobs when this little of its lease is left.
MARGIN: Final = timedelta(seconds=40)
# One task drains at most this many batches, so that it ends well before its message is delivered again.
_ROUNDS: Final = 100
_LONGEST: Final = timedelta(minutes=5)


class NoHandler(Exception):
    """An outbox kind that this version does not know; a newer worker will."""


def drain(runtime: Runtime, *, handlers: Mapping[str, Handler] = HANDLERS) -> int:
    """Work off what is due, oldest first, until nothing is left that is not somebody else's.

    Returns how many jobs were taken up.
    """
    taken, stop_at = 0, machine_now() + _LONGEST
    for _round in range(_ROUNDS):
        count = dispatch(runtime, handlers=handlers)
        taken += count
        # Asked once more when a batch was not full: what one job adds is then done at once as well.
        if count == 0 or machine_now() > stop_at:
            break
    return taken


def dispatch(runtime: Runtime, *, handlers: Mapping[str, Handler] = HANDLERS, lease: timedelta = LEASE) -> int:
    """Claim one batch for the length of `lease` and do it; return how many jobs were claimed."""
    claimed_at = machine_now()
    with runtime.database.transaction() as session:
        jobs = outbox.claim(session, now=claimed_at, most=BATCH, lease=lease)
    for job in jobs:
        if machine_now() > claimed_at + lease - MARGIN:
            break  # The rest comes back when the lease ends; acting on an ended lease would do it twice.
        with correlated(job.correlation_id):
            _do(runtime, job, handlers)
    return len(jobs)


def _do(runtime: Runtime, job: Job, handlers: Mapping[str, Handler]) -> None:
    started = time.monotonic()
    error = ""
    try:
        _handler_of(job.kind, handlers)(runtime, job)
    except Exception as failure:  # noqa: BLE001  whatever a handler raises, the row must be put back
        error = type(failure).__name__
    with runtime.database.transaction() as session:
        if error:
            again = outbox.mark_failed(session, job=job, error=error, now=machine_now())
            outcome = "later" if again else "given_up"
        else:
            outbox.mark_done(session, job_id=job.id, now=machine_now())
            outcome = "done"
    logger().log(
        _LEVEL[outcome],
        "outbox",
        kind=job.kind,
        job_id=job.id,
        attempt=job.attempts,
        outcome=outcome,
        exception=error or None,
        duration_ms=round((time.monotonic() - started) * 1000),
    )


def _handler_of(kind: str, handlers: Mapping[str, Handler]) -> Handler:
    if kind not in handlers:
        raise NoHandler(kind)
    return handlers[kind]


# The numbers of the standard library's levels: info, warning, error.
_LEVEL: Final[Mapping[str, int]] = {"done": 20, "later": 30, "given_up": 40}
