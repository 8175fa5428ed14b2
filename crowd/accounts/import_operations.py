"""Writing down many people at once, from a list that the municipality had before."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, CITEXT, insert
from sqlalchemy.orm import Session

from crowd.accounts.models import Person

# The id a person gets when they are new, their address or "", and their name.
NewPerson = tuple[UUID, str, str]


def add_people(
    session: Session, *, municipality_id: UUID, people: Sequence[NewPerson], now: datetime
) -> dict[UUID, UUID]:
    """Add who is not there yet; return for each id the one the person has: their own when the address was known.

    Nobody's address counts as confirmed by this, and nobody is written to. Two statements however many they are. The
    addresses must be clean and all different.
    """
    if not people:
        return {}
    session.execute(
        insert(Person).on_conflict_do_nothing(index_elements=[Person.municipality_id, Person.email]),
        [
            {
                "id": person_id,
                "municipality_id": municipality_id,
                "email": email or None,
                "name": name,
                "created_at": now,
            }
            for person_id, email, name in people
        ],
    )
    emails = [email for _id, email, _name in people if email]
    found = session.execute(
        select(Person.email, Person.id).where(
            Person.municipality_id == municipality_id,
            # One array however many they are: a list of parameters has an end.
            Person.email == func.any(literal(emails, ARRAY(CITEXT))),
        )
    )
    by_email = {row.email.lower(): row.id for row in found if row.email}
    return {
        person_id: by_email.get(email.lower(), person_id) if email else person_id for person_id, email, _n in people
    }
