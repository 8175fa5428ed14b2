"""Municipal co-funding: schemes, their pots, and what each pledge reserves of them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crowd.initiatives.models import Initiative
from crowd.municipalities.models import Municipality, Neighbourhood
from crowd.pledges.models import Pledge
from crowd.shared.db import Base


class Scheme(Base):
    """A co-funding scheme (subsidieregeling): a ratio match with caps, a pot and eligible neighbourhoods.

    The pot row is also the lock: whoever reserves holds it, so `reserved_cents` can never pass `pot_cents`.
    """

    __tablename__ = "schemes"
    __table_args__ = (
        CheckConstraint("pot_cents >= 0", name="pot_not_negative"),
        CheckConstraint("reserved_cents BETWEEN 0 AND pot_cents", name="reserved_within_pot"),
        CheckConstraint("ratio_percent BETWEEN 1 AND 1000", name="ratio_sensible"),
        CheckConstraint("donor_cap_cents > 0 AND project_cap_cents > 0", name="caps_positive"),
        CheckConstraint("opens_on <= closes_on", name="period_forward"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id), index=True)
    name: Mapped[str]
    legal_basis: Mapped[str]
    ratio_percent: Mapped[int]
    donor_cap_cents: Mapped[int] = mapped_column(BigInteger)
    project_cap_cents: Mapped[int] = mapped_column(BigInteger)
    pot_cents: Mapped[int] = mapped_column(BigInteger)
    reserved_cents: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    decision_weeks: Mapped[int] = mapped_column(server_default=text("8"))


class SchemeNeighbourhood(Base):
    """A neighbourhood where a scheme applies."""

    __tablename__ = "scheme_neighbourhoods"

    scheme_id: Mapped[UUID] = mapped_column(ForeignKey(Scheme.id), primary_key=True)
    neighbourhood_id: Mapped[UUID] = mapped_column(ForeignKey(Neighbourhood.id), primary_key=True, index=True)


class CampaignMatch(Base):
    """The scheme one initiative falls under, once it does, and what the municipality awarded it at most.

    Without a row nothing was reserved yet. `award_cents` is empty until a decision, and zero when refused. It is
    here, and not with the grants, because a reservation must see it under the pot's lock.
    """

    __tablename__ = "campaign_matches"
    __table_args__ = (CheckConstraint("award_cents >= 0", name="award_not_negative"),)

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id), primary_key=True)
    scheme_id: Mapped[UUID] = mapped_column(ForeignKey(Scheme.id), index=True)
    award_cents: Mapped[int | None] = mapped_column(BigInteger)
    opened_at: Mapped[datetime]


class Reservation(Base):
    """The match set aside for one pledge, with the bound that decided its amount; zero says why it got nothing.

    In one initiative a card belongs to one donor: a second address with the same card is no second donor.
    """

    __tablename__ = "reservations"
    __table_args__ = (
        CheckConstraint("amount_cents >= 0", name="amount_not_negative"),
        CheckConstraint("state IN ('reserved','released','confirmed')", name="state_is_known"),
        Index("ix_reservations_initiative", "initiative_id", "state"),
        # Who waits for the pot, oldest first.
        Index(
            "ix_reservations_short",
            "scheme_id",
            "reserved_at",
            postgresql_where=text("state = 'reserved' AND bound = 'pot'"),
        ),
        ExcludeConstraint(
            ("initiative_id", "="),
            ("card_fingerprint", "="),
            ("person_id", "<>"),
            where=text("amount_cents > 0 AND state <> 'released' AND card_fingerprint <> ''"),
            name="ex_reservations_one_donor_per_card",
        ),
    )

    pledge_id: Mapped[UUID] = mapped_column(ForeignKey(Pledge.id), primary_key=True)
    scheme_id: Mapped[UUID] = mapped_column(ForeignKey(Scheme.id), index=True)
    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id))
    person_id: Mapped[UUID]
    card_fingerprint: Mapped[str] = mapped_column(server_default="")
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    bound: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="reserved")
    reserved_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
