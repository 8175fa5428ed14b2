"""What a test needs to stand on, made through the real operations wherever there are any."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from crowd.accounts.models import Organisation, Person
from crowd.cofunding.models import Scheme, SchemeNeighbourhood
from crowd.initiatives import operations
from crowd.initiatives.models import BudgetLine, Initiative, TeamMember
from crowd.municipalities.models import Municipality, Neighbourhood, PostcodeArea, Theme
from crowd.pledges import operations as pledges
from crowd.shared.actor import Actor, operator
from crowd.shared.clock import local_date
from crowd.shared.ids import new_id
from crowd.shared.money import Money

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_numbers = count(1)

# The road to each state, from draft on.
_ROADS: dict[str, tuple[str, ...]] = {
    "draft": (),
    "submitted": ("submitted",),
    "changes_requested": ("submitted", "changes_requested"),
    "approved": ("submitted", "approved"),
    "live": ("submitted", "approved", "live"),
    "suspended": ("submitted", "approved", "live", "suspended"),
    "collecting": ("submitted", "approved", "live", "collecting"),
    "near_miss": ("submitted", "approved", "live", "collecting", "near_miss"),
    "funded": ("submitted", "approved", "live", "collecting", "funded"),
    "unfunded": ("submitted", "approved", "live", "unfunded"),
    "cancelled": ("submitted", "approved", "live", "cancelled"),
}


def make_municipality(session: Session) -> UUID:
    """A fictional municipality with its own slug."""
    return session.execute(
        insert(Municipality)
        .values(
            slug=f"waterrade-{next(_numbers)}",
            name="Waterrade",
            site_name="Buurtloket Waterrade",
            phone="14 000",
            visiting_address="Stadsplein 1, Waterrade",
            email="loket@waterrade.example",
            brand_colour="#0b4f6c",
            accent_colour="#b5482a",
        )
        .returning(Municipality.id)
    ).scalar_one()


def make_neighbourhood(session: Session, *, municipality_id: UUID, name: str = "Havenkwartier") -> UUID:
    """A neighbourhood; its slug follows its name."""
    return session.execute(
        insert(Neighbourhood)
        .values(municipality_id=municipality_id, slug=f"{name.lower()}-{next(_numbers)}", name=name)
        .returning(Neighbourhood.id)
    ).scalar_one()


def make_postcode_area(
    session: Session, *, municipality_id: UUID, neighbourhood_id: UUID | None, pc4: str = "1011"
) -> str:
    """A postcode area of the neighbourhood; its four digits."""
    session.execute(
        insert(PostcodeArea).values(
            municipality_id=municipality_id,
            pc4=pc4,
            place="Waterrade",
            neighbourhood_id=neighbourhood_id,
            latitude=52.37,
            longitude=4.9,
        )
    )
    return pc4


def make_theme(session: Session, *, municipality_id: UUID, label_nl: str = "Groen", label_en: str = "Green") -> UUID:
    """A theme."""
    return session.execute(
        insert(Theme)
        .values(
            municipality_id=municipality_id,
            slug=f"{label_nl.lower()}-{next(_numbers)}",
            label_nl=label_nl,
            label_en=label_en,
            picture="garden",
        )
        .returning(Theme.id)
    ).scalar_one()


def make_person(
    session: Session, *, municipality_id: UUID, name: str = "Noor Voorbeeld", email: str | None = None
) -> UUID:
    """A person with a confirmed, fictional address."""
    person_id = new_id()
    session.execute(
        insert(Person).values(
            id=person_id,
            municipality_id=municipality_id,
            email=email or f"person-{next(_numbers)}@voorbeeld.example",
            name=name,
            email_confirmed_at=NOW,
        )
    )
    return person_id


def make_organisation(session: Session, *, municipality_id: UUID, name: str | None = None) -> UUID:
    """An unclaimed organisation."""
    return session.execute(
        insert(Organisation)
        .values(municipality_id=municipality_id, name=name or f"Stichting Voorbeeld {next(_numbers)}")
        .returning(Organisation.id)
    ).scalar_one()


def acting(municipality_id: UUID, person_id: UUID, *roles: str) -> Actor:
    """The signed-in person as an actor with these municipal roles."""
    return Actor(municipality_id=municipality_id, person_id=person_id, roles=frozenset(roles))


def make_initiative(
    session: Session,
    *,
    municipality_id: UUID,
    state: str = "live",
    initiator_id: UUID | None = None,
    organisation_id: UUID | None = None,
    neighbourhood_id: UUID | None = None,
    theme_id: UUID | None = None,
    pc4: str | None = None,
    title: str = "Geveltuinen in de Kadestraat",
    minimum_cents: int = 1_000_00,
    budget: tuple[tuple[str, int], ...] = (("Planten", 600_00), ("Tegels", 900_00)),
    ends_on: date | None = None,
    now: datetime = NOW,
) -> UUID:
    """An initiative in any state, brought there through `change_state`; its id."""
    initiative_id = new_id()
    session.execute(
        insert(Initiative).values(
            id=initiative_id,
            municipality_id=municipality_id,
            slug=f"initiatief-{next(_numbers)}",
            title=title,
            summary="Samen maken we de straat groener.",
            story="Wij willen **geveltuinen** aanleggen, met de hele straat.",
            help_wanted="Scheppen en planten.",
            theme_id=theme_id,
            neighbourhood_id=neighbourhood_id,
            pc4=pc4,
            organisation_id=organisation_id,
            minimum_cents=minimum_cents,
            ends_on=ends_on or local_date(now) + timedelta(days=30),
            created_at=now,
            edited_at=now,
        )
    )
    session.execute(
        insert(BudgetLine),
        [
            {"initiative_id": initiative_id, "position": position, "label": label, "amount_cents": cents}
            for position, (label, cents) in enumerate(budget)
        ],
    )
    if initiator_id is not None:
        session.execute(
            insert(TeamMember).values(
                initiative_id=initiative_id, person_id=initiator_id, part="initiator", joined_at=now
            )
        )
    for step in _ROADS[state]:
        operations.change_state(
            session,
            initiative_id=initiative_id,
            to=step,
            actor=operator(municipality_id),
            now=now,
            reason="Omdat de test het vraagt.",
        )
    return initiative_id


def make_scheme(
    session: Session,
    *,
    municipality_id: UUID,
    neighbourhood_id: UUID,
    ratio_percent: int = 100,
    donor_cap_cents: int = 250_00,
    project_cap_cents: int = 5_000_00,
    pot_cents: int = 20_000_00,
    name: str = "Samen voor de buurt",
) -> UUID:
    """A co-funding scheme that is open in one neighbourhood, all year."""
    scheme_id = session.execute(
        insert(Scheme)
        .values(
            municipality_id=municipality_id,
            name=name,
            legal_basis="Subsidieregeling Samen voor de buurt, artikel 3",
            ratio_percent=ratio_percent,
            donor_cap_cents=donor_cap_cents,
            project_cap_cents=project_cap_cents,
            pot_cents=pot_cents,
            opens_on=date(2026, 1, 1),
            closes_on=date(2027, 12, 31),
        )
        .returning(Scheme.id)
    ).scalar_one()
    session.execute(insert(SchemeNeighbourhood).values(scheme_id=scheme_id, neighbourhood_id=neighbourhood_id))
    return scheme_id


def make_secured_pledge(
    session: Session,
    *,
    initiative_id: UUID,
    cents: int = 100_00,
    email: str | None = None,
    confirmed: bool = True,
    now: datetime = NOW,
) -> UUID:
    """A pledge whose card was saved, by a donor who confirmed their address or not; its match is not reserved yet."""
    pledge_id = new_id()
    address = email or f"{pledge_id}@gever.example"
    promise = pledges.Promise(pledge_id=pledge_id, email=address, amount=Money(cents))
    pledges.make_pledge(
        session, initiative_id=initiative_id, promise=promise, actor=Actor(municipality_id=None), now=now
    )
    pledges.secure_pledge(session, pledge_id=pledge_id, now=now)
    if confirmed:
        session.execute(update(Person).where(Person.email == address).values(email_confirmed_at=now))
    return pledge_id
