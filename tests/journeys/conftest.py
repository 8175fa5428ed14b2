"""For journeys over plain HTTP: one web process on a database of its own, in a set-up municipality."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import text

from crowd.shared.db import Database
from tests.api_served import Api, served_api
from tests.database import Server
from tests.factories import make_municipality
from tests.visitor import Visitor
from tests.web_server import WebServer, running_broker, running_web


@dataclass(frozen=True, kw_only=True)
class Served:
    """The process, its database, and the municipality in it. Whatever a test leaves behind stays there."""

    web: WebServer
    database: Database
    database_url: str
    broker_url: str
    municipality_id: UUID

    def visitor(self, *, address: str = "", **headers: str) -> Visitor:
        """Somebody new, from an address of their own."""
        return Visitor(self.web.base_url, address=address, headers=headers)


@pytest.fixture(scope="session")
def served(database_server: Server, worker_name: str) -> Iterator[Served]:
    """The web, served for all journeys of this worker."""
    url = database_server.clone(f"served_{worker_name}")
    with (
        closing(Database(url, pool_size=5)) as database,
        running_broker() as broker_url,
        running_web(url, broker_url=broker_url, DEMO="yes") as web,
    ):
        with database.transaction() as session:
            municipality_id = make_municipality(session)
        yield Served(
            web=web,
            database=database,
            database_url=url,
            broker_url=broker_url,
            municipality_id=municipality_id,
        )


@pytest.fixture(scope="session")
def api(database_server: Server, worker_name: str) -> Iterator[Api]:
    """The JSON API over the demonstration, served for all journeys of this worker."""
    with served_api(database_server, f"api_{worker_name}") as served_to_programs:
        yield served_to_programs


@pytest.fixture(autouse=True)
def _own_time(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give back the time a test moved: the web is shared, and another test's shifts would lie in the past."""
    yield
    if "served" in request.fixturenames:
        here: Served = request.getfixturevalue("served")
        with here.database.transaction() as session:
            session.execute(text("UPDATE clock_offset SET seconds = 0"))
