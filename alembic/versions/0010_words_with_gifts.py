"""Let a donor be unnamed to the public only, and leave a few words; a moderator can hide those."""

import sqlalchemy as sa

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("donor_name", "message", "public_message"):
        op.add_column("pledges", sa.Column(column, sa.Text(), server_default="", nullable=False))
    op.add_column("pledges", sa.Column("message_hidden_at", sa.DateTime(timezone=True), nullable=True))
    # Until now a name was given to be shown.
    op.execute("UPDATE pledges SET donor_name = public_name WHERE public_name <> ''")
    # Every row that is there passes: its columns were just made empty.
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        "ALTER TABLE pledges ADD CONSTRAINT ck_pledges_shows_its_own_message CHECK"
        " (public_message = '' OR (public_message = message AND message_hidden_at IS NULL))"
    )
    op.create_index(
        "ix_pledges_with_words",
        "pledges",
        ["initiative_id", sa.text("promised_at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text("message <> ''"),
    )


def downgrade() -> None:
    op.drop_index("ix_pledges_with_words", "pledges")
    op.drop_constraint(op.f("ck_pledges_shows_its_own_message"), "pledges")
    for column in ("message_hidden_at", "public_message", "message", "donor_name"):
        op.drop_column("pledges", column)
