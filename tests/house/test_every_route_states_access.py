"""Every route says who may use it, exactly once; nothing else serves requests but the static files."""

from collections.abc import Iterator

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import Mount

from crowd.accounts.rules import PERMISSIONS
from frontend.access import Access
from frontend.web import create_app
from tests.tools import settings_for_tests


def _routes() -> list[RouteContext]:
    return list(iter_route_contexts(create_app(settings_for_tests()).routes))


def _marks(dependant: Dependant) -> Iterator[Access]:
    for needed in dependant.dependencies:
        if isinstance(needed.call, Access):
            yield needed.call
        yield from _marks(needed)


def test_every_route_has_exactly_one_mark() -> None:
    routes = [route for route in _routes() if isinstance(route.original_route, APIRoute)]
    unmarked = {route.path: len(list(_marks(route.dependant))) for route in routes}

    assert len(routes) > 10
    assert {path: count for path, count in unmarked.items() if count != 1} == {}


def test_every_permission_that_is_asked_for_exists() -> None:
    routes = [route for route in _routes() if isinstance(route.original_route, APIRoute)]
    asked = {mark.permission for route in routes for mark in _marks(route.dependant)}

    assert asked - {""} <= PERMISSIONS


def test_nothing_but_static_files_is_served_beside_the_routes() -> None:
    others = [route.original_route for route in _routes() if not isinstance(route.original_route, APIRoute)]

    assert [other.path for other in others if isinstance(other, Mount)] == [other.path for other in others]  # type: ignore[attr-defined]  # a mount has one
    assert {other.path for other in others} <= {"/static"}  # type: ignore[attr-defined]  # as above


def test_no_address_ends_with_a_slash() -> None:
    assert [route.path for route in _routes() if route.path and route.path != "/" and route.path.endswith("/")] == []
