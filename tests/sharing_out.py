"""Which of the run's processes plays which test, and what comes first.

Tests of one file often share something that takes long to start, or tell one story in chapters, so a file stays in one
process. Of what needs nothing to start each test goes wherever there is time, at the end, so that no process waits long
for the other. (The library's own `loadgroup` cannot say this: with pytest 9.2 it groups nothing, its issue 1386.)
"""

from typing import Final

import pytest
from xdist.scheduler import LoadScopeScheduling

# What takes longest comes first.
_FOLDERS: Final = ("tests/journeys/", "tests/integration/", "tests/concurrency/", "tests/house/", "tests/unit/")
_ONE_BY_ONE: Final = ("tests/house/", "tests/unit/")


class FileByFile(LoadScopeScheduling):  # type: ignore[misc]  # the library has no types
    """Hands out whole files, and of `_ONE_BY_ONE` single tests."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if nodeid.startswith(_ONE_BY_ONE) else nodeid.split("::", maxsplit=1)[0]


def longest_first(items: list[pytest.Item]) -> None:
    """Put the tests in order, folder by folder; within a folder they stay as they were."""
    items.sort(key=lambda item: _place(item.nodeid))


def _place(nodeid: str) -> int:
    return next((place for place, folder in enumerate(_FOLDERS) if nodeid.startswith(folder)), len(_FOLDERS))
