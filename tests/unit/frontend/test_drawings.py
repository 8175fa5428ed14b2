"""Drawings are always the same for the same initiative, and are valid SVG."""

from xml.etree import ElementTree as ET

import pytest

from frontend.drawings import KINDS, card, mark, street

# A drawing may never cost more than the photo it stands in for.
BYTES_MAX = 60_000


@pytest.mark.parametrize("kind", [*KINDS, "onbekend"])
def test_every_kind_draws_valid_svg_of_a_modest_size(kind: str) -> None:
    drawn = card(kind, "buurtmoestuin")
    assert ET.fromstring(drawn).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314  our own drawing
    assert len(drawn.encode()) < BYTES_MAX


def test_the_same_initiative_always_has_the_same_drawing() -> None:
    first = card("groen", "buurtmoestuin")
    card.cache_clear()
    assert card("groen", "buurtmoestuin") == first
    assert card("groen", "andere-tuin") != first


def test_a_name_never_reaches_the_drawing_itself() -> None:
    assert "alert" not in card("samen", '"/><script>alert(1)</script>')


def test_street_and_mark_are_valid_svg() -> None:
    for drawn in (street("voorbeeldstad"), mark("#00664f")):
        ET.fromstring(drawn)  # noqa: S314  our own drawing
