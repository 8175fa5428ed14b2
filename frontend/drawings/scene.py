"""A whole drawing: sky, a row of houses, and what the initiative is about."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from frontend.drawings import motifs
from frontend.drawings.dice import Dice
from frontend.drawings.shapes import bunting, circle, cloud, house, path, person, rect, tree

_MOTIFS: Final[Mapping[str, Callable[[Dice], str]]] = {
    "groen": motifs.garden,
    "spelen": motifs.playground,
    "ontmoeten": motifs.table,
    "cultuur": motifs.stage,
    "sport": motifs.field,
    "straat": motifs.street_corner,
    "duurzaam": motifs.energy,
    "zorg": motifs.care,
    "samen": motifs.together,
}
KINDS: Final = tuple(_MOTIFS)
_ANY: Final = "samen"

# Sky above, sky at the horizon, and the sun, at four hours of the day.
_SKIES: Final = (
    ("#8cc4e8", "#e3f1f5", "#fff3c4"),
    ("#a9d5e6", "#fdf3dc", "#ffe9a8"),
    ("#f3b98a", "#fbe6c6", "#fff0c9"),
    ("#7fb2dd", "#dcecf7", "#ffffff"),
)


@lru_cache(maxsize=512)
def card(kind: str, seed: str) -> str:
    """Return the drawing of an initiative, 1200 by 675, as SVG; an unknown kind gives the general one.

    The same kind and seed always give the same drawing, so it may be cached for ever.
    """
    dice = Dice(f"{kind}/{seed}")
    above, horizon, sun = dice.pick(_SKIES)
    ground = 500
    parts = [
        '<linearGradient id="s" x2="0" y2="1">',
        f'<stop stop-color="{above}"/><stop offset="1" stop-color="{horizon}"/></linearGradient>',
        rect(0, 0, 1200, 675, "url(#s)"),
        circle(dice.between(140, 1060), dice.between(80, 150), 54, sun, more=' opacity=".9"'),
        *(cloud(dice.between(0, 1000), dice.between(40, 150), dice.between(120, 210)) for _ in range(3)),
        _row(dice, left=-30, right=1230, ground=ground),
        path(f"M0 {ground - 6}h1200v181H0Z", "#86b265"),
        rect(0, ground - 6, 1200, 10, "#b9ad97"),
        _MOTIFS.get(kind, _MOTIFS[_ANY])(dice),
    ]
    return _sheet(1200, 675, parts)


@lru_cache(maxsize=8)
def street(seed: str) -> str:
    """Return the wide street of the front page, 1000 by 640, without a sky: the page's own colour is behind it."""
    dice = Dice(seed)
    parts = [
        circle(760, 130, 62, "#ffffff", more=' opacity=".85"'),
        cloud(90, 90, 190),
        cloud(560, 200, 150),
        _row(dice, left=-20, right=1040, ground=520),
        path("M0 514h1000v126H0Z", "#c9bda8"),
        rect(0, 514, 1000, 9, "#a99c86"),
        tree(dice, 90, 560, 230),
        tree(dice, 905, 560, 250),
        bunting([(60, 350), (360, 330), (660, 352), (960, 326)]),
        *(person(dice, x, 612 + dice.between(-16, 16), 136 + dice.between(-30, 18)) for x in range(170, 880, 88)),
    ]
    return _sheet(1000, 640, parts)


def mark(colour: str) -> str:
    """Return the mark of the counter, two houses and a sun, in one colour: 42 by 42."""
    houses = path("M3 20V9h3V6h3V3h7v3h3v3h3v11zM21 39V22h18v17zM3 39V22h15v17zM24 20a8 8 0 0 1 15 0z", colour)
    return _sheet(42, 42, [houses, path("M9 39v-9h4v9zM27 28h6v5h-6zM10 12h5v5h-5z", "#ffffff")])


def _row(dice: Dice, *, left: int, right: int, ground: int) -> str:
    parts: list[str] = []
    x = left
    while x < right:
        width = dice.between(84, 138)
        parts.append(house(dice, x, ground, width, dice.between(190, 282)))
        x += width + dice.pick((0, 0, 0, 3))
    return "".join(parts)


def _sheet(width: int, height: int, parts: list[str]) -> str:
    body = "".join(parts)
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{body}</svg>'
