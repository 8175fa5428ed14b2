"""Money after the charge: fees, the balance, refunds, payees, transfers and their reversals."""

import pytest
import stripe

from tests.integration.payments.sandbox.conftest import Donor, eventually
from tests.sandbox_process import Sandbox

GOOD = "4242424242424242"


def posted(client: stripe.StripeClient, charge: str) -> stripe.BalanceTransaction:
    """The charge's balance transaction, once it has come."""
    eventually(lambda: client.v1.charges.retrieve(charge).balance_transaction is not None)
    found = client.v1.charges.retrieve(charge, {"expand": ["balance_transaction"]}).balance_transaction
    assert isinstance(found, stripe.BalanceTransaction)
    return found


def balance(client: stripe.StripeClient) -> tuple[int, int]:
    """(available, pending) in cents."""
    found = client.v1.balance.retrieve()
    return found.available[0].amount, found.pending[0].amount


def payee(donor: Donor) -> str:
    """An account that finished onboarding."""
    account = donor.client.v2.core.accounts.create(
        {
            "contact_email": "stichting@voorbeeld.example",
            "configuration": {
                "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
            },
        }
    )
    link = donor.client.v2.core.account_links.create(
        {
            "account": account.id,
            "use_case": {
                "type": "account_onboarding",
                "account_onboarding": {
                    "refresh_url": "http://127.0.0.1:9/opnieuw",
                    "return_url": "http://127.0.0.1:9/terug",
                },
            },
        }
    )
    with donor.sandbox.browser() as browser:
        answer = browser.post(link.url, data={"fill": "test"})
    assert answer.headers["location"] == "http://127.0.0.1:9/terug"
    return account.id


def test_the_balance_transaction_of_a_charge_comes_later_with_the_fee(
    donor: Donor, client: stripe.StripeClient
) -> None:
    before = balance(client)
    paid = donor.charge(donor.save(GOOD), 2500)
    charge = str(paid.latest_charge)
    assert client.v1.charges.retrieve(charge).balance_transaction is None
    movement = posted(client, charge)
    assert (movement.amount, movement.fee, movement.net) == (2500, 63, 2437)
    assert (movement.type, movement.source, movement.status) == ("charge", charge, "pending")
    assert balance(client) == (before[0], before[1] + 2437)
    assert [one.id for one in client.v1.balance_transactions.list({"source": charge}).data] == [movement.id]
    updated = client.v1.events.list({"type": "charge.updated", "limit": 1}).data[0]
    assert updated.data.object["id"] == charge


def test_card_money_becomes_available_after_some_days(
    donor: Donor, sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    movement = posted(client, str(donor.charge(donor.save(GOOD)).latest_charge))
    available = balance(client)[0]
    sandbox.control.advance(movement.available_on - sandbox.control.now())
    assert balance(client)[0] >= available + movement.net
    assert client.v1.balance_transactions.retrieve(movement.id).status == "available"


def test_a_refund_gives_back_everything_but_the_fee(donor: Donor, client: stripe.StripeClient) -> None:
    paid = donor.charge(donor.save(GOOD), 2500)
    posted(client, str(paid.latest_charge))
    before = sum(balance(client))
    refund = client.v1.refunds.create(
        {"charge": str(paid.latest_charge), "metadata": {"refund_id": "r-1"}, "reason": "requested_by_customer"}
    )
    assert (refund.status, refund.amount, refund.payment_intent) == ("succeeded", 2500, paid.id)
    assert sum(balance(client)) == before - 2500
    charge = client.v1.charges.retrieve(str(paid.latest_charge))
    assert (charge.refunded, charge.amount_refunded) == (True, 2500)
    movement = client.v1.refunds.retrieve(refund.id, {"expand": ["balance_transaction"]}).balance_transaction
    assert isinstance(movement, stripe.BalanceTransaction)
    assert (movement.amount, movement.fee, movement.type) == (-2500, 0, "refund")
    with pytest.raises(stripe.InvalidRequestError) as twice:
        client.v1.refunds.create({"payment_intent": paid.id})
    assert twice.value.code == "charge_already_refunded"


def test_a_charge_can_be_refunded_in_parts_but_never_for_more(donor: Donor, client: stripe.StripeClient) -> None:
    paid = donor.charge(donor.save(GOOD), 2500)
    first = client.v1.refunds.create({"payment_intent": paid.id, "amount": 1000})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        client.v1.refunds.create({"payment_intent": paid.id, "amount": 1501})
    second = client.v1.refunds.create({"payment_intent": paid.id, "amount": 1500})
    assert [one.id for one in client.v1.refunds.list({"payment_intent": paid.id}).data] == [second.id, first.id]


def test_a_failed_charge_has_nothing_to_refund(donor: Donor, client: stripe.StripeClient) -> None:
    method = donor.save("4000000000000341")
    intent = donor.intent()
    with pytest.raises(stripe.CardError):
        client.v1.payment_intents.confirm(intent.id, {"payment_method": method, "off_session": True})
    failed = client.v1.payment_intents.retrieve(intent.id)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"charge": str(failed.latest_charge)})
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"payment_intent": intent.id})


def test_a_payee_can_receive_only_after_onboarding(donor: Donor, client: stripe.StripeClient) -> None:
    account = client.v2.core.accounts.create(
        {
            "display_name": "Stichting Buurtmoestuin",
            "dashboard": "none",
            "identity": {"country": "nl", "entity_type": "non_profit"},
            "defaults": {"responsibilities": {"fees_collector": "application", "losses_collector": "application"}},
            "configuration": {
                "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
            },
            "include": ["configuration.recipient", "requirements", "identity", "defaults"],
            "metadata": {"payee_id": "1"},
        }
    )
    assert account.configuration is not None
    assert account.configuration.recipient is not None
    assert account.configuration.recipient.capabilities is not None
    assert account.configuration.recipient.capabilities.stripe_balance is not None
    assert account.configuration.recipient.capabilities.stripe_balance.stripe_transfers is not None
    assert account.configuration.recipient.capabilities.stripe_balance.stripe_transfers.status == "restricted"
    assert account.requirements is not None
    assert account.requirements.entries
    paid = donor.charge(donor.save(GOOD))
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create(
            {
                "amount": 100,
                "currency": "eur",
                "destination": account.id,
                "source_transaction": str(paid.latest_charge),
            }
        )
    assert refused.value.code == "insufficient_capabilities_for_transfer"


def test_an_account_shows_only_the_parts_asked_for(donor: Donor, client: stripe.StripeClient) -> None:
    account = payee(donor)
    bare = client.v2.core.accounts.retrieve(account)
    assert (bare.configuration, bare.requirements, bare.identity) == (None, None, None)
    whole = client.v2.core.accounts.retrieve(account, {"include": ["configuration.recipient", "requirements"]})
    assert whole.requirements is not None
    assert whole.requirements.entries == []
    assert whole.display_name == "Stichting Voorbeeld"


def test_an_onboarding_link_works_once_and_for_five_minutes(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    account = client.v2.core.accounts.create({})
    link = client.v2.core.account_links.create(
        {
            "account": account.id,
            "use_case": {
                "type": "account_onboarding",
                "account_onboarding": {"refresh_url": "http://127.0.0.1:9/opnieuw"},
            },
        }
    )
    sandbox.control.advance(301)
    with sandbox.browser() as browser:
        assert browser.get(link.url).headers["location"] == "http://127.0.0.1:9/opnieuw"
        assert browser.post(link.url, data={"fill": "test"}).headers["location"] == "http://127.0.0.1:9/opnieuw"


def test_a_transfer_sends_what_one_charge_brought_in(donor: Donor, client: stripe.StripeClient) -> None:
    account = payee(donor)
    paid = donor.charge(donor.save(GOOD), 2500)
    posted(client, str(paid.latest_charge))
    before = sum(balance(client))
    transfer = client.v1.transfers.create(
        {
            "amount": 2000,
            "currency": "eur",
            "destination": account,
            "source_transaction": str(paid.latest_charge),
            "metadata": {"payout_line_id": "1"},
        }
    )
    assert (transfer.transfer_group, transfer.reversed) == ("campagne-1", False)
    assert sum(balance(client)) == before - 2000
    with pytest.raises(stripe.InvalidRequestError, match="must not exceed"):
        client.v1.transfers.create(
            {
                "amount": 501,
                "currency": "eur",
                "destination": account,
                "source_transaction": str(paid.latest_charge),
            }
        )
    assert [one.id for one in client.v1.transfers.list({"destination": account}).data] == [transfer.id]


def test_a_reversal_brings_money_back_and_frees_the_charge(donor: Donor, client: stripe.StripeClient) -> None:
    account = payee(donor)
    paid = donor.charge(donor.save(GOOD), 2500)
    line: stripe.params.TransferCreateParams = {
        "amount": 2500,
        "currency": "eur",
        "destination": account,
        "source_transaction": str(paid.latest_charge),
    }
    transfer = client.v1.transfers.create(line)
    before = sum(balance(client))
    reversal = client.v1.transfers.reversals.create(transfer.id, {"amount": 1000, "metadata": {"refund_id": "r-1"}})
    assert (reversal.amount, reversal.transfer) == (1000, transfer.id)
    assert sum(balance(client)) == before + 1000
    after = client.v1.transfers.retrieve(transfer.id)
    assert (after.amount_reversed, after.reversed) == (1000, False)
    assert [one.id for one in after.reversals.data] == [reversal.id]
    assert [one.id for one in client.v1.transfers.reversals.list(transfer.id).data] == [reversal.id]
    assert client.v1.transfers.create({**line, "amount": 1000}).amount == 1000
    with pytest.raises(stripe.InvalidRequestError, match="greater than unreversed"):
        client.v1.transfers.reversals.create(transfer.id, {"amount": 1501})


def test_without_a_source_charge_only_available_money_can_be_sent(
    donor: Donor, sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    account = payee(donor)
    available = balance(client)[0]
    too_much: stripe.params.TransferCreateParams = {
        "amount": max(available, 0) + 1,
        "currency": "eur",
        "destination": account,
    }
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create(too_much)
    assert refused.value.code == "balance_insufficient"
    # Earlier refunds of money that was not there yet leave the shared sandbox in debt.
    posted(client, str(donor.charge(donor.save("4000000000000077"), 5000 + max(-available, 0) * 2).latest_charge))
    assert client.v1.transfers.create({**too_much, "amount": 100}).amount == 100
    assert sandbox.control.summary()["transfers"]["0"]["amount"] >= 100


def test_the_summary_adds_up_per_pledge(donor: Donor, sandbox: Sandbox, client: stripe.StripeClient) -> None:
    method = donor.save(GOOD)
    intent = donor.intent(700, pledge_id="p-som")
    client.v1.payment_intents.confirm(intent.id, {"payment_method": method, "off_session": True})
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 200})
    found = sandbox.control.summary()["by_metadata"]["pledge_id"]["p-som"]
    assert found == {"succeeded": {"count": 1, "amount": 700, "refunded": 200}}
