"""A form as it stands: what was typed, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What was typed, by field name, and the errors, by field name, in the reader's language.

    Typed text is kept exactly, right or wrong, so nobody types twice. An error under "" belongs to no field.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """Return what was typed in a field, or nothing."""
        return self.values.get(name, "")

    def error(self, name: str) -> str:
        """Return what is wrong with a field, or nothing."""
        return self.errors.get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing to choose: what is sent, what is read, and a line to explain it."""

    value: str
    label: str
    hint: str = ""
