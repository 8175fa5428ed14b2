"""What a start shows: addresses and what went wrong; a line per request is for the files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from frontend.local.console import Console
from frontend.local.processes import Program

WORKER = Program(name="worker", argv=("true",))
POSTGRES = Program(name="postgres", argv=("true",), quiet=True)


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    made = Console(tmp_path)
    yield made
    for file in made._files.values():
        for handler in file.handlers:
            handler.close()


@pytest.mark.parametrize(
    ("program", "line", "printed"),
    [
        (WORKER, '{"event": "outbox", "level": "info"}', False),
        (WORKER, '{"event": "outbox", "level": "warning"}', True),
        (WORKER, '{"event": "periodic", "level": "error"}', True),
        (WORKER, "Traceback (most recent call last):", True),
        (POSTGRES, "LOG: database system is ready", False),
        (POSTGRES, "FATAL: the disk is full", True),
    ],
)
def test_every_line_is_kept_and_what_is_routine_is_not_printed(
    console: Console, capsys: pytest.CaptureFixture[str], program: Program, line: str, *, printed: bool
) -> None:
    console.hear(program, line)

    assert line in (console.folder / f"{program.name}.log").read_text(encoding="utf-8")
    assert (line in capsys.readouterr().out) == printed


def test_an_empty_line_is_nothing_to_say(console: Console, capsys: pytest.CaptureFixture[str]) -> None:
    console.hear(WORKER, "")

    assert capsys.readouterr().out == ""
