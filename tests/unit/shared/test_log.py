"""What the log says, and what it never says."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from crowd.shared import log


@pytest.fixture(autouse=True)
def _configured() -> Iterator[None]:
    """As in a process of ours; afterwards everything is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    log.configure(level="info", process="web")
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_line_is_one_object_with_only_the_fields_that_may_be_there(capsys: pytest.CaptureFixture[str]) -> None:
    with log.correlated("abc-12345"):
        log.logger().info("request", route="/", status=200, email="noor@voorbeeldstad.example")

    line = json.loads(capsys.readouterr().out)
    assert (line["event"], line["route"], line["process"], line["correlation_id"]) == (
        "request",
        "/",
        "web",
        "abc-12345",
    )
    assert "email" not in line


def test_what_a_library_tells_in_passing_is_not_heard(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("httpx2").info("HTTP Request: GET http://127.0.0.1/bijdragen/secret")

    assert capsys.readouterr().out == ""


def test_a_library_that_warns_does_so_in_our_shape(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("celery.worker").warning("the broker is %s", "away", exc_info=ConnectionError())

    line = json.loads(capsys.readouterr().out)
    assert {name: line[name] for name in ("event", "kind", "level", "exception", "process")} == {
        "event": "the broker is away",
        "kind": "celery.worker",
        "level": "warning",
        "exception": "ConnectionError",
        "process": "web",
    }
