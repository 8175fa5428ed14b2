"""The real web as a process, for journeys over HTTP: uvicorn on a free port, a real broker, a test's database.

with running_broker() as broker_url, running_web(database_url, broker_url=broker_url) as web:
    Visitor(web.base_url).get("/inloggen")
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from frontend.local.broker import lay_broker
from frontend.local.processes import Child, Program, wait_until
from frontend.security import Keys
from tests.stack import free_port

ROOT = Path(__file__).parent.parent
SECRET_KEY = "only-for-tests-" + "0123456789abcdef" * 2
_OFFLINE = Path(__file__).parent / "offline"
# Nothing listens there: whoever calls it anyway is refused at once.
_NOBODY = "127.0.0.1:9"


@dataclass(frozen=True, kw_only=True)
class WebServer:
    """A running web process. `said` fills with the lines it prints; `keys` derives what it derives."""

    base_url: str
    said: list[str] = field(default_factory=list)
    keys: Keys = field(default_factory=lambda: Keys(SECRET_KEY))


@contextmanager
def running_broker() -> Iterator[str]:
    """Start an empty broker, yield its address, stop it and forget everything."""
    parent = Path(tempfile.mkdtemp(prefix="buurtloket-"))
    try:
        broker = lay_broker(parent)
        child = Child(broker.program())
        try:
            wait_until(broker.is_ready, child)
            yield broker.url
        finally:
            child.stop()
    finally:
        shutil.rmtree(parent, ignore_errors=True)


@contextmanager
def running_web(database_url: str, *, broker_url: str, **env: str) -> Iterator[WebServer]:
    """Serve this database on a free port of loopback until the block ends; `env` are settings, over the tests' own."""
    port = free_port()
    web = WebServer(base_url=f"http://127.0.0.1:{port}")
    program = Program(
        name="web",
        argv=(
            *(sys.executable, "-m", "uvicorn", "--factory", "frontend.web:create_app"),
            *("--host", "127.0.0.1", "--port", str(port)),
            *("--no-access-log", "--no-server-header", "--no-proxy-headers", "--log-level", "warning"),
        ),
        env={
            "DATABASE_URL": database_url,
            "BROKER_URL": broker_url,
            "SMTP_URL": f"smtp://{_NOBODY}",
            "BASE_URL": web.base_url,
            "SECRET_KEY": SECRET_KEY,
            "STRIPE_API_KEY": "sk_test_only_for_tests",
            "STRIPE_API_BASE": f"http://{_NOBODY}",
            "STRIPE_WEBHOOK_SECRET": "whsec_only_for_tests",
            "DATABASE_POOL_SIZE": "4",
            "DEMO": "no",
            "PYTHONPATH": os.pathsep.join((str(_OFFLINE), str(ROOT))),
            **env,
        },
        cwd=ROOT,
    )
    child = Child(program, hear=lambda _program, line: web.said.append(line))
    try:
        wait_until(lambda: _answers(web.base_url), child)
        yield web
    finally:
        child.stop()


def _answers(base_url: str) -> bool:
    try:
        with urlopen(f"{base_url}/health/live", timeout=2) as answer:  # noqa: S310  our own process, over http
            return bool(answer.status == 200)
    except HTTPError:
        return True
    except OSError:
        return False
