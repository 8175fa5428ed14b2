"""Money moves in these tests: one sandbox per test file, one emptied database per test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crowd.shared.db import Database
from tests.money import MoneyWorld, money_world


@pytest.fixture
def world(committing_database: Database, tmp_path: Path) -> Iterator[MoneyWorld]:
    """A municipality, a sandbox, and a clock the test moves."""
    with money_world(committing_database, tmp_path) as made:
        yield made
