"""What we ask of the payment provider: our words turned into one `Request` each, and nothing sent yet.

A request has the exact parameters, checked against the SDK's own types, and the idempotency key derived from our row.
Only the types of the SDK are used here; `gateway.py` is what speaks it.
"""

from typing import Literal
from uuid import UUID

from stripe.params import (
    CustomerCreateParams,
    DisputeUpdateParams,
    PaymentIntentCancelParams,
    PaymentIntentConfirmParams,
    PaymentIntentCreateParams,
    RefundCreateParams,
    TransferCreateParams,
    TransferReversalCreateParams,
)
from stripe.params.checkout import SessionCreateParams
from stripe.params.v2.core import AccountCreateParams, AccountLinkCreateParams

from crowd.shared.money import Money
from payments.provider import Request


def create_customer(*, person_id: UUID) -> Request:
    """Ask for a customer to attach a saved card to. No name or address is sent: the provider needs neither."""
    parameters: CustomerCreateParams = {"metadata": {"person_id": str(person_id)}}
    return Request(operation="customers.create", key=f"donor/{person_id}/customer", parameters=parameters)


def create_setup(
    *,
    pledge_id: UUID,
    number: int,
    customer_ref: str,
    locale: Literal["nl", "en"],
    success_url: str,
    cancel_url: str,
    takes_accounts: bool = False,
) -> Request:
    """Ask for a hosted page on which a donor saves a way to pay for this pledge, the `number`-th time.

    A card always; with `takes_accounts` also a bank account, made known by iDEAL or typed, that may be debited.
    """
    parameters: SessionCreateParams = {
        "mode": "setup",
        "ui_mode": "hosted_page",
        "currency": "eur",
        "customer": customer_ref,
        "allowed_payment_method_types": ["ideal", "sepa_debit", "card"] if takes_accounts else ["card"],
        "locale": locale,
        "success_url": success_url,
        "cancel_url": cancel_url,
        "client_reference_id": str(pledge_id),
        "setup_intent_data": {"metadata": {"pledge_id": str(pledge_id)}},
    }
    return Request(
        operation="checkout.sessions.create", key=f"pledge/{pledge_id}/setup/{number}", parameters=parameters
    )


def create_intent(*, pledge_id: UUID, initiative_id: UUID, amount: Money, customer_ref: str) -> Request:
    """Ask for the one payment intent of a pledge, not yet confirmed: nothing is taken by this.

    How it is paid is said at each confirmation, so that a card that is gone never spoils the one intent.
    """
    parameters: PaymentIntentCreateParams = {
        "amount": amount.cents,
        "currency": "eur",
        "customer": customer_ref,
        "allowed_payment_method_types": ["card", "sepa_debit", "ideal"],
        "transfer_group": str(initiative_id),
        "metadata": {"pledge_id": str(pledge_id), "initiative_id": str(initiative_id)},
    }
    return Request(operation="payment_intents.create", key=f"pledge/{pledge_id}/pi", parameters=parameters)


def confirm_intent_off_session(*, pledge_id: UUID, number: int, intent_ref: str, method_ref: str) -> Request:
    """Take the money while the donor is away."""
    parameters: PaymentIntentConfirmParams = {"off_session": True, "payment_method": method_ref}
    return Request(
        operation="payment_intents.confirm",
        key=f"pledge/{pledge_id}/confirm/{number}",
        parameters=parameters,
        target=intent_ref,
    )


def confirm_intent_on_session(
    *, pledge_id: UUID, number: int, intent_ref: str, method_ref: str, return_url: str
) -> Request:
    """Take the money with the donor present, who may be sent to their bank and back to `return_url`."""
    parameters: PaymentIntentConfirmParams = {"payment_method": method_ref, "return_url": return_url}
    return Request(
        operation="payment_intents.confirm",
        key=f"pledge/{pledge_id}/confirm/{number}",
        parameters=parameters,
        target=intent_ref,
    )


def confirm_intent_by_ideal(*, pledge_id: UUID, number: int, intent_ref: str, return_url: str) -> Request:
    """Take the money by iDEAL instead of with what was saved: its donor approves this once, at their bank."""
    parameters: PaymentIntentConfirmParams = {"payment_method_data": {"type": "ideal"}, "return_url": return_url}
    return Request(
        operation="payment_intents.confirm",
        key=f"pledge/{pledge_id}/confirm/{number}",
        parameters=parameters,
        target=intent_ref,
    )


def cancel_intent(*, pledge_id: UUID, intent_ref: str) -> Request:
    """End the intent: after this it can never take money."""
    parameters: PaymentIntentCancelParams = {"cancellation_reason": "abandoned"}
    return Request(
        operation="payment_intents.cancel", key=f"pledge/{pledge_id}/cancel", parameters=parameters, target=intent_ref
    )


def detach_method(*, pledge_id: UUID, method_ref: str) -> Request:
    """Forget a saved card that will not be used any more."""
    return Request(
        operation="payment_methods.detach",
        key=f"pledge/{pledge_id}/detach/{method_ref}",
        parameters={},
        target=method_ref,
    )


def create_refund(*, refund_id: UUID, charge_ref: str, amount: Money) -> Request:
    """Give a collected gift back, whole."""
    parameters: RefundCreateParams = {
        "charge": charge_ref,
        "amount": amount.cents,
        "metadata": {"refund_id": str(refund_id)},
    }
    return Request(operation="refunds.create", key=f"refund/{refund_id}", parameters=parameters)


def create_payee_account(*, payee_id: UUID, display_name: str, contact_email: str) -> Request:
    """Ask for an account that can receive money; its owner completes it on the provider's page."""
    parameters: AccountCreateParams = {
        "display_name": display_name,
        "contact_email": contact_email,
        "dashboard": "none",
        "identity": {"country": "nl"},
        "configuration": {"recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}},
        "defaults": {"responsibilities": {"fees_collector": "application", "losses_collector": "application"}},
        "metadata": {"payee_id": str(payee_id)},
    }
    return Request(operation="v2.core.accounts.create", key=f"payee/{payee_id}/account", parameters=parameters)


def create_onboarding_link(
    *, payee_id: UUID, number: int, account_ref: str, return_url: str, refresh_url: str
) -> Request:
    """Ask for a link to the page where a payee says who they are and where money may go."""
    parameters: AccountLinkCreateParams = {
        "account": account_ref,
        "use_case": {
            "type": "account_onboarding",
            "account_onboarding": {
                "return_url": return_url,
                "refresh_url": refresh_url,
            },
        },
    }
    return Request(
        operation="v2.core.account_links.create", key=f"payee/{payee_id}/link/{number}", parameters=parameters
    )


def create_transfer(
    *, line_id: UUID, initiative_id: UUID, amount: Money, account_ref: str, charge_ref: str, description: str = ""
) -> Request:
    """Send what one charge brought in to the payee; a fiscal host reads in the description for whom it is."""
    parameters: TransferCreateParams = {
        "amount": amount.cents,
        "currency": "eur",
        "destination": account_ref,
        "source_transaction": charge_ref,
        "transfer_group": str(initiative_id),
        "metadata": {"payout_line_id": str(line_id)},
    }
    if description:
        parameters["description"] = description
    return Request(operation="transfers.create", key=f"transfer/{line_id}", parameters=parameters)


def reverse_transfer(*, reversal_id: UUID, line_id: UUID, transfer_ref: str, amount: Money) -> Request:
    """Take back what one transfer sent to a payee."""
    parameters: TransferReversalCreateParams = {"amount": amount.cents, "metadata": {"reversal_id": str(reversal_id)}}
    return Request(
        operation="transfers.reversals.create",
        key=f"transfer/{line_id}/reversal/{reversal_id}",
        parameters=parameters,
        target=transfer_ref,
    )


def answer_dispute(*, dispute_id: UUID, dispute_ref: str, evidence: str) -> Request:
    """Send the bank our word about a disputed payment; it is taken once."""
    parameters: DisputeUpdateParams = {"evidence": {"uncategorized_text": evidence}, "submit": True}
    return Request(
        operation="disputes.update", key=f"dispute/{dispute_id}/evidence", parameters=parameters, target=dispute_ref
    )
