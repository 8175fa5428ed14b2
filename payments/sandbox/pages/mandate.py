"""A mandate to read again: what somebody allowed, and whether it still holds. It shows no name and no account."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from payments.sandbox.pages import render
from payments.sandbox.pages.words import WORDS
from payments.sandbox.world import World


def routes(world: World) -> list[Route]:
    """The page that a mandate's `url` leads to."""

    async def show(request: Request) -> Response:
        mandate = world.store.get("mandate", request.path_params["id"])
        if mandate is None:
            return render.message(request, "not_found", status=404)
        method = world.store.get("payment_method", mandate["payment_method"]) or {}
        lang = render.language(request)
        once = mandate["single_use"]
        accepted = datetime.fromtimestamp(mandate["customer_acceptance"]["accepted_at"], tz=UTC)
        return render.page(
            request,
            "mandate.html",
            lang=lang,
            reference=mandate["payment_method_details"]["sepa_debit"]["reference"],
            last4=method["sepa_debit"]["last4"],
            accepted=accepted.strftime("%Y-%m-%d %H:%M"),
            amount=None if once is None else render.euros(once["amount"], lang),
            state=WORDS[lang][f"mandate_{mandate['status']}"],
        )

    return [Route("/mandate/{id}", show, methods=["GET"])]
