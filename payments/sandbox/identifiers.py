"""Identifiers that look like Stripe's: a prefix and 24 letters and digits."""

import secrets
import string
import time

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase


def new_id(prefix: str) -> str:
    """A fresh identifier such as `pi_0OdM3kT9...`.

    It starts with real time in milliseconds, so that new rows land beside each other in the index and
    inserting stays flat however full the file is; the other 16 characters are random (95 bits).
    """
    return f"{prefix}_{_base62(time.time_ns() // 1_000_000, 8)}{_base62(secrets.randbits(95), 16)}"


def _base62(number: int, width: int) -> str:
    letters = []
    for _ in range(width):
        number, index = divmod(number, 62)
        letters.append(ALPHABET[index])
    return "".join(reversed(letters))
