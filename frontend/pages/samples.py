"""Plainly fictional pages in every state, to look at and to test: shown by the style guide in a demonstration."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, get_args

from crowd.shared.money import ZERO, Money
from frontend.pages import (
    bank_samples,
    book_samples,
    cancelling_samples,
    dispute_samples,
    giving_samples,
    grant_samples,
    near_miss_samples,
    payout_samples,
    volunteering_samples,
)
from frontend.rendering import Page
from frontend.views.forms import Choice, Form
from frontend.views.initiatives import (
    Bound,
    BudgetLine,
    CampaignState,
    Card,
    DiscoverPage,
    Donor,
    Entry,
    EveryEuroPage,
    HomePage,
    InitiativePage,
    Match,
    Missing,
    Picture,
    Pot,
    Progress,
    Shift,
    Update,
)
from frontend.views.pledges import Debit, OwnPledgePage, PledgePage, PledgeState, Returning
from frontend.views.texts import AccessibilityPage, ErrorPage, ErrorStatus, HowPage, OpenDataPage, PrivacyPage

NOW: Final = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
DEADLINE: Final = datetime(2026, 12, 10, 23, 0, tzinfo=UTC)

_STORY: Final = """\
Op het braakliggende veldje achter de Kersenlaan leggen we twintig moestuinbakken aan. Iedereen uit de wijk kan
een bak adopteren. De school komt elke week kijken hoe een wortel groeit.

## Wat we gaan maken

- twintig bakken op werkhoogte, ook vanuit een rolstoel te bereiken
- een kas van hergebruikt glas
- een waterput, zodat niemand met gieters hoeft te slepen

Wie geen groene vingers heeft, is ook welkom: **koffie is er altijd**.
"""


def _card(slug: str, title: str, summary: str, theme: tuple[str, str], where: str, sums: tuple[int, int, int]) -> Card:
    neighbours, municipality, minimum = sums
    return Card(
        slug=slug,
        title=title,
        summary=summary,
        theme=theme[0],
        neighbourhood=where,
        state="live",
        picture=Picture(src=f"/beeld/{theme[1]}/{slug}.svg"),
        progress=Progress(
            neighbours=Money(neighbours * 100),
            municipality=Money(municipality * 100),
            minimum=Money(minimum * 100),
            target=Money(minimum * 125),
            supporters=neighbours // 42,
        ),
        deadline_at=DEADLINE,
    )


CARDS: Final = (
    _card(
        "buurtmoestuin-kersenlaan",
        "Buurtmoestuin Kersenlaan",
        "Twintig moestuinbakken, een kas en een waterput op het veldje achter de school.",
        ("Groen en natuur", "groen"),
        "Overwaard",
        (6_040, 2_500, 10_000),
    ),
    _card(
        "speelplein-de-zonneboom",
        "Speelplein De Zonneboom",
        "Een schommel en een glijbaan waar ook kinderen in een rolstoel op kunnen.",
        ("Spelen", "spelen"),
        "Havenkwartier",
        (2_310, 1_150, 10_200),
    ),
    _card(
        "lange-tafel-molenstraat",
        "De lange tafel van de Molenstraat",
        "Eén avond, één straat, één tafel. Iedereen brengt een pan mee.",
        ("Ontmoeten", "ontmoeten"),
        "Oude Stad",
        (1_640, 0, 1_800),
    ),
    _card(
        "zondagpodium",
        "Zondagpodium in het park",
        "Zes zondagen muziek van eigen bodem, van harmonie tot hiphop.",
        ("Cultuur", "cultuur"),
        "Parkwijk",
        (3_900, 1_950, 6_500),
    ),
    _card(
        "trapveld-noord",
        "Licht op het trapveld",
        "Lampen die om tien uur uitgaan, zodat er ook in de winter gevoetbald wordt.",
        ("Sport", "sport"),
        "Noord",
        (480, 0, 7_400),
    ),
    _card(
        "bankjes-langs-de-vliet",
        "Vijf bankjes langs de Vliet",
        "Rustplekken voor wie een eindje om wil, om de tweehonderd meter.",
        ("Straat en verkeer", "straat"),
        "Vlietoever",
        (1_250, 1_250, 2_500),
    ),
)

MATCH: Final = Match(
    scheme="Samen voor de wijk 2026",
    amount=Money(2_500_00),
    bound="project_cap",
    stage="awarded",
    adds=Money(1_00),
    per=Money(1_00),
    donor_cap=Money(100_00),
    project_cap=Money(2_500_00),
    pot_left=Money(41_300_00),
    threshold=Money(500_00),
    awarded_up_to=Money(2_500_00),
    decided_at=NOW - timedelta(days=9),
    reasons="De tuin is voor iedereen toegankelijk en de school doet mee.",
)


def initiative(state: CampaignState = "live") -> InitiativePage:
    """Return the sample initiative in this state."""
    card = replace(CARDS[0], state=state)
    if state in {"collecting", "funded"}:
        reached = replace(card.progress, neighbours=Money(8_415_00), supporters=201)
        card = replace(card, progress=reached, deadline_at=NOW - timedelta(days=2))
    if state == "unfunded":
        card = replace(card, deadline_at=NOW - timedelta(days=2))
    return InitiativePage(
        card=card,
        story=_STORY,
        help_wanted="We zoeken mensen die kunnen timmeren, en mensen die kunnen organiseren. *Ervaring hoeft niet.*",
        initiator="Buurtvereniging Kersenlaan",
        place_note="achter basisschool De Kers",
        budget=(
            BudgetLine(label="Hout en aarde voor twintig bakken", amount=Money(4_800_00)),
            BudgetLine(label="Kas van hergebruikt glas", amount=Money(3_950_00)),
            BudgetLine(label="Waterput met handpomp", amount=Money(2_499_50)),
            BudgetLine(label="Gereedschap", amount=Money(1_250_50)),
        ),
        shifts=_shifts() if state in {"live", "funded"} else (),
        updates=(
            Update(
                title="De waterput kan!",
                body="De grondboring is gelukt: op negen meter zit schoon water. Met dank aan **alle** gravers.",
                published_at=NOW - timedelta(days=3),
                author="Buurtvereniging Kersenlaan",
            ),
            Update(
                title="Eerste tekening",
                body="De tekening van de tuin hangt in het buurthuis. Kom kijken en zeg wat je ervan vindt.",
                published_at=NOW - timedelta(days=15),
                author="Buurtvereniging Kersenlaan",
            ),
        ),
        donors=(
            Donor(name="Familie Voorbeeld", amount=Money(100_00), at=NOW),
            Donor(name=None, amount=Money(25_00), at=NOW),
            Donor(name="Bakkerij Proef", amount=Money(250_00), at=NOW, message="Wij bakken bij de opening!"),
            Donor(name="Noor", amount=Money(12_50), at=NOW),
        ),
        more_donors=139,
        offers=giving_samples.OFFERS if state == "live" else (),
        match=replace(MATCH, stage="fixed") if state == "funded" else MATCH,
        published_at=NOW - timedelta(days=20),
        takes_pledges=state == "live",
        more_cards=CARDS[1:4],
        state_reason="De grond moet eerst worden onderzocht." if state in {"suspended", "cancelled"} else "",
        collecting_until=NOW + timedelta(days=5) if state == "collecting" else None,
        at_banks=Money(250_00) if state == "collecting" else ZERO,
    )


def _shifts() -> tuple[Shift, ...]:
    saturday = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
    return (
        Shift(
            role="Grond omspitten",
            starts_at=saturday,
            ends_at=saturday + timedelta(hours=3),
            place="Kersenlaan",
            places_free=3,
            places=8,
            href="/diensten/voorbeeld",
        ),
        Shift(
            role="Kas bouwen",
            starts_at=saturday + timedelta(days=8, hours=1),
            ends_at=saturday + timedelta(days=8, hours=6),
            place="Kersenlaan",
            places_free=0,
            places=4,
            href=None,
        ),
    )


def every_euro(*, empty: bool = False) -> EveryEuroPage:
    """Return the sample ledger, or one in which nothing has happened."""
    entries = () if empty else _entries()
    return EveryEuroPage(
        card=initiative("live" if empty else "funded").card,
        entries=entries,
        entry_count=0 if empty else 206,
        given=ZERO if empty else Money(8_415_00),
        matched=ZERO if empty else Money(2_500_00),
        costs_borne=ZERO if empty else Money(71_40),
        refunded=ZERO,
        paid_out=ZERO if empty else Money(5_000_00),
        promised=Money(6_040_00) if empty else ZERO,
        as_of=NOW,
        more_href=None if empty else "/initiatieven/buurtmoestuin-kersenlaan/elke-euro?voor=1",
    )


def _entries() -> tuple[Entry, ...]:
    return (
        Entry(at=NOW, kind="payout", who="Buurtvereniging Kersenlaan", amount=Money(-5_000_00)),
        Entry(at=NOW - timedelta(days=1), kind="match", who="Gemeente Voorbeeldstad", amount=Money(2_500_00)),
        Entry(at=NOW - timedelta(days=1), kind="fee", who="Stripe", amount=Money(-34)),
        Entry(at=NOW - timedelta(days=1), kind="gift", who="Familie Voorbeeld", amount=Money(100_00)),
        Entry(at=NOW - timedelta(days=1), kind="gift", who="Een buur", amount=Money(12_50)),
    )


def pledge_form(*, wrong: bool = False) -> PledgePage:
    """Return the pledge form as it opens, or as it comes back with errors."""
    errors = {"other_amount": "Vul een bedrag in euro's in, zoals 25 of 12,50.", "email": "Vul een e-mailadres in."}
    return PledgePage(
        card=CARDS[0],
        debit_limit=Money(1_000_00),
        pledge_id="01990000-0000-7000-8000-000000000000",
        form=Form(values={"amount": "other", "other_amount": "tien", "name": "Noor"}, errors=errors)
        if wrong
        else Form(values={"amount": "25"}),
        rewards=(
            Choice(value="", label="Niets terug"),
            *(Choice(value=one.id, label=one.title, hint=one.description) for one in giving_samples.OFFERS[:2]),
        ),
        gone=("Je naam op een bak",),
    )


DEBITED: Final[tuple[PledgeState, ...]] = ("secured", "charging", "processing", "declined", "collected")


def own_pledge(state: PledgeState, *, by_debit: bool = False, is_refused: bool = False) -> OwnPledgePage:
    """Return a donor's own page in this state, paid by card or from a bank account."""
    debit = Debit(
        last4="5264",
        mandate_reference="ZANDBAK7K3M9Q2T5V8X",
        mandate_url="https://betalen.voorbeeld.example/machtiging",
        creditor="Voorbeeldstad",
        at=NOW + timedelta(days=2) if state in {"charging", "declined"} else None,
    )
    return OwnPledgePage(
        card=replace(CARDS[0], state="funded") if state == "collected" else CARDS[0],
        base="/bijdragen/voorbeeld",
        reference="BL-7K3M-9Q",
        state=state,
        amount=Money(25_00),
        email="noor@voorbeeld.example",
        made_at=NOW - timedelta(minutes=4),
        is_email_confirmed=state not in {"secured", "promised"},
        may_withdraw=state == "secured",
        may_retry=state in {"needs_action", "declined"},
        may_change=state == "secured",
        card_name="" if state in {"promised", "abandoned"} else "Visa •••• 4242",
        may_word=state == "secured",
        reward="Een pot honing uit de tuin" if state in {"secured", "collected"} else "",
        may_give_up_reward=state == "secured",
        form=Form(values={"amount": "25", "name": "Noor", "anonymous": "yes", "message": "Wat een mooi plan!"}),
        is_new=state in {"promised", "secured"},
        debit_limit=Money(1_000_00),
        is_account_refused=is_refused,
        debit=debit if by_debit else None,
        trouble="Je kaart is niet meer geldig." if state in {"needs_action", "declined"} else "",
        remedy="Gebruik een andere kaart of rekening, of betaal met iDEAL | Wero.",
    )


def discover(*, empty: bool = False) -> DiscoverPage:
    """Return the list of initiatives, or one in which nothing was found."""
    return DiscoverPage(
        cards=() if empty else CARDS,
        total=0 if empty else 48,
        themes=(Choice(value="groen", label="Groen en natuur"), Choice(value="spelen", label="Spelen")),
        neighbourhoods=(Choice(value="noord", label="Noord"), Choice(value="oude-stad", label="Oude Stad")),
        filters=Form(values={"zoek": "zwembad", "thema": "spelen"} if empty else {}),
        more_href=None if empty else "/initiatieven?na=1",
    )


def home(*, empty: bool = False) -> HomePage:
    """Return the front page, or that of a municipality that starts today."""
    return HomePage(
        live_count=0 if empty else 48,
        funded_count=0 if empty else 127,
        neighbours_gave=ZERO if empty else Money(412_380_00),
        municipality_added=ZERO if empty else Money(186_250_00),
        placements=0 if empty else 1_904,
        cards=() if empty else CARDS,
        pot=None
        if empty
        else Pot(
            scheme="Samen voor de wijk 2026",
            ceiling=Money(250_000_00),
            left=Money(41_300_00),
            closes_at=datetime(2026, 12, 31, 23, 0, tzinfo=UTC),
        ),
    )


def pages() -> Mapping[str, Page]:
    """Return every page in every state that differs, by a short name."""
    made: dict[str, Page] = {
        "home": home(),
        "home-leeg": home(empty=True),
        "initiatieven": discover(),
        "initiatieven-leeg": discover(empty=True),
        "steunen": pledge_form(),
        "steunen-fout": pledge_form(wrong=True),
        "elke-euro": every_euro(),
        "elke-euro-leeg": every_euro(empty=True),
        "hoe-werkt-het": HowPage(),
        "privacy": PrivacyPage(),
        "toegankelijkheid": AccessibilityPage(),
        "open-data": OpenDataPage(api="https://loket.voorbeeldstad.example/api/v1"),
    }
    for state in get_args(CampaignState):
        made[f"initiatief-{state}"] = initiative(state)
    for bound in get_args(Bound):
        made[f"bijdrage-gemeente-{bound}"] = replace(initiative(), match=replace(MATCH, bound=bound, stage="computed"))
    made["bijdrage-gemeente-geweigerd"] = replace(initiative(), match=replace(MATCH, stage="refused", amount=ZERO))
    made["initiatief-zonder-steun"] = replace(
        initiative(), donors=(), more_donors=0, match=None, shifts=(), updates=(), more_cards=(), budget=()
    )
    missing = Missing(amount=Money(1_460_00), until=NOW + timedelta(days=5))
    collecting = replace(CARDS[0], state="collecting")
    made["initiatief-gat"] = replace(initiative("collecting"), card=collecting, missing=missing, takes_pledges=True)
    made["steunen-gat"] = replace(pledge_form(), card=collecting, missing=missing)
    made["bijdrage-niet-opnieuw"] = replace(own_pledge("declined"), may_try_same=False)
    made["bijdrage-wij-proberen"] = replace(own_pledge("declined"), tries_again_at=NOW + timedelta(days=3))
    made["bijdrage-andere-kaart"] = replace(own_pledge("declined"), trouble="", remedy="", may_try_same=False)
    made["bijdrage-gat"] = replace(own_pledge("charging"), fills_gap=True, is_email_confirmed=False)
    made["initiatief-gesloten"] = replace(initiative(), takes_pledges=False)
    for pledge_state in get_args(PledgeState):
        made[f"bijdrage-{pledge_state}"] = own_pledge(pledge_state)
    for returning in get_args(Returning)[1:]:
        made[f"bijdrage-terug-{returning}"] = replace(own_pledge("collected"), returning=returning)
    made["bijdrage-bedrag-fout"] = replace(
        own_pledge("secured"),
        form=Form(values={"amount": "tien"}, errors={"amount": "Vul een bedrag in euro's in, zoals 25 of 12,50."}),
    )
    for debited in DEBITED:
        made[f"bijdrage-rekening-{debited}"] = own_pledge(debited, by_debit=True)
    made["bijdrage-rekening-geweigerd"] = own_pledge("promised", is_refused=True)
    for status in get_args(ErrorStatus):
        made[f"fout-{status}"] = ErrorPage(status=status, reference="7f3a91c2" if status == 500 else "")  # noqa: PLR2004
    return {
        **made,
        **bank_samples.pages(),
        **giving_samples.pages(),
        **grant_samples.pages(),
        **near_miss_samples.pages(initiative("near_miss"), initiative("funded"), own_pledge("collected")),
        **book_samples.pages(),
        **dispute_samples.pages(),
        **volunteering_samples.pages(),
        **payout_samples.pages(CARDS[0]),
        **cancelling_samples.pages(initiative("cancelled"), own_pledge("collected"), every_euro()),
    }
