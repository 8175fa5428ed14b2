"""Bank account numbers: written in one way, their check digits verified."""

import re
from typing import Final

from crowd.shared.errors import Invalid, msg

_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_LENGTH: Final = {"NL": 18, "BE": 16, "DE": 22, "FR": 27, "LU": 20}
_MODULUS: Final = 97


class IbanWrong(Invalid):
    """Not an account number whose check digits agree."""

    sentence = msg("This is not a correct account number (IBAN). Check it digit by digit.")


def iban(text: str, *, field: str = "iban") -> str:
    """Return an account number without spaces, its check digits verified (ISO 13616); raise IbanWrong."""
    bare = re.sub(r"\s", "", text.upper())
    if not _IBAN.fullmatch(bare) or len(bare) != _LENGTH.get(bare[:2], len(bare)):
        raise IbanWrong(field=field)
    # int() reads a letter in base 36 as ISO 7064 does: A is 10, Z is 35.
    digits = "".join(str(int(character, 36)) for character in bare[4:] + bare[:4])
    if int(digits) % _MODULUS != 1:
        raise IbanWrong(field=field)
    return bare
