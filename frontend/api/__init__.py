"""The JSON API under /api/v1: the same reads as the pages, and giving and helping. One file per noun.

Its rules stand in docs/decisions/0015-json-api.md; `shapes.py` holds what every model shares.
"""
