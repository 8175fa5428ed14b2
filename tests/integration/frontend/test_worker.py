"""The real worker and beat on a real broker: woken by a commit, swept without it, one beat at a time."""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from kombu import Connection, Consumer, Queue
from kombu.message import Message
from sqlalchemy import func, select, text

from crowd.shared import outbox
from crowd.shared.db import Database
from crowd.shared.ids import new_id
from crowd.shared.outbox import OutboxRow
from frontend import broker
from frontend.acknowledging import PatientRequest
from frontend.demo import FOLLOW_CLOCK
from frontend.local.broker import Broker, lay_broker
from frontend.local.processes import Child, Program, wait_until
from frontend.schedule import OneBeat, beat_schedule
from frontend.worker import app
from tests.database import ROOT
from tests.tools import settings_for_tests

pytestmark = pytest.mark.stack

NOTHING = "test.do_nothing"
HEADERS = {"id": "1", "task": NOTHING, "root_id": "1"}
BODY: tuple[list[str], dict[str, str], dict[str, str]] = (["heartbeat"], {}, {})
_CELERY = (sys.executable, "-m", "celery", "--app", "frontend.worker")


@pytest.fixture(scope="module")
def valkey() -> Iterator[Broker]:
    folder = Path(tempfile.mkdtemp(prefix="buurtloket-broker-"))
    laid = lay_broker(folder)
    child = Child(laid.program())
    try:
        wait_until(laid.is_ready, child)
        yield laid
    finally:
        child.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(name: str, valkey: Broker, database_url: str) -> Iterator[Child]:
    options = (
        ("worker", "--concurrency", "2", "--without-gossip", "--without-mingle") if name == "worker" else ("beat",)
    )
    said: list[str] = []
    program = Program(
        name=name,
        argv=(*_CELERY, *options, *(("--pidfile", "") if name == "beat" else ())),
        env=_environment(valkey, database_url),
        cwd=ROOT,
    )
    child = Child(program, hear=lambda _program, line: said.append(line))
    try:
        yield child
    finally:
        child.stop()
    assert not [line for line in said if "Traceback" in line], "\n".join(said)


def _environment(valkey: Broker, database_url: str) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url,
        "BROKER_URL": valkey.url,
        "SMTP_URL": "smtp://127.0.0.1:9",
        "SECRET_KEY": "only-for-tests-" + "0123456789abcdef" * 2,
        "STRIPE_API_KEY": "sk_test_only_for_tests",
        "STRIPE_API_BASE": "http://127.0.0.1:9",
        "STRIPE_WEBHOOK_SECRET": "whsec_only_for_tests",
        "DEMO": "yes",
        "PYTHONPATH": str(ROOT / "tests" / "offline"),
    }


def _await(what: Callable[[], bool], *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def _add(database: Database) -> None:
    """A job that a worker can do without any other service: there is no sandbox whose clock would follow."""
    with database.transaction() as session:
        outbox.add(session, kind=FOLLOW_CLOCK, args={}, dedupe_key=str(new_id()))


def _all_done(database: Database) -> bool:
    with database.reading() as session:
        return session.scalar(select(func.count()).where(OutboxRow.done_at.is_(None))) == 0


def _url(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def _worker(valkey: Broker, _committing_url: tuple[str, str]) -> Iterator[None]:
    """One worker for this file: starting one takes seconds."""
    with _running("worker", valkey, _committing_url[0]):
        yield


@pytest.mark.usefixtures("_worker")
def test_a_commit_wakes_the_worker_without_any_beat(committing_database: Database, valkey: Broker) -> None:
    wake_up = broker.WakeUp(settings_for_tests(BROKER_URL=valkey.url))
    woken = Database(_url(committing_database), pool_size=1, on_outbox=wake_up)
    try:
        _add(woken)
        _await(lambda: _all_done(woken))
    finally:
        woken.close()
        wake_up.close()


@pytest.mark.usefixtures("_worker")
def test_beat_sweeps_what_no_wake_up_told_and_makes_the_heart_beat(
    committing_database: Database, valkey: Broker
) -> None:
    with _running("beat", valkey, _url(committing_database)):
        _add(committing_database)
        _await(lambda: _all_done(committing_database))
        _await(lambda: broker.heart_beats(valkey.url))


def test_a_broker_that_is_away_costs_a_commit_nothing(committing_database: Database) -> None:
    wake_up = broker.WakeUp(settings_for_tests())
    woken = Database(_url(committing_database), pool_size=1, on_outbox=wake_up)
    try:
        _add(woken)
        _add(woken)
    finally:
        woken.close()
        wake_up.close()

    assert not _all_done(committing_database)
    assert broker.heart_beats(settings_for_tests().broker_url) is False
    # Kombu would sleep for two seconds before it connects once more.
    assert wake_up._celery.connection_for_write()._extract_failover_opts()["max_retries"] == 0


def test_of_two_beats_one_leads_and_the_other_takes_over(
    committing_database: Database, valkey: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in _environment(valkey, _url(committing_database)).items():
        monkeypatch.setenv(name, value)
    first, second = OneBeat(app=app), OneBeat(app=app)
    try:
        leading = (first.leads(), second.leads(), first.leads())
        with committing_database.transaction() as session:
            # The leader's connection breaks, as when the database restarts.
            session.execute(text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"))
        _await(second.leads)
        first._asked_at = 0.0
        left = first.leads()
    finally:
        first.close()
        second.close()

    assert leading == (True, False, True)
    assert left is False


def test_every_periodic_act_is_sent_by_name_and_never_piles_up() -> None:
    for name, entry in beat_schedule().items():
        assert entry["task"] == broker.RUN_PERIODIC
        assert entry["args"] == (name,)
        assert entry["options"]["expires"] > 0


def _do_nothing(name: str) -> None:
    del name


def test_a_broker_that_dies_under_a_task_leaves_its_worker_room_for_the_next(tmp_path: Path) -> None:
    laid = lay_broker(tmp_path)
    child = Child(laid.program())
    wait_until(laid.is_ready, child)
    received: list[Message] = []
    plain = Celery("buurtloket", set_as_current=False)
    plain.task(name=NOTHING, shared=False)(_do_nothing)
    plain.finalize()
    try:
        with Connection(laid.url, transport_options={"socket_connect_timeout": 1}) as connection:
            channel: Any = connection.channel()
            channel.basic_qos(0, 1, False)
            queue = Queue("celery")
            connection.Producer(channel).publish(BODY, routing_key="celery", declare=[queue], headers=HEADERS)
            with Consumer(channel, queues=[queue], on_message=received.append):
                connection.drain_events(timeout=5)
            assert not channel.qos.can_consume()
            child.process.kill()
            child.process.wait()
            request = PatientRequest(received[0], app=plain, task=plain.tasks[NOTHING])

            request.acknowledge()

            assert request.acknowledged
            assert channel.qos.can_consume()
    finally:
        child.stop()
