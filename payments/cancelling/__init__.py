"""Cancelling a campaign that was funded: a plan two people agree on, each donor's choice, and doing what it says."""
