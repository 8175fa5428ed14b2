"""The municipality and its map: neighbourhoods, postcode areas, themes."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crowd.shared.db import Base


class Municipality(Base):
    """One municipality that runs a counter here.

    `tolerance_percent`: by how much less than its minimum a campaign that goes online from now on goes through.
    """

    __tablename__ = "municipalities"
    __table_args__ = (CheckConstraint("tolerance_percent BETWEEN 0 AND 20", name="tolerance_within_near_miss"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    site_name: Mapped[str]
    phone: Mapped[str]
    visiting_address: Mapped[str]
    email: Mapped[str]
    brand_colour: Mapped[str]
    accent_colour: Mapped[str]
    tolerance_percent: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))


class Neighbourhood(Base):
    """A neighbourhood (wijk or buurt), as the municipality names it."""

    __tablename__ = "neighbourhoods"
    __table_args__ = (UniqueConstraint("municipality_id", "slug"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    slug: Mapped[str]
    name: Mapped[str]


class PostcodeArea(Base):
    """A four-digit postcode area (PC4) with its centre, in degrees."""

    __tablename__ = "postcode_areas"
    __table_args__ = (
        CheckConstraint("pc4 ~ '^[1-9][0-9]{3}$'", name="pc4_has_four_digits"),
        CheckConstraint("latitude BETWEEN 50 AND 54 AND longitude BETWEEN 3 AND 8", name="lies_in_the_netherlands"),
    )

    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id), primary_key=True)
    pc4: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str]
    neighbourhood_id: Mapped[UUID | None] = mapped_column(ForeignKey(Neighbourhood.id), index=True)
    latitude: Mapped[float]
    longitude: Mapped[float]


class Theme(Base):
    """What an initiative is about, in both languages; `picture` names the drawing shown when it has no photo."""

    __tablename__ = "themes"
    __table_args__ = (UniqueConstraint("municipality_id", "slug"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    slug: Mapped[str]
    label_nl: Mapped[str]
    label_en: Mapped[str]
    picture: Mapped[str]
