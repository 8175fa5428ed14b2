"""What a pledge may be and become. The only transition table of a pledge."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from crowd.shared.errors import Conflict, Invalid, InvalidFields, NotFound, msg
from crowd.shared.money import Money

MINIMUM = Money(1_00)
MAXIMUM = Money(10_000_00)
# At the counter somebody looks the donor in the eye.
MAXIMUM_AT_COUNTER = Money(100_000_00)
# How a pledge is paid. The last two do not pass the provider.
OFFLINE_WAYS = ("cash", "bank_transfer")
WAYS = ("card", "sepa_debit", "ideal", *OFFLINE_WAYS)
# A checkout begun before the deadline may be finished shortly after it; the closing waits that long.
GRACE_TO_FINISH = timedelta(minutes=15)
NAME_LENGTH_MAX = 60
MESSAGE_LENGTH_MAX = 280

TRANSITIONS: dict[str, frozenset[str]] = {
    "promised": frozenset({"secured", "abandoned", "withdrawn"}),
    # charging: the campaign reached its minimum. released: it did not, nothing is ever taken.
    "secured": frozenset({"withdrawn", "released", "charging"}),
    "charging": frozenset({"collected", "processing", "needs_action", "declined"}),
    "processing": frozenset({"collected", "declined"}),
    # dropped: the grace is over, or the campaign failed after collecting.
    "needs_action": frozenset({"charging", "withdrawn", "dropped"}),
    "declined": frozenset({"charging", "withdrawn", "dropped"}),
    "collected": frozenset({"refunded", "disputed"}),
    "disputed": frozenset({"collected", "charged_back"}),
    # An abandoned page can be opened again tomorrow: that is a new pledge, this one stays what it was.
    "abandoned": frozenset(),
    "withdrawn": frozenset(),
    "released": frozenset(),
    "dropped": frozenset(),
    # Its refund came back: the money is with the campaign again, until it goes back in another way.
    "refunded": frozenset({"collected"}),
    "charged_back": frozenset(),
}
STATES = tuple(TRANSITIONS)
FINAL = frozenset({"abandoned", "withdrawn", "released", "dropped", "collected", "refunded", "charged_back"})
# Nothing is owed for these: a reward that was set aside is free again.
FREES_REWARD = frozenset({"abandoned", "withdrawn", "released", "dropped", "refunded", "charged_back"})
# Money was once taken for these, whatever happened afterwards.
EVER_COLLECTED = frozenset({"collected", "refunded", "disputed", "charged_back"})


class PledgeNotFound(NotFound):
    """There is no such pledge, or the link to it is not whole."""

    sentence = msg("We cannot find this contribution. Use the link in your e-mail.")


class PledgeIdTaken(Conflict):
    """The same form was sent twice with different contents: the first one stands."""

    sentence = msg("This form was already sent with another amount or address. Open the page again to give once more.")


class PledgeCannotBecome(Conflict):
    """The transition table has no such edge."""

    sentence = msg("This contribution is already settled and cannot be changed this way.")


class TooLateToWithdraw(Conflict):
    """The deadline decides, and everyone's promise counted then."""

    sentence = msg("The end date has passed, so this contribution can no longer be withdrawn.")


class TooLateToChange(Conflict):
    """From the deadline on, what was promised is what is weighed and charged."""

    sentence = msg("The end date has passed, so this contribution can no longer be changed.")


class ChangedMeanwhile(Conflict):
    """The page was open in two windows, or a form was sent again after another change."""

    sentence = msg("Your contribution was changed meanwhile. Look how it stands now, and change it again if you wish.")


class CampaignNotOpen(Conflict):
    """Pledges are taken only while a campaign is live and before its deadline."""

    sentence = msg("This campaign does not take contributions now.")


class AmountMissing(Invalid):
    """No amount, or not a number."""

    sentence = msg("Fill in an amount in euros, for example 25 or 12.50.")


class AmountTooLow(Invalid):
    """Below the smallest pledge."""

    sentence = msg("The smallest contribution is € {euros}.")


class AmountTooHigh(Invalid):
    """Above the largest pledge we take online."""

    sentence = msg("You can give at most € {euros} online. For more, please contact the counter.")


class AmountTooHighAnywhere(Invalid):
    """Above the largest pledge we take at all."""

    sentence = msg("We take at most € {euros} at a time. Talk to the municipality about larger gifts.")


class NameTooLong(Invalid):
    """A public name is one line."""

    sentence = msg("This name is too long: use at most {length} characters.")


class MessageTooLong(Invalid):
    """A few words with a gift are not a letter."""

    sentence = msg("This message is too long: use at most {length} characters.")


@dataclass(frozen=True, slots=True)
class Appearance:
    """How a gift is shown: the name, whether only the municipality sees it, and a few words for everybody."""

    name: str = ""
    is_anonymous: bool = False
    message: str = ""

    @property
    def public_name(self) -> str:
        """What everybody may read as the name: nothing when the donor asked so."""
        return "" if self.is_anonymous else self.name


@dataclass(frozen=True, slots=True)
class Gap:
    """While a campaign collects: since and until when neighbours may give what failed cards left open. Half open."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """What deciding about a pledge needs to know of its campaign. `gap`: only when a gift may fill one."""

    state: str
    deadline_at: datetime | None
    gap: Gap | None = None


def check_transition(*, current: str, to: str) -> None:
    """Return when a pledge in state `current` may become `to`; raise PledgeCannotBecome otherwise."""
    if to not in TRANSITIONS[current]:
        raise PledgeCannotBecome


def check_campaign_takes_pledges(*, campaign: CampaignFacts, now: datetime) -> None:
    """Return when a new pledge may be made at `now`; raise CampaignNotOpen otherwise.

    The deadline itself is too late: the range is half open. After it only a gap may be filled, while collecting.
    """
    gap = campaign.gap
    if campaign.state == "collecting" and gap is not None and gap.since <= now < gap.until:
        return
    if campaign.state != "live" or campaign.deadline_at is None or now >= campaign.deadline_at:
        raise CampaignNotOpen


def may_be_secured(*, campaign: CampaignFacts, promised_at: datetime, now: datetime) -> bool:
    """Whether a pledge promised at `promised_at` still counts when its payment method is saved at `now`.

    It does while the campaign is live (its closing waits `GRACE_TO_FINISH` after the deadline), provided the
    promise itself was made before the deadline. A gift that fills a gap was promised while collecting, and counts until
    that ends: it is charged at once, so nothing is left to wait for.
    """
    deadline, gap = campaign.deadline_at, campaign.gap
    if campaign.state == "collecting" and gap is not None:
        return gap.since <= promised_at and now < gap.until
    if campaign.state != "live" or deadline is None:
        return False
    return promised_at < deadline and now < deadline + GRACE_TO_FINISH


def check_withdrawal(*, campaign: CampaignFacts, pledge_state: str, now: datetime) -> None:
    """Return when a pledge may be withdrawn; raise TooLateToWithdraw, or PledgeCannotBecome when it is settled.

    A promise until the deadline: what counted then is collected. A charge that failed at any time, because
    nothing was taken and only the donor could mend it.
    """
    check_transition(current=pledge_state, to="withdrawn")
    is_promise = pledge_state in {"promised", "secured"}
    is_running = campaign.state in {"live", "suspended"}
    is_in_time = campaign.deadline_at is not None and now < campaign.deadline_at
    if is_promise and not (is_running and is_in_time):
        raise TooLateToWithdraw


def may_be_withdrawn(*, campaign: CampaignFacts, pledge_state: str, now: datetime) -> bool:
    """Whether a donor has something to withdraw at `now`: not a page that was left, nothing was promised there."""
    if pledge_state == "promised":
        return False
    try:
        check_withdrawal(campaign=campaign, pledge_state=pledge_state, now=now)
    except (PledgeCannotBecome, TooLateToWithdraw):
        return False
    return True


def check_change(*, campaign: CampaignFacts, pledge_state: str, way: str, now: datetime) -> None:
    """Return when a donor may change amount or card at `now`; raise TooLateToChange, or PledgeCannotBecome.

    Only what counts and was not charged: a promise by card or mandate, while its campaign takes promises. Money that
    was already handed over cannot become more or less by a form.
    """
    if pledge_state != "secured" or way in OFFLINE_WAYS:
        raise PledgeCannotBecome
    if campaign.state != "live" or campaign.deadline_at is None or now >= campaign.deadline_at:
        raise TooLateToChange


def may_be_changed(*, campaign: CampaignFacts, pledge_state: str, way: str, now: datetime) -> bool:
    """Whether amount and card can still be changed at `now`: to offer it or not."""
    try:
        check_change(campaign=campaign, pledge_state=pledge_state, way=way, now=now)
    except (PledgeCannotBecome, TooLateToChange):
        return False
    return True


def check_appearance(appearance: Appearance) -> Appearance:
    """Return how a gift is shown, without idle blanks and empty lines; raise InvalidFields with what is too long."""
    name = " ".join(appearance.name.split())
    message = " ".join(appearance.message.split())
    errors: list[Invalid] = []
    if len(name) > NAME_LENGTH_MAX:
        errors.append(NameTooLong(field="public_name", length=NAME_LENGTH_MAX))
    if len(message) > MESSAGE_LENGTH_MAX:
        errors.append(MessageTooLong(field="message", length=MESSAGE_LENGTH_MAX))
    if errors:
        raise InvalidFields(tuple(errors))
    return Appearance(name=name, is_anonymous=appearance.is_anonymous, message=message)


def check_pledge(*, amount: Money | None, public_name: str, message: str = "", most: Money = MAXIMUM) -> Money:
    """Return the amount when the form can be accepted, at most `most`; raise InvalidFields naming all that is wrong."""
    errors: list[Invalid] = []
    if amount is None:
        errors.append(AmountMissing(field="amount"))
    elif amount < MINIMUM:
        errors.append(AmountTooLow(field="amount", euros=MINIMUM.cents // 100))
    elif amount > most:
        too_high = AmountTooHighAnywhere if most > MAXIMUM else AmountTooHigh
        errors.append(too_high(field="amount", euros=f"{most.cents // 100}"))
    try:
        check_appearance(Appearance(name=public_name, message=message))
    except InvalidFields as wrong:
        errors.extend(wrong.errors)
    if errors or amount is None:
        raise InvalidFields(tuple(errors))
    return amount
