"""Where one part of a list ended, as the address of the next part says it: a moment and an id, never a number."""

from datetime import datetime
from uuid import UUID


def write_key(at: datetime, identifier: UUID) -> str:
    """Return the place of a line in a list ordered by moment and id; `read_key` reads it back."""
    return f"{at.isoformat()}_{identifier.hex}"


def read_key(text: str) -> tuple[datetime, UUID] | None:
    """Return where the last part ended, or None for the beginning: also when somebody changed the address."""
    moment, _mark, identifier = text.partition("_")
    try:
        at = datetime.fromisoformat(moment)
        return (at, UUID(identifier)) if at.tzinfo is not None else None
    except ValueError:
        return None
