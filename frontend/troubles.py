"""What a donor is told when their payment failed: what is wrong, and what they can do."""

from dataclasses import dataclass
from typing import Final

from crowd.shared.errors import msg
from frontend.formats import Language
from frontend.i18n import say
from payments.collection.trouble_rules import Trouble


@dataclass(frozen=True, slots=True)
class Told:
    """Two sentences in the reader's language."""

    what: str
    remedy: str


_SENTENCES: Final[dict[Trouble, tuple[str, str]]] = {
    "approval": (
        msg("Your bank wants to know that it is really you."),
        msg("Approve the payment with your bank. It takes a minute."),
    ),
    "funds": (
        msg("There was not enough money, or the limit of your card or account was reached."),
        msg("Look at your balance or limit, and try again. Or pay in another way."),
    ),
    "expired": (
        msg("Your card is no longer valid."),
        msg("Use another card or account, or pay with iDEAL | Wero."),
    ),
    "details": (
        msg("Something about the card we saved is not right, for example the number or the security code."),
        msg("Fill in your card again, or pay with iDEAL | Wero."),
    ),
    "unsupported": (
        msg("Your card or account cannot be used for this kind of payment."),
        msg("Use another card or account, or pay with iDEAL | Wero."),
    ),
    "account": (
        msg("Your account can no longer be debited: it was closed, or your permission has ended."),
        msg("Use another card or account, or pay with iDEAL | Wero."),
    ),
    "blocked": (
        msg("Your bank does not allow this payment any more, and trying again will not help."),
        msg("Use another card or account, or pay with iDEAL | Wero. Ask your bank if you do not know why."),
    ),
    "temporary": (
        msg("Your bank could not answer at that moment. There is nothing wrong with your card or account."),
        msg("Try again, or pay in another way."),
    ),
    "unfinished": (
        msg("You did not finish the payment at your bank."),
        msg("Try again, or pay in another way."),
    ),
    "refused": (
        msg("Your bank did not allow the payment, and does not tell us why."),
        msg("Ask your bank, try again, or pay in another way."),
    ),
}


def told(trouble: Trouble, *, may_try_same: bool, language: Language) -> Told:
    """Return what is wrong and what to do about it, in `language`."""
    what, remedy = _SENTENCES[trouble]
    if trouble in {"funds", "temporary", "refused"} and not may_try_same:
        remedy = _SENTENCES["blocked"][1]
    return Told(what=say(what, language), remedy=say(remedy, language))
