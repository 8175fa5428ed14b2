"""What a reward may be, and when it can be chosen."""

from dataclasses import dataclass

from crowd.shared.errors import Conflict, Invalid, InvalidFields, NotFound, msg
from crowd.shared.money import Money

TITLE_LENGTH_MAX = 80
DESCRIPTION_LENGTH_MAX = 500
STOCK_MAX = 100_000
REWARDS_MAX = 10
# The largest gift that can be made online: nobody could choose a reward for more.
FROM_MAX = Money(10_000_00)
# While these last, neighbours can still choose.
OPEN_STATES = frozenset({"draft", "submitted", "changes_requested", "approved", "live", "suspended"})


class RewardNotFound(NotFound):
    """There is no such reward in this initiative."""

    sentence = msg("We cannot find this reward.")


class RewardGone(Invalid):
    """Somebody else took the last one, or it is no longer offered."""

    sentence = msg("This reward has just run out. Choose another one, or none.")


class RewardNeedsMore(Invalid):
    """The gift is smaller than the reward asks."""

    sentence = msg("This reward is for contributions from {amount}.")


class RewardTitleMissing(Invalid):
    """A reward without a name."""

    sentence = msg("Fill in what somebody gets.")


class RewardTextTooLong(Invalid):
    """Longer than fits beside a choice."""

    sentence = msg("This text is too long: use at most {length} characters.")


class RewardAmountWrong(Invalid):
    """No amount, or one that nobody can give online."""

    sentence = msg("Fill in an amount from {least} to {most}.")


class RewardStockWrong(Invalid):
    """Not a whole number of at least one."""

    sentence = msg("Fill in a whole number of at least 1, or nothing.")


class TooManyRewards(Conflict):
    """More choices than anybody reads."""

    sentence = msg("An initiative has at most {count} rewards.")


class RewardsClosed(Conflict):
    """The campaign is over, so nobody can choose any more."""

    sentence = msg("The campaign is over, so its rewards can no longer be changed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardForm:
    """A reward as it was typed; `stock` empty is as many as asked."""

    title: str
    description: str
    from_amount: Money | None
    stock: str


@dataclass(frozen=True, slots=True)
class NewReward:
    """A reward that may be added."""

    title: str
    description: str
    from_cents: int
    stock: int | None


def check_reward(form: RewardForm) -> NewReward:
    """Return the reward to add; raise InvalidFields naming everything that is wrong."""
    title, description, stock = form.title.strip(), form.description.strip(), form.stock.strip()
    errors: list[Invalid] = []
    if not title:
        errors.append(RewardTitleMissing(field="title"))
    if len(title) > TITLE_LENGTH_MAX:
        errors.append(RewardTextTooLong(field="title", length=TITLE_LENGTH_MAX))
    if len(description) > DESCRIPTION_LENGTH_MAX:
        errors.append(RewardTextTooLong(field="description", length=DESCRIPTION_LENGTH_MAX))
    amount = form.from_amount
    if amount is None or amount < Money(1_00) or amount > FROM_MAX:
        errors.append(RewardAmountWrong(field="from_amount", least=Money(1_00), most=FROM_MAX))
    count = int(stock) if stock.isascii() and stock.isdigit() and len(stock) <= len(str(STOCK_MAX)) else 0
    if stock and not 1 <= count <= STOCK_MAX:
        errors.append(RewardStockWrong(field="stock"))
    if errors or amount is None:
        raise InvalidFields(tuple(errors))
    return NewReward(title, description, amount.cents, count if stock else None)


def check_amount(*, amount_cents: int, from_cents: int, field: str) -> None:
    """Return when a gift is large enough for a reward; raise InvalidFields at `field` otherwise."""
    if amount_cents < from_cents:
        raise InvalidFields((RewardNeedsMore(field=field, amount=Money(from_cents)),))
