"""What a donor can keep of what they gave: a receipt of one gift, an overview of a year. Facts of the ledger."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from crowd.shared.errors import NotFound, msg
from crowd.shared.money import Money
from frontend.documents import Document, Part
from frontend.formats import Language, money, short_day
from frontend.i18n import say
from payments.books.donor_queries import GiftMovement

_NOT_OURS_TO_SAY: Final = msg(
    "This is an overview of what was given, not advice. Whether a gift counts for your tax is not ours to say: ask the "
    "tax office."
)
_HEAD: Final = (msg("Date"), msg("What"), msg("Amount"))


class NothingGiven(NotFound):
    """Nothing was collected of this gift, or in this year, so there is nothing to state."""

    sentence = msg("Nothing was collected here yet, so there is no receipt.")


def year_statement(
    movements: Sequence[GiftMovement], *, year: int, is_over: bool, donor: str, municipality: str, language: Language
) -> Document:
    """Return the overview of a year; raise NothingGiven without movements. Says so when the year is not over."""
    given, back = _sums(movements)
    lines = [
        say(msg("For {donor}."), language, {"donor": donor}),
        say(
            msg("Collected in this year: {given}. Paid back to you: {back}. Together: {total}."),
            language,
            {"given": given, "back": back, "total": given - back},
        ),
    ]
    if not is_over:
        lines.append(say(msg("The year is not over: this is what stands until now."), language))
    return Document(
        title=say(msg("Overview of your gifts in {year}"), language, {"year": str(year)}),
        author=municipality,
        language=language,
        dated=max(movement.at for movement in movements),
        lines=tuple(lines),
        parts=_parts(movements, language),
        closing=(say(_NOT_OURS_TO_SAY, language),),
    )


def gift_receipt(movements: Sequence[GiftMovement], *, donor: str, municipality: str, language: Language) -> Document:
    """Return the receipt of one gift; raise NothingGiven when nothing was collected of it."""
    given, back = _sums(movements)
    said = (
        msg("We collected {given} from {donor}, and paid {back} back.")
        if back
        else msg("We collected {given} from {donor}.")
    )
    return Document(
        title=say(msg("Receipt of a gift"), language),
        author=municipality,
        language=language,
        dated=max(movement.at for movement in movements),
        lines=(say(said, language, {"given": given, "donor": donor, "back": back}),),
        parts=_parts(movements, language),
        closing=(say(_NOT_OURS_TO_SAY, language),),
    )


def reference_of(movement: GiftMovement) -> str:
    """Return the reference that stands on the gift's own page."""
    return movement.pledge_id.hex[-8:].upper()


def _sums(movements: Sequence[GiftMovement]) -> tuple[Money, Money]:
    if not movements:
        raise NothingGiven
    given = sum(movement.cents for movement in movements if not movement.is_return)
    back = -sum(movement.cents for movement in movements if movement.is_return)
    return Money(given), Money(back)


def _parts(movements: Sequence[GiftMovement], language: Language) -> tuple[Part, ...]:
    made = []
    for _initiative, group in groupby(movements, key=lambda movement: movement.initiative_id):
        own = list(group)
        when, what, amount = (say(label, language) for label in _HEAD)
        total = sum(movement.cents for movement in own)
        made.append(
            Part(
                heading=own[0].title,
                head=(when, what, amount),
                rows=tuple(_row(movement, language) for movement in own),
                foot=("", say(msg("Together"), language), money(total, language)),
            )
        )
    return tuple(made)


def _row(movement: GiftMovement, language: Language) -> tuple[str, str, str]:
    what = msg("Gift, reference {reference}")
    if movement.is_return:
        # A bank may send back what we paid: then it is not with the donor after all.
        came_back = msg("Paid back, and come back to us, reference {reference}")
        what = came_back if movement.cents > 0 else msg("Paid back, reference {reference}")
    return (
        short_day(movement.at, language),
        say(what, language, {"reference": reference_of(movement)}),
        money(movement.cents, language),
    )
