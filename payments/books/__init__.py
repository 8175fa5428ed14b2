"""Proof that the books are right: every invariant as a question that must have no answer."""
