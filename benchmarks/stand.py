"""What is measured: the web of `make run`, its database and broker, and beside it a floor, all of them our own.

In a temporary folder on free ports, so nothing of a running Buurtloket is touched.
"""

import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree

from benchmarks.city import City, fill
from benchmarks.client import Line
from benchmarks.floor import BODIES
from frontend.local.broker import lay_broker
from frontend.local.plan import answers
from frontend.local.postgres import USER, Cluster, binaries, lay_cluster
from frontend.local.processes import Child, Program, run_once, wait_until
from frontend.security import Keys
from tests.database import migrate

ROOT = Path(__file__).parent.parent
DATABASE = "bench"
_SECONDS_TO_START = 120.0
SECRET_KEY = "only-for-benchmarks-0123456789abcdef"  # noqa: S105  it protects a database of made-up people
# Nothing listens there: a benchmark that would pay or mail is refused at once.
_NOBODY = "127.0.0.1:9"
# As in `make run`, but for the sweeper: its work at an arbitrary moment would be charged to whoever is measured.
DATABASE_SETTINGS = {"autovacuum": "off", "checkpoint_timeout": "30min", "max_wal_size": "4GB"}


@dataclass(kw_only=True)
class Server:
    """A running web process."""

    child: Child
    port: int

    @property
    def pid(self) -> int:
        return self.child.process.pid

    def line(self) -> Line:
        return Line(self.port)


@dataclass(kw_only=True)
class Stand:
    """The running processes, and the city they serve. `bodies` is where the floor finds what it answers."""

    folder: Path
    cluster: Cluster
    postgres: Child
    broker_url: str
    web: Server
    second_web: Server
    floor: Server
    city: City
    keys: Keys = field(default_factory=lambda: Keys(SECRET_KEY))

    @property
    def database_url(self) -> str:
        return self.cluster.url(DATABASE)

    def environment(self) -> dict[str, str]:
        """The settings of the web."""
        return _settings(self.database_url, self.broker_url)

    def backends(self) -> list[int]:
        """The processes of PostgreSQL that serve the web's connections."""
        with self.cluster.connect(DATABASE) as connection:
            found = connection.execute(
                "SELECT pid FROM pg_stat_activity"
                " WHERE datname = %s AND backend_type = 'client backend' AND pid <> pg_backend_pid()",
                [DATABASE],
            )
            return [int(str(row[0])) for row in found]

    def pgbench(self, *scripts: str, times: int, variables: dict[str, str]) -> None:
        """Run these scripts over one connection, prepared, `times` transactions in all, chosen at random."""
        files = []
        for number, script in enumerate(scripts):
            file = self.folder / f"script-{number}.sql"
            file.write_text(script, encoding="utf-8")
            files += ["--file", str(file)]
        values = [word for name, value in variables.items() for word in ("--define", f"{name}={value}")]
        run_once(
            (
                str(binaries() / "pgbench"),
                *("--host", str(self.cluster.sockets), "--username", USER, "--no-vacuum", "--protocol", "prepared"),
                *("--client", "1", "--transactions", str(times), "--random-seed", "7", *files, *values, DATABASE),
            ),
            identity=self.cluster.identity,
            cwd=Path("/"),
        )


@contextmanager
def running_stand() -> Iterator[Stand]:
    """Start everything, fill the city, and throw it all away at the end."""
    # Root lends PostgreSQL another user, who must be able to reach the data.
    folder = Path(tempfile.mkdtemp(prefix="buurtloket-bench-"))
    folder.chmod(0o755)
    children: list[Child] = []

    def start(program: Program) -> Child:
        child = Child(program)
        children.append(child)
        return child

    try:
        cluster = lay_cluster(folder)
        postgres = start(cluster.program(settings=DATABASE_SETTINGS))
        broker = lay_broker(folder)
        broker_child = start(broker.program())
        wait_until(cluster.is_ready, postgres)
        wait_until(broker.is_ready, broker_child)
        cluster.create_database(DATABASE)
        migrate(cluster.url(DATABASE))
        with cluster.connect(DATABASE) as connection:
            city = fill(connection)
        environment = _settings(cluster.url(DATABASE), broker.url)
        web, second_web = (serve(start, "frontend.web:create_app", environment, folder / "metrics") for _ in range(2))
        bodies = folder / "bodies"
        bodies.mkdir()
        floor = serve(start, "benchmarks.floor:create_app", {BODIES: str(bodies)}, None)
        (bodies / "ready").touch()
        for server, path in ((web, "/health/ready"), (second_web, "/health/ready"), (floor, "/body/ready")):
            wait_until(answers(server.port, path), server.child, seconds=_SECONDS_TO_START)
        yield Stand(
            folder=folder,
            cluster=cluster,
            postgres=postgres,
            broker_url=broker.url,
            web=web,
            second_web=second_web,
            floor=floor,
            city=city,
        )
    finally:
        for child in reversed(children):
            child.stop()
        rmtree(folder, ignore_errors=True)


def serve(start: Callable[[Program], Child], app: str, environment: Mapping[str, str], metrics: Path | None) -> Server:
    """Serve `app` as `make run` serves the web: the same program, on a socket it inherits."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(256)
    shared = {}
    if metrics is not None:
        metrics.mkdir(exist_ok=True)
        shared["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
    program = Program(
        name="web",
        argv=(sys.executable, "-m", "frontend.local.web", str(listener.fileno()), app),
        env={**environment, **shared, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        passes=(listener.fileno(),),
    )
    with listener:
        return Server(child=start(program), port=int(listener.getsockname()[1]))


def _settings(database_url: str, broker_url: str) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url,
        "BROKER_URL": broker_url,
        "SMTP_URL": f"smtp://{_NOBODY}",
        "BASE_URL": "http://127.0.0.1",
        "SECRET_KEY": SECRET_KEY,
        "STRIPE_API_KEY": "sk_test_only_for_benchmarks",
        "STRIPE_API_BASE": f"http://{_NOBODY}",
        "STRIPE_WEBHOOK_SECRET": "whsec_only_for_benchmarks",
        "DEMO": "no",
        # Each client of ours plays many households, so that rate limits count as they do in life, and stay on.
        "TRUSTED_PROXY": "127.0.0.1",
    }
