"""The embedded stack of `make run`: everything a town needs, on one machine, from one command.

Real servers, each its own process: PostgreSQL, Valkey, the Stripe sandbox, a mail catcher, the web, the
workers and their clock. `python -m frontend.local` starts them; so does `tests/stack.py`, for journeys.
"""
