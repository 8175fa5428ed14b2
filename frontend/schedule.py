"""What happens by itself, and how often. A new periodic act is one line in `PERIODIC`.

The scheduler (beat) only sends names; a worker looks the act up here. An act takes the Runtime, opens its own
transactions, and ends well within `broker.VISIBILITY_SECONDS`: it takes up a bounded amount of work and
leaves the rest to its next turn.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from celery.beat import Scheduler
from celery.schedules import crontab
from sqlalchemy import Connection, Engine, create_engine, func, pool, select
from sqlalchemy.exc import DBAPIError

from crowd.accounts.operations import forget_old_links
from crowd.shared.clock import machine_now
from crowd.shared.ids import new_id
from crowd.shared.log import correlated, logger
from crowd.shared.settings import Settings
from frontend import broker, dispatcher, granting, helping, moving, settling
from frontend.runtime import Runtime

_DAY: Final = 24 * 60 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Periodic:
    """One act. What happens once a day happens at four at night.

    `alone` keeps a second worker from doing it at the same time; leave it off where rows are claimed.
    """

    act: Callable[[Runtime], object]
    every_seconds: float
    alone: bool = True


def _heartbeat(runtime: Runtime) -> None:
    broker.beat_heart(runtime.settings.broker_url)


def _forget_old_links(runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        forget_old_links(session, now=machine_now())


PERIODIC: Final[dict[str, Periodic]] = {
    broker.DISPATCH_OUTBOX: Periodic(act=dispatcher.drain, every_seconds=3, alone=False),
    "heartbeat": Periodic(act=_heartbeat, every_seconds=5, alone=False),
    "forget_old_links": Periodic(act=_forget_old_links, every_seconds=3600),
    "forget_old_imports": Periodic(act=moving.forget_old_imports, every_seconds=3600),
    "handle_events": Periodic(act=settling.handle_events, every_seconds=1, alone=False),
    "roll_up": Periodic(act=settling.roll_up, every_seconds=1),
    "apply_for_grants": Periodic(act=granting.apply_for_grants, every_seconds=5),
    "match_confirmed": Periodic(act=granting.match_confirmed, every_seconds=5),
    "close_due_campaigns": Periodic(act=settling.close_due_campaigns, every_seconds=5),
    "plan_settlements": Periodic(act=settling.plan_settlements, every_seconds=3),
    "work_off_charges": Periodic(act=settling.work_off_charges, every_seconds=1, alone=False),
    "end_settlements": Periodic(act=settling.end_settlements, every_seconds=3),
    "do_cancellations": Periodic(act=settling.do_cancellations, every_seconds=5),
    "end_near_misses": Periodic(act=settling.end_near_misses, every_seconds=5),
    "remind_of_near_misses": Periodic(act=settling.remind_of_near_misses, every_seconds=600),
    "send_refunds": Periodic(act=settling.send_refunds, every_seconds=2, alone=False),
    "send_payouts": Periodic(act=settling.send_payouts, every_seconds=2, alone=False),
    "send_reversals": Periodic(act=settling.send_reversals, every_seconds=10, alone=False),
    "match_bank_lines": Periodic(act=settling.match_bank_lines, every_seconds=20),
    "note_fees": Periodic(act=settling.note_fees, every_seconds=20),
    "forget_cards": Periodic(act=settling.forget_cards, every_seconds=15),
    "remind": Periodic(act=settling.remind, every_seconds=60),
    "sweep_payments": Periodic(act=settling.sweep_payments, every_seconds=60),
    "sweep_refunds": Periodic(act=settling.sweep_refunds, every_seconds=3600),
    "book_provider_moves": Periodic(act=settling.book_provider_moves, every_seconds=3600),
    "sweep_events": Periodic(act=settling.sweep_events, every_seconds=300),
    "expire_invitations": Periodic(act=helping.expire_invitations, every_seconds=10),
    "finish_shifts": Periodic(act=helping.finish_shifts, every_seconds=10),
    "ask_for_shifts": Periodic(act=helping.ask_for_shifts, every_seconds=10),
    "remind_helpers": Periodic(act=helping.remind_helpers, every_seconds=60),
    "thank_helpers": Periodic(act=helping.thank_helpers, every_seconds=60),
    "call_off_stopped": Periodic(act=helping.call_off_stopped, every_seconds=10),
    "forget_donors": Periodic(act=settling.forget_donors, every_seconds=settling.NIGHTLY),
    "forget_invitations": Periodic(act=helping.forget_invitations, every_seconds=settling.NIGHTLY),
    "check_books": Periodic(act=settling.check_books_nightly, every_seconds=settling.NIGHTLY),
}


def run(runtime: Runtime, name: str) -> None:
    """Do the periodic act `name` once, unless it is one that another worker is doing at this moment.

    An act that raises is logged with its exception's name, and has its next turn.
    """
    periodic = PERIODIC[name]
    started = time.monotonic()
    outcome, exception = "done", None
    with correlated(str(new_id())):
        try:
            if not periodic.alone:
                periodic.act(runtime)
            else:
                with _alone(runtime.database.engine, name) as mine:
                    if not mine:
                        return
                    periodic.act(runtime)
        except Exception as error:  # noqa: BLE001  one act's mistake must not look like a broken worker
            outcome, exception = "failed", type(error).__name__
        took = round((time.monotonic() - started) * 1000)
        # Every few seconds nothing happens: only what failed or took long is worth a line by itself.
        level = logger().error if exception else logger().debug
        level("periodic", task=name, outcome=outcome, exception=exception, duration_ms=took)


def beat_schedule() -> dict[str, Any]:
    """Return the table as beat reads it. A message that waited longer than its interval is thrown away."""
    return {
        name: {
            "task": broker.RUN_PERIODIC,
            "schedule": _when(periodic),
            "args": (name,),
            "options": {"expires": max(periodic.every_seconds, 5), "retry": False},
        }
        for name, periodic in PERIODIC.items()
    }


def _when(periodic: Periodic) -> float | crontab:
    # Counted from the start of beat a day might never be over; a time of night always comes.
    return crontab(hour="4", minute="0") if periodic.every_seconds >= _DAY else periodic.every_seconds


class OneBeat(Scheduler):
    """A scheduler of which only one works at a time: it holds an advisory lock in the database.

    A second beat waits as a spare, and takes over when the first one's connection ends, for whatever reason.
    It keeps no file: every act is due again within its interval anyway.
    """

    _ASK_EVERY_SECONDS: Final = 2.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  Celery's own signature
        super().__init__(*args, **kwargs)
        self._connection: Connection | None = None
        self._asked_at = 0.0
        self._leads = False

    def tick(self, *args: Any, **kwargs: Any) -> float:  # noqa: ANN401  Celery's own signature
        """Send what is due, when this is the beat that leads; return after how many seconds to come back."""
        if not self.leads():
            return self._ASK_EVERY_SECONDS
        return min(float(super().tick(*args, **kwargs)), self._ASK_EVERY_SECONDS)

    def leads(self) -> bool:
        """Whether this beat holds the lock; asked again every two seconds, so a lost connection is noticed."""
        if time.monotonic() - self._asked_at >= self._ASK_EVERY_SECONDS or not self._leads:
            self._asked_at = time.monotonic()
            self._leads = self._hold_the_lock()
        return self._leads

    def close(self) -> None:
        """Let the lock go."""
        super().close()
        self._drop()

    def _hold_the_lock(self) -> bool:
        try:
            if self._connection is None:
                self._connection = _own_connection(Settings.from_environment().database_url)
            elif self._leads:
                self._connection.execute(select(1))
                return True
            return _try_lock(self._connection, "beat")
        except DBAPIError as error:
            logger().warning("beat_waits", exception=type(error).__name__)
            self._drop()
            return False

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


@contextmanager
def _alone(engine: Engine, name: str) -> Iterator[bool]:
    """Yield whether nobody else holds the lock of this name; it is held until the block ends."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        mine = _try_lock(connection, name)
        try:
            yield mine
        finally:
            if mine:
                connection.execute(select(func.pg_advisory_unlock(_key(name))))


def _own_connection(url: str) -> Connection:
    engine = create_engine(url, poolclass=pool.NullPool, isolation_level="AUTOCOMMIT")
    return engine.connect()


def _try_lock(connection: Connection, name: str) -> bool:
    return bool(connection.execute(select(func.pg_try_advisory_lock(_key(name)))).scalar_one())


def _key(name: str) -> int:
    """Return the number PostgreSQL knows this lock by, in every database of ours the same."""
    return int.from_bytes(blake2b(f"buurtloket/{name}".encode(), digest_size=8).digest(), signed=True)
