"""A municipality may choose any two colours; text stays readable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.theme import Brand, contrast, fingerprint, ramp, stylesheet

colours = st.integers(min_value=0, max_value=0xFFFFFF).map("#{:06x}".format)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@given(colours)
def test_text_in_any_brand_colour_can_be_read(colour: str) -> None:
    steps = ramp(colour)
    # Links and buttons on white, on the page's tint and on a badge; white text on buttons and the footer.
    for paper in ("#ffffff", steps[50], steps[100]):
        assert contrast(steps[400], paper) >= 4.5
        assert contrast(steps[500], paper) >= 7
        assert contrast(steps[700], paper) >= 10
    assert contrast("#ffffff", steps[500]) >= 7
    assert contrast("#ffffff", steps[600]) >= 7


@given(colours)
def test_a_ramp_goes_from_light_to_dark(colour: str) -> None:
    against_black = [contrast(shade, "#000000") for shade in ramp(colour).values()]
    assert against_black == sorted(against_black, reverse=True)


def test_a_stylesheet_overrides_only_the_basis_tokens() -> None:
    sheet = stylesheet(Brand(action="#00664f", accent="#0b4f6c"))
    declarations = sheet.partition("{")[2].removesuffix("}").split(";")
    assert declarations
    assert all(line.startswith("--basis-") for line in declarations)


def test_a_fingerprint_changes_with_the_colours() -> None:
    one, other = Brand(action="#00664f", accent="#0b4f6c"), Brand(action="#00664f", accent="#0b4f6d")
    assert fingerprint(one) == fingerprint(Brand(action="#00664f", accent="#0b4f6c"))
    assert fingerprint(one) != fingerprint(other)


@pytest.mark.parametrize("colour", ["green", "#fff", "#00664g", "#00664f;}body{display:none", ""])
def test_what_is_no_colour_is_refused(colour: str) -> None:
    with pytest.raises(ValueError, match="#rrggbb"):
        Brand(action=colour, accent="#0b4f6c")
