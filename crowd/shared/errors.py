"""The four kinds of refusal a domain can give, and how each says itself.

A refusal is a class beside the code that raises it. It carries one English sentence, which is also the key
of its translation, and the facts that fill the sentence in. Only the doors know about HTTP and languages.
"""

from typing import ClassVar


def msg(sentence: str) -> str:
    """Mark an English sentence for translation where it is defined; return it unchanged."""
    return sentence


class DomainError(Exception):
    """A refusal that was foreseen: nothing was changed, and the sentence says what to do.

    `field` names the form field it belongs to, where there is one.
    """

    sentence: ClassVar[str] = msg("This cannot be done.")

    def __init__(self, *, field: str | None = None, **facts: object) -> None:
        super().__init__(self.sentence.format(**facts))
        self.field = field
        self.facts = facts

    @property
    def code(self) -> str:
        """The stable name of this refusal, for the API and the log: the class's own name."""
        return type(self).__name__


class NotFound(DomainError):
    """There is no such thing, or not for whoever asks."""

    sentence = msg("We cannot find this.")


class Forbidden(DomainError):
    """The thing may be seen, but this act is not theirs."""

    sentence = msg("You may not do this.")


class Conflict(DomainError):
    """The act was fine once, but not in the state things are in now."""

    sentence = msg("This can no longer be done: something changed in the meantime.")


class Invalid(DomainError):
    """What was given cannot be right, whatever the state."""

    sentence = msg("This is not filled in correctly.")


class InvalidFields(Invalid):
    """Several things were given wrongly: all are named together, so nobody corrects them one at a time."""

    sentence = msg("Some things are not filled in correctly.")

    def __init__(self, errors: tuple[Invalid, ...]) -> None:
        super().__init__()
        self.errors = errors
