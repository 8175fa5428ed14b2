"""The chart of accounts, and which accounts each kind of posting touches.

Source: docs/money.md, "The chart of accounts". A debit increases what we have (clearing, bank, cash, receivable) or
what was lost (fees, platform loss); a credit increases what we owe (campaign funds, money held for donors).
"""

from typing import NamedTuple

PROVIDER_CLEARING = "provider_clearing"
PROVIDER_FEES = "provider_fees"
CAMPAIGN_FUNDS = "campaign_funds"
MUNICIPALITY_RECEIVABLE = "municipality_receivable"
DISPUTE_SUSPENSE = "dispute_suspense"
PLATFORM_LOSS = "platform_loss"
BANK = "bank"
OFFLINE_DEPOSITS = "offline_deposits"
CASH_DESK = "cash_desk"

ACCOUNT_KINDS = (
    PROVIDER_CLEARING,
    PROVIDER_FEES,
    CAMPAIGN_FUNDS,
    MUNICIPALITY_RECEIVABLE,
    DISPUTE_SUSPENSE,
    PLATFORM_LOSS,
    BANK,
    OFFLINE_DEPOSITS,
    CASH_DESK,
)


class Posting(NamedTuple):
    """The account kind debited and the one credited."""

    debit: str
    credit: str


POSTINGS: dict[str, Posting] = {
    "charge": Posting(PROVIDER_CLEARING, CAMPAIGN_FUNDS),
    "fee": Posting(PROVIDER_FEES, PROVIDER_CLEARING),
    "refund": Posting(CAMPAIGN_FUNDS, PROVIDER_CLEARING),
    "refund_failed": Posting(PROVIDER_CLEARING, CAMPAIGN_FUNDS),
    "payout_gifts": Posting(CAMPAIGN_FUNDS, PROVIDER_CLEARING),
    "payout_match": Posting(CAMPAIGN_FUNDS, BANK),
    "deposit_received": Posting(BANK, OFFLINE_DEPOSITS),
    "cash_received": Posting(CASH_DESK, OFFLINE_DEPOSITS),
    "cash_banked": Posting(BANK, CASH_DESK),
    "deposit_collected": Posting(OFFLINE_DEPOSITS, CAMPAIGN_FUNDS),
    "deposit_returned": Posting(OFFLINE_DEPOSITS, BANK),
    "refund_by_bank": Posting(CAMPAIGN_FUNDS, BANK),
    "payout_deposits": Posting(CAMPAIGN_FUNDS, BANK),
    # A transfer that is nobody's gift is held until it went back where it came from.
    "line_kept": Posting(BANK, OFFLINE_DEPOSITS),
    "line_returned": Posting(OFFLINE_DEPOSITS, BANK),
    # Between our account at the provider and our own; its costs end when the municipality bears them.
    "provider_paid_out": Posting(BANK, PROVIDER_CLEARING),
    "provider_topped_up": Posting(PROVIDER_CLEARING, BANK),
    "costs_borne": Posting(BANK, PROVIDER_FEES),
    "match_awarded": Posting(MUNICIPALITY_RECEIVABLE, CAMPAIGN_FUNDS),
    "match_withdrawn": Posting(CAMPAIGN_FUNDS, MUNICIPALITY_RECEIVABLE),
    "match_received": Posting(BANK, MUNICIPALITY_RECEIVABLE),
    "match_returned": Posting(CAMPAIGN_FUNDS, BANK),
    # From one campaign's account to another's.
    "gift_moved": Posting(CAMPAIGN_FUNDS, CAMPAIGN_FUNDS),
    "gift_left": Posting(CAMPAIGN_FUNDS, BANK),
    "dispute_opened": Posting(DISPUTE_SUSPENSE, PROVIDER_CLEARING),
    "dispute_fee": Posting(PROVIDER_FEES, PROVIDER_CLEARING),
    "dispute_won": Posting(PROVIDER_CLEARING, DISPUTE_SUSPENSE),
    "dispute_lost": Posting(CAMPAIGN_FUNDS, DISPUTE_SUSPENSE),
    "dispute_lost_after_payout": Posting(PLATFORM_LOSS, DISPUTE_SUSPENSE),
    "transfer_reversed": Posting(PROVIDER_CLEARING, CAMPAIGN_FUNDS),
    # What came back of a payout makes good what was lost after it.
    "loss_recovered": Posting(CAMPAIGN_FUNDS, PLATFORM_LOSS),
}
