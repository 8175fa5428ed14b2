"""What a co-funding scheme must say before it can open. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from crowd.shared.errors import Conflict, Invalid, InvalidFields, msg
from crowd.shared.money import Money

NAME_LENGTH_MAX: Final = 80
BASIS_LENGTH_MAX: Final = 300
RATIO_MIN: Final = 1
RATIO_MAX: Final = 1000
POT_MAX: Final = Money(100_000_000_00)


class SchemeNameMissing(Invalid):
    """Residents read this name beside every amount."""

    sentence = msg("Give the scheme a name of at most {length} characters.")


class LegalBasisMissing(Invalid):
    """Public money rests on a regulation."""

    sentence = msg("Name the regulation and the article, in at most {length} characters.")


class RatioNotRight(Invalid):
    """Cents per 100 of a gift."""

    sentence = msg("Fill in a whole percentage from {least} to {most}: 50 adds € 0.50 to every euro.")


class CapNotRight(Invalid):
    """A cap of nothing would match nothing."""

    sentence = msg("Fill in an amount above zero, for example 100.")


class PotNotRight(Invalid):
    """The ceiling of the scheme."""

    sentence = msg("Fill in an amount above zero and at most € {euros}.")


class PeriodMissing(Invalid):
    """A scheme has a first and a last day."""

    sentence = msg("Fill in a date, for example 31-12-2026.")


class PeriodBackwards(Invalid):
    """The last day comes before the first."""

    sentence = msg("The last day cannot be before the first day.")


class PlacesMissing(Invalid):
    """A scheme that applies nowhere helps nobody."""

    sentence = msg("Choose at least one neighbourhood.")


class SchemeNameTaken(Invalid):
    """A scheme's rules stand once it is open, so a second one needs a name of its own."""

    sentence = msg("There is already a scheme with this name. Its rules cannot be changed; choose another name.")


class SchemeIdTaken(Conflict):
    """The same form was sent twice with different contents: the first one stands."""

    sentence = msg("This form was already sent with other contents. Open the page again to add another scheme.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewScheme:
    """A scheme as it was decided on: `ratio_percent` cents per 100 of a gift, within two caps and a pot."""

    name: str
    legal_basis: str
    ratio_percent: int
    donor_cap: Money
    project_cap: Money
    pot: Money
    opens_on: date
    closes_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeForm:
    """What was filled in; None is what was left out or could not be read."""

    name: str
    legal_basis: str
    ratio_percent: int | None
    donor_cap: Money | None
    project_cap: Money | None
    pot: Money | None
    opens_on: date | None
    closes_on: date | None


def check_scheme(*, form: SchemeForm, neighbourhood_ids: Collection[UUID]) -> NewScheme:
    """Return the scheme when it is whole; raise InvalidFields naming everything that is wrong."""
    name, basis = " ".join(form.name.split()), " ".join(form.legal_basis.split())
    errors: list[Invalid] = []
    if not 0 < len(name) <= NAME_LENGTH_MAX:
        errors.append(SchemeNameMissing(field="name", length=NAME_LENGTH_MAX))
    if not 0 < len(basis) <= BASIS_LENGTH_MAX:
        errors.append(LegalBasisMissing(field="legal_basis", length=BASIS_LENGTH_MAX))
    if form.ratio_percent is None or not RATIO_MIN <= form.ratio_percent <= RATIO_MAX:
        errors.append(RatioNotRight(field="ratio_percent", least=RATIO_MIN, most=RATIO_MAX))
    for field in ("donor_cap", "project_cap"):
        cap = getattr(form, field)
        if cap is None or not 0 < cap.cents <= POT_MAX.cents:
            errors.append(CapNotRight(field=field))
    if form.pot is None or not 0 < form.pot.cents <= POT_MAX.cents:
        errors.append(PotNotRight(field="pot", euros=POT_MAX.cents // 100))
    errors += [PeriodMissing(field=field) for field in ("opens_on", "closes_on") if getattr(form, field) is None]
    if form.opens_on and form.closes_on and form.closes_on < form.opens_on:
        errors.append(PeriodBackwards(field="closes_on"))
    if not neighbourhood_ids:
        errors.append(PlacesMissing(field="neighbourhoods"))
    if (
        errors
        or form.ratio_percent is None
        or form.donor_cap is None
        or form.project_cap is None
        or form.pot is None
        or form.opens_on is None
        or form.closes_on is None
    ):
        raise InvalidFields(tuple(errors))
    return NewScheme(
        name=name,
        legal_basis=basis,
        ratio_percent=form.ratio_percent,
        donor_cap=form.donor_cap,
        project_cap=form.project_cap,
        pot=form.pot,
        opens_on=form.opens_on,
        closes_on=form.closes_on,
    )
