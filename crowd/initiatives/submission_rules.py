"""What must be there before an initiative can be handed in, and in which step each thing is mended."""

from datetime import date
from typing import ClassVar

from crowd.initiatives.content_rules import Content, section_errors
from crowd.shared.errors import Invalid, msg


class Missing(Invalid):
    """Something must still be filled in; `step` says where."""

    step: ClassVar[str] = ""


class TitleMissing(Missing):
    """An initiative is found by its title."""

    sentence = msg("Give your initiative a title.")
    step = "idea"


class SummaryMissing(Missing):
    """One sentence stands on every card."""

    sentence = msg("Say in one sentence what you want to do.")
    step = "idea"


class StoryMissing(Missing):
    """Neighbours give to a plan they can read."""

    sentence = msg("Tell your story: what, for whom and why.")
    step = "idea"


class ThemeMissing(Missing):
    """The theme decides who is told, and which scheme fits."""

    sentence = msg("Choose the theme that fits best.")
    step = "idea"


class PlaceMissing(Missing):
    """The place decides the neighbourhood, and so the scheme."""

    sentence = msg("Fill in the postcode of the place.")
    step = "place"


class BudgetMissing(Missing):
    """Without a budget there is nothing to collect for."""

    sentence = msg("Write down at least one thing that must be paid.")
    step = "budget"


class MinimumMissing(Missing):
    """The minimum decides whether anybody pays."""

    sentence = msg("Fill in the minimum you need to begin.")
    step = "budget"


class EndDateMissing(Missing):
    """A campaign ends on a day that everybody knows beforehand."""

    sentence = msg("Choose the date on which the campaign ends.")
    step = "budget"


class PictureAltMissing(Missing):
    """A photo says nothing to who cannot see it."""

    sentence = msg("Describe what can be seen in the photo, for people who cannot see it.")
    step = "photo"


def missing(content: Content, *, today: date) -> tuple[Invalid, ...]:
    """Return everything that keeps this from being handed in, in the order of the steps; nothing when complete.

    Each is a Missing with its `step`, or something wrong that has become so since it was saved: an end date
    that came too close. `step_of` tells where each belongs.
    """
    idea, place, budget, photo = content.idea, content.place, content.budget, content.photo
    found: list[Invalid] = []
    found += [] if idea.title else [TitleMissing(field="title")]
    found += [] if idea.summary else [SummaryMissing(field="summary")]
    found += [] if idea.story else [StoryMissing(field="story")]
    found += [] if idea.theme_id else [ThemeMissing(field="theme")]
    found += [] if place.pc4 or place.neighbourhood_id else [PlaceMissing(field="pc4")]
    found += [] if budget.lines else [BudgetMissing(field="label_1")]
    found += [] if budget.minimum else [MinimumMissing(field="minimum")]
    found += [] if budget.ends_on else [EndDateMissing(field="ends_on")]
    for section in (idea, place, budget, content.help, photo):
        found += section_errors(section, today=today)
    if photo.picture_id and not photo.picture_alt:
        found.append(PictureAltMissing(field="picture_alt"))
    return tuple(found)


_STEP_OF_FIELD = {
    "title": "idea",
    "summary": "idea",
    "story": "idea",
    "theme": "idea",
    "pc4": "place",
    "place_note": "place",
    "help_wanted": "help",
    "picture_alt": "photo",
    "picture": "photo",
}


def step_of(error: Invalid) -> str:
    """Return the step in which this error can be mended; everything about money and dates is the budget's."""
    return _STEP_OF_FIELD.get(error.field or "", "budget")
