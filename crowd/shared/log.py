"""One structured line per request, task and provider call, tied together by a correlation id.

Lines hold ids, states, amounts and durations; never names, addresses, tokens or secrets.
"""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO, cast

import structlog

_correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")

# The only names a line may carry: whatever is not in this list is dropped, so that a careless call cannot
# leak an address. Add a name here only when its values can never be personal.
ALLOWED_FIELDS = frozenset(
    {
        "action",
        "attempt",
        "campaign_id",
        "code",
        "correlation_id",
        "count",
        "duration_ms",
        "error",
        "event",
        "event_id",
        "event_type",
        "exception",
        "initiative_id",
        "job_id",
        "kind",
        "level",
        "method",
        "operation",
        "outcome",
        "pledge_id",
        "process",
        "provider_request_id",
        "route",
        "state",
        "status",
        "task",
        "timestamp",
    }
)


class _StandardOutput:
    """Wherever standard output leads at the moment of writing: a logger lives longer than a redirection."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


class _LibraryLine(logging.Formatter):
    """What a library has to say, in the shape of our own lines."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, str | None] = {
            "event": record.getMessage(),
            "kind": record.name,
            "level": record.levelname.lower(),
            "exception": record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None,
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "process": self._process,
        }
        return json.dumps({name: value for name, value in line.items() if value is not None})


def configure(*, level: str, process: str) -> None:
    """Send this process's log to standard output as one JSON object a line, `process` naming its part.

    Of libraries only warnings are heard: at lower levels some write whole addresses, with what is secret in them.
    """
    libraries = logging.StreamHandler(cast(TextIO, _StandardOutput()))
    libraries.setFormatter(_LibraryLine(process))
    logging.basicConfig(level=logging.WARNING, handlers=[libraries], force=True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _add_origin(process),
            _keep_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        # A line and its end in one write: several processes share one pipe, and must not mix within a line.
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _StandardOutput())),
        cache_logger_on_first_use=True,
    )


def logger() -> Any:  # noqa: ANN401  structlog's loggers are typed by their configuration
    """Return the logger; its methods are the levels, its keyword arguments the fields."""
    return structlog.get_logger()


def correlation_id() -> str:
    """Return the id of the request or job being served, or an empty string outside one."""
    return _correlation_id.get()


@contextmanager
def correlated(identifier: str) -> Iterator[None]:
    """Tie everything logged and queued inside the block to `identifier`."""
    token = _correlation_id.set(identifier)
    try:
        yield
    finally:
        _correlation_id.reset(token)


def _add_origin(process: str) -> structlog.typing.Processor:
    def add(_logger: object, _method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
        line["process"] = process
        if identifier := _correlation_id.get():
            line["correlation_id"] = identifier
        return line

    return add


def _keep_allowed(_logger: object, _method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {name: value for name, value in line.items() if name in ALLOWED_FIELDS}
