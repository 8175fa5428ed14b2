"""The style guide: every piece in every state, and the way to every page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from frontend.views.forms import Choice, Form
from frontend.views.initiatives import Card


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleguidePage:
    """What the style guide shows. `ramps` are colour name -> step -> #rrggbb."""

    template: ClassVar[str] = "styleguide/page.html"
    ramps: Mapping[str, Mapping[int, str]]
    drawings: tuple[str, ...]
    pages: tuple[str, ...]
    cards: tuple[Card, ...]
    form: Form
    wrong: Form
    choices: tuple[Choice, ...]
