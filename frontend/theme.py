"""A municipality's colours as a stylesheet: two brand colours become ramps whose contrast is guaranteed.

A municipality gives one colour for what you press and one for itself. Each becomes eight steps from nearly
white to nearly black, of one hue in the OKLCH colour space (B. Ottosson, "A perceptual color space for image
processing"); steps that carry text are darkened until they pass WCAG 2.2. The roles are those of the NL Design
System's basis tokens; only `--basis-*` is overridden, so every component keeps its mapping.
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

# Step -> (lightness, chroma): below 400 the chroma is an upper bound, from there a share of the brand's own.
_STEPS = {
    50: (0.985, 0.010),
    100: (0.962, 0.026),
    200: (0.915, 0.055),
    300: (0.835, 0.085),
    400: (0.55, 1.0),
    500: (0.46, 1.0),
    600: (0.37, 0.85),
    700: (0.27, 0.60),
}
_FIRST_TEXT_STEP = 400
# Text of these steps stands on white and on step 100 of its own ramp: 4.5 is WCAG AA, 7 is AAA.
_CONTRAST_ON_STEP_100 = {400: 4.5, 500: 7.0, 600: 7.0, 700: 10.0}

_ROLES: dict[str, int | str] = {
    "bg-document": "#ffffff",
    "bg-subtle": 50,
    "bg-default": 100,
    "bg-hover": 200,
    "bg-active": 200,
    "border-subtle": 300,
    "border-default": 400,
    "border-hover": 500,
    "border-active": 500,
    "color-default": 500,
    "color-hover": 600,
    "color-active": 600,
    "color-subtle": 400,
    "color-document": 700,
    "inverse-bg-document": 600,
    "inverse-bg-subtle": 700,
    "inverse-bg-default": 500,
    "inverse-bg-hover": 600,
    "inverse-bg-active": 600,
    "inverse-border-subtle": 400,
    "inverse-border-default": 300,
    "inverse-border-hover": 200,
    "inverse-border-active": 200,
    "inverse-color-default": "#ffffff",
    "inverse-color-hover": "#ffffff",
    "inverse-color-active": "#ffffff",
    "inverse-color-subtle": 200,
    "inverse-color-document": "#ffffff",
}

# The same for every municipality: what goes right, wrong or asks attention must not depend on a brand.
_MEANINGS = {
    "positive": "#0a7a43",
    "negative": "#c4242b",
    "warning": "#b45a00",
    "info": "#0b6aa8",
    "highlight": "#b88a00",
    "default": "#50575e",
}

_REST = {
    "text-font-family-default": "'Source Sans 3',system-ui,'Segoe UI',Roboto,sans-serif",
    "heading-font-family": "'Source Sans 3',system-ui,'Segoe UI',Roboto,sans-serif",
    "border-radius-md": "10px",
    "form-control-border-radius": "10px",
    "form-control-max-inline-size": "30rem",
    "focus-outline-color": "#0b0c0c",
    "focus-outline-style": "solid",
    "focus-outline-width": "3px",
    "focus-outline-offset": "2px",
    "focus-inverse-outline-color": "#ffffff",
    "focus-background-color": "#ffffff",
}

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Brand:
    """What a municipality chooses: `action` for buttons and links, `accent` for itself; both as #rrggbb."""

    action: str
    accent: str

    def __post_init__(self) -> None:
        for colour in (self.action, self.accent):
            if not _HEX.fullmatch(colour):
                raise ValueError(f"A brand colour is written #rrggbb, not {colour!r}")


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours by WCAG 2.2: from 1 (none) to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@lru_cache(maxsize=64)
def ramp(colour: str) -> dict[int, str]:
    """Return the eight steps of a colour; those for text pass their contrast on white and on step 100."""
    _lightness, chroma, hue = _oklch(colour)
    steps: dict[int, str] = {}
    for step, (lightness, part) in _STEPS.items():
        wanted = min(chroma, part) if step < _FIRST_TEXT_STEP else chroma * part
        made = _hex(lightness, wanted, hue)
        needed = _CONTRAST_ON_STEP_100.get(step)
        while needed and lightness > 0 and contrast(made, steps[100]) < needed:
            lightness -= 0.005  # noqa: PLW2901  # the loop darkens its own starting point
            made = _hex(lightness, wanted, hue)
        steps[step] = made
    return steps


@lru_cache(maxsize=64)
def stylesheet(brand: Brand) -> str:
    """Return the whole theme as CSS: about 1 KB compressed, to be served with a long life."""
    groups = {"action-1": brand.action, "action-2": brand.action, "accent-1": brand.accent, **_MEANINGS}
    declarations = [line for name, colour in groups.items() for line in _group(name, colour)]
    declarations += [f"--basis-{name}:{value}" for name, value in _REST.items()]
    return ":root,.voorbeeld-theme{" + ";".join(declarations) + "}"


@lru_cache(maxsize=64)
def fingerprint(brand: Brand) -> str:
    """Return a short name that changes with the sheet, for its address."""
    return blake2b(stylesheet(brand).encode(), digest_size=6).hexdigest()


def _group(name: str, colour: str) -> list[str]:
    steps = ramp(colour)
    return [
        f"--basis-color-{name}-{role}:{steps[step] if isinstance(step, int) else step}" for role, step in _ROLES.items()
    ]


def _linear(channel: int) -> float:
    part = channel / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004  # sRGB


def _encoded(part: float) -> int:
    curved = 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055  # noqa: PLR2004  # sRGB
    return max(0, min(255, round(255 * curved)))


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (_linear(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    return red, green, blue


def _luminance(colour: str) -> float:
    red, green, blue = _channels(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _oklch(colour: str) -> tuple[float, float, float]:
    red, green, blue = _channels(colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _hex(lightness: float, chroma: float, hue: float) -> str:
    """Return the colour as #rrggbb; a chroma that no screen shows is lowered until one does."""
    while True:
        a, b = chroma * math.cos(hue), chroma * math.sin(hue)
        long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
        middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
        short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
        parts = (
            4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
        )
        # Half a thousandth outside is a rounding error, not another colour.
        if all(-0.0005 <= part <= 1.0005 for part in parts) or chroma < 0.001:  # noqa: PLR2004
            return "#" + "".join(f"{_encoded(max(part, 0.0)):02x}" for part in parts)
        chroma *= 0.97
