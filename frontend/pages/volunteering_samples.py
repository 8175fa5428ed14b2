"""Plainly fictional pages about helping out, in every state, for the style guide and the tests that look at them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final, get_args

from frontend.pages import moving_samples, shift_day_samples
from frontend.rendering import Page
from frontend.views.forms import Choice, Form
from frontend.views.volunteering import (
    BoardPage,
    Candidate,
    Fit,
    HelpPage,
    OwnPlacementPage,
    PersonLine,
    PlacementState,
    PlannedRole,
    PlanningPage,
    PlanShiftPage,
    ProfilePage,
    RolePage,
    ShiftCard,
    ShiftPage,
    SignedUpPage,
    SkillAsked,
    SkillChoice,
    Suggestion,
    SuggestionsPage,
    WaveView,
)
from matching.placements.score import Failure, Term
from matching.vocabulary.rules import LANGUAGES

_NOW: Final = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
_STARTS: Final = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
_ID: Final = "01930000-0000-7000-8000-00000000000a"
_SLUG: Final = "buurtmoestuin-kersenlaan"

_SHIFT: Final = ShiftCard(
    id=_ID,
    href=f"/meehelpen/{_ID}",
    role="Bakken timmeren",
    initiative="Buurtmoestuin Kersenlaan",
    initiative_href=f"/initiatieven/{_SLUG}",
    theme="Groen en natuur",
    neighbourhood="Overwaard",
    starts_at=_STARTS,
    ends_at=_STARTS + timedelta(hours=3),
    place="Bij het hek aan de Kersenlaan",
    is_remote=False,
    free=3,
    places=8,
    minimum_age=None,
    needs_credential=None,
    closed="",
)
_LONG: Final = replace(
    _SHIFT,
    role="Verkeersregelaarsaspirantenbegeleidingscoördinator",
    starts_at=_STARTS + timedelta(days=4, hours=9),
    ends_at=_STARTS + timedelta(days=4, hours=16),
    free=0,
    minimum_age=18,
    needs_credential="vog",
)
_FROM_HOME: Final = replace(_SHIFT, role="Posters ontwerpen", is_remote=True, place="", free=1, places=1)

_FIT: Final = Fit(
    total=691,
    terms=(
        Term("skills", 200, 300, {"asked": 3, "have": 2}),
        Term("distance", 171, 220, {"metres": 2018}),
        Term("interest", 75, 150, {"likes": False, "is_known": False}),
        Term("fairness", 120, 150, {"recent": 1}),
        Term("need", 65, 120, {"free": 5, "capacity": 8, "hours": 115}),
        Term("language", 60, 60, {"asked": 0, "have": 0}),
    ),
)
_SECOND_FIT: Final = Fit(
    total=555,
    terms=(
        Term("skills", 150, 300, {"asked": 0, "have": 0}),
        Term("distance", 220, 220, {"metres": None}),
        Term("interest", 0, 150, {"likes": False, "is_known": True}),
        Term("fairness", 150, 150, {"recent": 0}),
        Term("need", 5, 120, {"free": 1, "capacity": 8, "hours": 20}),
        Term("language", 30, 60, {"asked": 2, "have": 1}),
    ),
)
_MISFIT: Final = replace(
    _FIT,
    failures=(
        Failure("time", {"day": "saturday", "part": "morning"}),
        Failure("language", {"code": "tr"}),
        Failure("distance", {"metres": 12_400, "reach_metres": 5_000}),
        Failure("skill", {"skill_id": 4}),
        Failure("age", {"age": 18, "is_known": False}),
        Failure("credential", {"kind": "vog", "on": date(2026, 11, 28)}),
        Failure("clash", {}),
        Failure("wish", {"wants_at_most": 2}),
    ),
    skills=((4, "Timmeren"),),
)
_THEMES: Final = (Choice(value="groen", label="Groen en natuur"), Choice(value="ontmoeten", label="Ontmoeten"))
_SKILLS: Final = (Choice(value="timmeren", label="Timmeren"), Choice(value="tuinieren", label="Tuinieren"))
_LANGUAGES: Final = tuple(Choice(value=one.code, label=one.label_nl) for one in LANGUAGES)


def pages() -> Mapping[str, Page]:
    """Return every sample about helping out, by the name in its address."""
    return {**_public(), **_own(), **_initiator(), **shift_day_samples.pages(_SHIFT), **moving_samples.pages()}


def _public() -> dict[str, Page]:
    found = HelpPage(
        shifts=(_SHIFT, _LONG, _FROM_HOME),
        filters=Form(),
        themes=_THEMES,
        neighbourhoods=(Choice(value="overwaard", label="Overwaard"),),
        skills=_SKILLS,
        more_href="/meehelpen?na=x",
    )
    one = ShiftPage(
        shift=_SHIFT,
        description="We zagen en schroeven **twintig bakken**. Gereedschap is er; neem werkhandschoenen mee.",
        required_skills=(),
        desired_skills=("Timmeren", "Tuinieren"),
        required_languages=(),
        desired_languages=("Nederlands",),
        minimum_crew=3,
        placement_id=_ID,
        form=Form(),
        is_signed_in=False,
        asks_birth_date=False,
    )
    wrong = Form(
        values={"name": "", "email": "geen adres", "born_on": ""},
        errors={"name": "Vul je naam in, dan weten ze wie er komt.", "email": "Vul een e-mailadres in."},
    )
    signed_up = SignedUpPage(shift=_SHIFT, outcome="accepted")
    return {
        "meehelpen": found,
        "meehelpen-leeg": replace(found, shifts=(), more_href=None),
        "dienst": one,
        "dienst-fout": replace(one, form=wrong, shift=_LONG, asks_birth_date=True),
        "dienst-past": replace(one, is_signed_in=True, fit=_FIT),
        "dienst-past-niet": replace(one, is_signed_in=True, fit=_MISFIT),
        "dienst-op-lijst": replace(one, is_signed_in=True, own_href="/meehelpen/aanmeldingen/x"),
        "dienst-afgelast": replace(one, shift=replace(_SHIFT, closed="cancelled")),
        "dienst-voorbij": replace(one, shift=replace(_SHIFT, closed="over")),
        "aangemeld": signed_up,
        "aangemeld-wachtlijst": replace(signed_up, outcome="waitlisted"),
        "aangemeld-document": replace(signed_up, outcome="applied"),
    }


def _own() -> dict[str, Page]:
    own = OwnPlacementPage(
        base="/meehelpen/aanmeldingen/x",
        shift=_SHIFT,
        state="invited",
        answer_by=_NOW + timedelta(hours=48),
        name="Vera",
    )
    states: dict[str, Page] = {
        f"aanmelding-{state}": replace(own, state=state) for state in get_args(PlacementState) if state != "proposed"
    }
    fresh = ProfilePage(
        form=Form(values={"radius_km": "5", "wants_at_most": "2", "languages": "nl"}),
        cells=frozenset(),
        skills=(),
        searched="",
        languages=_LANGUAGES,
        themes=_THEMES,
        has_profile=False,
        skills_most=20,
    )
    errors = {
        "cells": "Kies minstens één deel van de week waarin je meestal vrij bent.",
        "pc4": "Vul de vier cijfers van je postcode in, bijvoorbeeld 1011.",
    }
    filled = replace(
        fresh,
        cells=frozenset({0, 5, 15, 16, 17}),
        skills=(
            SkillChoice(slug="timmeren", label="Timmeren", level=3, is_chosen=True),
            SkillChoice(slug="tuinieren", label="Tuinieren", level=2, is_chosen=False),
        ),
        searched="tuin",
        has_profile=True,
    )
    fitting = SuggestionsPage(
        suggestions=(Suggestion(shift=_SHIFT, fit=_FIT), Suggestion(shift=_FROM_HOME, fit=_SECOND_FIT)),
        is_paused=False,
    )
    return {
        **states,
        "aanmelding-aankomst": replace(own, state="accepted", asks_code=True),
        "aanmelding-te-laat": replace(own, shift=replace(_SHIFT, free=0)),
        "aanmelding-afgelast": replace(own, state="cancelled", shift=replace(_SHIFT, closed="cancelled")),
        "vrijwilliger": fresh,
        "vrijwilliger-ingevuld": filled,
        "vrijwilliger-fout": replace(filled, cells=frozenset(), form=replace(fresh.form, errors=errors)),
        "vrijwilliger-niets-gevonden": replace(fresh, searched="xqz"),
        "passend": fitting,
        "passend-leeg": replace(fitting, suggestions=()),
        "passend-pauze": replace(fitting, suggestions=(), is_paused=True),
    }


def _initiator() -> dict[str, Page]:
    planning = PlanningPage(
        slug=_SLUG,
        title="Buurtmoestuin Kersenlaan",
        roles=(
            PlannedRole(
                id=_ID, title="Bakken timmeren", asks="Timmeren, Nederlands", shifts=(_SHIFT, _LONG), shift_href="/x"
            ),
            PlannedRole(id=_ID, title="Posters ontwerpen", asks="", shifts=(), shift_href="/y"),
        ),
        may_add=True,
    )
    role = RolePage(
        slug=_SLUG,
        title="Buurtmoestuin Kersenlaan",
        form=Form(values={"role_id": _ID}),
        skills=tuple(
            SkillAsked(slug=one.value, label=one.label, is_desired=number == 0, is_required=False)
            for number, one in enumerate(_SKILLS)
        ),
        searched="hout",
        languages=_LANGUAGES,
        ages=(Choice(value="18", label="Vanaf 18 jaar"),),
    )
    plan = PlanShiftPage(
        slug=_SLUG,
        title="Buurtmoestuin Kersenlaan",
        role="Bakken timmeren",
        action="/x",
        is_remote=False,
        form=Form(values={"shift_id": _ID, "capacity": "4", "minimum_crew": "1", "pc4": "6759"}),
    )
    people = tuple(
        PersonLine(
            base=f"/initiatieven/{_SLUG}/diensten/{_ID}/aanmeldingen/{number}",
            name=name,
            email=f"{name.lower()}@voorbeeld.example" if state in {"accepted", "applied"} else "",
            state=state,
            changed_at=_NOW,
            expires_at=_NOW + timedelta(hours=40),
        )
        for number, (name, state) in enumerate(_ON_LIST)
    )
    board = BoardPage(
        slug=_SLUG,
        base=f"/initiatieven/{_SLUG}/diensten/{_ID}",
        shift=replace(_SHIFT, needs_credential="vog"),
        minimum_crew=3,
        people=people,
        candidates=(
            Candidate(person_id=_ID, placement_id=_ID, name="Karim", fit=_FIT),
            Candidate(person_id=_ID, placement_id=_ID, name="", fit=_SECOND_FIT),
        ),
        form=Form(values={"capacity": "8", "minimum_crew": "3", "meeting_point": _SHIFT.place}),
        is_over=False,
        wave=WaveView(runs=False, is_near=False, wanted=8, rate_percent=40, wave_id=_ID),
        next_id=_ID,
    )
    running = WaveView(runs=True, is_near=False, wanted=0, rate_percent=40, wave_id=_ID, started_at=_NOW)
    over = replace(
        board,
        shift=replace(_SHIFT, closed="over"),
        is_over=True,
        wave=None,
        may_correct=True,
        people=(replace(people[0], state="completed", hours="2:30"), replace(people[1], state="no_show")),
    )
    return {
        "planning": planning,
        "planning-leeg": replace(planning, roles=()),
        "rol": role,
        "rol-fout": replace(role, form=Form(values={"role_id": _ID}, errors={"title": "Geef de rol een naam."})),
        "dienst-plannen": plan,
        "dienst-plannen-fout": replace(
            plan,
            form=Form(
                values={**plan.form.values, "ends": "09:00"},
                errors={"ends": "De dienst moet eindigen nadat hij begint."},
            ),
        ),
        "bord": board,
        "bord-leeg": replace(board, people=(), candidates=()),
        "bord-golf": replace(board, wave=running),
        "bord-golf-niemand": replace(board, wave=replace(running, wanted=3), candidates=()),
        "bord-golf-vol": replace(board, wave=running, shift=replace(_SHIFT, free=0), candidates=()),
        "bord-vol": replace(board, shift=replace(_SHIFT, free=0), candidates=()),
        "bord-dichtbij": replace(
            board, wave=WaveView(runs=False, is_near=True, wanted=2, rate_percent=40, wave_id=_ID)
        ),
        "bord-voorbij": over,
    }


_ON_LIST: Final[tuple[tuple[str, PlacementState], ...]] = (
    ("Vera", "accepted"),
    ("Mo", "accepted"),
    ("Jesse", "applied"),
    ("Lin", "invited"),
    ("Sami", "waitlisted"),
    ("Eva", "declined"),
    ("Noor", "expired"),
)
