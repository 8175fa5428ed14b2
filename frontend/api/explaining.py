"""Why the municipality adds this amount, in one sentence."""

from typing import Final

from crowd.shared.errors import msg
from frontend.formats import Language
from frontend.i18n import say
from frontend.views.initiatives import Bound, Match

_REFUSED: Final = msg("The municipality adds nothing to this initiative.")
_SENTENCES: Final[dict[Bound, str]] = {
    "ratio": msg("For every {per} from neighbours the municipality adds {adds}; no limit was reached."),
    "threshold": msg("Nothing yet: neighbours first bring together {threshold} themselves."),
    "donor_cap": msg("Some neighbours gave more than counts: at most {donor_cap} is added per person."),
    "project_cap": msg("The limit is reached: the municipality adds at most {project_cap} to one initiative."),
    "award": msg("The limit is reached: the municipality awarded at most {awarded_up_to}."),
    "goal_gap": msg("More is not needed: with this the minimum is reached."),
    "pot": msg("The pot is nearly empty: {pot_left} was left."),
}


def explanation(match: Match, language: Language) -> str:
    """Return the sentence for what keeps this match from being more."""
    if match.stage == "refused":
        return say(_REFUSED, language)
    facts = {
        name: getattr(match, name)
        for name in ("per", "adds", "threshold", "donor_cap", "project_cap", "awarded_up_to", "pot_left")
    }
    return say(_SENTENCES[match.bound], language, facts)
