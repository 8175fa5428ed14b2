"""Plainly fictional applications in every state, for the style guide and the tests that look at every page."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from crowd.shared.money import ZERO, Money
from frontend.rendering import Page
from frontend.views.forms import Choice, Form
from frontend.views.grants import (
    ApplicationFile,
    AssessmentPage,
    AssessmentView,
    CampaignUnderScheme,
    DecisionPage,
    DecisionView,
    NewSchemePage,
    PotLine,
    Purse,
    QueueLine,
    QueuePage,
    SchemePage,
    Score,
)

_RECEIVED: Final = datetime(2026, 11, 9, 10, 12, tzinfo=UTC)
_ID: Final = UUID("01930000-0000-7000-8000-000000000001")

_FILE: Final = ApplicationFile(
    id=_ID,
    title="Buurtmoestuin Kersenlaan",
    summary="Twintig moestuinbakken, een kas en een waterput op het veldje achter de school.",
    href="/initiatieven/buurtmoestuin-kersenlaan",
    neighbourhood="Overwaard",
    scheme="Samen voor de buurt",
    scheme_href="/loket/regelingen/1",
    state="assessed",
    asked=Money(5_000_00),
    minimum=Money(10_000_00),
    received_at=_RECEIVED,
    decide_by=date(2027, 1, 4),
    campaign_ends_on=date(2026, 12, 10),
    last_day=date(2026, 12, 10),
    days_left=18,
    clock="campaign",
)
_LATE: Final = replace(
    _FILE,
    title="Een bankje bij de Sluis, met uitzicht op de boten en plaats voor een rollator",
    state="received",
    asked=Money(750_50),
    last_day=date(2026, 11, 20),
    decide_by=date(2026, 11, 20),
    days_left=-2,
    clock="term",
)
_CRITERIA: Final = (
    ("benefit", "De buurt heeft er iets aan."),
    ("support", "Buren willen het en helpen mee."),
    ("feasible", "Het plan en de begroting zijn uitvoerbaar."),
    ("lasting", "Het blijft, of het wordt goed onderhouden."),
    ("open", "Iedereen kan meedoen."),
)
_SCORES: Final = tuple(Choice(value=str(score), label=str(score)) for score in range(1, 6))
_ASSESSMENT: Final = AssessmentView(
    scores=tuple(
        Score(label=label, score=score, note=note)
        for (_key, label), score, note in zip(
            _CRITERIA,
            (5, 4, 4, 3, 5),
            ("", "Veertig buren tekenden.", "", "Wie geeft water in augustus?", ""),
            strict=True,
        )
    ),
    advice=Money(4_500_00),
    text="Een goed plan met veel steun. De begroting voor de waterput is aan de hoge kant.",
    assessor="Bo Beoordelaar",
    at=datetime(2026, 11, 17, 14, 30, tzinfo=UTC),
)
_PURSE: Final = Purse(
    ceiling=Money(75_000_00), awarded=Money(31_250_00), reserved=Money(18_412_50), mandate=Money(10_000_00)
)
_REASONS: Final = "De buurt heeft hier veel aan en doet zelf mee. De waterput mag goedkoper."
_DECISION: Final = DecisionPage(
    file=_FILE,
    form=Form(values={"up_to": "4500", "legal_ground": "Regeling Samen voor de buurt, artikel 3"}),
    outcomes=(
        Choice(value="awarded", label="Toekennen", hint="Tot een bedrag, op voorwaarde dat het minimum wordt gehaald."),
        Choice(value="refused", label="Weigeren", hint="De gemeente legt niets bij."),
    ),
    purse=_PURSE,
    assessment=_ASSESSMENT,
)
_ASSESS: Final = AssessmentPage(
    file=replace(_FILE, state="received"), form=Form(values={"advice": "5000"}), criteria=_CRITERIA, scores=_SCORES
)
_CAMPAIGNS: Final = (
    CampaignUnderScheme(
        title="Buurtmoestuin Kersenlaan",
        href="/initiatieven/buurtmoestuin-kersenlaan",
        state="live",
        reserved=Money(2_500_00),
        award=Money(4_500_00),
        why="De gemeente legt haar deel bij elke bijdrage.",
    ),
    CampaignUnderScheme(
        title="Speelplein De Zonneboom",
        href="/initiatieven/speelplein-de-zonneboom",
        state="funded",
        reserved=Money(3_999_98),
        award=Money(4_000_00),
        why="",
    ),
)


def pages() -> Mapping[str, Page]:
    """Return every state by name."""
    scheme = SchemePage(
        name="Samen voor de buurt",
        legal_basis="Regeling Samen voor de buurt, artikel 3",
        adds=Money(1_00),
        per=Money(1_00),
        donor_cap=Money(250_00),
        project_cap=Money(5_000_00),
        opens_on=date(2026, 1, 1),
        closes_on=date(2026, 12, 31),
        decision_weeks=8,
        neighbourhoods=("Havenkwartier", "Overwaard", "Stationsbuurt"),
        purse=_PURSE,
        free=Money(56_587_50),
        campaigns=_CAMPAIGNS,
    )
    decided = DecisionView(
        is_award=True,
        up_to=Money(4_500_00),
        reasons=_REASONS,
        legal_ground="Regeling Samen voor de buurt, artikel 3",
        at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
        fixed=Money(4_312_50),
    )
    return {
        "aanvragen": QueuePage(
            waiting=(
                QueueLine(file=_LATE, action=("/loket/aanvragen/1/beoordeling", "Beoordelen")),
                QueueLine(file=_FILE, action=("/loket/aanvragen/2/besluit", "Besluiten")),
            ),
            done=(
                QueueLine(file=replace(_FILE, state="awarded"), action=None, outcome=Money(4_500_00)),
                QueueLine(
                    file=replace(_FILE, title="Kerstmarkt aan de kade", state="refused"), action=None, outcome=ZERO
                ),
                QueueLine(file=replace(_FILE, title="Geveltuinen", state="lapsed"), action=None),
                QueueLine(
                    file=replace(_FILE, title="Speelplein De Zonneboom", state="fixed"),
                    action=("/loket/aanvragen/3/besluit", ""),
                    outcome=Money(4_000_00),
                ),
            ),
            pots=(
                PotLine(
                    name="Samen voor de buurt",
                    href="/loket/regelingen/1",
                    ceiling=_PURSE.ceiling,
                    left=_PURSE.left,
                ),
            ),
        ),
        "aanvragen-leeg": QueuePage(waiting=(), done=(), pots=()),
        "beoordeling": _ASSESS,
        "beoordeling-fout": replace(
            _ASSESS,
            form=Form(
                values={"advice": "veel", "score_open": "4", "note_open": "Ook wie slecht loopt."},
                errors={
                    "score_benefit": "Kies een score van 1 tot en met 5.",
                    "advice": "Vul het bedrag in dat je adviseert; 0 als je adviseert te weigeren.",
                    "no_interest": "Verklaar dat je geen belang hebt bij dit initiatief.",
                },
            ),
        ),
        "beoordeling-klaar": replace(_ASSESS, done=_ASSESSMENT),
        "besluit": _DECISION,
        "besluit-fout": replace(
            _DECISION,
            form=Form(
                values={"outcome": "awarded", "up_to": "80000"},
                errors={
                    "up_to": "Je mandaat gaat tot € 10.000. Vraag iemand met een hoger mandaat om te besluiten.",
                    "reasons": "Geef de redenen in minstens 20 tekens, in woorden die de initiatiefnemer begrijpt.",
                },
            ),
        ),
        "besluit-vier-ogen": replace(
            _DECISION, denial="Je hebt deze aanvraag beoordeeld, dus een ander besluit erover."
        ),
        "besluit-genomen": replace(_DECISION, file=replace(_FILE, state="fixed"), done=decided),
        "regeling": scheme,
        "regeling-openen": NewSchemePage(
            form=Form(
                values={"ratio_percent": "veel", "neighbourhoods": "oost"},
                errors={"ratio_percent": "Vul een heel percentage in van 1 tot 1000: 50 doet € 0,50 bij elke euro."},
            ),
            neighbourhoods=(Choice(value="oost", label="Oost"), Choice(value="west", label="West")),
        ),
        "regeling-nieuw": replace(scheme, campaigns=()),
    }
