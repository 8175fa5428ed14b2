"""The pieces of a drawing, as SVG: houses, trees, people, clouds. Coordinates are whole units."""

from collections.abc import Iterable
from itertools import pairwise

from frontend.drawings.dice import Dice

BRICKS = ("#b4573f", "#9c4a3a", "#c8755a", "#8a4b3c", "#d9a679", "#6f4a44", "#c9b08f", "#a8604a")
ROOFS = ("#4a3b3f", "#5b4648", "#3f4750", "#6b4038")
DOORS = ("#1f5d57", "#2c4a6e", "#7a2e2e", "#3b5b2f", "#b9872f")
LEAVES = ("#4c8c4a", "#5fa052", "#3f7a45", "#7bb05a")
_POINTED = 2
SKINS = ("#f0c8a4", "#c98d62", "#8d5a3b", "#5c3a28", "#e5b08a")
CLOTHES = ("#e2a33a", "#2f7f79", "#c4513f", "#3f6aa5", "#8c5aa0", "#e9e2d3", "#37474f")


def rect(x: float, y: float, w: float, h: float, fill: str, *, rx: float = 0, more: str = "") -> str:
    """Return a rectangle, its corners rounded by `rx`."""
    round_ = f' rx="{rx:g}"' if rx else ""
    return f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}"{round_} fill="{fill}"{more}/>'


def circle(x: float, y: float, r: float, fill: str, *, more: str = "") -> str:
    """Return a circle."""
    return f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}" fill="{fill}"{more}/>'


def path(d: str, fill: str, *, more: str = "") -> str:
    """Return a filled path."""
    return f'<path d="{d}" fill="{fill}"{more}/>'


def line(d: str, stroke: str, width: float) -> str:
    """Return a stroked path with round ends."""
    ends = 'stroke-linecap="round" stroke-linejoin="round"'
    return f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{width:g}" {ends}/>'


def house(dice: Dice, x: int, ground: int, w: int, h: int) -> str:
    """Return one canal-street house standing on `ground`, its gable one of four Dutch kinds."""
    wall, roof = dice.pick(BRICKS), dice.pick(ROOFS)
    top = ground - h
    parts = [_gable(dice.between(0, 3), x, top, w, wall, roof), rect(x, top, w, h, wall)]
    columns = 3 if w > 110 else 2  # noqa: PLR2004  # a broad house has three windows in a row
    gap = w / (columns * 2 + 1)
    glass = dice.pick(("#fdf1cf", "#dcebf2", "#f6e3a8"))
    for row in range(max(1, (h - 70) // 62)):
        y = top + 16 + row * 62
        for column in range(columns):
            left = x + gap * (1 + 2 * column)
            parts.append(rect(left - 3, y - 3, gap + 6, 42, "#f7f1e6"))
            parts.append(rect(left, y, gap, 36, glass))
            parts.append(rect(left + gap / 2 - 1.5, y, 3, 36, "#f7f1e6"))
    door = dice.pick(DOORS)
    at = x + gap * (1 if dice.between(0, 1) else 2 * columns - 1)
    parts.append(rect(at - 5, ground - 58, gap + 10, 58, "#f7f1e6"))
    parts.append(rect(at, ground - 52, gap, 52, door, rx=2))
    return "".join(parts)


def _gable(kind: int, x: int, top: int, w: int, wall: str, roof: str) -> str:
    middle = x + w / 2
    if kind == 0:  # trapgevel: steps
        step = w / 8
        stairs = "".join(rect(x + step * i, top - 14 * i - 14, w - 2 * step * i, 15, wall) for i in range(4))
        return stairs + rect(middle - step / 2 - 2, top - 66, step + 4, 12, wall)
    if kind == 1:  # klokgevel: a bell
        d = (
            f"M{x} {top + 1}C{x + w * 0.1:g} {top - 8} {x + w * 0.22:g} {top - 18} {x + w * 0.28:g} {top - 42}"
            f"Q{middle:g} {top - 78} {x + w * 0.72:g} {top - 42}"
            f"C{x + w * 0.78:g} {top - 18} {x + w * 0.9:g} {top - 8} {x + w} {top + 1}Z"
        )
        return path(d, wall)
    if kind == _POINTED:  # a pointed roof, with its chimney
        chimney = rect(x + w * 0.68, top - 52, 14, 44, wall)
        return chimney + path(f"M{x - 5} {top + 1}L{middle:g} {top - 58}L{x + w + 5} {top + 1}Z", roof)
    # a cornice: flat, with a row of blocks under it
    blocks = "".join(rect(x + 4 + i * 16, top + 1, 8, 7, "#f7f1e6") for i in range((w - 8) // 16))
    return rect(x - 4, top - 12, w + 8, 13, "#f7f1e6") + rect(x, top, w, 10, wall) + blocks


def tree(dice: Dice, x: float, ground: float, size: float) -> str:
    """Return a tree of three crowns."""
    leaf, light = dice.pick(LEAVES), "#8fc06a"
    trunk = rect(x - size * 0.07, ground - size * 0.5, size * 0.14, size * 0.5, "#6d4c35", rx=3)
    crown = (
        circle(x - size * 0.2, ground - size * 0.66, size * 0.26, leaf)
        + circle(x + size * 0.21, ground - size * 0.62, size * 0.24, leaf)
        + circle(x, ground - size * 0.86, size * 0.3, leaf)
        + circle(x - size * 0.07, ground - size * 0.92, size * 0.13, light, more=' opacity=".55"')
    )
    return trunk + crown


def person(dice: Dice, x: float, ground: float, size: float) -> str:
    """Return someone standing, `size` units tall."""
    skin, shirt, legs = dice.pick(SKINS), dice.pick(CLOTHES), dice.pick(("#37474f", "#4a3f5c", "#2f4858"))
    head = size * 0.13
    hair = dice.pick(("#2b211d", "#5a3b26", "#9a6b3a", "#d9d2c8"))
    body = size * 0.4
    raised = size * dice.pick((0.16, 0.28, 0.34))
    return (
        rect(x - size * 0.1, ground - size * 0.38, size * 0.085, size * 0.38, legs, rx=size * 0.03)
        + rect(x + size * 0.015, ground - size * 0.38, size * 0.085, size * 0.38, legs, rx=size * 0.03)
        + line(
            f"M{x - size * 0.1:g} {ground - size * 0.66:g}L{x - size * 0.2:g} {ground - size * 0.66 + raised:g}",
            shirt,
            size * 0.07,
        )
        + line(
            f"M{x + size * 0.1:g} {ground - size * 0.66:g}L{x + size * 0.21:g} {ground - size * 0.66 + size * 0.22:g}",
            shirt,
            size * 0.07,
        )
        + rect(x - size * 0.13, ground - size * 0.73, size * 0.26, body, shirt, rx=size * 0.08)
        + circle(x, ground - size * 0.85, head, skin)
        + path(
            f"M{x - head:g} {ground - size * 0.86:g}a{head:g} {head:g} 0 0 1 {head * 2:g} 0"
            f"q{-head:g} {-head * 0.7:g} {-head * 2:g} 0Z",
            hair,
        )
    )


def cloud(x: float, y: float, size: float) -> str:
    """Return a flat-bottomed cloud."""
    more = ' opacity=".8"'
    return (
        rect(x, y, size, size * 0.2, "#ffffff", rx=size * 0.1, more=more)
        + circle(x + size * 0.36, y + size * 0.03, size * 0.17, "#ffffff", more=more)
        + circle(x + size * 0.6, y + size * 0.06, size * 0.12, "#ffffff", more=more)
    )


def bunting(points: Iterable[tuple[float, float]]) -> str:
    """Return a string of little flags hanging through `points`, from left to right."""
    colours = ("#e2a33a", "#c4513f", "#2f7f79", "#3f6aa5", "#f7f1e6")
    made: list[str] = []
    spots = list(points)
    for (x1, y1), (x2, y2) in pairwise(spots):
        sag = (x2 - x1) * 0.16
        made.append(line(f"M{x1:g} {y1:g}Q{(x1 + x2) / 2:g} {max(y1, y2) + sag:g} {x2:g} {y2:g}", "#5b4648", 2))
        flags = max(3, int((x2 - x1) // 34))
        for i in range(1, flags):
            t = i / flags
            x = (1 - t) ** 2 * x1 + 2 * t * (1 - t) * (x1 + x2) / 2 + t * t * x2
            y = (1 - t) ** 2 * y1 + 2 * t * (1 - t) * (max(y1, y2) + sag) + t * t * y2
            made.append(path(f"M{x - 9:.0f} {y:.0f}h18l-9 20Z", colours[i % len(colours)]))
    return "".join(made)
