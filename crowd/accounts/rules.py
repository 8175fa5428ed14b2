"""Who may do what, and how long a link, a code and a session are good for. Pure: no database, no clock."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from crowd.shared.errors import Conflict, Forbidden, Invalid, NotFound, msg

LINK_LASTS: Final = timedelta(minutes=15)
LINK_KEPT: Final = timedelta(days=1)
CODE_ATTEMPTS: Final = 5

# A resident's phone may stay signed in for weeks; whoever decides about public money signs in every day.
SESSION_LASTS: Final = timedelta(days=60)
SESSION_IDLE: Final = timedelta(days=21)
STAFF_SESSION_LASTS: Final = timedelta(days=7)
STAFF_SESSION_IDLE: Final = timedelta(hours=12)
# Writing down "seen now" at every request would make every page a write.
SEEN_EVERY: Final = timedelta(minutes=5)

NAME_LENGTH: Final = 80
EMAIL_LENGTH: Final = 254
LOCALES: Final = ("nl", "en")

ROLES: Final = ("clerk", "assessor", "approver", "treasurer", "administrator")

# What anybody may who is signed in. "edit", "read-own" and the like are about one's own things: whose thing it
# is, the door asks of the facts, and answers 404 for somebody else's.
RESIDENT: Final = frozenset(
    {
        "account:own",
        "initiative:create",
        "initiative:edit",
        "pledge:read-own",
        "volunteer:own",
        "volunteer:invite",
        "payout:onboard",
    }
)

_STAFF: Final = frozenset({"counter:open", "initiative:read-any"})

BY_ROLE: Final[dict[str, frozenset[str]]] = {
    "clerk": _STAFF
    | {"initiative:review", "initiative:suspend", "person:act-for", "gift:record", "gift:confirm"}
    | {"cancellation:propose", "skill:edit"},
    # An assessor scores and never decides: four eyes begin with two different permissions. A person who holds
    # both roles is stopped per application, by the rules of grants and by the database.
    "assessor": _STAFF | {"grant:assess"},
    "approver": _STAFF | {"grant:decide"},
    # A treasurer handles money that was decided by others, and therefore decides nothing.
    "treasurer": _STAFF
    | {"match:receive", "payout:approve", "books:read", "books:explain", "gift:confirm", "bank:match"}
    | {"cancellation:propose"},
    # An administrator appoints people, but neither assesses, decides nor pays: whoever can hand out every role
    # should need a second person for every euro.
    "administrator": _STAFF
    | {"initiative:review", "initiative:suspend", "role:grant", "audit:read", "books:read", "scheme:edit"}
    | {"skill:edit"},
}

PERMISSIONS: Final = RESIDENT.union(*BY_ROLE.values())


ORGANISATION_LENGTH: Final = 120


class BadAddress(Invalid):
    """This is no e-mail address."""

    sentence = msg("Fill in your e-mail address, for example name@example.nl.")


class BadName(Invalid):
    """A name is at most one short line."""

    sentence = msg("Use at most {most} characters for your name.")


class BadLocale(Invalid):
    """We speak two languages."""

    sentence = msg("Choose Dutch or English.")


class OrganisationNameMissing(Invalid):
    """An organisation is known by its name."""

    sentence = msg("Fill in the name of the organisation, as it is registered.")


class OrganisationTaken(Conflict):
    """Somebody else answers for it, or it came in by the municipality's register and nobody does yet."""

    sentence = msg("This organisation is known already. Ask the counter to let you answer for it.")


class LinkNotUsable(Conflict):
    """Unknown, used or too old: which of the three is nobody's business."""

    sentence = msg("This link no longer works: it was used before, or it is more than 15 minutes old.")


class LinkOfAnotherBrowser(Conflict):
    """The link is good, but this is not the browser that asked for it."""

    sentence = msg("You asked for this link in another browser. Type the code from the same e-mail there.")


class CodeNotRight(Invalid):
    """The code does not match the last link this browser asked for."""

    sentence = msg("This code is not right. Attempts left: {left}.")


class CodeUsedUp(Conflict):
    """There is no code to type any more: too old, used, or tried too often."""

    sentence = msg("This code no longer works: it is too old, was used before, or was tried too often.")


class NoSuchSession(NotFound):
    """Not a session of this person."""

    sentence = msg("This browser was already signed out.")


class NoSuchRole(Invalid):
    """A role that the municipality does not have."""

    sentence = msg("There is no role {role}.")


class NoMandateNeeded(Invalid):
    """Only an approver decides up to an amount."""

    sentence = msg("Only an approver has a mandate, and it is an amount above zero.")


class NotYourOwnRole(Forbidden):
    """Nobody appoints themselves."""

    sentence = msg("You cannot give a role to yourself or take it from yourself. Ask another administrator.")


@lru_cache(maxsize=256)
def permissions_of(roles: frozenset[str], *, is_signed_in: bool) -> frozenset[str]:
    """Return every permission of someone with these roles; a visitor without account has none."""
    if not is_signed_in:
        return frozenset()
    return RESIDENT.union(*(BY_ROLE[role] for role in roles))


def session_ends_at(*, created_at: datetime, is_staff: bool) -> datetime:
    """Return when a session ends, however much it is used."""
    return created_at + (STAFF_SESSION_LASTS if is_staff else SESSION_LASTS)


def session_is_alive(
    *, created_at: datetime, last_seen_at: datetime, expires_at: datetime, is_staff: bool, now: datetime
) -> bool:
    """Whether a session still counts. Someone who became staff meanwhile falls under staff's shorter terms."""
    idle = STAFF_SESSION_IDLE if is_staff else SESSION_IDLE
    ends = min(expires_at, session_ends_at(created_at=created_at, is_staff=is_staff))
    return now < ends and now - last_seen_at < idle


def address(text: str) -> str:
    """Return an e-mail address as it is stored, without surrounding space; raise BadAddress.

    Only what can never be delivered is refused: the message itself proves the rest.
    """
    cleaned = text.strip()
    local, at, domain = cleaned.rpartition("@")
    fits = len(cleaned) <= EMAIL_LENGTH and at and local and "." in domain.strip(".")
    if not fits or any(char.isspace() or not char.isprintable() or char in '<>(),;:"\\' for char in cleaned):
        raise BadAddress(field="email")
    if domain.startswith((".", "-")) or domain.endswith((".", "-")) or ".." in domain or "@" in local:
        raise BadAddress(field="email")
    return cleaned


def person_name(text: str) -> str:
    """Return a name on one line without surrounding space, possibly empty; raise BadName when too long."""
    cleaned = " ".join(text.split())
    if len(cleaned) > NAME_LENGTH or not (cleaned.isprintable()):
        raise BadName(field="name", most=NAME_LENGTH)
    return cleaned


def locale(text: str) -> str:
    """Return the language, "nl" or "en"; raise BadLocale for anything else."""
    if text not in LOCALES:
        raise BadLocale(field="locale")
    return text


def check_role(*, role: str, mandate_cents: int) -> None:
    """Raise NoSuchRole for an unknown role, NoMandateNeeded when a mandate is missing or out of place."""
    if role not in ROLES:
        raise NoSuchRole(field="role", role=role)
    if (role == "approver") != (mandate_cents > 0):
        raise NoMandateNeeded(field="mandate")


def organisation_name(text: str) -> str:
    """Return the name of an organisation on one line; raise OrganisationNameMissing."""
    name = " ".join(text.split())[:ORGANISATION_LENGTH]
    if not name or not name.isprintable():
        raise OrganisationNameMissing(field="name")
    return name
