"""What an initiative gives back to whoever supports it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crowd.initiatives.models import Initiative
from crowd.shared.db import Base


class Reward(Base):
    """A thank-you for gifts from an amount on. `stock` empty: as many as asked; then `taken` stays zero.

    `taken` counts the gifts that hold a limited one, and the database refuses one too many.
    """

    __tablename__ = "rewards"
    __table_args__ = (
        CheckConstraint("from_cents > 0", name="from_positive"),
        CheckConstraint("stock > 0", name="stock_positive"),
        CheckConstraint("taken >= 0 AND taken <= coalesce(stock, 0)", name="never_oversold"),
        Index("ix_rewards_initiative", "initiative_id", "from_cents", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id))
    title: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    from_cents: Mapped[int] = mapped_column(BigInteger)
    stock: Mapped[int | None]
    taken: Mapped[int] = mapped_column(server_default=text("0"))
    added_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
