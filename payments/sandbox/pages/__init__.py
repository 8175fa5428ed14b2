"""What a person sees: the hosted pages for paying, the bank, a mandate and onboarding, and the index."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from payments.sandbox.pages import checkout, ideal, index, mandate, onboarding, render, three_d_secure
from payments.sandbox.world import World


def routes(world: World) -> list[Route]:
    """Every address a person can open."""
    return [
        *checkout.routes(world),
        *three_d_secure.routes(world),
        *ideal.routes(world),
        *mandate.routes(world),
        *onboarding.routes(world),
        *index.routes(world),
        *render.routes(),
    ]


async def not_found(request: Request, _error: Exception) -> Response:
    """A sentence for people; JSON for programs that knock on the wrong control door."""
    if request.url.path.startswith("/_sandbox"):
        return JSONResponse({"error": {"message": "No such control door; see README.md."}}, 404)
    return render.message(request, "not_found", status=404)


async def broken(request: Request, _error: Exception) -> Response:
    """The sandbox itself failed; the transaction was rolled back."""
    return render.message(request, "broken", status=500)
