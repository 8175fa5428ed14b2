"""Let a charge end although the provider refused to make its payment: then there is no reference of one."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_NAME = "ck_charges_beyond_planned_has_intent"


def upgrade() -> None:
    _check("state IN ('planned','cancelled') OR intent_ref IS NOT NULL")


def downgrade() -> None:
    # What was never made goes back to where it stood.
    op.execute("UPDATE charges SET state = 'planned', next_attempt_at = now() WHERE intent_ref IS NULL")
    _check("state = 'planned' OR intent_ref IS NOT NULL")


def _check(condition: str) -> None:
    """Replace the CHECK by another that every row passes."""
    op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE charges DROP CONSTRAINT {_NAME}")
    op.execute(
        f"-- squawk-ignore constraint-missing-not-valid\nALTER TABLE charges ADD CONSTRAINT {_NAME} CHECK ({condition})"
    )
