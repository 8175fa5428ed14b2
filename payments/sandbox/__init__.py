"""A Stripe test-mode stand-in: the same calls, answers and hosted pages, without internet or money.

A program of its own, started with `python -m payments.sandbox` (see README.md beside this file). It imports
nothing of Buurtloket and nothing of Buurtloket imports it; they meet over HTTP only, exactly as with Stripe.

Read it from the outside in: `api.py` (the door for /v1 and /v2) -> `catalogue.py` (every operation) ->
`objects/` (one file per noun) -> `store.py` (one SQLite file). `pages/` holds what a person sees,
`webhooks.py` what the sandbox sends, `control.py` how tests and operators bend it.
"""
