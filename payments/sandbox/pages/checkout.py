"""The hosted page of a Checkout session: choose how to pay, a test card or a test account, and go back.

With one way to pay the page shows it at once; with several it first asks which (`?way=ideal`), each behind a link.
"""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from payments.sandbox.bank_accounts import ACCOUNT_BY_IBAN, ACCOUNT_BY_NAME, BankAccount
from payments.sandbox.cards import BY_NAME, BY_NUMBER, Card
from payments.sandbox.documents import Json
from payments.sandbox.objects import checkout_forms, checkout_sessions
from payments.sandbox.pages import choices, render
from payments.sandbox.pages.typed_account import TypedAccount, read_account
from payments.sandbox.pages.typed_card import TypedCard, read_card
from payments.sandbox.pages.words import WORDS
from payments.sandbox.world import World

WAYS = ("ideal", "sepa_debit", "card")
"""In the order in which the page offers them: what neighbours use most first."""
GROUPS = (
    ("asks", ("asks_once", "asks_always", "asks_then_insufficient")),
    (
        "later",
        (
            "declined_when_charged",
            "insufficient_when_charged",
            "insufficient_twice",
            "lost_when_charged",
        ),
    ),
    (
        "refused",
        ("declined", "insufficient", "lost", "expired", "incorrect_cvc", "processing_error"),
    ),
    ("afterwards", ("disputed", "not_received", "inquired", "warned_of", "refund_later", "refund_fails")),
)
ACCOUNT_GROUPS = (
    ("account_late", ("good_later", "slow")),
    (
        "account_failing",
        ("empty", "slow_empty", "empty_once", "early_then_empty", "fails", "fails_later", "not_authorized"),
    ),
    ("account_limits", ("over_volume", "over_weekly")),
    ("account_afterwards", ("disputed", "reversed_later", "refund_fails")),
    ("account_refused", ("bank_not_supported", "debits_not_supported")),
)
FIELDS = ("number", "expiry", "cvc", "name", "iban")


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What the form shows again: the texts that may be shown, and the mistakes by field."""

    texts: dict[str, str]
    mistakes: dict[str, str]


def routes(world: World) -> list[Route]:
    """The page that saves a way to pay: shown, filled in, left."""

    async def show(request: Request) -> Response:
        session = world.store.get("checkout.session", request.path_params["id"])
        refusal = _unusable(world, request, session)
        if session is None or refusal is not None:
            return refusal or render.message(request, "not_found", status=404)
        ways = [way for way in WAYS if way in session["payment_method_types"]]
        wish = request.query_params.get("way")
        return _page(world, request, session, way=ways[0] if len(ways) == 1 else wish if wish in ways else None)

    async def submit(request: Request) -> Response:
        form = await request.form()
        session = world.store.get("checkout.session", request.path_params["id"])
        if session is not None and session["status"] == "complete":
            # The second click of a double click, or the back button: it is saved, so simply go on.
            address = checkout_sessions.success_address(session)
            return render.see_other(address, lang="nl", public_url=world.settings.public_url)
        refusal = _unusable(world, request, session)
        if session is None or refusal is not None:
            return refusal or render.message(request, "not_found", status=404)
        way = _way_of(form)
        if way not in session["payment_method_types"]:
            return render.message(request, "not_found", status=400)
        return READERS[way](world, request, session, form)

    path = "/c/pay/{id}"
    return [Route(path, show, methods=["GET"]), Route(path, submit, methods=["POST"])]


def _way_of(form: FormData) -> str:
    """What was filled in tells how somebody wants to pay; iDEAL has nothing to fill in."""
    if form.get("way") == "ideal":
        return "ideal"
    return "sepa_debit" if {"test_iban", "iban"} & form.keys() else "card"


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _read_card(world: World, request: Request, session: Json, form: FormData) -> Response:
    chosen = BY_NUMBER.get(_text(form, "test_card"))
    if chosen is not None:
        return _save_card(world, request, session, chosen)
    typed = read_card(
        number=_text(form, "number"),
        expiry=_text(form, "expiry"),
        cvc=_text(form, "cvc"),
        now=world.clock.now(),
    )
    if typed.mistakes or typed.card is None:
        # What was typed is kept, except a number that is no test card: it may be somebody's real one.
        texts = {"number": _text(form, "number") if typed.card else "", "expiry": _text(form, "expiry")}
        return _page(world, request, session, way="card", filled=Filled(texts=texts, mistakes=typed.mistakes))
    return _save_card(world, request, session, typed.card, typed)


def _save_card(world: World, request: Request, session: Json, card: Card, typed: TypedCard | None = None) -> Response:
    def save() -> str:
        return checkout_forms.submit_card(
            world.act(),
            session,
            card,
            exp_month=typed.exp_month if typed else None,
            exp_year=typed.exp_year if typed else None,
        )

    return _go(world, request, session, save)


def _read_account(world: World, request: Request, session: Json, form: FormData) -> Response:
    chosen = ACCOUNT_BY_IBAN.get(_text(form, "test_iban"))
    if chosen is not None:
        return _save_account(world, request, session, chosen)
    typed = read_account(name=_text(form, "name"), iban=_text(form, "iban"))
    if typed.mistakes or typed.account is None:
        texts = {"name": typed.name, "iban": _text(form, "iban") if typed.account else ""}
        return _page(world, request, session, way="sepa_debit", filled=Filled(texts=texts, mistakes=typed.mistakes))
    return _save_account(world, request, session, typed.account, typed)


def _save_account(
    world: World, request: Request, session: Json, account: BankAccount, typed: TypedAccount | None = None
) -> Response:
    def save() -> str:
        name = typed.name if typed else None
        return checkout_forms.submit_bank_account(world.act(), session, account, name=name)

    return _go(world, request, session, save)


def _read_ideal(world: World, request: Request, session: Json, _form: FormData) -> Response:
    return _go(world, request, session, lambda: checkout_forms.visit_bank(world.act(), session))


READERS: dict[str, Callable[[World, Request, Json, FormData], Response]] = {
    "card": _read_card,
    "ideal": _read_ideal,
    "sepa_debit": _read_account,
}


def _go(world: World, request: Request, session: Json, save: Callable[[], str]) -> Response:
    with world.store.transaction():
        address = save()
    world.committed()
    lang = render.language(request, session["locale"])
    return render.see_other(address, lang=lang, public_url=world.settings.public_url)


def _unusable(world: World, request: Request, session: Json | None) -> Response | None:
    """The page for a session that cannot be paid into any more, or None when it can."""
    if session is None:
        return render.message(request, "not_found", status=404)
    lang = render.language(request, session["locale"])
    wide = "" if session["payment_method_types"] == ["card"] else "_any"
    if session["status"] == "complete":
        address = checkout_sessions.success_address(session)
        return render.message(request, f"completed{wide}", lang=lang, link=address, link_words="go_on")
    if not checkout_sessions.is_open(world.act(), session):
        link = session["cancel_url"]
        words = "go_back" if link else None
        return render.message(request, f"expired{wide}", lang=lang, status=410, link=link, link_words=words)
    return None


def _page(world: World, request: Request, session: Json, *, way: str | None, filled: Filled | None = None) -> Response:
    lang = render.language(request, session["locale"])
    intent = world.store.get("setup_intent", session["setup_intent"]) or {}
    shown = filled or Filled(texts={}, mistakes={})
    error = intent.get("last_setup_error") if filled is None else None
    ways = [one for one in WAYS if one in session["payment_method_types"]]
    return render.page(
        request,
        "checkout.html",
        lang=lang,
        status=400 if shown.mistakes else 200,
        form_targets=(session["success_url"], world.settings.public_url),
        description=intent.get("description"),
        cancel_url=session["cancel_url"],
        way=way,
        ways=ways,
        **(_cards(lang) if way == "card" else _accounts(lang) if way == "sepa_debit" else {}),
        texts=dict.fromkeys(FIELDS, "") | shown.texts,
        mistakes=shown.mistakes,
        declined=_why(error, lang) if error else None,
    )


def _cards(lang: str) -> dict[str, object]:
    groups = [(name, [choices.card(BY_NAME[card], lang) for card in cards]) for name, cards in GROUPS]
    return {"good": choices.card(BY_NAME["good"], lang), "groups": groups}


def _accounts(lang: str) -> dict[str, object]:
    groups = [
        (name, [choices.account(ACCOUNT_BY_NAME[account], lang) for account in accounts])
        for name, accounts in ACCOUNT_GROUPS
    ]
    return {"good": choices.account(ACCOUNT_BY_NAME["good"], lang), "groups": groups}


def _why(error: Json, lang: str) -> str:
    """The last refusal in the reader's language: said of this way to pay, else of its code, else in general."""
    words = WORDS[lang]
    code = error.get("decline_code", error["code"])
    way = error.get("payment_method", {}).get("type", "card")
    names = (f"declined_{way}_{code}", f"declined_{code}", "declined_generic_decline")
    return next(words[name] for name in names if name in words)
