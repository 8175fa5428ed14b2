"""Which skills may be merged. Pure."""

from uuid import UUID

from crowd.shared.errors import Conflict, Invalid, NotFound, msg


class SameSkill(Invalid):
    """A skill cannot be merged into itself."""

    sentence = msg("Choose another skill to merge this one into.")


class SharedSkill(Conflict):
    """One of the list that every municipality shares."""

    sentence = msg("This skill is on the list that every municipality shares. Merge the other one into this one.")


class MergeNotFound(NotFound):
    """There is no such merge, or it was undone already."""

    sentence = msg("We cannot find this merge, or it was undone already.")


class MergedFurther(Conflict):
    """What the skill was merged into was itself merged since."""

    sentence = msg("The skill it was merged into has itself been merged since. Undo that first.")


def check_merge(*, source_id: int, target_id: int, owner: UUID | None) -> None:
    """Return when a skill that `owner` added may be merged; raise SameSkill or SharedSkill."""
    if source_id == target_id:
        raise SameSkill(field="into")
    if owner is None:
        raise SharedSkill(field="into")
