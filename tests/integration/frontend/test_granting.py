"""What co-funding does by itself, on committed rows."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import update

from crowd.accounts.models import Person
from crowd.cofunding.operations import reserve_match
from crowd.cofunding.queries import reserved_cents
from crowd.grants.queries import application_of
from crowd.shared.db import Database
from frontend.granting import apply_for_grants, match_confirmed
from frontend.runtime import Runtime
from tests.factories import (
    NOW,
    make_initiative,
    make_municipality,
    make_neighbourhood,
    make_scheme,
    make_secured_pledge,
)
from tests.tools import running_tools


@pytest.fixture
def tools(committing_database: Database) -> Iterator[Runtime]:
    with running_tools(committing_database) as made:
        yield made


@pytest.fixture
def initiative(tools: Runtime) -> UUID:
    """A live initiative where a scheme is open, which has not applied."""
    with tools.database.transaction() as session:
        here = make_municipality(session)
        place = make_neighbourhood(session, municipality_id=here)
        make_scheme(session, municipality_id=here, neighbourhood_id=place)
        now = tools.clock.now(session)
        return make_initiative(session, municipality_id=here, neighbourhood_id=place, now=now)


def test_a_live_initiative_under_a_scheme_applies_by_itself(tools: Runtime, initiative: UUID) -> None:
    for _ in range(2):
        apply_for_grants(tools)
    with tools.database.reading() as session:
        assert application_of(session, initiative_id=initiative) is not None


def test_a_gift_is_matched_once_its_donor_confirmed_by_signing_in(tools: Runtime, initiative: UUID) -> None:
    with tools.database.transaction() as session:
        now = tools.clock.now(session)
        pledge = make_secured_pledge(
            session, initiative_id=initiative, email="gever@voorbeeld.example", confirmed=False, now=now
        )
        reserve_match(session, pledge_id=pledge, card_fingerprint="kaart", now=now)
    match_confirmed(tools)
    with tools.database.transaction() as session:
        assert reserved_cents(session, initiative_id=initiative) == 0
        session.execute(update(Person).where(Person.email == "gever@voorbeeld.example").values(email_confirmed_at=NOW))
    match_confirmed(tools)
    with tools.database.reading() as session:
        assert reserved_cents(session, initiative_id=initiative) == 100_00
