"""Rewards as a donor reads them: what, from which amount, how many are left."""

from collections.abc import Sequence

from crowd.rewards.queries import RewardRow
from crowd.shared.errors import msg
from crowd.shared.money import Money
from frontend.formats import Language
from frontend.i18n import say
from frontend.views.forms import Choice
from frontend.views.rewards import Offer


def offer_view(row: RewardRow) -> Offer:
    """Return a reward as pages show it."""
    return Offer(
        id=str(row.id),
        title=row.title,
        description=row.description,
        from_amount=Money(row.from_cents),
        left=row.left,
        is_closed=row.is_closed,
    )


def offer_choices(offers: Sequence[Offer], language: Language) -> tuple[Choice, ...]:
    """Return what a donor can choose, nothing first; what ran out is no choice. Empty when nothing is offered."""
    if not offers:
        return ()
    nothing = Choice(value="", label=say(msg("Nothing in return"), language))
    return (nothing, *(_choice(offer, language) for offer in offers if not offer.is_gone))


def _choice(offer: Offer, language: Language) -> Choice:
    hints = [say(msg("For contributions from {amount}."), language, {"amount": offer.from_amount})]
    if offer.left is not None:
        hints.append(say(msg("Still {count} left."), language, {"count": offer.left}))
    if offer.description:
        hints.append(offer.description)
    return Choice(value=offer.id, label=offer.title, hint=" ".join(hints))
