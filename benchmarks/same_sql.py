"""The floor of the database: the very statements a request sends, with the same values, by pgbench, prepared.

They are overheard from the real application in this process, so they can never differ from what it really asks.
"""

import itertools
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from psycopg.adapt import PyFormat, Transformer
from sqlalchemy import Connection, event
from starlette.testclient import TestClient

from benchmarks.stand import Stand
from crowd.shared.settings import Settings
from frontend.web import create_app

_PARAMETER = re.compile(r"%\((\w+)\)s")
_numbers = itertools.count()

Sent = list[tuple[str, Mapping[str, Any]]]


@dataclass(kw_only=True)
class Script:
    """What one request said to the database, for pgbench: a script, and the values of its variables."""

    text: str
    variables: dict[str, str] = field(default_factory=dict)


@contextmanager
def overhearing(stand: Stand) -> Iterator[Callable[[Callable[[TestClient], object]], Sent]]:
    """Yield a function that runs requests on the application in this process, and returns the statements they sent."""
    app = create_app(Settings.from_environment({**stand.environment(), "LOG_LEVEL": "warning"}))
    with TestClient(app, base_url="http://127.0.0.1", follow_redirects=False) as client:

        def listen(act: Callable[[TestClient], object]) -> Sent:
            with _overheard(app) as sent:
                act(client)
            return sent

        yield listen


def read_script(sent: Sent) -> Script:
    """Return the script that says the same again, with the same values."""
    return _script(sent, lambda _value: None)


def write_script(first: Sent, second: Sent) -> Script:
    """Return a script that does the same act each time for somebody else, from what two such acts sent.

    A value that differs between the two (an id, an address) is another one in each transaction, the same wherever
    it stood in the act. Moments stay those of the first.
    """
    places: dict[object, int] = {}
    for (_statement, one), (_same, other) in zip(first, second, strict=True):
        for name, value in one.items():
            if value != other[name] and isinstance(value, UUID | str):
                places.setdefault(value, len(places))

    def own(value: object) -> str | None:
        place = places.get(value) if isinstance(value, UUID | str) else None
        if place is None:
            return None
        number = f"lpad(to_hex(:n::bigint * 16 + {place}), 32, '0')"
        return f"{number}::uuid" if isinstance(value, UUID) else f"({number} || '@voorbeeld.example')::citext"

    script = _script(first, own)
    # Counted from a moment, so that the next run begins with somebody who was never here before.
    start = str(time.time_ns() // 1000)
    return Script(text=f"\\set n :n + 1\n{script.text}", variables={**script.variables, "n": start})


def _script(sent: Sent, own: Callable[[object], str | None]) -> Script:
    made = Script(text="")
    for statement, values in sent:

        def put(match: re.Match[str], values: Mapping[str, Any] = values) -> str:
            value = values[match[1]]
            # A variable of pgbench is never empty.
            if value is None or value == "":
                return "NULL" if value is None else "''"
            if (expression := own(value)) is not None:
                return expression
            name = f"v{next(_numbers)}"
            made.variables[name] = _as_text(value)
            return f":{name}"

        made.text += _PARAMETER.sub(put, statement).replace("%%", "%").strip() + ";\n"
    return made


def _as_text(value: object) -> str:
    """Return a value as PostgreSQL reads it."""
    return bytes(Transformer().dump_sequence([value], [PyFormat.TEXT])[0] or b"").decode()


@contextmanager
def _overheard(app: FastAPI) -> Iterator[Sent]:
    sent: Sent = []
    engine = app.state.runtime.database.engine

    def hear(_connection: object, _cursor: object, statement: str, values: Mapping[str, Any], *_rest: object) -> None:
        sent.append((statement, values))

    def begin(connection: Connection) -> None:
        if "isolation_level" in connection.get_execution_options():
            sent.append(("BEGIN", {}))

    def commit(connection: Connection) -> None:
        if "isolation_level" in connection.get_execution_options():
            sent.append(("COMMIT", {}))

    handlers = (("before_cursor_execute", hear), ("begin", begin), ("commit", commit))
    for name, handler in handlers:
        event.listen(engine, name, handler)
    try:
        yield sent
    finally:
        for name, handler in handlers:
            event.remove(engine, name, handler)


def variables_of(scripts: Sequence[Script]) -> dict[str, str]:
    """Return the values of all scripts together."""
    return {name: value for script in scripts for name, value in script.variables.items()}
