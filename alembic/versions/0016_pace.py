"""Let settlement find the next charge, and whether any is open, as quickly among many charges as among few."""

import sqlalchemy as sa

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_UNDER_WAY = sa.text("state IN ('planned','created','confirming','declined','needs_action','processing')")


def upgrade() -> None:
    # A campaign's charges all fall due at one moment: by that alone each look would sort all of them.
    # Dropped for a moment only: the one that does better is made in the same transaction.
    op.execute("-- squawk-ignore require-concurrent-index-deletion\nDROP INDEX ix_charges_due")
    op.create_index("ix_charges_due", "charges", ["next_attempt_at", "pledge_id"], postgresql_where=_UNDER_WAY)
    op.create_index(
        "ix_charges_open",
        "charges",
        ["initiative_id"],
        postgresql_where=sa.text("state NOT IN ('succeeded','cancelled')"),
    )


def downgrade() -> None:
    op.drop_index("ix_charges_open", table_name="charges")
    op.drop_index("ix_charges_due", table_name="charges")
    op.create_index("ix_charges_due", "charges", ["next_attempt_at"], postgresql_where=_UNDER_WAY)
