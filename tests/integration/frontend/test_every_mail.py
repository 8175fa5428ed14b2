"""Every kind of mail, written from real rows, in both languages and both forms."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from crowd.accounts.models import Person, RoleGrant, SignInLink
from crowd.closing.models import Closing, FinalDecision, NearMiss, RevisedPlan
from crowd.cofunding.models import Scheme
from crowd.grants.models import Application, Decision
from crowd.initiatives.models import Initiative, InitiativeTransition, InitiativeUpdate, Invitation, ReviewNote
from crowd.pledges.models import Pledge, PledgeAmount
from crowd.shared import outbox
from crowd.shared.clock import local_date, machine_now
from crowd.shared.db import Database
from crowd.shared.ids import new_id
from crowd.shared.outbox import OutboxRow
from frontend.dispatcher import drain
from frontend.emails import MAILS
from frontend.runtime import Runtime
from frontend.security import token_hash
from matching.placements import operations as placements
from matching.placements.models import Placement
from payments.cancelling.models import Cancellation, CancellationLine, CancellationStep
from payments.collection.models import Charge, SavedMethod
from payments.payouts.models import Payee, Payout, Tranche, TranchePlan
from tests.factories import NOW, acting, make_initiative, make_municipality, make_person
from tests.mailbox import Mailbox, body_of, running_mailbox
from tests.people_at_work import lay_town, make_role, make_shift, make_volunteer
from tests.tools import running_tools

# The state in which each kind is news.
_INITIATIVE_IN = {
    "initiative.submitted": "submitted",
    "initiative.changes_requested": "changes_requested",
    "initiative.approved": "approved",
    "initiative.suspended": "suspended",
    "initiative.cancelled": "cancelled",
    "initiative.collecting": "collecting",
    "initiative.funded": "funded",
    "initiative.unfunded": "unfunded",
    "initiative.near_miss": "near_miss",
    "pledge.near_miss": "near_miss",
    "plan.confirmed": "near_miss",
    "plan.refused": "near_miss",
    "pledge.plan_confirmed": "near_miss",
    "plan.writing_ends": "near_miss",
    "plan.answering_ends": "near_miss",
    "plan.choosing_ends": "near_miss",
    "pledge.choosing_ends": "near_miss",
    "pledge.collected": "funded",
    "payout.sent": "funded",
    "pledge.may_choose": "cancelled",
    "pledge.choice_done": "cancelled",
    "payout.taken_back": "funded",
}
_PLEDGE_IN = {
    "pledge.receipt": "secured",
    "pledge.debit_announced": "charging",
    "pledge.came_too_late": "abandoned",
    "pledge.withdrawn": "withdrawn",
    "pledge.released": "released",
    "pledge.needs_action": "needs_action",
    "pledge.declined": "declined",
    "pledge.collected": "collected",
    "pledge.dropped": "dropped",
    "pledge.refunded": "refunded",
    "pledge.account_wanted": "collected",
    "pledge.refund_failed": "collected",
    "pledge.near_miss": "collected",
    "pledge.plan_confirmed": "collected",
    "pledge.choosing_ends": "collected",
    "pledge.money_returned": "withdrawn",
    "pledge.may_choose": "collected",
    "pledge.choice_done": "collected",
}
# Kinds whose args are not those of their noun.
_OWN_ARGS = {"initiative.update", "initiative.invitation", "pledge.amount_changed", "pledge.transfer_sent_back"}
_PLACEMENT_IN = {
    "placement.accepted": "accepted",
    "placement.applied": "applied",
    "placement.waitlisted": "waitlisted",
    "placement.invited": "invited",
    "placement.not_chosen": "declined",
    "placement.expired": "expired",
    "placement.cancelled": "cancelled",
    "placement.withdrawn": "withdrawn",
    "placement.reminder": "accepted",
    "placement.thanks": "completed",
}


@dataclass
class World:
    """One of everything that a mail can be about."""

    args: dict[str, str | int]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with running_mailbox() as box:
        yield box


@pytest.fixture
def tools(committing_database: Database, mailbox: Mailbox) -> Iterator[Runtime]:
    with running_tools(committing_database, SMTP_URL=mailbox.url) as made:
        yield made


def _close(session: Session, initiative_id: UUID, *, is_decided: bool) -> None:
    """The campaign was weighed at its deadline, and perhaps after collecting."""
    session.execute(
        insert(Closing).values(
            initiative_id=initiative_id,
            closed_at=NOW,
            minimum_cents=1_000_00,
            secured_cents=1_200_00,
            secured_count=12,
            match_cents=0,
            outcome="collecting",
            collect_until=NOW + timedelta(days=7),
        )
    )
    if not is_decided:
        return
    session.execute(
        insert(FinalDecision).values(
            initiative_id=initiative_id,
            decided_at=NOW,
            collected_cents=1_100_00,
            collected_count=11,
            match_cents=550_00,
            outcome="funded",
        )
    )


def _nearly(session: Session, *, initiative_id: UUID, kind: str, by: UUID, writer: UUID) -> None:
    """The campaign nearly made it, and where `kind` asks for it, its smaller plan was answered."""
    session.execute(
        insert(NearMiss).values(
            initiative_id=initiative_id,
            found_at=NOW,
            minimum_cents=1_000_00,
            collected_cents=900_00,
            collected_count=9,
            match_cents=0,
            plan_until=NOW + timedelta(days=14),
            left_cents=900_00,
            left_count=9,
            left_match_cents=0,
        )
    )
    # Whoever may answer a plan is asked to.
    session.execute(
        insert(RoleGrant).values(
            municipality_id=select(Initiative.municipality_id).where(Initiative.id == initiative_id).scalar_subquery(),
            person_id=by,
            role="clerk",
            mandate_cents=0,
            granted_at=NOW,
        )
    )
    if kind.startswith("plan.") or kind in {"pledge.plan_confirmed", "pledge.choosing_ends"}:
        states = {"plan.refused": "refused", "plan.writing_ends": "draft", "plan.answering_ends": "submitted"}
        state = states.get(kind, "confirmed")
        is_handed_in, is_answered = state != "draft", state in {"confirmed", "refused"}
        session.execute(
            insert(RevisedPlan).values(
                initiative_id=initiative_id,
                state=state,
                minimum_cents=850_00,
                what_changes="Een bank minder.",
                why="De rest kan later.",
                edited_at=NOW,
                edited_by=writer,
                minimum_before_cents=1_000_00 if is_handed_in else None,
                submitted_at=NOW if is_handed_in else None,
                submitted_by=writer if is_handed_in else None,
                answer_until=NOW + timedelta(days=14) if is_handed_in else None,
                decided_at=NOW if is_answered else None,
                decided_by=by if is_answered else None,
                reason="Zo past het niet." if is_answered else "",
                donors_until=NOW + timedelta(days=14) if state == "confirmed" else None,
            )
        )


def _decide(session: Session, municipality_id: UUID, initiative_id: UUID, application_id: UUID, *, by: UUID) -> None:
    """The municipality awarded its share, and everything was paid out."""
    scheme_id = session.execute(
        insert(Scheme)
        .values(
            municipality_id=municipality_id,
            name="Buurtfonds",
            legal_basis="artikel 4",
            ratio_percent=50,
            donor_cap_cents=100_00,
            project_cap_cents=2_500_00,
            pot_cents=50_000_00,
            opens_on=local_date(NOW),
            closes_on=local_date(NOW),
        )
        .returning(Scheme.id)
    ).scalar_one()
    session.execute(
        insert(Application).values(
            id=application_id,
            municipality_id=municipality_id,
            initiative_id=initiative_id,
            scheme_id=scheme_id,
            state="awarded",
            asked_cents=600_00,
            received_at=NOW,
            decide_by=local_date(NOW),
        )
    )
    session.execute(
        insert(Decision).values(
            application_id=application_id,
            decided_by=by,
            outcome="awarded",
            up_to_cents=550_00,
            reasons="Een goed plan.",
            legal_ground="artikel 4",
            decided_at=NOW,
        )
    )
    payee_id = new_id()
    session.execute(insert(Payee).values(id=payee_id, initiative_id=initiative_id, state="ready", started_at=NOW))
    session.execute(insert(TranchePlan).values(initiative_id=initiative_id, set_at=NOW, set_by=by))
    session.execute(
        insert(Tranche).values(
            id=initiative_id, initiative_id=initiative_id, number=1, amount_cents=1_650_00, match_cents=550_00
        )
    )
    session.execute(
        insert(Payout).values(
            tranche_id=initiative_id,
            initiative_id=initiative_id,
            payee_id=payee_id,
            gifts_cents=1_100_00,
            match_cents=550_00,
            state="sent",
            approved_at=NOW,
            approved_by=by,
            sent_at=NOW,
        )
    )


def _save_account(session: Session, *, pledge_id: UUID, initiative_id: UUID) -> None:
    """The gift comes from a bank account, and is about to be debited."""
    session.execute(
        insert(SavedMethod).values(
            pledge_id=pledge_id,
            method_ref="pm_1",
            customer_ref="cus_1",
            fingerprint="f",
            brand="RABO",
            last4="5264",
            kind="sepa_debit",
            mandate_reference="ZANDBAK1",
            saved_at=NOW,
        )
    )
    session.execute(
        insert(Charge).values(
            pledge_id=pledge_id,
            initiative_id=initiative_id,
            amount_cents=12_50,
            planned_at=NOW,
            next_attempt_at=NOW + timedelta(days=2),
        )
    )


def _cancel(
    session: Session, here: UUID, initiative_id: UUID, pledge_id: UUID, *, people: tuple[UUID, UUID], kind: str
) -> None:
    """A plan gives the donor ten of their twelve fifty; or gave it to the neighbourhood's pot."""
    now, plan_id, line_id = machine_now(), new_id(), new_id()
    session.execute(
        insert(Cancellation).values(
            id=plan_id,
            municipality_id=here,
            initiative_id=initiative_id,
            reason="De grond blijkt vervuild.",
            state="approved",
            gave_cents=12_50,
            left_cents=10_00,
            proposed_at=now,
            proposed_by=people[0],
            decided_at=now,
            decided_by=people[1],
            choose_until=now + timedelta(days=14),
        )
    )
    session.execute(
        insert(CancellationLine).values(
            id=line_id, cancellation_id=plan_id, number=1, pledge_id=pledge_id, gave_cents=12_50, amount_cents=10_00
        )
    )
    if kind == "pledge.choice_done":
        session.execute(insert(CancellationStep).values(line_id=line_id, way="gift", begun_at=now))


def _world(tools: Runtime, *, kind: str, language: str) -> World:
    with tools.database.transaction() as session:
        municipality_id = make_municipality(session)
        initiator, donor = (make_person(session, municipality_id=municipality_id) for _ in range(2))
        session.execute(update(Person).values(locale=language, email_confirmed_at=None))
        initiative_id = make_initiative(
            session,
            municipality_id=municipality_id,
            initiator_id=initiator,
            state=_INITIATIVE_IN.get(kind, "live"),
        )
        ids = {name: new_id() for name in ("pledge", "update", "invitation", "link", "application")}
        _close(session, initiative_id, is_decided=_INITIATIVE_IN.get(kind) != "near_miss")
        session.execute(
            insert(Pledge).values(
                id=ids["pledge"],
                municipality_id=municipality_id,
                initiative_id=initiative_id,
                person_id=donor,
                amount_cents=12_50,
                state=_PLEDGE_IN.get(kind, "secured"),
                wants_updates=True,
                locale=language,
                promised_at=NOW,
                secured_at=NOW,
                state_since=NOW,
            )
        )
        change_id = session.execute(
            insert(PledgeAmount)
            .values(pledge_id=ids["pledge"], from_cents=10_00, to_cents=12_50, at=NOW)
            .returning(PledgeAmount.id)
        ).scalar_one()
        _save_account(session, pledge_id=ids["pledge"], initiative_id=initiative_id)
        transition_id = session.execute(
            insert(InitiativeTransition)
            .values(initiative_id=initiative_id, from_state="draft", to_state="submitted", at=NOW, reason="idea")
            .returning(InitiativeTransition.id)
        ).scalar_one()
        session.execute(
            insert(ReviewNote).values(transition_id=transition_id, section="idea", body="Wie houdt het bij?")
        )
        session.execute(
            insert(InitiativeUpdate).values(
                id=ids["update"],
                initiative_id=initiative_id,
                title="De eerste bakken staan",
                body="Zaterdag **begonnen**.\n\n- vijf bakken",
                published_at=NOW,
                published_by=initiator,
            )
        )
        session.execute(
            insert(Invitation).values(
                id=ids["invitation"],
                initiative_id=initiative_id,
                email="nieuw@voorbeeld.example",
                invited_by=initiator,
                invited_at=NOW,
            )
        )
        now = machine_now()
        session.execute(
            insert(SignInLink).values(
                id=ids["link"],
                municipality_id=municipality_id,
                email="nieuw@voorbeeld.example",
                token_hash=token_hash(tools.keys.sign_in_token(ids["link"])),
                code_hash=b"",
                browser_hash=b"",
                created_at=now,
                expires_at=now + timedelta(minutes=15),
            )
        )
        _decide(session, municipality_id, initiative_id, ids["application"], by=donor)
        if kind in {"pledge.may_choose", "pledge.choice_done"}:
            _cancel(session, municipality_id, initiative_id, ids["pledge"], people=(initiator, donor), kind=kind)
        if _INITIATIVE_IN.get(kind) == "near_miss":
            _nearly(session, initiative_id=initiative_id, kind=kind, by=donor, writer=initiator)
    return World(
        args={
            "initiative_id": str(initiative_id),
            "transition_id": transition_id,
            "pledge_id": str(ids["pledge"]),
            "change_id": change_id,
            "amount_cents": 12_50,
            "update_id": str(ids["update"]),
            "invitation_id": str(ids["invitation"]),
            "link_id": str(ids["link"]),
            "application_id": str(ids["application"]),
        }
    )


def _names_of(kind: str) -> tuple[str, ...]:
    """The args with which each noun's domain adds its kinds."""
    return {
        "sign_in": ("link_id",),
        "pledge": ("pledge_id",),
        "grant": ("application_id",),
        "payout": ("initiative_id",),
        "plan": ("initiative_id",),
        "pledge.amount_changed": ("pledge_id", "change_id"),
        "pledge.transfer_sent_back": ("pledge_id", "amount_cents"),
        "initiative.update": ("update_id", "initiative_id"),
        "initiative.invitation": ("invitation_id",),
        "initiative": ("initiative_id", "transition_id"),
    }[kind if kind in _OWN_ARGS else kind.partition(".")[0]]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("kind", [kind for kind in MAILS if not kind.startswith("placement.")])
def test_every_kind_is_written_in_both_languages(tools: Runtime, mailbox: Mailbox, kind: str, language: str) -> None:
    world = _world(tools, kind=kind, language=language)
    with tools.database.transaction() as session:
        args = {name: world.args[name] for name in _names_of(kind)}
        outbox.add(session, kind=kind, args=args, dedupe_key=kind)

    drain(tools)

    assert mailbox.messages
    mail = mailbox.messages[0]
    expected = "nl" if kind in {"initiative.invitation", "sign_in.link"} else language
    assert mail["Content-Language"] == expected
    assert mail["Subject"]
    for form in (body_of(mail, "plain"), body_of(mail, "html")):
        assert "http://127.0.0.1:8000/" in form
        assert "{" not in form.partition("</style>")[2] if "</style>" in form else "{" not in form


def _placement(tools: Runtime, *, kind: str, language: str) -> dict[str, str]:
    """A volunteer on a shift, in the state in which `kind` is news; the args its domain adds."""
    with tools.database.transaction() as session:
        here = lay_town(session)
        initiator = make_person(session, municipality_id=here)
        initiative_id = make_initiative(session, municipality_id=here, initiator_id=initiator)
        role_id = make_role(session, here, initiative_id=initiative_id)
        shift_id = make_shift(session, here, role_id=role_id)
        volunteer = make_volunteer(session, here)
        session.execute(update(Person).values(locale=language))
        placement_id = new_id()
        placements.sign_up(
            session,
            placement_id=placement_id,
            volunteer_id=volunteer,
            shift_id=shift_id,
            locale=language,
            actor=acting(here, volunteer),
            now=NOW,
        )
        session.execute(delete(OutboxRow))
        state = _PLACEMENT_IN.get(kind, "accepted")
        waits = {"expires_at": NOW + timedelta(days=1)} if state in {"invited", "applied", "waitlisted"} else {}
        session.execute(update(Placement).values(state=state, **waits))
    if kind == "placement.not_placed":
        return {"volunteer_id": str(volunteer), "shift_id": str(shift_id), "reason": "Overlaps"}
    return {"placement_id": str(placement_id)}


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("kind", [kind for kind in MAILS if kind.startswith("placement.")])
def test_every_kind_about_a_shift_is_written_in_both_languages(
    tools: Runtime, mailbox: Mailbox, kind: str, language: str
) -> None:
    args = _placement(tools, kind=kind, language=language)
    with tools.database.transaction() as session:
        outbox.add(session, kind=kind, args=args, dedupe_key=kind)

    drain(tools)

    (mail,) = mailbox.messages
    assert mail["Content-Language"] == language
    for form in (body_of(mail, "plain"), body_of(mail, "html")):
        assert "Handen" in form
        assert "http://127.0.0.1:8000/" in form


def test_a_confirmed_shift_comes_with_its_appointment_and_a_cancelled_one_takes_it_back(
    tools: Runtime, mailbox: Mailbox
) -> None:
    args = _placement(tools, kind="placement.accepted", language="nl")
    for kind, state in (("placement.accepted", "accepted"), ("placement.cancelled", "cancelled")):
        with tools.database.transaction() as session:
            session.execute(update(Placement).values(state=state))
            outbox.add(session, kind=kind, args=args, dedupe_key=kind)
        drain(tools)

    first, second = (
        str(part.get_content()).replace("\r\n", "\n") for mail in mailbox.messages for part in mail.iter_attachments()
    )
    assert _field(first, "UID") == _field(second, "UID")
    assert (_field(first, "STATUS"), _field(second, "STATUS")) == ("CONFIRMED", "CANCELLED")
    assert int(_field(second, "SEQUENCE")) > int(_field(first, "SEQUENCE"))
    assert _field(first, "DTSTART;TZID=Europe/Amsterdam").endswith("T100000")
    assert "BEGIN:VTIMEZONE" in first
    assert _field(second, "METHOD") == "CANCEL"


def _field(calendar: str, name: str) -> str:
    return next(line.removeprefix(f"{name}:") for line in calendar.splitlines() if line.startswith(f"{name}:"))
