"""Plainly fictional plans to stop, in every state, for the style guide and the tests that look at every page."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, get_args

from crowd.shared.money import ZERO, Money
from frontend.rendering import Page
from frontend.views.cancelling import ChoicePage, LineState, PartLine, PlanLine, PlansPage, StopPage, Wish
from frontend.views.forms import Choice, Form
from frontend.views.initiatives import Entry, EveryEuroPage, InitiativePage, Stopped
from frontend.views.pledges import OwnPledgePage

_NOW: Final = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
_REASON: Final = "De grond blijkt vervuild. Schoonmaken kost meer dan de hele tuin."
_LINE: Final = PartLine(
    who="Noor Voorbeeld",
    reference="7K3M9QAB",
    gave=Money(50_00),
    gets=Money(30_00),
    wish="refund",
    to_title="",
    state="waits",
)
_TOWN: Final = replace(_LINE, who="", reference="", gave=Money(37_65), gets=Money(22_59), wish="share")


def _lines() -> tuple[PartLine, ...]:
    states: tuple[LineState, ...] = get_args(LineState)
    wishes: tuple[Wish, ...] = ("refund", "move", "gift", "refund", "refund", "refund")
    made = [
        replace(_LINE, state=state, wish=wish, to_title="Een lange tafel in de Molenstraat" if wish == "move" else "")
        for state, wish in zip(states, wishes, strict=True)
    ]
    return (*made, _TOWN)


def pages(initiative: InitiativePage, gift: OwnPledgePage, ledger: EveryEuroPage) -> Mapping[str, Page]:
    """Return every page about stopping in every state that differs, by a short name; made of these other samples."""
    card = initiative.card
    stopped = Stopped(
        gave=Money(125_00),
        left=Money(75_00),
        town=Money(22_59),
        choose_until=_NOW + timedelta(days=13),
        is_choosing=True,
    )
    preview = StopPage(
        card=replace(card, state="funded"),
        base=f"/loket/stoppen/{card.slug}",
        form=Form(),
        state="preview",
        problem="",
        gave=Money(125_00),
        left=Money(75_00),
        town=Money(22_59),
        donors=3,
        lines=(_LINE, replace(_LINE, who=""), _TOWN),
        more_href=None,
    )
    proposed = replace(
        preview,
        state="proposed",
        reason=_REASON,
        proposed_by="Medewerker Voorbeeld",
        proposed_at=_NOW - timedelta(days=2),
        may_decide=True,
    )
    approved = replace(
        proposed,
        card=replace(card, state="cancelled"),
        state="approved",
        lines=_lines(),
        decided_by="Penningmeester Voorbeeld",
        decided_at=_NOW - timedelta(days=1),
        choose_until=_NOW + timedelta(days=13),
        is_choosing=True,
        more_href="/loket/stoppen",
    )
    line = PlanLine(
        href=preview.base,
        title=card.title,
        state="proposed",
        left=Money(75_00),
        proposed_at=_NOW,
        choose_until=None,
    )
    choice = ChoicePage(
        card=approved.card,
        base="/bijdragen/voorbeeld",
        form=Form(),
        gave=Money(50_00),
        left=Money(30_00),
        reason=_REASON,
        choose_until=_NOW + timedelta(days=13),
        may_choose=True,
        chosen="refund",
        to_title="",
        state="waits",
        targets=(Choice(value="01990000-0000-7000-8000-000000000000", label="Een lange tafel in de Molenstraat"),),
    )
    wrong = Form(values={"choice": "move", "target": ""}, errors={"target": "Kies welk initiatief je geld krijgt."})
    return {
        "stoppen": PlansPage(
            plans=(
                line,
                replace(line, state="refused"),
                replace(line, state="approved", choose_until=_NOW + timedelta(days=900)),
                replace(line, state="approved", choose_until=_NOW - timedelta(days=900)),
            ),
            may_stop=(Choice(value=preview.base, label=card.title),),
        ),
        "stoppen-leeg": PlansPage(plans=(), may_stop=()),
        "stoppen-vooraf": preview,
        "stoppen-zonder-reden": replace(
            preview, form=Form(errors={"reason": "Schrijf op waarom, zodat de initiatiefnemer het begrijpt."})
        ),
        "stoppen-kan-niet": replace(
            preview,
            problem="Alles is al uitbetaald, dus er valt niets meer te verdelen.",
            lines=(),
            donors=0,
            left=ZERO,
        ),
        "stoppen-voorgesteld": proposed,
        "stoppen-eigen-voorstel": replace(proposed, is_own_plan=True),
        "stoppen-eigen-initiatief": replace(proposed, is_own=True),
        "stoppen-kiezen": approved,
        "stoppen-uitvoeren": replace(approved, is_choosing=False, town_due=Money(30_00), done=3),
        "stoppen-overgemaakt": replace(approved, is_choosing=False, town_sent=Money(30_00), done=7),
        "initiatief-gestopt": replace(initiative, state_reason=_REASON, stopped=stopped),
        "initiatief-gestopt-klaar": replace(
            initiative,
            state_reason=_REASON,
            stopped=replace(
                stopped,
                is_choosing=False,
                returned=Money(30_00),
                moved=Money(15_00),
                given_to_town=Money(22_59),
                lost=Money(1_00),
            ),
        ),
        "bijdrage-gestopt": replace(
            gift, card=approved.card, left=Money(15_00), choose_until=_NOW + timedelta(days=13)
        ),
        "bijdrage-gestopt-terug": replace(gift, card=approved.card, state="refunded", left=Money(15_00)),
        "elke-euro-gestopt": replace(
            ledger,
            card=approved.card,
            moved=Money(-15_00),
            to_town=Money(30_00),
            entries=(
                Entry(at=_NOW, kind="moved", who="Een buur", amount=Money(-15_00)),
                Entry(at=_NOW, kind="moved", who="Een buur", amount=Money(20_00)),
                Entry(at=_NOW, kind="returned", who="De gemeente", amount=Money(-30_00)),
                *ledger.entries,
            ),
        ),
        "keuze": choice,
        "keuze-fout": replace(choice, form=wrong),
        "keuze-zonder-ander": replace(choice, targets=()),
        "keuze-niets-over": replace(choice, left=ZERO, may_choose=False, state="nothing"),
        "keuze-gedaan": replace(
            choice, may_choose=False, chosen="move", to_title="Een lange tafel in de Molenstraat", state="done"
        ),
        "keuze-betwist": replace(choice, may_choose=False, state="held"),
    }
