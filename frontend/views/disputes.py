"""What is shown of disputes: the treasurer's list, and one dispute with the answer to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from crowd.shared.money import Money
from frontend.views.forms import Form

DisputeState = Literal["inquiry", "open", "under_review", "won", "lost", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeView:
    """One dispute. `reason` is a sentence; `is_debit` says that a debit was taken back, which nobody can answer."""

    href: str
    title: str
    initiative_href: str
    reference: str
    amount: Money
    fee: Money
    reason: str
    state: DisputeState
    is_debit: bool
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    borne_by: Literal["campaign", "platform"] | None
    evidence: str
    evidence_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputesPage:
    """Every dispute of the municipality: first what awaits an answer, soonest due first."""

    template: ClassVar[str] = "disputes/list.html"
    disputes: Sequence[DisputeView]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingBack:
    """How asking a lost gift back from its payee stands. `may_ask` when something left; `may_approve` as the second."""

    standing: Literal["nothing", "waits", "under_way", "came_back"]
    amount: Money
    came_back: Money
    limit: Money
    is_refused: bool = False
    may_ask: bool = False
    may_approve: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputePage:
    """One dispute, and the form that answers it while `may_answer`. Field: evidence. `asking`: lost after a payout."""

    template: ClassVar[str] = "disputes/dispute.html"
    one: DisputeView
    form: Form
    may_answer: bool
    asking: AskingBack | None = None
