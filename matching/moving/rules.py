"""What a file of another tool can hold: its columns, what they are called, and how the one is known by the other. Pure.

A table is its first line, the names, and the lines below it. A mapping says for each thing we keep which column it
stands in, by the column's name, because the same tool may add a column tomorrow.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal, get_args

from crowd.shared.errors import Conflict, Invalid, NotFound, msg

Kind = Literal["volunteers", "roles", "sessions"]
Outcome = Literal["new", "known", "left_out", "refused"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
SOURCE_MAX: Final = 40
LINES_MAX: Final = 10_000
# What is kept of a report to read again: the lines with something to say, up to this many.
REPORT_MAX: Final = 1_000

FileMapping = Mapping[str, str]


class ImportNotFound(NotFound):
    """There is no such file, or it is another municipality's."""

    sentence = msg("We cannot find this file.")


class UnknownKind(Invalid):
    """Not one of the things that can be read in."""

    sentence = msg("Choose whether the file holds volunteers, roles or sessions.")


class SourceTooLong(Invalid):
    """More than a name."""

    sentence = msg("Use at most {most} characters to say where the file comes from.")


class ColumnMissing(Invalid):
    """Without this column no line can be read."""

    sentence = msg("Choose the column with this.")


class KeyMissing(Invalid):
    """Nothing by which a person is known the next time."""

    sentence = msg("Choose the column with the e-mail address, or the one with each person's number in the other tool.")


class InitiativeMissing(Invalid):
    """Roles belong to an initiative."""

    sentence = msg("Choose the initiative these belong to.")


class AlreadyAsked(Conflict):
    """The file is being read in, or was."""

    sentence = msg("This file is being read in already, or has been. Upload it again to read it once more.")


@dataclass(frozen=True, slots=True)
class Line:
    """One line below the names, by its number in the file."""

    number: int
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A file as it was read. No two headers are the same: the second VOLID is "VOLID (2)"."""

    headers: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """Something we keep, and what columns with it are called elsewhere, in Dutch and English."""

    name: str
    label: str
    headers: tuple[str, ...]
    is_needed: bool = False


_KEY: Final = msg("Number in the other tool")
_POSTCODE: Final = msg("Postcode")
_SKILLS: Final = msg("Skills")
FIELDS: Final[Mapping[Kind, tuple[Field, ...]]] = {
    "volunteers": (
        Field("key", _KEY, ("volid", "volunteer id", "vrijwilligersnummer", "vrijwilliger id", "nummer", "id", "nr")),
        Field("name", msg("Name"), ("naam", "name", "volledige naam", "full name", "vrijwilliger", "volunteer")),
        Field("first_name", msg("First name"), ("voornaam", "first name", "firstname", "roepnaam")),
        Field("last_name", msg("Last name"), ("achternaam", "last name", "lastname", "surname", "familienaam")),
        Field("email", msg("E-mail address"), ("e mail", "email", "mail", "e mailadres", "email address", "mailadres")),
        Field("postcode", _POSTCODE, ("postcode", "postalcode", "postal code", "zip", "pc4", "pc6")),
        Field("radius_km", msg("How far, in kilometres"), ("straal", "afstand", "radius", "reisafstand", "km")),
        Field("born_on", msg("Date of birth"), ("geboortedatum", "date of birth", "dob", "birthdate", "geboren")),
        Field("age", msg("Age"), ("leeftijd", "age")),
        Field("languages", msg("Languages"), ("talen", "taal", "languages", "language")),
        Field("skills", _SKILLS, ("vaardigheden", "skills", "vaardigheid", "competenties", "kan goed")),
        Field("cells", msg("When they are free"), ("beschikbaarheid", "availability", "beschikbaar", "wanneer")),
        Field(
            "may_ask", msg("May be asked"), ("sendemails", "send emails", "mag gemaild worden", "mailing", "contact")
        ),
        Field("status", msg("Status"), ("status", "state", "stand")),
    ),
    "roles": (
        Field("key", _KEY, ("placementid", "opportunity id", "opportunityid", "rolnummer", "vacature id", "id", "nr")),
        Field(
            "title",
            msg("Name of the role"),
            ("name", "naam", "titel", "title", "rol", "role", "functie", "vacature"),
            True,
        ),
        Field(
            "description", msg("What does somebody do?"), ("omschrijving", "description", "beschrijving", "toelichting")
        ),
        Field("skills", _SKILLS, ("tags", "vaardigheden", "skills", "competenties")),
        Field("minimum_age", msg("Minimum age"), ("minimumleeftijd", "minimum age", "min age", "vanaf leeftijd")),
        Field(
            "is_remote", msg("This can be done from home"), ("op afstand", "remote", "thuis", "vanuit huis", "online")
        ),
        Field("initiative", msg("Initiative"), ("initiatief", "initiative", "project", "activiteit", "activity")),
    ),
    "sessions": (
        Field("key", _KEY, ("sessionid", "session id", "sessie id", "dienstnummer", "shift id", "id", "nr")),
        Field(
            "role",
            msg("Role"),
            ("placementid", "rol", "role", "opportunity id", "rolnummer", "vacature", "functie"),
            True,
        ),
        Field("on", msg("Date"), ("sessiondate", "session date", "datum", "date", "dag", "day"), True),
        Field("starts", msg("From"), ("sessionstarttime", "start time", "begintijd", "van", "start", "aanvang"), True),
        Field("ends", msg("Until"), ("sessionendtime", "end time", "eindtijd", "tot", "end", "einde")),
        Field("hours", msg("Hours"), ("sessionhours", "uren", "hours", "duur", "duration")),
        Field("capacity", msg("Places"), ("plaatsen", "aantal", "capacity", "capaciteit", "places", "needed", "nodig")),
        Field("minimum_crew", msg("Least number of people"), ("minimum", "minimaal", "minimum crew")),
        Field("postcode", _POSTCODE, ("postcode", "postalcode", "postal code", "pc4")),
        Field("meeting_point", msg("Where people meet"), ("locatie", "location", "plek", "adres", "meeting point")),
    ),
}


def checked_kind(text: str) -> Kind:
    """Return the kind that was chosen; raise UnknownKind."""
    for kind in KINDS:
        if kind == text:
            return kind
    raise UnknownKind(field="kind")


def checked_source(text: str) -> str:
    """Return where a file comes from, in small letters; "lijst" when nothing was said. Raises SourceTooLong.

    Numbers of one source mean something among its own files only: person 3 of another tool is somebody else.
    """
    source = " ".join(text.lower().split()) or "lijst"
    if len(source) > SOURCE_MAX:
        raise SourceTooLong(field="source", most=SOURCE_MAX)
    return source


def plain(text: str) -> str:
    """Return a header or a word without accents, signs and capitals: "E-mail_adres " is "e mail adres"."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join(re.findall(r"[a-z0-9]+", bare))


def unique_headers(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names so that no two are the same and none is empty: a column without a name goes by its place."""
    seen: dict[str, int] = {}
    headers = []
    for place, name in enumerate(names, start=1):
        header = " ".join(name.split()) or f"({place})"
        seen[header.lower()] = seen.get(header.lower(), 0) + 1
        count = seen[header.lower()]
        headers.append(header if count == 1 else f"{header} ({count})")
    return tuple(headers)


def layout_of(headers: Sequence[str]) -> str:
    """Return a short text that is the same for files with the same columns in the same order."""
    return sha256("\x1f".join(plain(header) for header in headers).encode()).hexdigest()[:32]


def guessed_kind(headers: Sequence[str]) -> Kind:
    """Return what these columns look most like: what most of them are names of; volunteers when it is all the same."""
    return max(KINDS, key=lambda kind: (len(guessed_mapping(kind, headers)), kind == "volunteers"))


def guessed_mapping(kind: Kind, headers: Sequence[str]) -> dict[str, str]:
    """Return field -> header, as far as the headers say it. Each column is used once, the first of a name first."""
    by_name: dict[str, str] = {}
    for header in headers:
        by_name.setdefault(plain(header), header)
    mapping: dict[str, str] = {}
    for field in FIELDS[kind]:
        free = (by_name[name] for name in field.headers if name in by_name and by_name[name] not in mapping.values())
        if header := next(free, ""):
            mapping[field.name] = header
    return mapping


def fitting(mapping: FileMapping, *, kind: Kind, headers: Sequence[str]) -> dict[str, str]:
    """Return what of a remembered or sent mapping makes sense for these columns."""
    known = {field.name for field in FIELDS[kind]}
    return {name: header for name, header in mapping.items() if name in known and header in headers}


def mapping_errors(kind: Kind, mapping: FileMapping, *, has_initiative: bool) -> tuple[Invalid, ...]:
    """Return what is still missing before any line can be read."""
    errors: list[Invalid] = [
        ColumnMissing(field=field.name) for field in FIELDS[kind] if field.is_needed and field.name not in mapping
    ]
    if kind == "volunteers" and not {"key", "email"} & set(mapping):
        errors.append(KeyMissing(field="email"))
    if kind == "sessions" and not {"ends", "hours"} & set(mapping):
        errors.append(ColumnMissing(field="ends"))
    if kind == "roles" and not has_initiative and "initiative" not in mapping:
        errors.append(InitiativeMissing(field="initiative_id"))
    return tuple(errors)


def values_of(line: Line, *, headers: Sequence[str], mapping: FileMapping) -> dict[str, str]:
    """Return field -> what the line says there; "" for a column that is not mapped or too short a line."""
    places = {header: place for place, header in enumerate(headers)}
    return {
        name: line.values[places[header]].strip() if places[header] < len(line.values) else ""
        for name, header in mapping.items()
    }
