"""What a kind of mail is made of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from crowd.shared.outbox import Job
from frontend.letters import Letter
from frontend.runtime import Runtime

Args = Mapping[str, str | int | bool | None]
Compose = Callable[[Runtime, Session, Job], Letter | None]


@dataclass(frozen=True, slots=True)
class Part:
    """One letter of many: the kind it is, its own args, and what makes it one of a kind."""

    kind: str
    args: Args
    dedupe_key: str


@dataclass(frozen=True, slots=True)
class Mail:
    """One kind of mail. `compose` returns the letter, or None when nobody is left, or nothing is, to tell.

    What goes to many has a `spread`: it turns the job that a domain added into one job per letter, so that a
    crash halfway repeats one letter and not a hundred. It returns None for a job that is a letter already.
    """

    compose: Compose
    spread: Callable[[Session, Job], Sequence[Part] | None] | None = None
