"""Identifiers that look like Stripe's: a prefix and 24 letters and digits."""

import os
import string
import time

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
LETTER_OF_BYTE = bytes(ord(ALPHABET[byte % 62]) for byte in range(256))


def new_id(prefix: str) -> str:
    """A fresh identifier such as `pi_0OdM3kT9...`.

    It starts with real time in milliseconds, so that new rows land beside each other in the index and
    inserting stays flat however full the file is; the other 16 characters are random (more than 90 bits).
    """
    random = os.urandom(16).translate(LETTER_OF_BYTE).decode()
    return f"{prefix}_{_base62(time.time_ns() // 1_000_000, 8)}{random}"


def _base62(number: int, width: int) -> str:
    letters = []
    for _ in range(width):
        number, index = divmod(number, 62)
        letters.append(ALPHABET[index])
    return "".join(reversed(letters))
