"""What is shown to whoever answers for an organisation that receives money for groups without legal form."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from frontend.views.forms import Form

HostState = Literal["none", "started", "ready"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostOrganisation:
    """An organisation somebody answers for; ready once its account is known at the provider."""

    base: str
    name: str
    state: HostState


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedLine:
    """An initiative that asks the organisation to receive its money, or for which it does."""

    action: str
    href: str
    title: str
    organisation: str
    has_agreed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPage:
    """Organisations and those who ask them. Field: name, of an organisation that is not known yet."""

    template: ClassVar[str] = "payouts/host.html"
    form: Form
    base: str
    organisations: Sequence[HostOrganisation]
    hosted: Sequence[HostedLine]
