"""The page where a payee signs up to receive transfers: a name and a bank account."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from payments.sandbox.bank_accounts import compact, is_iban
from payments.sandbox.documents import Json
from payments.sandbox.objects import accounts
from payments.sandbox.pages import render
from payments.sandbox.world import World

TEST_NAME, TEST_IBAN = "Stichting Voorbeeld", "NL91ABNA0417164300"
"""The account number every Dutch IBAN explanation uses; it belongs to nobody."""
LONGEST_NAME = 100


def routes(world: World) -> list[Route]:
    """The page on which a payee says where money may go."""

    async def show(request: Request) -> Response:
        link = world.store.get("v2.core.account_link", request.path_params["id"])
        return _unusable(world, request, link) or _page(world, request, link or {}, {}, {})

    async def submit(request: Request) -> Response:
        form = await request.form()
        link = world.store.get("v2.core.account_link", request.path_params["id"])
        refusal = _unusable(world, request, link)
        if link is None or refusal is not None:
            return refusal or render.message(request, "not_found", status=404)
        quick = form.get("fill") == "test"
        texts = {
            "name": TEST_NAME if quick else str(form.get("name", "")).strip(),
            "iban": TEST_IBAN if quick else str(form.get("iban", "")).strip(),
        }
        mistakes = check(texts)
        if mistakes:
            return _page(world, request, link, texts, mistakes)
        _finish(world, link, texts)
        address = _details(link).get("return_url") or world.settings.public_url
        return render.see_other(address, lang=render.language(request), public_url=world.settings.public_url)

    path = "/setup/{id}"
    return [Route(path, show, methods=["GET"]), Route(path, submit, methods=["POST"])]


def check(texts: dict[str, str]) -> dict[str, str]:
    """The mistakes in what was typed, by field: the word that tells what is wrong."""
    mistakes = {}
    if not 1 <= len(texts["name"]) <= LONGEST_NAME:
        mistakes["name"] = "name_missing"
    if not is_iban(texts["iban"]):
        mistakes["iban"] = "iban_incorrect"
    return mistakes


def _finish(world: World, link: Json, texts: dict[str, str]) -> None:
    act = world.act()
    with world.store.transaction():
        account = act.load("v2.core.account", link["account"], param="account")
        last4 = compact(texts["iban"])[-4:]
        accounts.finish_onboarding(act, account, name=texts["name"], bank_last4=last4)
        world.store.update(link | {"_used": True})
    world.committed()


def _details(link: Json) -> Json:
    use_case: Json = link["use_case"]
    details: Json = use_case[use_case["type"]]
    return details


def _unusable(world: World, request: Request, link: Json | None) -> Response | None:
    """Where a used or expired link leads: to its refresh_url, as at Stripe; None when it still works."""
    if link is None:
        return render.message(request, "not_found", status=404)
    if link["_used"] or world.clock.now() >= link["_expires"]:
        address = _details(link)["refresh_url"]
        return render.see_other(address, lang=render.language(request), public_url=world.settings.public_url)
    return None


def _page(world: World, request: Request, link: Json, texts: dict[str, str], mistakes: dict[str, str]) -> Response:
    account = world.store.get("v2.core.account", link["account"]) or {}
    details = _details(link)
    filled = {"name": account["display_name"] or "", "iban": ""} | texts
    return render.page(
        request,
        "onboarding.html",
        lang=render.language(request),
        status=400 if mistakes else 200,
        form_targets=(details.get("return_url"), details["refresh_url"]),
        texts=filled,
        mistakes=mistakes,
        later_url=details.get("return_url"),
        test_iban=TEST_IBAN,
    )
