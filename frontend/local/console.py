"""What the children say: on the console with their name before it, and in rotating files in var/log."""

import logging
import logging.handlers
import sys
from pathlib import Path

from frontend.local.processes import Program

_LOUD = ("ERROR", "FATAL", "PANIC", "Traceback")
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
        """A line of a child's. What a quiet program has to say is printed only when it is an error."""
        self._keep(program.name, line)
        if not program.quiet or any(word in line for word in _LOUD):
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
