"""The outbox is worked off at least once, by one worker at a time, and given up only after many tries."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Lock

import pytest
from sqlalchemy import select, update

from crowd.shared import outbox
from crowd.shared.clock import machine_now
from crowd.shared.db import Database
from crowd.shared.log import correlated, correlation_id
from crowd.shared.outbox import MAX_ATTEMPTS, Job, OutboxRow
from frontend.dispatcher import BATCH, MARGIN, dispatch, drain
from frontend.runtime import Runtime
from tests.tools import running_tools

KIND = "test.act"


@pytest.fixture
def tools(committing_database: Database) -> Iterator[Runtime]:
    with running_tools(committing_database) as made:
        yield made


def _add(database: Database, count: int = 1) -> None:
    with database.transaction() as session:
        outbox.add_many(session, kind=KIND, jobs=[({"n": n}, f"test/{n}") for n in range(count)])


def _only_row(database: Database) -> OutboxRow:
    with database.reading() as session:
        return session.execute(select(OutboxRow)).scalar_one()


def _make_due(database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(OutboxRow).values(due_at=machine_now() - timedelta(seconds=1), leased_until=None))


class Crash(BaseException):
    """What no handler and no dispatcher catches: the process is gone."""


def test_a_job_is_handled_once_and_marked(tools: Runtime) -> None:
    done: list[Job] = []
    _add(tools.database)

    first, second = (dispatch(tools, handlers={KIND: lambda _, job: done.append(job)}) for _ in range(2))

    assert (first, second) == (1, 0)
    assert [job.args for job in done] == [{"n": 0}]
    row = _only_row(tools.database)
    assert row.done_at is not None
    assert row.attempts == 1


def test_the_oldest_comes_first_and_a_drain_takes_all_batches(tools: Runtime) -> None:
    done: list[int] = []
    count = 2 * BATCH + 3
    _add(tools.database, count)

    taken = drain(tools, handlers={KIND: lambda _, job: done.append(job.args["n"])})

    assert taken == count
    assert done == list(range(count))


def test_a_handler_runs_with_no_transaction_open(tools: Runtime) -> None:
    from_inside: list[bool] = []

    def handler(runtime: Runtime, _job: Job) -> None:
        with runtime.database.engine.connect() as connection:
            open_ones = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start < now()"
            )
            from_inside.append(connection.exec_driver_sql(open_ones).scalar_one() == 0)

    _add(tools.database)
    dispatch(tools, handlers={KIND: handler})

    assert from_inside == [True]


def test_a_crash_after_acting_and_before_marking_repeats_the_act(tools: Runtime) -> None:
    acts: list[int] = []

    def acts_then_dies(_runtime: Runtime, job: Job) -> None:
        acts.append(job.attempts)
        raise Crash

    _add(tools.database)
    with pytest.raises(Crash):
        dispatch(tools, handlers={KIND: acts_then_dies})
    before_the_lease_ends = dispatch(tools, handlers={KIND: lambda _, job: acts.append(job.attempts)})
    _end_leases(tools.database)
    after_it = dispatch(tools, handlers={KIND: lambda _, job: acts.append(job.attempts)})

    assert (before_the_lease_ends, after_it) == (0, 1)
    assert acts == [1, 2]
    assert _only_row(tools.database).done_at is not None


def _end_leases(database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(OutboxRow).values(leased_until=machine_now() - timedelta(seconds=1)))


def test_workers_at_the_same_time_never_take_the_same_row(tools: Runtime) -> None:
    acts: list[int] = []
    guard, start, count = Lock(), Barrier(4), 8 * BATCH
    _add(tools.database, count)

    def handler(_runtime: Runtime, job: Job) -> None:
        with guard:
            acts.append(job.args["n"])

    def work() -> None:
        start.wait(10)
        drain(tools, handlers={KIND: handler})

    with ThreadPoolExecutor(4) as pool:
        for worker in [pool.submit(work) for _ in range(4)]:
            worker.result(30)
    drain(tools, handlers={KIND: handler})

    assert sorted(acts) == list(range(count))


def test_a_failure_is_kept_by_name_only_and_tried_later(tools: Runtime) -> None:
    def fails(_runtime: Runtime, _job: Job) -> None:
        raise ValueError("noor@voorbeeld.example does not exist")

    _add(tools.database)
    before = machine_now()
    dispatch(tools, handlers={KIND: fails})
    at_once = dispatch(tools, handlers={KIND: fails})

    row = _only_row(tools.database)
    assert at_once == 0
    assert row.last_error == "ValueError"
    assert row.leased_until is None
    assert before + timedelta(seconds=1) < row.due_at < machine_now() + timedelta(seconds=5)


def test_the_wait_doubles_and_the_row_is_given_up_at_last(tools: Runtime) -> None:
    waits: list[timedelta] = []

    def fails(_runtime: Runtime, _job: Job) -> None:
        raise OSError

    _add(tools.database)
    for _attempt in range(MAX_ATTEMPTS):
        _make_due(tools.database)
        started = machine_now()
        dispatch(tools, handlers={KIND: fails})
        waits.append(_only_row(tools.database).due_at - started)
    _make_due(tools.database)

    assert [round(wait.total_seconds()) for wait in waits[:5]] == [2, 4, 8, 16, 32]
    assert max(waits) <= timedelta(hours=1, seconds=5)
    row = _only_row(tools.database)
    assert row.failed_at is not None
    assert row.done_at is None
    assert dispatch(tools, handlers={KIND: fails}) == 0


def test_one_failure_does_not_stop_the_rest_of_its_batch(tools: Runtime) -> None:
    done: list[int] = []

    def handler(_runtime: Runtime, job: Job) -> None:
        if job.args["n"] == 1:
            raise RuntimeError
        done.append(job.args["n"])

    _add(tools.database, 3)
    dispatch(tools, handlers={KIND: handler})

    assert done == [0, 2]


def test_a_kind_this_version_does_not_know_waits_for_a_newer_worker(tools: Runtime) -> None:
    _add(tools.database)
    dispatch(tools, handlers={})

    row = _only_row(tools.database)
    assert row.last_error == "NoHandler"
    assert row.failed_at is None


def test_nothing_is_taken_up_when_the_lease_is_nearly_over(tools: Runtime) -> None:
    done: list[Job] = []
    _add(tools.database)

    claimed = dispatch(tools, handlers={KIND: lambda _, job: done.append(job)}, lease=MARGIN - timedelta(seconds=1))

    assert claimed == 1
    assert done == []
    assert _only_row(tools.database).done_at is None


def test_what_a_request_caused_is_handled_under_the_same_correlation_id(tools: Runtime) -> None:
    seen: list[str] = []
    with correlated("the-request"):
        _add(tools.database)

    dispatch(tools, handlers={KIND: lambda *_: seen.append(correlation_id())})

    assert seen == ["the-request"]
