"""What a donor is told to have given is what the ledger says, year by year, gifts at the counter included."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from crowd.pledges.models import Pledge
from crowd.shared.clock import local_midnight
from crowd.shared.money import Money
from payments.books.donor_queries import gift_movements, gifts_in_year, years_with_gifts
from payments.disputes.models import Dispute
from payments.ledger.operations import post
from payments.payouts.models import Refund
from tests.factories import NOW, make_initiative, make_municipality, make_person, make_secured_pledge

NEW_YEAR = local_midnight(date(2027, 1, 1))


def _gift(session: Session, initiative: UUID, donor: UUID, *, cents: int, at: datetime, kind: str = "charge") -> UUID:
    pledge_id = make_secured_pledge(session, initiative_id=initiative, cents=cents)
    session.execute(update(Pledge).where(Pledge.id == pledge_id).values(person_id=donor, state="collected"))
    _book(session, initiative, kind=kind, cents=cents, at=at, source=("pledge", pledge_id))
    return pledge_id


def _book(session: Session, initiative: UUID, *, kind: str, cents: int, at: datetime, source: tuple[str, UUID]) -> None:
    municipality_id = session.get_one(Pledge, source[1]).municipality_id if source[0] == "pledge" else None
    if municipality_id is None:
        refund = session.get_one(Refund, source[1])
        municipality_id = session.get_one(Pledge, refund.pledge_id).municipality_id
    post(
        session,
        kind=kind,
        municipality_id=municipality_id,
        initiative_id=initiative,
        amount=Money(cents),
        source_type=source[0],
        source_id=str(source[1]),
        occurred_at=at,
    )


def test_a_year_holds_what_was_collected_and_what_went_back_in_it(session: Session) -> None:
    here = make_municipality(session)
    donor, other = (make_person(session, municipality_id=here) for _ in range(2))
    garden = make_initiative(session, municipality_id=here, title="Tuin")
    repair = make_initiative(session, municipality_id=here, title="Repaircafé")
    by_card = _gift(session, garden, donor, cents=25_00, at=NOW)
    in_cash = _gift(session, repair, donor, cents=10_00, at=NEW_YEAR - timedelta(seconds=1), kind="deposit_collected")
    _gift(session, repair, donor, cents=5_00, at=NEW_YEAR)
    _gift(session, garden, other, cents=99_00, at=NOW)
    make_secured_pledge(session, initiative_id=garden)
    refund = session.execute(
        insert(Refund)
        .values(
            pledge_id=by_card,
            amount_cents=25_00,
            state="succeeded",
            reason="unfunded",
            refund_ref="re_1",
            planned_at=NOW,
            succeeded_at=NEW_YEAR,
        )
        .returning(Refund.id)
    ).scalar_one()
    _book(session, garden, kind="refund", cents=25_00, at=NEW_YEAR, source=("refund", refund))
    _book(session, repair, kind="refund_by_bank", cents=10_00, at=NEW_YEAR, source=("pledge", in_cash))

    first, second = (gifts_in_year(session, person_id=donor, year=year) for year in (2026, 2027))

    assert [(one.title, one.cents) for one in first] == [("Repaircafé", 10_00), ("Tuin", 25_00)]
    assert sorted((one.title, one.cents) for one in second) == [
        ("Repaircafé", -10_00),
        ("Repaircafé", 5_00),
        ("Tuin", -25_00),
    ]
    assert years_with_gifts(session, person_id=donor) == [2027, 2026]
    assert [one.cents for one in gift_movements(session, pledge_id=by_card)] == [25_00, -25_00]


def test_what_was_only_promised_is_not_in_it(session: Session) -> None:
    here = make_municipality(session)
    pledge_id = make_secured_pledge(session, initiative_id=make_initiative(session, municipality_id=here))
    assert gift_movements(session, pledge_id=pledge_id) == []


def test_what_a_bank_took_back_stands_in_it_as_gone_back(session: Session) -> None:
    here = make_municipality(session)
    donor = make_person(session, municipality_id=here)
    garden = make_initiative(session, municipality_id=here)
    pledge_id = _gift(session, garden, donor, cents=25_00, at=NOW)
    dispute = session.execute(
        insert(Dispute)
        .values(
            dispute_ref="dp_1",
            municipality_id=here,
            pledge_id=pledge_id,
            amount_cents=25_00,
            fee_cents=15_00,
            reason="fraudulent",
            state="lost",
            opened_at=NOW,
            withdrawn_at=NOW,
            closed_at=NOW,
            borne_by="campaign",
        )
        .returning(Dispute.id)
    ).scalar_one()
    for kind in ("dispute_opened", "dispute_lost"):
        post(
            session,
            kind=kind,
            municipality_id=here,
            initiative_id=garden,
            amount=Money(25_00),
            source_type="dispute",
            source_id=str(dispute),
            occurred_at=NOW,
        )

    assert [one.cents for one in gift_movements(session, pledge_id=pledge_id)] == [25_00, -25_00]
