"""The bank's page of iDEAL, for paying now and for making an account known that can be debited later."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from payments.sandbox.bank_accounts import ACCOUNT_BY_IBAN, ACCOUNT_BY_NAME
from payments.sandbox.documents import Json
from payments.sandbox.objects import checkout_forms, confirmations
from payments.sandbox.pages import choices, render
from payments.sandbox.world import World

OUTCOMES = ("complete", "cancel", "fail")
OTHERS = (
    "good_later",
    "slow",
    "empty",
    "slow_empty",
    "empty_once",
    "early_then_empty",
    "fails",
    "not_authorized",
    "disputed",
    "reversed_later",
    "refund_fails",
)
"""The accounts one can have at the bank besides the good one, when an account is what is asked for."""


def routes(world: World) -> list[Route]:
    """The page of the bank that somebody pays with."""

    async def show(request: Request) -> Response:
        challenge = _find(world, request)
        if challenge is None:
            return render.message(request, "not_found", status=404)
        return _answered(request, challenge) or _page(world, request, challenge)

    async def submit(request: Request) -> Response:
        form = await request.form()
        challenge = _find(world, request)
        if challenge is None:
            return render.message(request, "not_found", status=404)
        lang = render.language(request)
        account = ACCOUNT_BY_IBAN.get(str(form.get("test_iban", ACCOUNT_BY_NAME["good"].iban)))
        outcome = str(form.get("outcome", "complete" if "test_iban" in form else ""))
        if outcome not in OUTCOMES or account is None or account.saving is not None:
            return render.message(request, "not_found", lang=lang, status=400)
        told = _answered(request, challenge)
        if told is not None:
            return told
        kind = confirmations if challenge["intent_kind"] == "payment_intent" else checkout_forms
        with world.store.transaction():
            address = kind.authenticated(world.act(), challenge, outcome=outcome, account=account)
        world.committed()
        return render.see_other(address, lang=lang, public_url=world.settings.public_url)

    path = "/ideal/{id}"
    return [Route(path, show, methods=["GET"]), Route(path, submit, methods=["POST"])]


def _find(world: World, request: Request) -> Json | None:
    challenge = world.store.get("challenge", request.path_params["id"])
    return challenge if challenge is not None and challenge.get("method_type") == "ideal" else None


def _answered(request: Request, challenge: Json) -> Response | None:
    """What a second answer gets to see; None while the bank still waits for the first."""
    if challenge["status"] == "open":
        return None
    lang = render.language(request)
    return render.message(request, "answered", lang=lang, link=challenge["return_url"], link_words="go_back")


def _page(world: World, request: Request, challenge: Json) -> Response:
    intent = world.store.get(challenge["intent_kind"], challenge["intent"]) or {}
    lang = render.language(request)
    amount = intent.get("amount")
    sessions = world.store.newest("checkout.session", limit=1, where={"setup_intent": challenge["intent"]})
    targets = [challenge["return_url"], world.settings.public_url, *(one["success_url"] for one in sessions)]
    return render.page(
        request,
        "ideal.html",
        lang=lang,
        form_targets=targets,
        amount=None if amount is None else render.euros(amount, lang),
        description=intent.get("description"),
        accounts=[] if amount is not None else [choices.account(ACCOUNT_BY_NAME[name], lang) for name in OTHERS],
    )
