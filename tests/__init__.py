"""The tests. `conftest.py` has the fixtures, `stack.py` the whole service for journeys."""
