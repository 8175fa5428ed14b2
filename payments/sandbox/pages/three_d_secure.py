"""The bank's confirmation page (3-D Secure), for saving a card and for paying with one."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from payments.sandbox.objects import checkout_forms, confirmations
from payments.sandbox.pages import render
from payments.sandbox.world import World


def routes(world: World) -> list[Route]:
    """The page of the bank that wants to see its customer."""

    async def show(request: Request) -> Response:
        challenge = world.store.get("challenge", request.path_params["id"])
        if challenge is None or challenge.get("method_type", "card") != "card":
            return render.message(request, "not_found", status=404)
        if challenge["status"] != "open":
            return render.message(request, "answered", link=challenge["return_url"], link_words="go_back")
        intent = world.store.get(challenge["intent_kind"], challenge["intent"]) or {}
        method = world.store.get("payment_method", challenge["payment_method"]) or {}
        lang = render.language(request)
        amount = intent.get("amount")
        targets = [challenge["return_url"], world.settings.public_url]
        session = world.store.newest("checkout.session", limit=1, where={"setup_intent": challenge["intent"]})
        targets += [one["success_url"] for one in session]
        return render.page(
            request,
            "three_d_secure.html",
            lang=lang,
            form_targets=targets,
            amount=None if amount is None else render.euros(amount, lang),
            description=intent.get("description"),
            last4=method["card"]["last4"],
        )

    async def submit(request: Request) -> Response:
        form = await request.form()
        challenge = world.store.get("challenge", request.path_params["id"])
        if challenge is None or challenge.get("method_type", "card") != "card":
            return render.message(request, "not_found", status=404)
        lang = render.language(request)
        outcome = form.get("outcome")
        if outcome not in {"complete", "fail"}:
            return render.message(request, "not_found", lang=lang, status=400)
        if challenge["status"] != "open":
            return render.message(request, "answered", lang=lang, link=challenge["return_url"], link_words="go_back")
        kind = confirmations if challenge["intent_kind"] == "payment_intent" else checkout_forms
        with world.store.transaction():
            address = kind.authenticated(world.act(), challenge, outcome=str(outcome))
        world.committed()
        return render.see_other(address, lang=lang, public_url=world.settings.public_url)

    path = "/3ds/{id}"
    return [Route(path, show, methods=["GET"]), Route(path, submit, methods=["POST"])]
