"""For the doors: the command, typed on a database in which transactions really commit."""

import pytest

from crowd.shared.db import Database
from tests.command_line import Buurtloket, command_line


@pytest.fixture
def buurtloket(
    committing_database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Buurtloket:
    """Types a command; returns its exit code, what it said, and what it complained about."""
    return command_line(committing_database, monkeypatch, capsys)
