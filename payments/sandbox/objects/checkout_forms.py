"""What a donor does on the page of a Checkout session: offer a card or a bank account, or visit the bank."""

from datetime import UTC, datetime

from payments.sandbox.act import Act
from payments.sandbox.bank_accounts import BankAccount
from payments.sandbox.cards import Card
from payments.sandbox.documents import Json, public
from payments.sandbox.objects import challenges, checkout_sessions, mandates, setup_intents
from payments.sandbox.objects.customers import add_customer
from payments.sandbox.objects.instruments import add_bank_account, add_card, add_ideal, card_of
from payments.sandbox.objects.payment_methods import TEST_HOLDER, decline_error, three_d_secure_result


def submit_card(act: Act, session: Json, card: Card, *, exp_month: int | None, exp_year: int | None) -> str:
    """The donor offers a card on the page; answers the address to send the browser to next.

    A declined card leads back to the page itself, which tells why from the intent's last error. A card taken with
    one click is the donor's own; a number that was typed is the same card in everybody's hands.
    """
    intent = act.load("setup_intent", session["setup_intent"], param="setup_intent")
    method = add_card(
        act,
        card,
        exp_month=exp_month or 12,
        exp_year=exp_year or datetime.fromtimestamp(act.now, tz=UTC).year + 4,
        email=_email(act, session),
        holder=session["customer"] if exp_month is None else None,
    )
    if card.saving is not None:
        setup_intents.fail(act, intent, method, decline_error(card.saving, method))
        return _back(session, "card")
    if card.wants_authentication(off_session=False, set_up=False):
        return _ask_bank(act, session, intent, method)
    return _complete_card(act, session, intent, method, authenticated=False)


def submit_bank_account(act: Act, session: Json, account: BankAccount, *, name: str | None) -> str:
    """The donor offers a bank account to debit; typed ones come with their holder's `name`, as `submit_card` says."""
    intent = act.load("setup_intent", session["setup_intent"], param="setup_intent")
    method = add_bank_account(
        act,
        account,
        name=name or TEST_HOLDER,
        email=_email(act, session),
        holder=session["customer"] if name is None else None,
    )
    if account.saving is not None:
        error = {
            "code": account.saving.code,
            "message": account.saving.message,
            "payment_method": public(method),
            "type": "invalid_request_error",
        }
        setup_intents.fail(act, intent, method, error)
        return _back(session, "sepa_debit")
    _find_customer(act, session, intent)
    mandate = mandates.add_mandate(act, method)
    setup_intents.succeed(act, intent, method, details={}, mandate=mandate["id"])
    return checkout_sessions.complete(act, session, email=_email(act, session))


def visit_bank(act: Act, session: Json) -> str:
    """The donor wants to use iDEAL; answers the address of the bank's page."""
    intent = act.load("setup_intent", session["setup_intent"], param="setup_intent")
    return _ask_bank(act, session, intent, add_ideal(act, email=_email(act, session)))


def _ask_bank(act: Act, session: Json, intent: Json, method: Json) -> str:
    back = _back(session, method["type"])
    challenge = challenges.add_challenge(act, intent=intent, method=method, return_url=back)
    setup_intents.ask_authentication(act, intent, method, url=challenge["url"], return_url=back)
    return str(challenge["url"])


def authenticated(act: Act, challenge: Json, *, outcome: str, account: BankAccount | None = None) -> str:
    """The donor came back from the bank's page; answers the address to send the browser to.

    `outcome` is `complete`, `fail` or `cancel`; with iDEAL `account` is the one that was chosen at the bank.
    """
    intent = act.load("setup_intent", challenge["intent"], param="setup_intent")
    session = act.store.newest("checkout.session", limit=1, where={"setup_intent": intent["id"]})[0]
    method = act.load("payment_method", challenge["payment_method"], param="payment_method")
    current = intent["status"] == "requires_action" and intent["payment_method"] == method["id"]
    challenges.close(act, challenge, status="succeeded" if outcome == "complete" else "failed")
    if not current or not checkout_sessions.is_open(act, session):
        return str(session["url"] or checkout_sessions.success_address(session))
    if outcome != "complete":
        cancelled = outcome == "cancel"
        error = setup_intents.DECLINED_BY_HOLDER if cancelled else setup_intents.AUTHENTICATION_FAILED
        setup_intents.fail(act, intent, method, error | {"payment_method": public(method)})
        return _back(session, method["type"])
    if account is not None:
        return _complete_ideal(act, session, intent, method, account)
    decline = card_of(method).saving
    if decline is not None:
        setup_intents.fail(act, intent, method, decline_error(decline, method))
        return _back(session, "card")
    return _complete_card(act, session, intent, method, authenticated=True)


def _complete_card(act: Act, session: Json, intent: Json, method: Json, *, authenticated: bool) -> str:
    _find_customer(act, session, intent)
    method["_set_up"] = authenticated
    told = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
    details = {name: method["card"][name] for name in told} | {
        "network": method["card"]["brand"],
        "three_d_secure": three_d_secure_result(method, authenticated=authenticated),
    }
    setup_intents.succeed(act, intent, method, details=details)
    return checkout_sessions.complete(act, session, email=_email(act, session))


def _complete_ideal(act: Act, session: Json, intent: Json, method: Json, account: BankAccount) -> str:
    """IDEAL told whose account it is: from now on that account can be debited, with a mandate."""
    _find_customer(act, session, intent)
    bank, bic = account.bank
    method["ideal"] |= {"bank": bank, "bic": bic}
    method["_used_up"] = True
    act.store.update(method)
    name = method["billing_details"]["name"] or TEST_HOLDER
    saved = add_bank_account(
        act,
        account,
        name=name,
        email=_email(act, session),
        holder=session["customer"],
        setup_attempt=intent["latest_attempt"],
    )
    mandate = mandates.add_mandate(act, saved)
    details = {
        "bank": bank,
        "bic": bic,
        "generated_sepa_debit": saved["id"],
        "generated_sepa_debit_mandate": mandate["id"],
        "iban_last4": account.last4,
        "verified_name": name,
    }
    setup_intents.succeed(act, intent, method, details=details, saved=saved, mandate=mandate["id"])
    return checkout_sessions.complete(act, session, email=_email(act, session))


def _find_customer(act: Act, session: Json, intent: Json) -> None:
    """Makes the customer that the session promised, if it did and there is none yet."""
    if session["customer"] is None and session["customer_creation"] == "always":
        customer = add_customer(act, {"email": session["customer_email"]} if session["customer_email"] else {})
        session["customer"] = intent["customer"] = customer["id"]


def _email(act: Act, session: Json) -> str | None:
    if session["customer"] is None:
        email: str | None = session["customer_email"]
    else:
        email = act.load("customer", session["customer"], param="customer")["email"]
    return email


def _back(session: Json, way: str) -> str:
    """The page again, where this way to pay was chosen."""
    several = len(session["payment_method_types"]) > 1
    return f"{session['url']}?way={way}" if several else str(session["url"])
