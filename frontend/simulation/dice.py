"""Chance that can be repeated."""

from random import Random


class Dice(Random):  # noqa: S311  a play that can be repeated, no secret
    """Throws the same for the same name and seed: one person's choices do not move another's."""

    def __init__(self, name: str, seed: int) -> None:
        super().__init__(f"{name} {seed}")

    def happens(self, percent: float) -> bool:
        """Whether something that happens in so many cases of a hundred happens now."""
        return self.random() * 100 < percent
