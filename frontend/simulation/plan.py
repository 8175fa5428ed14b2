"""What everybody in the city is going to do, decided beforehand: pure, and the same for the same seed.

Donors look at what a campaign has raised when they choose, so the month is first thought through gift by gift, with
the match as it is promised. How it really ends is then up to the service: cards fail, banks ask, people stay away.
Nothing here knows an outcome; the spread of outcomes follows from three habits of givers:

- popularity is long-tailed (a few campaigns everybody knows, many only the street knows),
- a campaign that nears its goal draws more gifts, and
- past its goal it draws few: most people then give where it still helps. So many campaigns end only just above
  their minimum, and there every card that fails counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate
from typing import Final

from frontend.simulation.cards import CARDS, GOOD, SECOND, Card, Trouble
from frontend.simulation.dice import Dice

DAYS_LIVE: Final = 28
ROUNDS: Final = 4
# How many of a hundred gifts come in each round: campaigns live on their first and their last days.
_RUSH: Final = (34, 19, 17, 30)
_FULL_MARKS: Final = 100
_ZIPF: Final = 0.75
_AMOUNTS: Final = ((10_00, 24), (25_00, 37), (50_00, 22), (100_00, 7))
_OTHER_AMOUNTS: Final = (5_00, 7_50, 15_00, 20_00, 30_00, 12_34, 40_00, 75_00, 150_00, 33_33, 250_00)
_GIFTS: Final = ((1, 36), (2, 24), (3, 17), (4, 11), (5, 7), (6, 3), (8, 2))
_TEASE: Final = 2.6


@dataclass(frozen=True, slots=True)
class Campaign:
    """An initiative of the register, as its readers see it. `key` is its dossier number."""

    key: str
    minimum_cents: int
    organisation: str


class Answer(StrEnum):
    """What a donor does about a mail that says the payment failed, or that their bank asks for them."""

    NOTHING = "nothing"
    APPROVE = "approve"
    TRY_AGAIN = "try_again"
    OTHER_CARD = "other_card"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """One visit to the pledge form.

    `leaves` goes away at the hosted page. `confirms` clicks the button in the receipt. `withdraws_on` is the round
    in which they take it back. `answer` and `answers_on` say what they do, on which day of collecting, when a mail
    tells them that the payment did not go through.
    """

    number: int
    donor: int
    campaign: str
    cents: int
    card: Card
    confirms: bool
    wants_updates: bool
    leaves: bool
    withdraws_on: int | None
    answer: Answer
    answers_on: int

    @property
    def is_secured(self) -> bool:
        """Whether a card will be saved and stay saved until the end."""
        return not self.leaves and self.withdraws_on is None


@dataclass(frozen=True, slots=True)
class Grant:
    """What assessor and approver will make of an application. `advice_percent` of what is asked; 0 is a refusal."""

    scores: tuple[int, ...]
    advice_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftPlan:
    """A shift an initiator plans: `day` counts from going live."""

    role: str
    skill: str
    day: int
    starts: str
    ends: str
    capacity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Volunteer:
    """Somebody with hands. `signs_in` makes a profile; the others sign up with a name and an address only."""

    number: int
    signs_in: bool
    wants: int
    area: int
    skills: tuple[str, ...]
    cells: tuple[int, ...]
    says_yes: bool
    cancels: bool
    comes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """The co-funding scheme the administrator opens for these neighbourhoods."""

    name: str = "Buurtgelden stadsdelen"
    legal_basis: str = "Subsidieregeling buurtgelden, artikel 4"
    ratio_percent: int = 50
    donor_cap_cents: int = 100_00
    project_cap_cents: int = 2_500_00
    pot_cents: int = 300_000_00


@dataclass(slots=True, kw_only=True)
class Plan:
    """A whole month. `gifts` by round, in the order in which people come by."""

    campaigns: tuple[Campaign, ...]
    gifts: tuple[tuple[Gift, ...], ...]
    grants: dict[str, Grant]
    claimed: frozenset[str]
    shifts: dict[str, tuple[ShiftPlan, ...]]
    volunteers: tuple[Volunteer, ...]
    scheme: Scheme = field(default_factory=Scheme)


def make_plan(campaigns: Sequence[Campaign], *, donors: int, volunteers: int, seed: int) -> Plan:
    """Return what everybody is going to do; the same arguments give the same plan."""
    scheme = Scheme()
    grants = _grants(campaigns, Dice("grants", seed))
    gifts = _gifts(campaigns, grants=grants, scheme=scheme, donors=donors, dice=Dice("gifts", seed))
    claimed, shifts = _initiators(campaigns, volunteers=volunteers, dice=Dice("initiators", seed))
    return Plan(
        campaigns=tuple(campaigns),
        gifts=gifts,
        grants=grants,
        claimed=claimed,
        shifts=shifts,
        volunteers=_volunteers(volunteers, Dice("volunteers", seed)),
        scheme=scheme,
    )


# --- Money ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Progress:
    """What a reader believes a campaign has, while the month is thought through."""

    crowd: int = 0
    match: int = 0
    award: int = 0
    afterglow: float = 0.0
    popularity: float = 0.0

    def draw(self, goal: int) -> float:
        """How much this campaign attracts the next gift."""
        reached = (self.crowd + self.match) / goal
        return self.popularity * (self.afterglow if reached >= 1 else 1 + _TEASE * reached)


def _gifts(
    campaigns: Sequence[Campaign], *, grants: dict[str, Grant], scheme: Scheme, donors: int, dice: Dice
) -> tuple[tuple[Gift, ...], ...]:
    if not campaigns:
        return tuple(() for _ in range(ROUNDS))
    ranks = dice.sample(range(1, len(campaigns) + 1), len(campaigns))
    progress = [
        _Progress(
            award=min(_potential(one, scheme), scheme.project_cap_cents) * grants[one.key].advice_percent // 100,
            # Some projects everybody wants to be part of; most are forgotten once they have what they need.
            afterglow=dice.choice((0.0, 0.0, 0.02, 0.05, 0.1, 0.5)),
            popularity=rank**-_ZIPF,
        )
        for one, rank in zip(campaigns, ranks, strict=True)
    ]
    cards = [_card(dice) for _ in range(donors)]
    visits: list[list[int]] = [[] for _ in range(ROUNDS)]
    for donor in range(donors):
        for _ in range(_weighted(dice, _GIFTS)):
            visits[dice.choices(range(ROUNDS), _RUSH)[0]].append(donor)
    number, rounds = 0, []
    for turn, visitors in enumerate(visits):
        dice.shuffle(visitors)
        made = []
        for donor in visitors:
            weights = [state.draw(one.minimum_cents) for state, one in zip(progress, campaigns, strict=True)]
            chosen = dice.choices(range(len(campaigns)), cum_weights=list(accumulate(weights)))[0]
            gift = _gift(dice, number=number, donor=donor, campaign=campaigns[chosen], card=cards[donor], turn=turn)
            _believe(progress[chosen], gift, goal=campaigns[chosen].minimum_cents, scheme=scheme)
            made.append(gift)
            number += 1
        rounds.append(tuple(made))
    return tuple(rounds)


def _potential(campaign: Campaign, scheme: Scheme) -> int:
    return campaign.minimum_cents * scheme.ratio_percent // (100 + scheme.ratio_percent)


def _believe(state: _Progress, gift: Gift, *, goal: int, scheme: Scheme) -> None:
    if not gift.is_secured:
        return
    state.crowd += gift.cents
    if gift.confirms:
        share = min(gift.cents * scheme.ratio_percent // 100, scheme.donor_cap_cents)
        state.match += max(0, min(share, state.award - state.match, goal - state.crowd - state.match))


def _gift(dice: Dice, *, number: int, donor: int, campaign: Campaign, card: Card, turn: int) -> Gift:
    is_other = dice.happens(10)
    cents = dice.choice(_OTHER_AMOUNTS) if is_other else _weighted(dice, _AMOUNTS)
    # A first gift to something small is small.
    cents = max(5_00, min(cents, campaign.minimum_cents))
    later = range(turn + 1, ROUNDS)
    leaves = dice.happens(45 if card.trouble is Trouble.AT_SAVING else 3.5)
    return Gift(
        number=number,
        donor=donor,
        campaign=campaign.key,
        cents=cents,
        card=card,
        confirms=dice.happens(80),
        wants_updates=dice.happens(30),
        leaves=leaves,
        withdraws_on=dice.choice(later) if later and dice.happens(2) else None,
        answer=_answer(dice, card),
        answers_on=dice.choice((0, 0, 1, 1, 2, 3, 5)),
    )


def _answer(dice: Dice, card: Card) -> Answer:
    if card.trouble is Trouble.ASKS_BANK:
        return Answer.APPROVE if dice.happens(70) else Answer.NOTHING
    if card.trouble is Trouble.REFUSED:
        return dice.choices((Answer.OTHER_CARD, Answer.TRY_AGAIN, Answer.NOTHING), (35, 15, 50))[0]
    return Answer.NOTHING


def second_card(first: Card) -> Card:
    """Return the other card somebody takes when the first one fails."""
    return SECOND if first is GOOD else GOOD


def _card(dice: Dice) -> Card:
    return dice.choices(CARDS, [card.share for card in CARDS])[0]


def _weighted(dice: Dice, choices: Sequence[tuple[int, int]]) -> int:
    return dice.choices([value for value, _ in choices], [weight for _, weight in choices])[0]


def _grants(campaigns: Sequence[Campaign], dice: Dice) -> dict[str, Grant]:
    """Return what becomes of each application: most get what they ask, some less, some nothing."""
    made = {}
    for one in campaigns:
        percent = dice.choices((100, 80, 60, 0), (62, 14, 9, 15))[0]
        best = 5 if percent == _FULL_MARKS else 4 if percent else 2
        made[one.key] = Grant(tuple(dice.randint(max(1, best - 2), best) for _ in range(5)), percent)
    return made


# --- Hands ------------------------------------------------------------------------------------------------------

# (role, skill it helps to have, from, until)
_ROLES: Final = (
    ("Samen tuinieren", "tuinieren", "09:30", "12:00"),
    ("Koken voor de buurt", "koken", "14:00", "17:30"),
    ("Koffie schenken en ontvangen", "gastvrijheid", "13:00", "16:00"),
    ("Op- en afbouwen", "evenementen", "09:00", "12:30"),
    ("Schilderen", "schilderen", "10:00", "13:00"),
    ("Klussen in het buurthuis", "klussen", "13:30", "17:00"),
    ("Fietsen maken", "fietsen-maken", "19:00", "21:30"),
    ("Avond organiseren", "organiseren", "19:30", "22:00"),
)
# Before the deadline, and a few for after it: those of a campaign that fails are called off.
_SHIFT_DAYS: Final = (10, 11, 12, 16, 17, 18, 19, 23, 24, 25, 26, 39, 40)
_SKILLS: Final = tuple(dict.fromkeys(skill for _, skill, _, _ in _ROLES))
_WEEKS: Final = (
    tuple(range(21)),
    tuple(day * 3 + part for day in range(5) for part in (0, 1)),
    tuple(day * 3 + 2 for day in range(7)),
    tuple(day * 3 + part for day in (5, 6) for part in range(3)),
)
AREAS: Final = 24
_VOLUNTEERS_A_SHIFT: Final = 4


def _initiators(
    campaigns: Sequence[Campaign], *, volunteers: int, dice: Dice
) -> tuple[frozenset[str], dict[str, tuple[ShiftPlan, ...]]]:
    """Return which initiatives somebody takes over, and the shifts they plan. Organisations answer as one."""
    willing = {name for name in sorted({one.organisation for one in campaigns}) if dice.happens(85)}
    claimed = [one.key for one in campaigns if one.organisation in willing]
    shifts_left = max(2, volunteers // _VOLUNTEERS_A_SHIFT) if volunteers else 0
    planned: dict[str, tuple[ShiftPlan, ...]] = {}
    for key in dice.sample(claimed, len(claimed)):
        if shifts_left <= 0:
            break
        role, skill, starts, ends = dice.choice(_ROLES)
        planned[key] = tuple(
            ShiftPlan(
                role=role, skill=skill, day=day, starts=starts, ends=ends, capacity=dice.choice((2, 3, 3, 4, 5, 8))
            )
            for day in sorted(dice.sample(_SHIFT_DAYS, dice.choice((1, 2, 3))))
        )
        shifts_left -= len(planned[key])
    return frozenset(claimed), planned


def _volunteers(count: int, dice: Dice) -> tuple[Volunteer, ...]:
    return tuple(
        Volunteer(
            number=number,
            signs_in=dice.happens(70),
            wants=dice.choice((1, 1, 1, 2, 2, 3)),
            area=dice.randrange(AREAS),
            skills=tuple(dice.sample(_SKILLS, dice.choice((1, 2, 2, 3)))),
            cells=dice.choices(_WEEKS, (45, 20, 15, 20))[0],
            says_yes=dice.happens(70),
            cancels=dice.happens(6),
            comes=dice.happens(92),
        )
        for number in range(count)
    )
