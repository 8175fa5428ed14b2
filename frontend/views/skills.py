"""What the counter sees of the vocabulary: the skills people can have, under every word they are found by."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from frontend.views.forms import Choice, Form


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillLine:
    """A skill in a list."""

    href: str
    label: str
    wider: str
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeLine:
    """A merge that can be undone."""

    action: str
    source: str
    target: str
    merged_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillsPage:
    """The skills that were searched for, what this municipality added, and the form to add one.

    Fields: label_nl, label_en, names_nl, names_en, parent.
    """

    template: ClassVar[str] = "counter/skills.html"
    searched: str
    lines: tuple[SkillLine, ...]
    count: int
    merges: tuple[MergeLine, ...]
    wider: tuple[Choice, ...]
    form: Form


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillPage:
    """One skill: its words, how much it is used, more words (names_nl, names_en), merging it (merge_id, into)."""

    template: ClassVar[str] = "counter/skill.html"
    base: str
    label: str
    labels: tuple[str, str]
    wider: str
    names_nl: tuple[str, ...]
    names_en: tuple[str, ...]
    people: int
    roles: int
    may_merge: bool
    merge_id: str
    others: tuple[Choice, ...]
    form: Form
