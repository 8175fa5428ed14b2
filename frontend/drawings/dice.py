"""Choices that look like chance, and are the same every time for the same name."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Numbers from a name. Not for secrets: anyone can throw them again."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._throws = 0

    def between(self, low: int, high: int) -> int:
        """Return a number from `low` up to and including `high`."""
        self._throws += 1
        digest = blake2b(f"{self._name}/{self._throws}".encode(), digest_size=8).digest()
        return low + int.from_bytes(digest, "big") % (high - low + 1)

    def pick(self, options: Sequence[T]) -> T:
        """Return one of `options`."""
        return options[self.between(0, len(options) - 1)]
