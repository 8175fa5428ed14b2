"""PostgreSQL's own flat geometry, which SQLAlchemy has no types for: written and read as text."""

from typing import Any

from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType

from crowd.municipalities.rules import Place


class Point(UserDefinedType[Any]):
    """A `point`: metres east and north, as "(east,north)"."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the name of the column type."""
        return "point"


class Circle(UserDefinedType[Any]):
    """A `circle`: everything within reach of a point, in metres."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the name of the column type."""
        return "circle"


# So that reading the tables back, for `alembic check`, knows them too.
ischema_names.update({"point": Point, "circle": Circle})


def written(place: Place | None) -> str | None:
    """Return a place as the database reads a point; nothing for no place."""
    return None if place is None else f"({place.east},{place.north})"
