"""What stands in front of the houses: one motif per kind of initiative, on a stage of 1200 by 675."""

from frontend.drawings.dice import Dice
from frontend.drawings.shapes import bunting, circle, line, path, person, rect, tree

_WOOD = "#9a6b3f"
# Nothing grows in front of the greenhouse's door.
_GREENHOUSE = range(840, 1020)


def garden(dice: Dice) -> str:
    """Return rows of vegetables, a greenhouse and two neighbours at work."""
    made = [
        path("M860 452l70-62 70 62v92H860Z", "#d8ecef", more=' opacity=".92"'),
        line("M860 544v-92l70-62 70 62v92M860 452h140M930 390v154", "#f7f1e6", 6),
    ]
    for row, (y, size) in enumerate(((520, 13), (562, 17), (614, 22))):
        made.append(
            path(f"M-20 {y + 8}Q600 {y - 4} 1220 {y + 8}v{size}Q600 {y + size - 8} -20 {y + size + 8}Z", "#7a5236")
        )
        colours = ("#4c8c4a", "#d8573e", "#e2a33a", "#7bb05a", "#9a4f86")
        for i in range(1220 // (size * 3)):
            x = i * size * 3 + row * 11
            if row == 0 and x in _GREENHOUSE:
                continue
            made.append(circle(x, y + 4, size * 0.8, dice.pick(("#4c8c4a", "#5fa052", "#3f7a45"))))
            made.append(circle(x + size * 0.5, y, size * 0.42, dice.pick(colours)))
    made.append(person(dice, 300, 556, 132) + person(dice, 690, 540, 118))
    return "".join(made)


def playground(dice: Dice) -> str:
    """Return a slide, a swing and children."""
    return "".join(
        [
            path("M0 560q600-40 1200 0v115H0Z", "#e6cf9c"),
            line("M300 590V400M396 590V400", "#c4513f", 14),
            path("M284 400l64-58 64 58Z", "#2f7f79"),
            rect(292, 456, 112, 14, "#e2a33a", rx=4),
            line("M300 500h96M300 540h96", "#c4513f", 8),
            path("M404 452c70 6 96 118 190 126l-3 22c-118-6-140-118-196-122Z", "#3f6aa5"),
            line("M760 600l46-216h232l46 216M806 384h232", _WOOD, 14),
            line("M868 390l-24 132M916 390l-24 132", "#37474f", 5),
            rect(838, 520, 62, 11, "#c4513f", rx=4),
            line("M974 390v138M1022 390v138", "#37474f", 5),
            rect(966, 526, 64, 11, "#c4513f", rx=4),
            person(dice, 868, 540, 92),
            person(dice, 520, 596, 88),
            person(dice, 150, 610, 128),
            person(dice, 220, 614, 84),
            circle(660, 610, 17, "#c4513f") + path("M646 602q14-8 28 0l-2 6q-12-6-24 0Z", "#f7f1e6"),
        ]
    )


def table(dice: Dice) -> str:
    """Return a long table in the street, with flags above it."""
    people = "".join(person(dice, x, 566 + dice.between(-4, 4), 132) for x in range(190, 1020, 118))
    plates = "".join(
        circle(x, 548, 15, "#f7f1e6") + circle(x, 546, 8, dice.pick(("#c4513f", "#5fa052", "#e2a33a")))
        for x in range(180, 1040, 86)
    )
    return (
        bunting([(-20, 250), (300, 232), (620, 250), (930, 228), (1220, 252)])
        + people
        + path("M110 536h980l34 46H76Z", "#f7f1e6")
        + path("M76 582h1048v16H76Z", "#d8cdb8")
        + plates
        + line("M140 600v60M1060 600v60", _WOOD, 14)
        + person(dice, 330, 668, 150)
        + person(dice, 820, 672, 146)
    )


def stage(dice: Dice) -> str:
    """Return a small stage with music and an audience."""
    made = [
        rect(330, 500, 540, 74, "#6f4a44", rx=4),
        path("M316 330q284-96 568 0l-14 26q-270-78-540 0Z", "#c4513f"),
        line("M340 500V348M860 500V348", "#f7f1e6", 12),
        bunting([(346, 360), (600, 350), (854, 360)]),
        person(dice, 480, 502, 136),
        person(dice, 610, 502, 142),
        person(dice, 740, 502, 132),
        line("M640 402v98", "#37474f", 5) + circle(640, 398, 9, "#37474f"),
        path("M458 440q-40 26-24 60q30 12 46-16Z", "#e2a33a"),
        line("M470 452l44-34", "#5b4648", 6),
    ]
    made += [person(dice, x, 676 + dice.between(0, 14), 130) for x in (130, 240, 380, 560, 690, 850, 990, 1090)]
    return "".join(made)


def field(dice: Dice) -> str:
    """Return a playing field with a goal and a ball in the air."""
    return "".join(
        [
            path("M0 520h1200v155H0Z", "#5fa052"),
            path("M0 520h180l-60 155H0ZM400 520h200v155H370ZM820 520h190l50 155H830Z", "#57964b"),
            line("M0 640h1200M600 520v155", "#f7f1e6", 5),
            line("M880 560V420h250v140", "#f7f1e6", 12),
            line(
                "M880 450h250M880 490h250M880 530h250M930 424v130M985 424v130M1040 424v130M1090 424v130", "#f7f1e6", 2
            ),
            person(dice, 1010, 574, 132),
            person(dice, 330, 606, 150),
            person(dice, 540, 590, 138),
            person(dice, 170, 580, 126),
            circle(690, 506, 19, "#ffffff") + circle(690, 506, 8, "#37474f"),
        ]
    )


def street_corner(dice: Dice) -> str:
    """Return a bench, a bicycle and a lantern."""
    wheel = ' stroke="#37474f" stroke-width="8"'
    return "".join(
        [
            path("M0 560h1200v115H0Z", "#c9bda8"),
            "".join(rect(x, 590 + (x // 80 % 2) * 34, 74, 5, "#b5a78f") for x in range(0, 1200, 80)),
            line("M180 604V330M180 330q0-34 34-34", "#37474f", 9) + circle(224, 304, 18, "#f6e3a8"),
            rect(420, 524, 290, 16, _WOOD, rx=4)
            + rect(420, 478, 290, 14, _WOOD, rx=4)
            + rect(420, 450, 290, 14, _WOOD, rx=4),
            line("M450 450v160M680 450v160", "#37474f", 10),
            person(dice, 510, 606, 148) + person(dice, 600, 606, 138),
            circle(860, 580, 54, "none", more=wheel) + circle(1030, 580, 54, "none", more=wheel),
            line("M860 580l52-92h84l34 92M912 488l40 92h-92M996 488l-44 92M904 470h26M996 488l-6-30h26", "#c4513f", 9),
            tree(dice, 1130, 610, 250),
            rect(300, 566, 70, 50, "#b4573f", rx=6) + circle(318, 552, 18, "#c4513f") + circle(350, 548, 20, "#e2a33a"),
            circle(334, 540, 16, "#5fa052"),
        ]
    )


def energy(dice: Dice) -> str:
    """Return solar panels on a shed, a mill, and neighbours who look up."""
    panels = "".join(
        path(f"M{350 + i * 92} 470l34-62h74l-34 62Z", "#2c4a6e", more=' stroke="#dcebf2" stroke-width="4"')
        for i in range(4)
    )
    return "".join(
        [
            rect(330, 476, 400, 130, "#d9a679") + path("M310 480l40-78h400l-20 78Z", "#5b4648"),
            panels,
            rect(380, 510, 90, 96, "#1f5d57", rx=3) + rect(520, 516, 150, 50, "#fdf1cf"),
            path("M950 606l14-300h16l14 300Z", "#f7f1e6"),
            path("M972 306l-8-150q14-16 20 2ZM972 306l128 78q6 20-14 14ZM972 306l-130 74q-20-4-4-18Z", "#f7f1e6"),
            circle(972, 306, 14, "#c9b08f"),
            person(dice, 230, 616, 146) + person(dice, 810, 610, 138) + person(dice, 1090, 616, 130),
            tree(dice, 120, 600, 210),
        ]
    )


def care(dice: Dice) -> str:
    """Return a table in front of the door, coffee on it, and neighbours who drop by."""
    heart = path("M0 0c-34-44-92-2-60 44l60 58 60-58c32-46-26-88-60-44Z", "#c4513f")
    return "".join(
        [
            path("M0 560h1200v115H0Z", "#c9bda8"),
            line("M706 500Q726 420 700 350", "#5b4648", 3),
            f'<g transform="translate(700 246) scale(.95)">{heart}</g>',
            person(dice, 500, 636, 176),
            person(dice, 706, 636, 184),
            rect(440, 548, 330, 16, _WOOD, rx=6),
            line("M474 566l-12 90M736 566l12 90", _WOOD, 12),
            rect(540, 516, 30, 32, "#2f7f79", rx=5) + rect(640, 516, 30, 32, "#e2a33a", rx=5),
            rect(592, 506, 26, 42, "#f7f1e6", rx=6),
            circle(596, 492, 12, "#c4513f") + circle(612, 484, 13, "#e2a33a") + circle(608, 500, 10, "#8c5aa0"),
            person(dice, 930, 640, 160),
            person(dice, 990, 642, 104),
            person(dice, 250, 642, 156),
            tree(dice, 1120, 610, 230),
            tree(dice, 90, 606, 200),
        ]
    )


def together(dice: Dice) -> str:
    """Return neighbours under a string of flags: for whatever fits no other kind."""
    people = "".join(
        person(dice, 150 + i * 128, 640 + dice.between(-14, 14), 150 + dice.between(-26, 18)) for i in range(8)
    )
    return (
        bunting([(-20, 262), (380, 236), (800, 258), (1220, 232)])
        + path("M0 580h1200v95H0Z", "#c9bda8")
        + tree(dice, 70, 600, 210)
        + tree(dice, 1140, 604, 230)
        + people
    )
