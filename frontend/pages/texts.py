"""Pages that are mostly words: how it works, privacy, accessibility, open data."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend.access import PublicActor
from frontend.answers import page
from frontend.api.version import PREFIX
from frontend.runtime import RuntimeDep
from frontend.views.texts import AccessibilityPage, HowPage, OpenDataPage, PrivacyPage

router: Final = APIRouter()


@router.get("/hoe-werkt-het")
def show_how(request: Request, actor: PublicActor) -> Response:
    """Show how giving, starting, helping and deciding work."""
    del actor
    return page(request, HowPage())


@router.get("/privacy")
def show_privacy(request: Request, actor: PublicActor) -> Response:
    """Show what is kept of people, why, and for how long."""
    del actor
    return page(request, PrivacyPage())


@router.get("/toegankelijkheid")
def show_accessibility(request: Request, actor: PublicActor) -> Response:
    """Show the accessibility statement."""
    del actor
    return page(request, AccessibilityPage())


@router.get("/open-data")
def show_open_data(request: Request, runtime: RuntimeDep, actor: PublicActor) -> Response:
    """Show what a program can read and do here; problems of the API refer to this page."""
    del actor
    return page(request, OpenDataPage(api=runtime.settings.base_url + PREFIX))
