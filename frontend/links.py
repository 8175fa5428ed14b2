"""Addresses that only we can have written: a reference to one thing, for one purpose, signed.

For what people reach from a message without signing in. The reference names the thing, the signature proves
that we handed it out for exactly this purpose: whoever holds a link to their pledge cannot turn it into the
proof that they read their mail.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from enum import StrEnum
from typing import Final
from uuid import UUID

from crowd.shared.errors import NotFound, msg
from frontend.security import Keys

# 128 bits: guessing one is hopeless, and the address still fits on one line of a mail.
_SIGNATURE_BYTES: Final = 16
_ID_BYTES: Final = 16


class Purpose(StrEnum):
    """What a signed reference may be used for. The value enters the signature: renaming one ends its links."""

    OWN_PLEDGE = "own-pledge"
    CONFIRM_ADDRESS = "confirm-address"
    STOP_UPDATES = "stop-updates"
    OWN_PLACEMENT = "own-placement"
    DOOR = "door"


class LinkNotOurs(NotFound):
    """The reference was cut off in a mail program, mistyped, or made up."""

    sentence = msg("This link does not work. Open it again from the e-mail, or copy the whole address.")


def sign(purpose: Purpose, subject: UUID, keys: Keys) -> str:
    """Return the reference to `subject` for `purpose`: 43 url-safe characters, the same every time.

    It does not expire: whoever made a pledge may always look at it.
    """
    return _text(subject.bytes + _signature(purpose, subject, keys))


def verify(purpose: Purpose, token: str, keys: Keys) -> UUID:
    """Return the subject of a reference that `sign` made for this purpose with these keys.

    Takes the same time for every wrong signature. Raises LinkNotOurs.
    """
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"=")
    except (UnicodeEncodeError, ValueError) as error:
        raise LinkNotOurs from error
    if len(raw) != _ID_BYTES + _SIGNATURE_BYTES:
        raise LinkNotOurs
    subject = UUID(bytes=raw[:_ID_BYTES])
    # Compared as text: base64 ignores characters that mean nothing, and one thing has one address.
    if not hmac.compare_digest(sign(purpose, subject, keys).encode(), token.encode()):
        raise LinkNotOurs
    return subject


def own_pledge_path(pledge_id: UUID, keys: Keys) -> str:
    """Return the path of a donor's own page: what was promised, and what they can do about it."""
    return f"/bijdragen/{sign(Purpose.OWN_PLEDGE, pledge_id, keys)}"


def confirm_address_path(pledge_id: UUID, keys: Keys) -> str:
    """Return the path that confirms the donor's address. It stands only in the mail to that address.

    The page after paying shows the donor's own page too, so that page alone proves nothing about the address.
    """
    return f"{own_pledge_path(pledge_id, keys)}/bevestiging/{sign(Purpose.CONFIRM_ADDRESS, pledge_id, keys)}"


def stop_updates_path(pledge_id: UUID, keys: Keys) -> str:
    """Return the path that ends the news of one initiative, for the donor of this pledge."""
    return f"/afmelden/{sign(Purpose.STOP_UPDATES, pledge_id, keys)}"


def own_placement_path(placement_id: UUID, keys: Keys) -> str:
    """Return the path of a volunteer's own page about one shift: say yes, say no, or read where to be."""
    return f"/meehelpen/aanmeldingen/{sign(Purpose.OWN_PLACEMENT, placement_id, keys)}"


def door_path(shift_id: UUID, keys: Keys) -> str:
    """Return the path of a shift's page for who stands at its door: what the square code there leads to."""
    return f"/meehelpen/deur/{sign(Purpose.DOOR, shift_id, keys)}"


def door_code(shift_id: UUID, keys: Keys) -> str:
    """Return the four digits below that square: typed on one's own page, they say the same without a camera."""
    return f"{int.from_bytes(keys.derive('door code', shift_id.bytes)[:8], 'big') % 10_000:04d}"


def _signature(purpose: Purpose, subject: UUID, keys: Keys) -> bytes:
    return keys.derive(f"link {purpose.value}", subject.bytes)[:_SIGNATURE_BYTES]


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
