"""What the children say: all of it in rotating files in var/log, and on the console what one wants to notice there.

A line per request and task would bury the addresses that somebody who just started is looking for.
"""

import logging
import logging.handlers
import sys
from pathlib import Path

from frontend.local.processes import Program

_LOUD = ("ERROR", "FATAL", "PANIC", "Traceback")
# How our own structured lines say that all is well; those are for the files.
_ROUTINE = ('"level": "info"', '"level": "debug"')
_WIDTH = 10
_FILE_BYTES = 5_000_000
_FILES_KEPT = 3


class Console:
    """Prints lines and keeps them. A closed terminal never stops a child: the files go on."""

    def __init__(self, folder: Path) -> None:
        """Log files go into `folder`, one per program, each at most 20 MB with its predecessors."""
        self.folder = folder
        self._files: dict[str, logging.Logger] = {}

    def say(self, text: str) -> None:
        """A line of the supervisor's own."""
        self._keep("supervisor", text)
        self._print("", text)

    def hear(self, program: Program, line: str) -> None:
        """A line of a child's: kept always, printed unless it is empty, routine, or a quiet program's and no error."""
        if not line.strip():
            return
        self._keep(program.name, line)
        is_routine = line.startswith("{") and any(word in line for word in _ROUTINE)
        if not is_routine and (not program.quiet or any(word in line for word in _LOUD)):
            self._print(program.name, line)

    def _print(self, name: str, line: str) -> None:
        try:
            sys.stdout.write(f"{name:<{_WIDTH}}| {line}\n" if name else f"{line}\n")
            sys.stdout.flush()
        except (OSError, ValueError):
            return

    def _keep(self, name: str, line: str) -> None:
        if name not in self._files:
            self._files[name] = _rotating_file(self.folder / f"{name}.log")
        self._files[name].info("%s", line)


def _rotating_file(path: Path) -> logging.Logger:
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    # Not from logging.getLogger: these write what others said, and must not mix with our own log tree.
    logger = logging.Logger(path.stem)  # noqa: LOG001 - a private logger, on purpose outside the tree
    logger.addHandler(handler)
    return logger
