"""What I gave, for my own page."""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from crowd.pledges import queries
from crowd.shared.actor import Actor
from crowd.shared.errors import msg
from crowd.shared.money import Money
from frontend.formats import Language, money
from frontend.i18n import say
from frontend.views.accounts import MyLine, MySection
from frontend.views.counter import Tone
from payments.bank.queries import returning_pledges

# The name of a state in a list of one's own contributions, and the tone it is said in.
_STATE_NAMES: Final[dict[str, tuple[str, Tone]]] = {
    "promised": (msg("Not finished"), "neutral"),
    "secured": (msg("Promised"), "live"),
    "withdrawn": (msg("Withdrawn"), "neutral"),
    "released": (msg("Not charged"), "neutral"),
    "charging": (msg("Being charged"), "live"),
    "processing": (msg("At your bank"), "live"),
    "needs_action": (msg("Your bank asks for you"), "warning"),
    "declined": (msg("Payment failed"), "warning"),
    "collected": (msg("Collected"), "positive"),
    "returning": (msg("Comes back to you"), "warning"),
    "dropped": (msg("Lapsed"), "neutral"),
    "refunded": (msg("Paid back"), "neutral"),
    "disputed": (msg("Disputed"), "warning"),
    "charged_back": (msg("Disputed"), "neutral"),
}


def my_pledges(session: Session, actor: Actor, language: Language, now: datetime) -> MySection | None:
    """Return what I gave, for my own page: everything under my address, also from before I signed in."""
    del now
    if actor.person_id is None:
        return None
    returning = returning_pledges(session, person_id=actor.person_id)
    lines = []
    for pledge_id, title, cents, state in queries.pledges_with_titles(session, person_id=actor.person_id):
        name, tone = _STATE_NAMES["returning" if pledge_id in returning and state == "collected" else state]
        lines.append(
            MyLine(
                href=f"/mijn/bijdragen/{pledge_id}",
                title=title,
                note=money(Money(cents), language),
                status=say(name, language),
                tone=tone,
            )
        )
    return MySection(
        title=say(msg("My contributions"), language),
        lines=lines,
        empty=say(msg("You have not supported an initiative yet."), language),
        action=(say(msg("See all initiatives"), language), "/initiatieven"),
    )
