"""Plainly fictional disputes, in every state, for the style guide and the tests."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, get_args

from crowd.shared.money import ZERO, Money
from frontend.rendering import Page
from frontend.views.disputes import AskingBack, DisputePage, DisputesPage, DisputeState, DisputeView
from frontend.views.forms import Form

_NOW: Final = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
_ONE: Final = DisputeView(
    href="/loket/betwistingen/01990000-0000-7000-8000-000000000000",
    title="Een moestuin achter de school",
    initiative_href="/initiatieven/een-moestuin-achter-de-school",
    reference="7K3M9QAB",
    amount=Money(30_00),
    fee=Money(20_00),
    reason="De kaarthouder zegt dat die deze betaling niet heeft gedaan.",
    state="open",
    is_debit=False,
    opened_at=_NOW - timedelta(days=1),
    due_at=_NOW + timedelta(days=8),
    closed_at=None,
    borne_by=None,
    evidence="",
    evidence_at=None,
)
_ANSWER: Final = "De donateur gaf op 3 oktober en bevestigde dat met een klik in onze e-mail."


def _in_state(state: DisputeState) -> DisputeView:
    is_final = state in {"won", "lost", "closed"}
    is_answered = state in {"under_review", "won"}
    return replace(
        _ONE,
        state=state,
        closed_at=_NOW if is_final else None,
        borne_by="campaign" if state == "lost" else None,
        is_debit=state == "lost",
        evidence=_ANSWER if is_answered else "",
        evidence_at=_NOW - timedelta(hours=2) if is_answered else None,
    )


def pages() -> Mapping[str, Page]:
    """Return the pages about disputes."""
    states: tuple[DisputeState, ...] = get_args(DisputeState)
    wrong = Form(values={"evidence": ""}, errors={"evidence": "Schrijf op waarom de betaling klopte."})
    made: dict[str, Page] = {
        "loket-betwistingen": DisputesPage(disputes=[_in_state(state) for state in states]),
        "loket-betwistingen-leeg": DisputesPage(disputes=()),
        "loket-betwisting-fout": DisputePage(one=_ONE, form=wrong, may_answer=True),
        "loket-betwisting-verlies": DisputePage(
            one=replace(_in_state("lost"), borne_by="platform", is_debit=False), form=Form(), may_answer=False
        ),
    }
    lost = replace(_in_state("lost"), borne_by="platform", is_debit=False)
    asking = AskingBack(standing="nothing", amount=Money(30_00), came_back=ZERO, limit=Money(25_00), may_ask=True)
    for name, how in {
        "vragen": asking,
        "geweigerd": replace(asking, is_refused=True),
        "tweede": replace(asking, standing="waits", may_ask=False, may_approve=True),
        "onderweg": replace(asking, standing="under_way", may_ask=False),
        "terug": replace(asking, standing="came_back", may_ask=False, came_back=Money(30_00)),
    }.items():
        made[f"loket-betwisting-{name}"] = DisputePage(one=lost, form=Form(), may_answer=False, asking=how)
    for state in states:
        asks = state in {"open", "inquiry"}
        made[f"loket-betwisting-{state}"] = DisputePage(one=_in_state(state), form=Form(), may_answer=asks)
    return made
