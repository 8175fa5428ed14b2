"""The six steps as forms: from what is stored to fields, and from fields to what can be stored."""

from datetime import date, datetime
from typing import Final

from starlette.datastructures import FormData

from crowd.initiatives.content_rules import (
    BUDGET_LINES_MAX,
    Budget,
    Content,
    EndDateNotADate,
    Help,
    Idea,
    Line,
    MinimumNotAnAmount,
    Photo,
    Place,
    Section,
    ThemeUnknown,
    clean,
)
from crowd.municipalities.models import Theme
from crowd.shared.errors import Invalid
from crowd.shared.money import Money
from frontend.amounts import read_amount
from frontend.formats import amount_field
from frontend.views.launch import StepName

# In addresses, in the reader's own language.
PATHS: Final[dict[StepName, str]] = {
    "idea": "idee",
    "place": "plek",
    "budget": "begroting",
    "help": "hulp",
    "photo": "foto",
    "check": "controle",
}
STEP_OF_PATH: Final[dict[str, StepName]] = {path: step for step, path in PATHS.items()}
ORDER: Final[tuple[StepName, ...]] = tuple(PATHS)
_FEWEST_ROWS: Final = 4
_SPARE_ROWS: Final = 2


def section_of(content: Content, step: StepName) -> Section:
    """Return the stored section that a step edits. The last step edits none: asking for it is a mistake."""
    sections: dict[StepName, Section] = {
        "idea": content.idea,
        "place": content.place,
        "budget": content.budget,
        "help": content.help,
        "photo": content.photo,
    }
    return sections[step]


def fields_of(section: Section, *, themes: list[Theme]) -> dict[str, str]:
    """Return the fields of a step filled in with what is stored."""
    match section:
        case Idea(title, summary, story, theme_id):
            slug = next((theme.slug for theme in themes if theme.id == theme_id), "")
            return {"title": title, "summary": summary, "story": story, "theme": slug}
        case Place():
            return {"pc4": section.pc4, "place_note": section.place_note}
        case Budget(lines, minimum, ends_on):
            fields = {
                "minimum": amount_field(minimum) if minimum else "",
                "ends_on": ends_on.isoformat() if ends_on else "",
            }
            for number, line in enumerate(lines, start=1):
                fields[f"label_{number}"] = line.label
                fields[f"amount_{number}"] = amount_field(line.amount) if line.amount else ""
            return fields
        case Help(help_wanted):
            return {"help_wanted": help_wanted}
        case _:
            return {"picture_alt": section.picture_alt}


def typed_fields(form: FormData) -> dict[str, str]:
    """Return every text field as it was typed.

    Empty budget lines in between move to the end, so that a line has one number, here and in what is said of it.
    """
    typed = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    numbers = range(1, BUDGET_LINES_MAX + 1)
    filled = [row for row in (_row(typed, number) for number in numbers) if row != ("", "")]
    for number in numbers:
        if f"label_{number}" in typed or f"amount_{number}" in typed:
            typed[f"label_{number}"], typed[f"amount_{number}"] = filled.pop(0) if filled else ("", "")
    return typed


def read_section(typed: dict[str, str], *, stored: Section, themes: list[Theme]) -> tuple[Section, tuple[Invalid, ...]]:
    """Return the section of `stored`'s kind as it was typed, and what of it cannot be read at all.

    What cannot be read stays as it was stored.
    """
    match stored:
        case Idea():
            return _read_idea(typed, stored=stored, themes=themes)
        case Place():
            pc4 = "".join(typed.get("pc4", "").split())[:4]
            return Place(pc4=pc4, place_note=clean(typed.get("place_note", ""))), ()
        case Budget():
            return _read_budget(typed, stored=stored)
        case Help():
            return Help(help_wanted=clean(typed.get("help_wanted", ""), one_line=False)), ()
        case _:
            alt = clean(typed.get("picture_alt", ""))
            return Photo(picture_id=None if typed.get("remove") else stored.picture_id, picture_alt=alt), ()


def rows_for(budget: Budget, *, typed: dict[str, str], wanted: int) -> int:
    """Return how many budget lines the form shows: what is filled in and a few more."""
    filled = [number for number in range(1, BUDGET_LINES_MAX + 1) if _row(typed, number) != ("", "")]
    last = max([len(budget.lines), *filled])
    return min(BUDGET_LINES_MAX, max(_FEWEST_ROWS, last + _SPARE_ROWS, wanted))


def read_day(text: str) -> date | None:
    """Return the day typed as 2026-12-31 (what a date field sends) or 31-12-2026; ValueError for anything else."""
    text = text.strip().replace("/", "-").replace(" ", "-")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        # Only the calendar day is read, so there is no time zone to lose.
        return datetime.strptime(text, "%d-%m-%Y").date()  # noqa: DTZ007


def _read_idea(typed: dict[str, str], *, stored: Idea, themes: list[Theme]) -> tuple[Idea, tuple[Invalid, ...]]:
    slug = typed.get("theme", "")
    theme_id = next((theme.id for theme in themes if theme.slug == slug), None)
    is_wrong = bool(slug) and theme_id is None
    idea = Idea(
        title=clean(typed.get("title", "")),
        summary=clean(typed.get("summary", "")),
        story=clean(typed.get("story", ""), one_line=False),
        theme_id=stored.theme_id if is_wrong else theme_id,
    )
    return idea, (ThemeUnknown(field="theme"),) if is_wrong else ()


def _read_budget(typed: dict[str, str], *, stored: Budget) -> tuple[Budget, tuple[Invalid, ...]]:
    errors: list[Invalid] = []
    lines = [
        Line(label=clean(label), amount=_amount(amount))
        for label, amount in (_row(typed, number) for number in range(1, BUDGET_LINES_MAX + 1))
        if label or amount
    ]
    minimum, ends_on = stored.minimum, stored.ends_on
    minimum_text = typed.get("minimum", "").strip()
    if not minimum_text:
        minimum = None
    elif (read := read_amount(minimum_text)) is not None:
        minimum = read
    else:
        errors.append(MinimumNotAnAmount(field="minimum"))
    try:
        ends_on = read_day(typed.get("ends_on", ""))
    except ValueError:
        errors.append(EndDateNotADate(field="ends_on"))
    return Budget(lines=tuple(lines), minimum=minimum, ends_on=ends_on), tuple(errors)


def _row(typed: dict[str, str], number: int) -> tuple[str, str]:
    return typed.get(f"label_{number}", "").strip(), typed.get(f"amount_{number}", "").strip()


def _amount(text: str) -> Money | None:
    return read_amount(text) if text else None
