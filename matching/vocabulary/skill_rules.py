"""What a skill that staff add may be called. Pure."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from crowd.shared.actor import Actor
from crowd.shared.errors import Conflict, Forbidden, Invalid, InvalidFields, NotFound, msg

LABEL_MAX: Final = 60
NAMES_MAX: Final = 20


class SkillNotFound(NotFound):
    """Not a skill of this municipality, or one that was merged."""

    sentence = msg("We cannot find this skill.")


class NoMunicipality(Forbidden):
    """A list of skills belongs to a municipality."""

    sentence = msg("Your account may not do this. Ask an administrator of the municipality.")


class LabelMissing(Invalid):
    """A skill without a name, or with too long a one."""

    sentence = msg("Give the skill a name of at most {most} characters.")


class TooManyNames(Invalid):
    """More words than anybody looks for, or too long a one."""

    sentence = msg("Use at most {names} other words, each of at most {most} characters.")


class UnknownParent(Invalid):
    """Not one of the skills that others can stand below."""

    sentence = msg("Choose a wider skill from the list.")


class NameTaken(Conflict):
    """There is a skill of this name, under this label or another."""

    sentence = msg("This is known already, as {name}. Add it there as another word.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillDraft:
    """A skill as staff filled it in; `parent` is a slug or empty."""

    label_nl: str
    label_en: str
    names_nl: tuple[str, ...] = ()
    names_en: tuple[str, ...] = ()
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """Further words for a skill, in both languages."""

    nl: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """What folding a skill into another changed in the vocabulary: enough to undo it."""

    target_id: int
    children: tuple[int, ...]
    merged: tuple[int, ...]
    new_names: tuple[tuple[str, str], ...]


def clean_skill(draft: SkillDraft) -> SkillDraft:
    """Return the skill as it is stored; raise the one thing that is wrong, or InvalidFields with all."""
    errors: list[Invalid] = []
    labels = {}
    for field, text in (("label_nl", draft.label_nl), ("label_en", draft.label_en)):
        labels[field] = " ".join(text.split())
        if not 0 < len(labels[field]) <= LABEL_MAX or not slug_of(labels[field]):
            errors.append(LabelMissing(field=field, most=LABEL_MAX))
    names = Names(draft.names_nl, draft.names_en)
    try:
        check_names(names)
    except TooManyNames as error:
        errors.append(error)
    if errors:
        raise errors[0] if len(errors) == 1 else InvalidFields(tuple(errors))
    return SkillDraft(**labels, names_nl=names.nl, names_en=names.en, parent=draft.parent)


def check_names(names: Names) -> None:
    """Return when these words can be stored; raise TooManyNames."""
    for field, words in (("names_nl", names.nl), ("names_en", names.en)):
        if len(words) > NAMES_MAX or any(len(word) > LABEL_MAX for word in words):
            raise TooManyNames(field=field, names=NAMES_MAX, most=LABEL_MAX)


def words_in(text: str) -> tuple[str, ...]:
    """Return the words of a field in which they stand apart by commas, semicolons or lines, each once."""
    words = (" ".join(word.split()) for word in re.split(r"[,;\n]", text))
    return tuple(dict.fromkeys(word for word in words if word))


def slug_of(label: str) -> str:
    """Return a label as a part of an address: "Hout hakken" is "hout-hakken"."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))


def free_slug(label: str, *, taken: Collection[str]) -> str:
    """Return the label's slug, with a number when that is taken already."""
    slug = slug_of(label)
    return next(name for number in range(1, len(taken) + 2) if (name := _numbered(slug, number)) not in taken)


def municipality_of(actor: Actor) -> UUID:
    """Return whose list this actor keeps; raise NoMunicipality."""
    if actor.municipality_id is None:
        raise NoMunicipality
    return actor.municipality_id


def _numbered(slug: str, number: int) -> str:
    return slug if number == 1 else f"{slug}-{number}"
