"""Let a donor change the amount of a pledge, and keep every change."""

import sqlalchemy as sa

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pledge_amounts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("from_cents", sa.BigInteger(), nullable=False),
        sa.Column("to_cents", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "from_cents > 0 AND to_cents > 0 AND from_cents <> to_cents",
            name=op.f("ck_pledge_amounts_changes_an_amount"),
        ),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledges.id"], name=op.f("fk_pledge_amounts_pledge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge_amounts")),
    )
    op.create_index("ix_pledge_amounts_pledge", "pledge_amounts", ["pledge_id", "id"])
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON pledge_amounts"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER append_only ON pledge_amounts")
    op.drop_table("pledge_amounts")
