"""The hosted page of a Checkout session: choose or type a test card, and go back."""

from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from payments.sandbox.cards import BY_NAME, BY_NUMBER, Card
from payments.sandbox.documents import Json
from payments.sandbox.objects import checkout_sessions
from payments.sandbox.pages import render
from payments.sandbox.pages.typed_card import TypedCard, read_card
from payments.sandbox.pages.words import WORDS
from payments.sandbox.world import World

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
)
FIELDS = ("number", "expiry", "cvc")


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What the form shows again: the texts that may be shown, and the mistakes by field."""

    texts: dict[str, str]
    mistakes: dict[str, str]


def routes(world: World) -> list[Route]:
    """The page that saves a card: shown, filled in, left."""

    async def show(request: Request) -> Response:
        session = world.store.get("checkout.session", request.path_params["id"])
        refusal = _unusable(world, request, session)
        if session is None or refusal is not None:
            return refusal or render.message(request, "not_found", status=404)
        return _page(world, request, session)

    async def submit(request: Request) -> Response:
        form = await request.form()
        session = world.store.get("checkout.session", request.path_params["id"])
        if session is not None and session["status"] == "complete":
            # The second click of a double click, or the back button: the card is saved, so simply go on.
            address = checkout_sessions.success_address(session)
            return render.see_other(address, lang="nl", public_url=world.settings.public_url)
        refusal = _unusable(world, request, session)
        if session is None or refusal is not None:
            return refusal or render.message(request, "not_found", status=404)
        chosen = BY_NUMBER.get(_text(form, "test_card"))
        if chosen is not None:
            return _save(world, request, session, chosen)
        typed = read_card(
            number=_text(form, "number"),
            expiry=_text(form, "expiry"),
            cvc=_text(form, "cvc"),
            now=world.clock.now(),
        )
        if typed.mistakes or typed.card is None:
            return _page(world, request, session, filled=_refill(form, typed))
        return _save(world, request, session, typed.card, typed)

    path = "/c/pay/{id}"
    return [Route(path, show, methods=["GET"]), Route(path, submit, methods=["POST"])]


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _save(world: World, request: Request, session: Json, card: Card, typed: TypedCard | None = None) -> Response:
    act = world.act()
    with world.store.transaction():
        address = checkout_sessions.submit_card(
            act,
            session,
            card,
            exp_month=typed.exp_month if typed else None,
            exp_year=typed.exp_year if typed else None,
        )
    world.committed()
    lang = render.language(request, session["locale"])
    return render.see_other(address, lang=lang, public_url=world.settings.public_url)


def _unusable(world: World, request: Request, session: Json | None) -> Response | None:
    """The page for a session that cannot be paid into any more, or None when it can."""
    if session is None:
        return render.message(request, "not_found", status=404)
    lang = render.language(request, session["locale"])
    if session["status"] == "complete":
        address = checkout_sessions.success_address(session)
        return render.message(request, "completed", lang=lang, link=address, link_words="go_on")
    if not checkout_sessions.is_open(world.act(), session):
        link = session["cancel_url"]
        words = "go_back" if link else None
        return render.message(request, "expired", lang=lang, status=410, link=link, link_words=words)
    return None


def _refill(form: FormData, typed: TypedCard) -> Filled:
    """Keeps what was typed, except a number that is no test card: it may be somebody's real one."""
    texts = {"number": _text(form, "number") if typed.card else "", "expiry": _text(form, "expiry"), "cvc": ""}
    return Filled(texts=texts, mistakes=typed.mistakes)


def _page(world: World, request: Request, session: Json, *, filled: Filled | None = None) -> Response:
    lang = render.language(request, session["locale"])
    intent = world.store.get("setup_intent", session["setup_intent"]) or {}
    empty = Filled(texts=dict.fromkeys(FIELDS, ""), mistakes={})
    shown = filled or empty
    error = intent.get("last_setup_error") if filled is None else None
    return render.page(
        request,
        "checkout.html",
        lang=lang,
        status=400 if shown.mistakes else 200,
        form_targets=(session["success_url"], world.settings.public_url),
        description=intent.get("description"),
        cancel_url=session["cancel_url"],
        good=_choice(BY_NAME["good"], lang),
        groups=[(name, [_choice(BY_NAME[card], lang) for card in cards]) for name, cards in GROUPS],
        texts=shown.texts,
        mistakes=shown.mistakes,
        declined=_why(error, lang) if error else None,
    )


def _choice(card: Card, lang: str) -> dict[str, str]:
    words = WORDS[lang]
    spaced = " ".join(card.number[start : start + 4] for start in range(0, len(card.number), 4))
    ours = f" {words['ours']}" if card.ours else ""
    return {
        "number": card.number,
        "spaced": spaced,
        "title": words[f"card_{card.name}"],
        "hint": words[f"card_{card.name}_hint"] + ours,
    }


def _why(error: Json, lang: str) -> str:
    """The last refusal in the reader's language."""
    words = WORDS[lang]
    return words.get(f"declined_{error.get('decline_code', error['code'])}", words["declined_generic_decline"])
