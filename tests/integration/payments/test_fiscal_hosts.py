"""Who receives: an organisation for several groups, once it agreed; and an account that a treasurer closes."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select, update

from crowd.accounts.organisation_operations import register_organisation
from crowd.accounts.rules import OrganisationTaken
from crowd.shared.actor import Actor
from crowd.shared.ids import new_id
from payments.calls.models import ProviderCall
from payments.payouts.host_operations import answer_as_host, ask_host, close_payee, send_on
from payments.payouts.host_queries import host_name, hosted
from payments.payouts.host_rules import (
    ClosedByYourself,
    NothingToSendOn,
    NotYourOrganisation,
    PayeeKnown,
    ReasonMissing,
)
from payments.payouts.models import Payee
from payments.payouts.queries import payee, payouts
from payments.payouts.rules import OnlyTheTreasurer, PayeeNotReady
from payments.payouts.workflow import onboard_host, refresh_host
from tests.money import MoneyWorld
from tests.payouts import approve, initiator, name_payee


def _funded(world: MoneyWorld, cents: int = 30_00) -> UUID:
    campaign = world.campaign(cents)
    world.pledge(campaign, cents)
    world.pass_deadline(campaign)
    world.work()
    assert world.state_of_campaign(campaign) == "funded"
    return campaign


def _host(world: MoneyWorld) -> tuple[UUID, Actor]:
    """An organisation whose treasurer filled in the provider's page: its id, and who answers for it."""
    somebody = replace(world.staff("clerk"), roles=frozenset())
    with world.database.transaction() as session:
        organisation = register_organisation(session, name="Stichting Voorbeeldwijk", actor=somebody, now=world.now)
    url = onboard_host(
        world.database,
        world.gateway,
        organisation_id=organisation,
        display_name="Stichting Voorbeeldwijk",
        contact_email="stichting@voorbeeld.example",
        return_url="https://loket.example/klaar",
        refresh_url="https://loket.example/opnieuw",
        actor=somebody,
        now=world.now,
    )
    with world.sandbox.browser() as browser:
        assert browser.post(url, data={"fill": "test"}).status_code == 303
    refresh_host(world.database, world.gateway, organisation_id=organisation, now=world.now)
    return organisation, somebody


def _ask(world: MoneyWorld, campaign: UUID, organisation: UUID) -> None:
    with world.database.transaction() as session:
        ask_host(
            session,
            payee_id=new_id(),
            initiative_id=campaign,
            organisation_id=organisation,
            actor=initiator(world),
            now=world.now,
        )


def _answer(world: MoneyWorld, campaign: UUID, actor: Actor, *, agrees: bool = True) -> None:
    with world.database.transaction() as session:
        answer_as_host(session, initiative_id=campaign, agrees=agrees, actor=actor, now=world.now)


def _close(world: MoneyWorld, campaign: UUID, actor: Actor, reason: str = "De stichting is opgeheven.") -> None:
    with world.database.transaction() as session:
        close_payee(session, initiative_id=campaign, reason=reason, actor=actor, now=world.now)


def _transfers(world: MoneyWorld, campaign: UUID) -> list[tuple[str, str | None]]:
    found = world.sandbox.client().v1.transfers.list({"transfer_group": str(campaign)})
    return [(str(one.destination), one.description) for one in found.data]


def test_one_organisation_receives_for_two_groups_after_it_agreed_to_each(world: MoneyWorld) -> None:
    organisation, somebody = _host(world)
    first, second = _funded(world), _funded(world, 20_00)
    _ask(world, first, organisation)
    _ask(world, second, organisation)
    with pytest.raises(PayeeNotReady):
        approve(world, first)
    with pytest.raises(NotYourOrganisation):
        _answer(world, first, initiator(world))
    _answer(world, second, somebody, agrees=False)
    _ask(world, second, organisation)
    for campaign in (first, second):
        _answer(world, campaign, somebody)
        approve(world, campaign)
    world.work()
    sent = [_transfers(world, campaign) for campaign in (first, second)]
    assert len({account for one in sent for account, _ in one}) == 1
    with world.database.reading() as session:
        assert host_name(session, initiative_id=first) == "Stichting Voorbeeldwijk"
        asking = hosted(session, person_id=somebody.person_id or new_id())
        assert [description for one in sent for _, description in one] == [one.title for one in asking]
    assert all(one.has_agreed for one in asking)
    assert world.verdict().findings == ()
    with pytest.raises(PayeeKnown):
        _ask(world, first, organisation)
    with pytest.raises(PayeeKnown):
        name_payee(world, first)
    with world.database.transaction() as session, pytest.raises(OrganisationTaken):
        register_organisation(session, name="Stichting  Voorbeeldwijk", actor=initiator(world), now=world.now)


def test_a_closed_account_gets_nothing_and_what_it_held_goes_to_the_next_on_somebody_elses_word(
    world: MoneyWorld,
) -> None:
    campaign = _funded(world)
    name_payee(world, campaign)
    treasurer, other = world.staff("treasurer"), world.staff("treasurer")
    approve(world, campaign)
    with pytest.raises(OnlyTheTreasurer):
        _close(world, campaign, initiator(world))
    with pytest.raises(ReasonMissing):
        _close(world, campaign, treasurer, " ")
    _close(world, campaign, treasurer)
    world.work()
    assert _transfers(world, campaign) == []
    with pytest.raises(NothingToSendOn):
        _send_on(world, campaign, other)
    name_payee(world, campaign)
    world.work()
    assert _transfers(world, campaign) == []
    with pytest.raises(ClosedByYourself):
        _send_on(world, campaign, treasurer)
    assert _send_on(world, campaign, other) == 1
    world.work()
    with world.database.reading() as session:
        now_named = payee(session, initiative_id=campaign)
        (sent,) = payouts(session, initiative_id=campaign)
    assert now_named is not None
    assert (sent.state, sent.payee_id) == ("sent", now_named.id)
    assert [account for account, _ in _transfers(world, campaign)] == [now_named.account_ref]
    assert world.verdict().findings == ()


def test_a_transfer_that_the_provider_refused_goes_to_the_next_account_and_one_that_may_have_left_does_not(
    world: MoneyWorld,
) -> None:
    campaign = _funded(world)
    name_payee(world, campaign)
    treasurer, other = world.staff("treasurer"), world.staff("treasurer")
    with world.database.transaction() as session:
        # The provider knows no such account, so it refuses every transfer to it.
        session.execute(update(Payee).where(Payee.initiative_id == campaign).values(account_ref="acct_unknown"))
    approve(world, campaign)
    world.work()
    _close(world, campaign, treasurer)
    name_payee(world, campaign)
    call = select(ProviderCall).where(ProviderCall.operation == "transfers.create")
    with world.database.transaction() as session:
        refused = session.scalars(call).one()
        assert refused.outcome == "refused"
        refused.outcome = None
    with pytest.raises(NothingToSendOn):
        _send_on(world, campaign, other)
    with world.database.transaction() as session:
        session.scalars(call).one().outcome = "refused"
    assert _send_on(world, campaign, other) == 1
    world.end_leases()
    world.work()
    with world.database.reading() as session:
        now_named = payee(session, initiative_id=campaign)
    assert now_named is not None
    assert [account for account, _ in _transfers(world, campaign)] == [now_named.account_ref]
    assert world.verdict().findings == ()


def _send_on(world: MoneyWorld, campaign: UUID, actor: Actor) -> int:
    with world.database.transaction() as session:
        return send_on(session, initiative_id=campaign, actor=actor, now=world.now)
