"""That this database was put back from a backup, and what must be looked up before money moves again."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Identity
from sqlalchemy.orm import Mapped, mapped_column

from crowd.shared.db import Base


class Restore(Base):
    """One time that a backup was put back. Until `adopted_at` nothing is charged: the provider may know more than we.

    `tied` payments of the provider were tied to their pledges again; `unknown` belong to no pledge of this backup.
    """

    __tablename__ = "restores"
    __table_args__ = (CheckConstraint("num_nulls(adopted_at, tied, unknown) IN (0, 3)", name="adopted_says_all"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    restored_at: Mapped[datetime]
    adopted_at: Mapped[datetime | None]
    tied: Mapped[int | None]
    unknown: Mapped[int | None]
