"""What comes of campaigns that nearly made it: some initiators make their plan smaller, and the counter agrees."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Final

from frontend.simulation import initiators, staff
from frontend.simulation.browser import Browser
from frontend.simulation.city import City
from frontend.simulation.initiators import Initiator

# Of the initiators of a near miss, one in so many hands in a smaller plan.
_REVISES_ONE_IN: Final = 6


def revise(city: City, everyone: Sequence[Initiator], *, nearly: Collection[str], clerk: Browser) -> None:
    """Let one in six of those initiators hand in a smaller plan, person by person, and the clerk agree with each."""
    revising: dict[int, list[tuple[Initiator, str]]] = defaultdict(list)
    for one in everyone:
        for key, slug in one.slugs.items():
            if key in nearly and one.number % _REVISES_ONE_IN == 0:
                revising[one.number].append((one, slug))
    tasks = list(revising.values())
    city.play(
        "Initiators make their plan smaller",
        tasks,
        lambda own: [initiators.make_plan_smaller(one, slug) for one, slug in own],
    )
    slugs = [slug for own in tasks for _, slug in own]
    city.play("The counter answers", slugs, lambda slug: staff.agree(clerk, slug=slug))
