"""The municipality's match: how much a gift is matched, and which bound decided that. Pure, over whole cents.

Per pledge the match is the smallest of: the ratio of the gift, what the donor's cap leaves, what the project's
cap leaves, what the award leaves, what is still missing to the goal, and what is left in the pot. A pledge that
may not be matched at all gets nothing, with the reason. Every amount on the site can therefore say why.

The caps count per initiative: a donor is matched up to `donor_cap` in each initiative they give to.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crowd.shared.errors import msg
from crowd.shared.money import ZERO, Money


class Bound(StrEnum):
    """What kept a match from being more. On a tie the first in this order is named."""

    RATIO = "ratio"
    DONOR_CAP = "donor_cap"
    PROJECT_CAP = "project_cap"
    AWARD = "award"
    GOAL = "goal"
    POT = "pot"
    # From here on the match is nothing, and this is why.
    NOT_CONFIRMED = "not_confirmed"
    INITIATOR_OR_TEAM = "initiator_or_team"
    SAME_CARD = "same_card"
    REFUSED = "refused"


# Why a pledge gets no match whatever room there is.
NOT_ELIGIBLE: Final = frozenset({Bound.NOT_CONFIRMED, Bound.INITIATOR_OR_TEAM, Bound.SAME_CARD, Bound.REFUSED})

SENTENCES: Final[dict[Bound, str]] = {
    Bound.RATIO: msg("The municipality adds its share of every gift."),
    Bound.DONOR_CAP: msg("The municipality adds up to a maximum per donor."),
    Bound.PROJECT_CAP: msg("The municipality adds up to a maximum per initiative."),
    Bound.AWARD: msg("The municipality adds up to the amount it awarded."),
    Bound.GOAL: msg("The municipality adds until the minimum is reached."),
    Bound.POT: msg("There is nothing left in the municipality's fund."),
    Bound.NOT_CONFIRMED: msg("The municipality adds its share once the donor confirms their e-mail address."),
    Bound.INITIATOR_OR_TEAM: msg("Gifts by the initiator and the team are not matched."),
    Bound.SAME_CARD: msg("Somebody else gave with this card or from this household, so the gift is not matched."),
    Bound.REFUSED: msg("The municipality decided not to add money to this initiative."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchRule:
    """What a scheme promises: `ratio_percent` cents per 100 of a gift, within two caps and, once given, the award."""

    ratio_percent: int
    donor_cap: Money
    project_cap: Money
    award: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What each bound still leaves for one pledge. Negative counts as nothing; no award yet is no bound."""

    donor: Money
    project: Money
    goal: Money
    pot: Money
    award: Money | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """What is added to one gift, and which bound decided it."""

    amount: Money
    bound: Bound


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedPledge:
    """A pledge that counts towards the goal. `refused` says why it is not matched, when it is not."""

    donor: Hashable
    amount: Money
    refused: Bound | None = None


def match_for(*, pledge: Money, ratio_percent: int, room: Room, refused: Bound | None = None) -> Match:
    """Return the match of one gift: the smallest of the bounds, rounded down to a cent, and the bound's name."""
    if refused is not None:
        return Match(ZERO, refused)
    limits = [
        (pledge.cents * ratio_percent // 100, Bound.RATIO),
        (room.donor.cents, Bound.DONOR_CAP),
        (room.project.cents, Bound.PROJECT_CAP),
        (room.goal.cents, Bound.GOAL),
        (room.pot.cents, Bound.POT),
    ]
    if room.award is not None:
        limits.append((room.award.cents, Bound.AWARD))
    cents, bound = min(((max(cents, 0), bound) for cents, bound in limits), key=_smallest_then_first)
    return Match(Money(cents), bound)


def eligibility(*, is_confirmed: bool, is_of_the_team: bool, card_of_another: bool, is_refused: bool) -> Bound | None:
    """Return why a pledge may not be matched, the lasting reasons first; None when it may."""
    if is_refused:
        return Bound.REFUSED
    if is_of_the_team:
        return Bound.INITIATOR_OR_TEAM
    if card_of_another:
        return Bound.SAME_CARD
    return None if is_confirmed else Bound.NOT_CONFIRMED


def match_all(*, pledges: Sequence[CountedPledge], rule: MatchRule, goal: Money, pot: Money) -> list[Match]:
    """Return the match of each pledge, first come first served, as if they came in this order into an empty campaign.

    A pledge that is not matched still fills the goal. `pot` is what is left for this campaign.
    """
    matches: list[Match] = []
    per_donor: defaultdict[Hashable, Money] = defaultdict(lambda: ZERO)
    crowd = matched = ZERO
    for pledge in pledges:
        crowd += pledge.amount
        room = Room(
            donor=rule.donor_cap - per_donor[pledge.donor],
            project=rule.project_cap - matched,
            award=None if rule.award is None else rule.award - matched,
            goal=goal - crowd - matched,
            pot=pot - matched,
        )
        match = match_for(pledge=pledge.amount, ratio_percent=rule.ratio_percent, room=room, refused=pledge.refused)
        per_donor[pledge.donor] += match.amount
        matched += match.amount
        matches.append(match)
    return matches


def recompute(
    *, pledges: Sequence[CountedPledge], rule: MatchRule, goal: Money, reservation: Money, award: Money
) -> Money:
    """Return the match on what was really collected, never above the reservation nor the award.

    `pledges` are the collected ones in the order in which they were reserved. What a failed card leaves goes to
    later gifts of the same campaign that had been matched short.
    """
    at_most = min(reservation, award)
    return Money.total(match.amount for match in match_all(pledges=pledges, rule=rule, goal=goal, pot=at_most))


def potential(*, rule: MatchRule, goal: Money, pot_left: Money) -> Match:
    """Return the most a campaign can be matched if neighbours give the rest, and what bounds it.

    At a ratio of r per 100, neighbours and municipality fill the goal together when the municipality gives
    r / (100 + r) of it.
    """
    room = Room(donor=goal, project=rule.project_cap, award=rule.award, goal=goal, pot=pot_left)
    share = Money(goal.cents * rule.ratio_percent // (100 + rule.ratio_percent))
    return match_for(pledge=share, ratio_percent=100, room=room)


def campaign_bound(
    *, bounds: Iterable[Bound], matched: Money, rule: MatchRule, goal_gap: Money, pot_left: Money
) -> Bound:
    """Return what keeps a whole campaign's match from being more at this moment."""
    if rule.award is not None and matched >= rule.award:
        return Bound.AWARD if rule.award else Bound.REFUSED
    if matched >= rule.project_cap:
        return Bound.PROJECT_CAP
    if goal_gap.cents <= 0:
        return Bound.GOAL
    if pot_left.cents <= 0:
        return Bound.POT
    return Bound.DONOR_CAP if Bound.DONOR_CAP in set(bounds) else Bound.RATIO


_ORDER: Final = {bound: place for place, bound in enumerate(Bound)}


def _smallest_then_first(limit: tuple[int, Bound]) -> tuple[int, int]:
    return limit[0], _ORDER[limit[1]]
