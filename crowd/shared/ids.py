"""Identifiers, chosen before the act so that doing it twice is doing it once."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """Return a new UUIDv7: unique, and ordered by time so that indexes stay compact."""
    return uuid_utils.compat.uuid7()
