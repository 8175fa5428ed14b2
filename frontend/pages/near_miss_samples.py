"""Plainly fictional campaigns that nearly made it, in every state, for the style guide and the tests of every page."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from crowd.shared.money import ZERO, Money
from frontend.pages.bank_samples import counter_gift, own_gift
from frontend.rendering import Page
from frontend.views.forms import Form
from frontend.views.initiatives import BudgetLine, InitiativePage, NearMiss, Revision
from frontend.views.near_misses import AnswerPage, RevisePage
from frontend.views.pledges import OwnPledgePage

_NOW: Final = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
_UNTIL: Final = _NOW + timedelta(days=9)
_PLAN: Final = NearMiss(step="plan", missing=Money(1_460_00), until=_UNTIL)
_ANSWER: Final = replace(_PLAN, step="answer")
_DONORS: Final = NearMiss(step="donors", missing=ZERO, until=_UNTIL)
_REVISION: Final = Revision(
    what_changes="De kas van hergebruikt glas vervalt, en er komen **achttien** bakken in plaats van twintig.",
    why="Tuinieren kan ook zonder kas. Zodra er weer geld is, bouwen we die alsnog.",
    minimum_before=Money(10_000_00),
    minimum=Money(8_500_00),
    before=(
        BudgetLine(label="Hout en aarde voor twintig bakken", amount=Money(4_800_00)),
        BudgetLine(label="Kas van hergebruikt glas", amount=Money(3_950_00)),
        BudgetLine(label="Waterput met handpomp", amount=Money(2_499_50)),
    ),
    after=(
        BudgetLine(label="Hout en aarde voor achttien bakken", amount=Money(4_320_00)),
        BudgetLine(label="Waterput met handpomp", amount=Money(2_499_50)),
        BudgetLine(label="Gereedschap", amount=Money(1_680_50)),
    ),
)
_LINES: Final = {
    "label_1": "Hout en aarde voor achttien bakken",
    "amount_1": "4320",
    "label_2": "Waterput met handpomp",
    "amount_2": "2499,50",
    "minimum": "9000",
}


def pages(nearly: InitiativePage, funded: InitiativePage, collected: OwnPledgePage) -> Mapping[str, Page]:
    """Return every page about a near miss, by a short name; made of the sample pages of everything else."""
    nearly = replace(nearly, near_miss=_PLAN)
    own = replace(collected, card=nearly.card, near_miss=_PLAN, reward="")
    revise = RevisePage(
        card=nearly.card,
        base=f"/initiatieven/{nearly.card.slug}/nieuw-plan",
        near_miss=_PLAN,
        there_is=Money(8_540_00),
        step="budget",
        number=1,
        form=Form(values=_LINES),
        rows=5,
        target=Money(8_500_00),
    )
    wrong = Form(values=_LINES, errors={"minimum": "Het nieuwe minimum is hoogstens wat er nu is: € 8.540."})
    answer = AnswerPage(
        card=nearly.card,
        action=f"/loket/nieuwe-plannen/{nearly.card.slug}",
        near_miss=_ANSWER,
        there_is=Money(8_540_00),
        revision=_REVISION,
        form=Form(),
    )
    desk = counter_gift("collected")
    gift = own_gift("collected")
    desk_nearly = replace(desk, gift=replace(desk.gift, campaign="near_miss", near_miss=_DONORS, revision=_REVISION))
    gift_nearly = replace(gift, gift=replace(gift.gift, campaign="near_miss", near_miss=_PLAN))
    handed_in = replace(revise, is_handed_in=True, near_miss=_ANSWER, revision=_REVISION)
    return {
        "initiatief-near_miss": nearly,
        "initiatief-near_miss-antwoord": replace(nearly, near_miss=_ANSWER),
        "initiatief-near_miss-gevers": replace(nearly, near_miss=_DONORS, revision=_REVISION),
        "initiatief-near_miss-voorbij": replace(nearly, near_miss=replace(_PLAN, step="over", until=None)),
        "initiatief-kleiner-plan": replace(funded, revision=_REVISION),
        "bijdrage-binnen": replace(collected, card=replace(collected.card, state="collecting")),
        "bijdrage-bijna": own,
        "bijdrage-bijna-antwoord": replace(own, near_miss=_ANSWER),
        "bijdrage-bijna-keuze": replace(own, near_miss=_DONORS, revision=_REVISION, may_take_back=True),
        "bijdrage-bijna-terug": replace(own, near_miss=_DONORS, revision=_REVISION, is_going_back=True),
        "kleiner-plan-begroting": revise,
        "kleiner-plan-fout": replace(revise, form=wrong),
        "kleiner-plan-uitleg": replace(revise, step="words", number=2),
        "kleiner-plan-controle": replace(revise, step="check", number=3, revision=_REVISION, form=Form()),
        "kleiner-plan-onaf": replace(
            revise,
            step="check",
            number=3,
            revision=_REVISION,
            form=Form(errors={"why": "Schrijf dit in minstens 20 tekens op, zodat iedereen die gaf het kan volgen."}),
        ),
        "kleiner-plan-ingediend": handed_in,
        "kleiner-plan-akkoord": replace(handed_in, near_miss=_DONORS),
        "kleiner-plan-geweigerd": replace(
            handed_in,
            near_miss=replace(_PLAN, step="over", until=None),
            reason="Zonder kas past het niet in de regeling.",
        ),
        "loket-bijdrage-bijna": replace(desk_nearly, may_take_back=True),
        "bijdrage-geld-bijna": gift_nearly,
        "bijdrage-geld-bijna-antwoord": replace(gift_nearly, gift=replace(gift_nearly.gift, near_miss=_ANSWER)),
        "bijdrage-geld-bijna-keuze": replace(gift, gift=desk_nearly.gift, may_take_back=True),
        "bijdrage-geld-binnen": replace(gift, gift=replace(gift.gift, campaign="collecting")),
        "loket-kleiner-plan": answer,
        "loket-kleiner-plan-fout": replace(
            answer,
            form=Form(values={"reason": "Nee."}, errors={"reason": "Schrijf op waarom niet."}),
        ),
        "loket-kleiner-plan-beantwoord": replace(answer, may_answer=False),
    }
