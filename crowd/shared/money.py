"""Euros as whole cents: no floats, no division that loses a cent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from crowd.shared.errors import Invalid, msg


class NegativeWeight(Invalid):
    """A split was asked over a negative share, or over nothing at all."""

    sentence = msg("An amount can only be split over positive shares.")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of euros in whole cents; may be negative as a difference.

    Adding, subtracting and comparing are all it does. There is no `/`: use `split`, which keeps every cent.
    """

    cents: int

    def __post_init__(self) -> None:
        # bool is an int to Python, but True euros are a mistake.
        if type(self.cents) is not int:
            raise TypeError(f"Money takes whole cents as int, not {type(self.cents).__name__}")

    def __add__(self, other: Self) -> Self:
        return type(self)(self.cents + other.cents)

    def __sub__(self, other: Self) -> Self:
        return type(self)(self.cents - other.cents)

    def __bool__(self) -> bool:
        return self.cents != 0

    @classmethod
    def total(cls, amounts: Iterable[Self]) -> Self:
        """Return the sum of `amounts`; zero for none."""
        return cls(sum(amount.cents for amount in amounts))

    def split(self, weights: Sequence[int]) -> list[Self]:
        """Return one share per weight, adding up to exactly this amount.

        Largest remainder: each share is rounded down, then the cents left go to the largest remainders,
        the earlier weight first on a tie. Raises NegativeWeight when a weight is negative or all are zero.
        """
        whole = sum(weights)
        if any(weight < 0 for weight in weights) or whole == 0:
            raise NegativeWeight
        sign, cents = (-1, -self.cents) if self.cents < 0 else (1, self.cents)
        shares = [cents * weight // whole for weight in weights]
        remainders = [cents * weight % whole for weight in weights]
        by_remainder = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
        for i in by_remainder[: cents - sum(shares)]:
            shares[i] += 1
        return [type(self)(sign * share) for share in shares]


ZERO = Money(0)
