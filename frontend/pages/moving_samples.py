"""Plainly fictional skills and files at the counter, for the style guide and the tests that look."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from frontend.rendering import Page
from frontend.views.forms import Choice, Form
from frontend.views.skills import MergeLine, SkillLine, SkillPage, SkillsPage

_AT: Final = datetime(2026, 11, 20, 10, 12, tzinfo=UTC)
_ID: Final = "01930000-0000-7000-8000-000000000001"

_SKILLS: Final = SkillsPage(
    searched="hout",
    lines=(
        SkillLine(href="/loket/vaardigheden/timmeren", label="Timmeren", wider="Klussen", is_own=False),
        SkillLine(href="/loket/vaardigheden/houtkachels", label="Houtkachels stoken", wider="", is_own=True),
    ),
    count=151,
    merges=(MergeLine(action="/x", source="Houtbewerken", target="Timmeren", merged_at=_AT),),
    wider=(Choice(value="klussen", label="Klussen"),),
    form=Form(),
)
_SKILL: Final = SkillPage(
    base="/loket/vaardigheden/houtkachels",
    label="Houtkachels stoken",
    labels=("Houtkachels stoken", "Lighting wood stoves"),
    wider="Klussen",
    names_nl=("houtkachels stoken", "kachel aansteken", "openhaard"),
    names_en=("lighting wood stoves",),
    people=12,
    roles=1,
    may_merge=True,
    merge_id=_ID,
    others=(Choice(value="klussen", label="Klussen"), Choice(value="timmeren", label="Timmeren")),
    form=Form(),
)


def pages() -> Mapping[str, Page]:
    """Return every page of skills, in every state that differs."""
    return {
        "loket-vaardigheden": _SKILLS,
        "loket-vaardigheden-niets": replace(_SKILLS, searched="xqz", lines=(), merges=()),
        "loket-vaardigheden-fout": replace(
            _SKILLS,
            form=Form(values={"label_en": "x"}, errors={"label_nl": "Geef de vaardigheid een naam."}),
        ),
        "loket-vaardigheid": _SKILL,
        "loket-vaardigheid-gedeeld": replace(_SKILL, may_merge=False),
        "loket-vaardigheid-fout": replace(_SKILL, form=Form(errors={"into": "Kies een andere vaardigheid."})),
    }
