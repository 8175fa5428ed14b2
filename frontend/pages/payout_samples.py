"""Plainly fictional payouts in every state, for the style guide and the tests that look at every page."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from crowd.shared.money import ZERO, Money
from frontend.rendering import Page
from frontend.views.forms import Choice, Form
from frontend.views.hosts import HostedLine, HostOrganisation, HostPage
from frontend.views.initiatives import Card
from frontend.views.payouts import Part, PayeePage, PayoutLine, PayoutPage, PayoutsPage
from frontend.views.progress import ProgressPage, Report, ReportPage, ReportsPage

_NOW: Final = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
_FIRST: Final = Part(
    number=1,
    milestone="De bakken staan en het hek is gezet",
    amount=Money(5_000_01),
    match=Money(1_250_00),
    state="next",
)
_LATER: Final = Part(number=2, milestone="De kas is af", amount=Money(5_000_00), match=Money(1_250_00), state="later")
_SENT: Final = replace(
    _FIRST,
    state="sent",
    first_by="Penningmeester Voorbeeld",
    first_at=_NOW - timedelta(days=40),
    approved_by="Tweede Penningmeester",
    approved_at=_NOW - timedelta(days=39),
    sent_at=_NOW - timedelta(days=39),
    lines=151,
    lines_sent=151,
)
_PLAN: Final = Form(
    values={
        "percent-1": "50",
        "milestone-1": "De bakken staan en het hek is gezet",
        "percent-2": "40",
        "milestone-2": "De kas is af",
    },
    errors={"percent-1": "De delen moeten samen 100% zijn; dit is 90%."},
)


_HOSTS: Final = (Choice(value="1", label="Stichting Voorbeeldwijk"),)
_HOSTED: Final = HostedLine(
    action="/mijn/gastheer/verzoeken/1",
    href="/initiatieven/buurtmoestuin",
    title="Buurtmoestuin Kersenlaan",
    organisation="Stichting Voorbeeldwijk",
    has_agreed=False,
)


def _payout(card: Card) -> PayoutPage:
    return PayoutPage(
        card=replace(card, state="funded"),
        base=f"/loket/uitbetalingen/{card.slug}",
        form=Form(),
        payee="ready",
        gifts=Money(7_500_01),
        gift_count=151,
        by_bank=Money(310_00),
        share_reference="RF18 2026 0000 0042",
        match=Money(2_500_00),
        match_received_at=_NOW - timedelta(days=45),
        match_reference="RF18 2026 0000 0042",
        parts=(_FIRST, _LATER),
        next_total=Money(5_000_01),
        limit=Money(2_500_00),
        needs_second=True,
        said_first=False,
        is_proposed=False,
        may_plan=True,
        rows=4,
        is_own=False,
    )


def pages(card: Card) -> Mapping[str, Page]:
    """Return every page about payouts in every state that differs, by a short name."""
    whole = _payout(card)
    waits = replace(_FIRST, first_by="Penningmeester Voorbeeld", first_at=_NOW)
    reported = replace(_LATER, state="report")
    line = PayoutLine(
        href=whole.base, title=card.title, payee="ready", match=Money(2_500_00), is_match_received=True, parts=2
    )
    payee = PayeePage(
        card=whole.card,
        action=f"/initiatieven/{card.slug}/uitbetaling",
        payee="none",
        approved_at=None,
        sent_at=None,
        total=Money(10_000_01),
    )
    report = Report(
        title=card.title,
        href="/loket/voortgang/01990000-0000-7000-8000-000000000000",
        number=1,
        body="De bakken staan en het hek is gezet.\n\n- twintig bakken\n- een hek",
        writer="Initiatiefnemer Voorbeeld",
        written_at=_NOW,
        state="submitted",
        decided_at=None,
        note="",
    )
    progress = ProgressPage(
        card=whole.card,
        base=f"/initiatieven/{card.slug}",
        form=Form(),
        parts=(_SENT, reported),
        may_propose=False,
        rows=4,
        reports=(replace(report, state="returned", note="Stuur een foto."), report),
        may_report=False,
        report_id="01990000-0000-7000-8000-000000000001",
    )
    return {
        "uitbetalingen": PayoutsPage(
            waiting=(
                line,
                replace(line, number=2, needs_report=True),
                replace(line, is_stopped=True),
                replace(line, needs_plan=True, match=ZERO, is_match_received=False),
                replace(line, payee="none", is_match_received=False, parts=1),
            )
        ),
        "uitbetalingen-leeg": PayoutsPage(waiting=()),
        "uitbetaling": whole,
        "uitbetaling-begin": replace(
            whole, payee="none", match_received_at=None, parts=(replace(_FIRST, milestone=""),), needs_second=False
        ),
        "uitbetaling-voorstel": replace(whole, is_proposed=True, form=_PLAN, payee="closed"),
        "uitbetaling-gestopt": replace(whole, is_stopped=True, may_plan=False),
        "uitbetaling-tweede": replace(whole, parts=(waits, _LATER), may_plan=False),
        "uitbetaling-zelf": replace(whole, parts=(waits, _LATER), may_plan=False, said_first=True),
        "uitbetaling-verslag": replace(whole, parts=(_SENT, reported), may_plan=False),
        "uitbetaling-klaar": replace(
            whole, parts=(_SENT, replace(_SENT, number=2, amount=Money(5_000_00))), may_plan=False
        ),
        "voortgang": progress,
        "voortgang-begin": replace(progress, may_propose=True, may_report=True, reports=(), parts=(_FIRST,)),
        "verslagen": ReportsPage(waiting=(report,)),
        "verslagen-leeg": ReportsPage(waiting=()),
        "verslag": ReportPage(
            report=report,
            initiative_href="/",
            action=f"{report.href}/antwoord",
            form=Form(errors={"note": "Schrijf op wat er ontbreekt, zodat de initiatiefnemer het kan toevoegen."}),
        ),
        "rekening": payee,
        "uitbetaling-gastheer": replace(whole, host="Stichting Voorbeeldwijk"),
        "uitbetaling-gesloten": replace(whole, payee="closed", closed_reason="De stichting is opgeheven."),
        "uitbetaling-doorsturen": replace(
            whole,
            may_send_on=True,
            form=Form(errors={"reason": "Schrijf op waarom er geen geld meer naar deze rekening gaat."}),
        ),
        "rekening-gesloten": replace(payee, payee="closed", hosts=_HOSTS),
        "rekening-gevraagd": replace(
            payee, payee="started", hosts=_HOSTS, host="Stichting Voorbeeldwijk", host_stage="asked"
        ),
        "rekening-akkoord": replace(payee, payee="started", host="Stichting Voorbeeldwijk", host_stage="agreed"),
        "rekening-gastheer": replace(payee, payee="ready", host="Stichting Voorbeeldwijk", host_stage="agreed"),
        "gastheer": HostPage(
            form=Form(),
            base="/mijn/gastheer",
            organisations=(
                HostOrganisation(base="/mijn/gastheer/1", name="Stichting Voorbeeldwijk", state="ready"),
                HostOrganisation(base="/mijn/gastheer/2", name="Vereniging Voorbeeldpark", state="started"),
            ),
            hosted=(_HOSTED, replace(_HOSTED, title="Speeltuin Kers", has_agreed=True)),
        ),
        "gastheer-begin": HostPage(
            form=Form(errors={"name": "Vul de naam van de organisatie in, zoals die is ingeschreven."}),
            base="/mijn/gastheer",
            organisations=(),
            hosted=(),
        ),
        "rekening-begonnen": replace(payee, payee="started"),
        "rekening-bekend": replace(payee, payee="ready"),
        "rekening-betaald": replace(payee, payee="ready", approved_at=_NOW, sent_at=_NOW),
    }
