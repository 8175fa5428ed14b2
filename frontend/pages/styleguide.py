"""The style guide: every piece in every state, and every page with made-up content. Only in a demonstration."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from crowd.shared.actor import Actor
from crowd.shared.errors import NotFound
from frontend.access import public
from frontend.answers import page
from frontend.drawings import KINDS
from frontend.pages import samples
from frontend.runtime import RuntimeDep
from frontend.theme import ramp
from frontend.town import brand_of
from frontend.views.forms import Choice, Form
from frontend.views.styleguide import StyleguidePage

router = APIRouter()


@router.get("/stijlgids")
def show_styleguide(request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)]) -> HTMLResponse:
    """Show every piece; NotFound outside a demonstration."""
    del actor
    if not runtime.settings.demo:
        raise NotFound
    brand = brand_of(runtime.town.facts())
    return page(request, guide(action=brand.action, accent=brand.accent), now=samples.NOW)


@router.get("/stijlgids/{name}")
def show_sample(
    request: Request, name: str, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)]
) -> HTMLResponse:
    """Show one page with made-up content; NotFound for an unknown one and outside a demonstration."""
    del actor
    content = samples.pages().get(name)
    if content is None or not runtime.settings.demo:
        raise NotFound
    return page(request, content, now=samples.NOW)


def guide(*, action: str, accent: str) -> StyleguidePage:
    """Return the style guide for a municipality of these two colours."""
    errors = {
        "naam": "Vul je naam in.",
        "bedrag": "Vul een bedrag in euro's in, zoals 25 of 12,50.",
        "verhaal": "Vertel in een paar zinnen wat je plan is.",
        "wijk": "Kies een wijk.",
        "manier": "Kies hoe je wilt helpen.",
    }
    return StyleguidePage(
        ramps={"action": ramp(action), "accent": ramp(accent)},
        drawings=KINDS,
        pages=tuple(samples.pages()),
        cards=samples.CARDS,
        form=Form(values={"naam": "Noor Voorbeeld", "wijk": "noord", "manier": "handen", "dagen": "za,zo"}),
        wrong=Form(values={"bedrag": "tien euro"}, errors=errors),
        choices=(
            Choice(value="noord", label="Noord", hint="Van het spoor tot de dijk"),
            Choice(value="oude-stad", label="Oude Stad", hint="Binnen de singel"),
            Choice(value="parkwijk", label="Parkwijk"),
        ),
    )
