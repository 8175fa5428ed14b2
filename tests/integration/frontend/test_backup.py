"""A backup is one moment of a database in use; put back it balances, and nobody is charged twice because of it."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import func, select, text

from crowd.pledges.models import Pledge
from crowd.pledges.operations import roll_up_totals
from crowd.shared.db import Database
from frontend import settling
from frontend.local.data_folder import lock_data_folder
from frontend.local.plan import DATABASE
from frontend.local.postgres import binaries, lay_cluster
from frontend.local.processes import Child, wait_until
from payments.books.workflow import check_books
from payments.collection.adoption_workflow import adopt_payments
from payments.collection.fee_workflow import record_fees
from payments.collection.models import Restore
from payments.gateway import Gateway
from payments.ledger.models import Transfer
from payments.provider import OutcomeUnknown
from tests.command_line import Buurtloket, command_line
from tests.database import Server, migrate
from tests.in_process import open_house
from tests.money import MoneyWorld, money_world
from tests.sandbox_process import API_KEY
from tests.tools import NOBODY

_NUMBERS = count(1)
Empty = Callable[[], str]


@pytest.fixture
def empty(database_server: Server, worker_name: str) -> Empty:
    """Makes a database without anything in it; gives its address."""

    def make() -> str:
        name = f"restored_{worker_name}_{next(_NUMBERS)}"
        database_server.cluster().create_database(name, template="template0")
        return database_server.cluster().url(name)

    return make


@pytest.fixture
def world(database_server: Server, worker_name: str, tmp_path: Path) -> Iterator[MoneyWorld]:
    """A world with a database of its own, in which one pledge was collected and booked."""
    url = database_server.clone(f"backed_up_{worker_name}_{next(_NUMBERS)}")
    with closing(Database(url, pool_size=12)) as database, money_world(database, tmp_path) as world:
        campaign = world.campaign(40_00)
        world.pledge(campaign, 40_00)
        world.pass_deadline(campaign)
        world.work()
        assert world.verdict().balanced
        yield world


@pytest.fixture
def buurtloket(world: MoneyWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Buurtloket:
    return command_line(world.database, monkeypatch, capsys)


def _count(database: Database, column: object) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count(column))) or 0  # type: ignore[arg-type]  # any column counts


@contextmanager
def _neighbours_giving(world: MoneyWorld, campaign: UUID) -> Iterator[list[UUID]]:
    """Pledges keep coming from three sides, and totals are rolled up, until the block ends."""
    stop, made, failed = threading.Event(), [], []
    first = threading.Barrier(4)

    def give() -> None:
        waited = False
        while not stop.is_set():
            try:
                made.append(world.pledge(campaign, 10_00))
            except Exception as error:  # noqa: BLE001  a thread's mistake must fail the test, below
                failed.append(error)
                return
            with world.database.transaction() as session:
                roll_up_totals(session)
            if not waited:
                first.wait(30)
                waited = True

    threads = [threading.Thread(target=give) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        first.wait(30)
        yield made
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    assert failed == []


def test_a_backup_made_while_pledges_keep_coming_balances_when_put_back(
    world: MoneyWorld, buurtloket: Buurtloket, empty: Empty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, campaign = tmp_path / "today.backup", world.campaign(999_00, days=90)
    with _neighbours_giving(world, campaign) as made:
        before = len(made)
        code, said, _ = buurtloket("backup", str(file))
        during = len(made)
    url = empty()
    monkeypatch.setenv("DATABASE_URL", url)
    restored = buurtloket("restore", str(file))

    assert code == 0
    assert "It holds personal data" in said
    assert file.stat().st_mode & 0o077 == 0
    assert (restored[0], "Every book balances" in restored[1]) == (0, True)
    with closing(Database(url, pool_size=4)) as copy:
        # The collected one, and as many of the others as there were at one moment during the backup.
        assert before <= _count(copy, Pledge.id) - 1 <= during + 3
        assert _count(copy, Transfer.id) == _count(world.database, Transfer.id)
        record_fees(copy, world.gateway, now=world.now)
        verdict = check_books(copy, world.gateway)
        assert (verdict.balanced, verdict.compared_with_provider) == (True, True)
        with pytest.raises(Exception, match="append-only"), copy.transaction() as session:
            session.execute(text("UPDATE ledger_transfers SET amount_cents = 1"))


def test_what_is_there_is_not_thrown_away_unless_told(
    world: MoneyWorld, buurtloket: Buurtloket, empty: Empty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, url = tmp_path / "a.backup", empty()
    buurtloket("backup", str(file))
    # A database that has its tables and nothing in them is empty.
    migrate(url)
    monkeypatch.setenv("DATABASE_URL", url)
    first = buurtloket("restore", str(file))
    again = buurtloket("restore", str(file))
    replaced = buurtloket("restore", str(file), "--replace")
    # And what was put back can be backed up and put back.
    round_trip = (
        buurtloket("backup", str(tmp_path / "b.backup")),
        buurtloket("restore", str(tmp_path / "b.backup"), "--replace"),
    )

    assert first[0] == replaced[0] == round_trip[0][0] == round_trip[1][0] == 0
    assert again[0] == 1
    assert again[2].startswith("The database is not empty: there are rows in ")
    with closing(Database(url, pool_size=2)) as copy:
        assert _count(copy, Pledge.id) == _count(world.database, Pledge.id) == 1
        assert _count(copy, Restore.id) == 2


def test_a_file_that_is_no_whole_backup_changes_nothing(
    world: MoneyWorld, buurtloket: Buurtloket, empty: Empty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, url = tmp_path / "whole.backup", empty()
    buurtloket("backup", str(file))
    monkeypatch.setenv("DATABASE_URL", url)
    assert buurtloket("restore", str(file))[0] == 0
    broken = tmp_path / "broken.backup"
    whole = file.read_bytes()
    results = {}
    for kept in (0, 20, len(whole) // 2, len(whole) - 10):
        broken.write_bytes(whole[:kept])
        results[kept] = buurtloket("restore", str(broken), "--replace")
    results[-1] = buurtloket("restore", str(tmp_path / "nothing.backup"), "--replace")

    assert {code for code, _, _ in results.values()} == {1}
    assert all(complaint.count("\n") == 1 for _, _, complaint in results.values())
    with closing(Database(url, pool_size=2)) as copy:
        assert _count(copy, Transfer.id) == _count(world.database, Transfer.id)


def test_a_backup_of_a_newer_version_is_refused(
    world: MoneyWorld, buurtloket: Buurtloket, empty: Empty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world.database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    file = tmp_path / "newer.backup"
    buurtloket("backup", str(file))
    monkeypatch.setenv("DATABASE_URL", empty())

    code, _, complaint = buurtloket("restore", str(file))

    assert (code, complaint) == (
        1,
        f"{file} was made by a newer Buurtloket (migration 9999): install that one first.\n",
    )


def test_a_database_in_use_is_not_replaced(world: MoneyWorld, buurtloket: Buurtloket, tmp_path: Path) -> None:
    file = tmp_path / "a.backup"
    buurtloket("backup", str(file))
    with world.database.reading() as session:
        session.execute(text("SELECT 1"))
        code, _, complaint = buurtloket("restore", str(file), "--replace")
    assert (code, complaint) == (1, "Other programs use this database. Stop web, worker and beat first.\n")


def test_a_backup_is_never_written_over_another(buurtloket: Buurtloket, tmp_path: Path) -> None:
    file = tmp_path / "a.backup"
    buurtloket("backup", str(file))
    assert buurtloket("backup", str(file))[2] == f"{file} is there already.\n"
    assert buurtloket("backup", str(tmp_path / "no" / "a.backup"))[0] == 1
    assert sorted(path.name for path in tmp_path.glob("*backup*")) == ["a.backup"]


def test_a_backup_can_be_read_without_us_and_holds_no_secret_setting(buurtloket: Buurtloket, tmp_path: Path) -> None:
    file = tmp_path / "a.backup"
    buurtloket("backup", str(file))
    script = subprocess.run(  # noqa: S603  PostgreSQL's own program
        [str(binaries() / "pg_restore"), "--file=-", str(file)], capture_output=True, text=True, check=True
    ).stdout
    assert "COPY public.ledger_transfers" in script
    assert "only-for-tests-" not in script
    assert "sk_test_" not in script


def test_a_database_that_is_away_is_said_in_one_sentence(
    buurtloket: Buurtloket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.backup"
    buurtloket("backup", str(file))
    monkeypatch.setenv("DATABASE_URL", f"postgresql+psycopg://nobody@{NOBODY}/nothing")
    assert buurtloket("backup", str(tmp_path / "b.backup"))[0] == 1
    assert buurtloket("restore", str(file))[2].startswith("The database does not answer.")
    assert not (tmp_path / "b.backup").exists()


def test_nobody_is_charged_twice_after_an_older_backup_is_put_back(
    world: MoneyWorld, buurtloket: Buurtloket, empty: Empty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = world.campaign(40_00, days=60)
    pledges = [world.pledge(campaign, 20_00), world.pledge(campaign, 25_00)]
    file = tmp_path / "before.backup"
    buurtloket("backup", str(file))
    # After the backup the campaign is collected, and somebody gives who is not in it.
    stranger = world.pledge(campaign, 5_00)
    world.pass_deadline(campaign)
    world.work()
    assert [world.charges_at_provider(pledge) for pledge in (*pledges, stranger)] == [1, 1, 1]
    # So long ago that the provider has forgotten the keys of our requests.
    world.advance(days=3)
    url = empty()
    monkeypatch.setenv("DATABASE_URL", url)
    assert buurtloket("restore", str(file))[0] == 0

    with closing(Database(url, pool_size=12)) as copy:
        with (
            closing(Gateway(api_key=API_KEY, api_base=f"http://{NOBODY}", timeout_seconds=1)) as away,
            pytest.raises(OutcomeUnknown),
        ):
            adopt_payments(copy, away, now=world.now)
        adopted = adopt_payments(copy, world.gateway, now=world.now)
        again = adopt_payments(copy, world.gateway, now=world.now)
        world.database = copy
        world.live_through_collecting()
        charged = [world.charges_at_provider(pledge) for pledge in pledges]
        states = [world.state_of(pledge) for pledge in pledges]
        verdict = world.verdict()

    assert adopted is not None
    assert (adopted.tied, adopted.unknown, again) == (2, 1, None)
    assert charged == [1, 1]
    assert states == ["collected", "collected"]
    # What the backup cannot know is named, not hidden: the stranger's payment belongs to nobody here.
    assert {finding.invariant for finding in verdict.findings} == {"I2", "I6"}


def test_the_worker_charges_nothing_until_the_provider_was_asked(
    world: MoneyWorld, buurtloket: Buurtloket, empty: Empty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, url = tmp_path / "a.backup", empty()
    buurtloket("backup", str(file))
    monkeypatch.setenv("DATABASE_URL", url)
    assert buurtloket("restore", str(file))[0] == 0

    with closing(Database(url, pool_size=4)) as copy:
        with open_house(copy, STRIPE_API_BASE=f"http://{NOBODY}") as app, pytest.raises(OutcomeUnknown):
            settling.work_off_charges(app.state.runtime)
        before = _open_restores(copy)
        with open_house(copy, STRIPE_API_KEY=API_KEY, STRIPE_API_BASE=world.sandbox.base_url) as app:
            settling.work_off_charges(app.state.runtime)
        after = _open_restores(copy)

    assert (before, after) == (1, 0)


def _open_restores(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).where(Restore.adopted_at.is_(None))) or 0


def test_the_embedded_database_is_backed_up_and_put_back_while_it_rests(
    world: MoneyWorld, buurtloket: Buurtloket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, folder = tmp_path / "a.backup", tmp_path / "var"
    buurtloket("backup", str(file))
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("BUURTLOKET_DATA", str(folder))

    restored = buurtloket("restore", str(file))
    backed_up = buurtloket("backup", str(tmp_path / "b.backup"))
    data = lock_data_folder(folder)
    busy = buurtloket("restore", str(file))
    data.announce({"DATABASE_URL": "postgresql+psycopg:///never-asked"})
    running = buurtloket("restore", str(file))

    assert (restored[0], backed_up[0]) == (0, 0), (restored, backed_up)
    assert (busy[0], "already running" in busy[2]) == (1, True)
    assert running[2].endswith("Stop it first.\n")
    cluster = lay_cluster(folder)
    child = Child(cluster.program())
    try:
        wait_until(cluster.is_ready, child)
        with psycopg.connect(cluster.url(DATABASE).replace("+psycopg", "")) as connection:
            row = connection.execute("SELECT count(*) FROM ledger_transfers").fetchone()
    finally:
        child.stop()
        data.release()
    assert row == (_count(world.database, Transfer.id),)
