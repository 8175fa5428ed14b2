"""What a clerk fills in for a donor, and what may be wrong with it. Pure."""

from dataclasses import dataclass
from uuid import UUID

from crowd.accounts.rules import address
from crowd.pledges.rules import MAXIMUM_AT_COUNTER, OFFLINE_WAYS, check_pledge
from crowd.shared.actor import Channel
from crowd.shared.errors import Invalid, InvalidFields
from crowd.shared.money import Money
from payments.bank.rules import CashNeedsTheDesk, Household, WayMissing, donor_name, household


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """What a clerk fills in for a donor. `pledge_id` was chosen by the form, so sending it twice is one gift."""

    pledge_id: UUID
    initiative_id: UUID
    way: str
    amount: Money | None
    name: str
    postcode: str
    house_number: str
    email: str = ""
    public_name: str = ""
    wants_updates: bool = False
    locale: str = "nl"


def check_gift(gift: Gift, *, channel: Channel) -> Household:
    """Return where the donor lives when this gift can be written down; raise InvalidFields naming all that is wrong."""
    errors: list[Invalid] = []
    home = None
    if gift.way not in OFFLINE_WAYS:
        errors.append(WayMissing(field="way"))
    elif gift.way == "cash" and channel is not Channel.DESK:
        errors.append(CashNeedsTheDesk(field="way"))
    try:
        check_pledge(amount=gift.amount, public_name=gift.public_name.strip(), most=MAXIMUM_AT_COUNTER)
    except InvalidFields as wrong:
        errors += wrong.errors
    try:
        donor_name(gift.name)
    except Invalid as wrong:
        errors.append(wrong)
    try:
        home = household(postcode=gift.postcode, house_number=gift.house_number)
    except InvalidFields as wrong:
        errors += wrong.errors
    if gift.email.strip():
        try:
            address(gift.email)
        except Invalid as wrong:
            errors.append(wrong)
    if errors or home is None:
        raise InvalidFields(tuple(errors))
    return home
