"""The API as programs meet it: the real web process over the demonstration, with the sandbox as its provider."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx2

from crowd.shared.db import Database
from frontend.seed.demo import seed
from tests.database import Server
from tests.sandbox_process import API_KEY, WEBHOOK_SECRET, Sandbox, running_sandbox
from tests.tools import running_tools
from tests.web_server import WebServer, running_broker, running_web

BASE = "/api/v1"
_numbers = count(1)


@dataclass(frozen=True, kw_only=True)
class Api:
    """A served API. Every question comes from an address of its own, unless `address` says otherwise."""

    web: WebServer
    database: Database
    sandbox: Sandbox
    client: httpx2.Client

    @property
    def address(self) -> str:
        """The address of the API, as its document names it."""
        return self.web.base_url + BASE

    def ask(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        content: bytes | None = None,
        address: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """Send one request; `path` is below the API, or a whole address."""
        sent: dict[str, Any] = {"content": content} if content is not None else {} if json is None else {"json": json}
        url = path if path.startswith("http") else BASE + path
        from_somewhere = {"x-forwarded-for": address or next_address(), **(headers or {})}
        return self.client.request(method, url, headers=from_somewhere, **sent)

    def read(self, path: str) -> Any:  # noqa: ANN401  whatever JSON holds
        """The JSON at a path that can be read."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def walk(self, path: str) -> list[dict[str, Any]]:
        """Everything in a list, following `next` to its end."""
        found, further = [], path
        while further:
            part = self.read(further)
            found += part["items"]
            further = part["next"]
        return found

    def open_initiative(self) -> str:
        """The slug of an initiative that takes contributions."""
        return next(str(one["slug"]) for one in self.read("/initiatives")["items"] if one["takesPledges"])


def next_address() -> str:
    """An address that has done nothing yet."""
    number = next(_numbers)
    return f"10.{number // 65025 % 256}.{number // 255 % 255}.{1 + number % 254}"


@contextmanager
def served_api(server: Server, name: str) -> Iterator[Api]:
    """Serve the demonstration on a database of its own; its own little proxy may say who asks."""
    url = server.clone(name)
    with (
        closing(Database(url, pool_size=3)) as database,
        tempfile.TemporaryDirectory() as folder,
        running_sandbox(Path(folder)) as sandbox,
        running_broker() as broker_url,
        running_tools(database) as tools,
    ):
        seed(tools)
        settings = {
            "STRIPE_API_KEY": API_KEY,
            "STRIPE_API_BASE": sandbox.base_url,
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "TRUSTED_PROXY": "127.0.0.1",
        }
        with (
            running_web(url, broker_url=broker_url, **settings) as web,
            httpx2.Client(base_url=web.base_url, trust_env=False, timeout=20) as client,
        ):
            yield Api(web=web, database=database, sandbox=sandbox, client=client)
