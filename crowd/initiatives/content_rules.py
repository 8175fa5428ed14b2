"""What an initiative says, section by section, and what may be written there; half of it, while somebody is writing.

What must be there to hand it in stands in `submission_rules.py`.
"""

import re
import unicodedata
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from hashlib import sha256
from typing import TypeAlias
from uuid import UUID

from crowd.shared.errors import Conflict, Invalid, InvalidFields, msg
from crowd.shared.money import Money

TITLE_LENGTH_MAX = 80
SUMMARY_LENGTH_MAX = 200
STORY_LENGTH_MAX = 10_000
HELP_LENGTH_MAX = 2_000
PLACE_LENGTH_MAX = 200
LABEL_LENGTH_MAX = 80
ALT_LENGTH_MAX = 200
BUDGET_LINES_MAX = 20
SMALLEST = Money(1_00)
LARGEST = Money(250_000_00)
DAYS_AHEAD_MIN = 7
DAYS_AHEAD_MAX = 90
SLUG_LENGTH_MAX = 60


# The sections of an initiative, in the order of the wizard; its last step is the check of them all.
SECTIONS = ("idea", "place", "budget", "help", "photo")


class TextTooLong(Invalid):
    """More than the field holds."""

    sentence = msg("This text is too long: use at most {length} characters.")


class ThemeUnknown(Invalid):
    """No such theme here."""

    sentence = msg("Choose a theme from the list.")


class PostcodeUnknown(Invalid):
    """Not a postcode area of this municipality."""

    sentence = msg("Fill in the four digits of a postcode in {municipality}, for example {example}.")


class BudgetAmountMissing(Invalid):
    """A budget line names a thing but not what it costs, or what stands there is no amount."""

    sentence = msg("Line {line}: fill in an amount in euros, for example 250 or 12.50.")


class BudgetLabelMissing(Invalid):
    """A budget line costs something, but does not say what it is."""

    sentence = msg("Line {line}: write down what this amount is for.")


class BudgetAmountOutOfRange(Invalid):
    """One line below the smallest or above the largest amount."""

    sentence = msg("Line {line}: fill in an amount between {smallest} and {largest}.")


class TooManyLines(Invalid):
    """More lines than people read."""

    sentence = msg("Use at most {most} lines: take small things together.")


class BudgetTooLarge(Invalid):
    """All lines together above the limit."""

    sentence = msg("Together this is more than {largest}. Ask the counter how to go about a plan of this size.")


class MinimumNotAnAmount(Invalid):
    """The minimum is not a number."""

    sentence = msg("Fill in the minimum in euros, for example 1000.")


class MinimumOutOfRange(Invalid):
    """The minimum is below the smallest or above the largest amount."""

    sentence = msg("Choose a minimum between {smallest} and {largest}.")


class MinimumAboveTarget(Invalid):
    """More would be needed than everything costs."""

    sentence = msg("The minimum is higher than everything on your budget together, which is {target}.")


class EndDateNotADate(Invalid):
    """What stands in the date field cannot be read as a day."""

    sentence = msg("Fill in the end date as day, month and year, for example 31-12-2026.")


class EndDateOutOfRange(Invalid):
    """Too soon to reach anybody, or so late that nobody hurries."""

    sentence = msg("Choose an end date between {first} and {last}.")


class ChangedElsewhere(Conflict):
    """The stored section is no longer what this form was filled with."""

    sentence = msg(
        "This step was changed in another window after you opened it here. Your text still stands below."
        " Save again to keep what you see here, or open the step again to see the other version."
    )


@dataclass(frozen=True, slots=True)
class Idea:
    """What it is about."""

    title: str = ""
    summary: str = ""
    story: str = ""
    theme_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where. The neighbourhood follows from the postcode; only a register without postcodes names it itself."""

    pc4: str = ""
    place_note: str = ""
    neighbourhood_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to be paid; half filled in while someone is typing."""

    label: str = ""
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What it costs, what is needed at least, and until when people can give."""

    lines: tuple[Line, ...] = ()
    minimum: Money | None = None
    ends_on: date | None = None

    @property
    def target(self) -> Money:
        """Return what everything costs together."""
        return Money.total(line.amount for line in self.lines if line.amount is not None)


@dataclass(frozen=True, slots=True)
class Help:
    """Which hands are wanted, in words."""

    help_wanted: str = ""


@dataclass(frozen=True, slots=True)
class Photo:
    """One picture and what can be seen in it."""

    picture_id: UUID | None = None
    picture_alt: str = ""


Section: TypeAlias = Idea | Place | Budget | Help | Photo


@dataclass(frozen=True, slots=True)
class Content:
    """Everything an initiative says."""

    idea: Idea
    place: Place
    budget: Budget
    help: Help
    photo: Photo


_LENGTHS: dict[str, int] = {
    "title": TITLE_LENGTH_MAX,
    "summary": SUMMARY_LENGTH_MAX,
    "story": STORY_LENGTH_MAX,
    "place_note": PLACE_LENGTH_MAX,
    "help_wanted": HELP_LENGTH_MAX,
    "picture_alt": ALT_LENGTH_MAX,
}


def clean(text: str, *, one_line: bool = True) -> str:
    """Return what was typed, without the characters nobody types and without space around it.

    The database refuses NUL; other control characters only confuse. A single line has its breaks as spaces.
    """
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter) not in {"Cc", "Cs"})
    return " ".join(text.split()) if one_line else text.strip()


def check_section(section: Section, *, today: date) -> None:
    """Return when this can be kept; raise InvalidFields naming everything that cannot be right.

    An unfinished section can be kept: what is missing is said at submission. `today` is the Dutch calendar day.
    """
    if errors := section_errors(section, today=today):
        raise InvalidFields(errors)


def section_errors(section: Section, *, today: date) -> tuple[Invalid, ...]:
    """Return everything that cannot be right in a section; `field` names the section's own field."""
    errors: list[Invalid] = [
        TextTooLong(field=name, length=_LENGTHS[name])
        for name in (field.name for field in fields(section))
        if name in _LENGTHS and len(getattr(section, name)) > _LENGTHS[name]
    ]
    if isinstance(section, Budget):
        errors += _budget_errors(section)
        if section.ends_on is not None:
            errors += end_date_errors(section.ends_on, today=today)
    return tuple(errors)


def end_date_errors(ends_on: date, *, today: date) -> list[Invalid]:
    """Return what is wrong with an end date: it lies 7 to 90 days ahead, both included."""
    first, last = today + timedelta(days=DAYS_AHEAD_MIN), today + timedelta(days=DAYS_AHEAD_MAX)
    return [] if first <= ends_on <= last else [EndDateOutOfRange(field="ends_on", first=first, last=last)]


def _budget_errors(budget: Budget) -> list[Invalid]:
    errors: list[Invalid] = []
    if len(budget.lines) > BUDGET_LINES_MAX:
        errors.append(TooManyLines(field="lines", most=BUDGET_LINES_MAX))
    for number, line in enumerate(budget.lines, start=1):
        errors += _line_errors(line, number=number)
    if not errors and budget.target > LARGEST:
        errors.append(BudgetTooLarge(field="lines", largest=LARGEST))
    if budget.minimum is not None:
        if not SMALLEST <= budget.minimum <= LARGEST:
            errors.append(MinimumOutOfRange(field="minimum", smallest=SMALLEST, largest=LARGEST))
        elif budget.lines and not errors and budget.minimum > budget.target:
            errors.append(MinimumAboveTarget(field="minimum", target=budget.target))
    return errors


def _line_errors(line: Line, *, number: int) -> list[Invalid]:
    if len(line.label) > LABEL_LENGTH_MAX:
        return [TextTooLong(field=f"label_{number}", length=LABEL_LENGTH_MAX)]
    if line.amount is None:
        return [BudgetAmountMissing(field=f"amount_{number}", line=number)]
    if not SMALLEST <= line.amount <= LARGEST:
        return [BudgetAmountOutOfRange(field=f"amount_{number}", line=number, smallest=SMALLEST, largest=LARGEST)]
    return [] if line.label else [BudgetLabelMissing(field=f"label_{number}", line=number)]


def without_errors(section: Section, *, stored: Section, today: date) -> Section:
    """Return what can already be kept while someone is still typing: each wrong field as it was `stored`.

    A budget under construction has half lines; those wait, the whole ones are kept.
    """
    if isinstance(section, Budget):
        whole = tuple(line for number, line in enumerate(section.lines, 1) if not _line_errors(line, number=number))
        section = replace(section, lines=whole[:BUDGET_LINES_MAX])
    wrong = {error.field for error in section_errors(section, today=today)}
    kept = {name: getattr(stored, name) for name in (field.name for field in fields(section)) if name in wrong}
    return replace(section, **kept)


def fingerprint(section: Section) -> str:
    """Return a short text that changes with the section: a form carries it, so an overwrite is noticed."""
    return sha256(repr(section).encode()).hexdigest()[:16]


def slug_of(title: str) -> str:
    """Return the title as part of an address: "Café aan 't IJ" becomes "cafe-aan-t-ij"; never empty."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "-")).strip("-")
    return words[:SLUG_LENGTH_MAX].rstrip("-") or "initiatief"


def placeholder_slug(initiative_id: UUID) -> str:
    """Return the address of an initiative that has no title yet; nobody is ever sent there."""
    return f"concept-{initiative_id.hex}"
