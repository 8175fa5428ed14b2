"""Drawings for initiatives without a photo: a street that is always the same for the same initiative."""

from frontend.drawings.scene import KINDS, card, mark, street

__all__ = ["KINDS", "card", "mark", "street"]
