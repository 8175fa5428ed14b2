"""Ask money back from a payee whose gift was lost after it left."""

import sqlalchemy as sa

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "transfer_reversals",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("needs_second", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("reversal_ref", sa.Text(), nullable=True),
        sa.Column("refusal", sa.Text(), server_default="", nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_transfer_reversals_amount_positive")),
        sa.CheckConstraint(
            "state IN ('asked','planned','succeeded','refused')", name=op.f("ck_transfer_reversals_state_is_known")
        ),
        sa.CheckConstraint(
            "(state = 'succeeded') = (reversal_ref IS NOT NULL)",
            name=op.f("ck_transfer_reversals_success_has_reference"),
        ),
        sa.CheckConstraint(
            "(state IN ('succeeded','refused')) = (ended_at IS NOT NULL)",
            name=op.f("ck_transfer_reversals_ended_has_moment"),
        ),
        sa.CheckConstraint("approved_by <> asked_by", name=op.f("ck_transfer_reversals_four_eyes")),
        sa.CheckConstraint(
            "NOT needs_second OR state = 'asked' OR approved_by IS NOT NULL",
            name=op.f("ck_transfer_reversals_much_has_two"),
        ),
        sa.CheckConstraint("state <> 'asked' OR needs_second", name=op.f("ck_transfer_reversals_only_much_waits")),
        sa.ForeignKeyConstraint(["line_id"], ["payout_lines.id"], name=op.f("fk_transfer_reversals_line_id")),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledges.id"], name=op.f("fk_transfer_reversals_pledge_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["people.id"], name=op.f("fk_transfer_reversals_asked_by")),
        sa.ForeignKeyConstraint(["approved_by"], ["people.id"], name=op.f("fk_transfer_reversals_approved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_reversals")),
        sa.UniqueConstraint("reversal_ref", name=op.f("uq_transfer_reversals_reversal_ref")),
    )
    op.create_index(
        "uq_transfer_reversals_line",
        "transfer_reversals",
        ["line_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'refused'"),
    )
    op.create_index(
        "ix_transfer_reversals_open",
        "transfer_reversals",
        ["asked_at"],
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_index("ix_transfer_reversals_pledge", "transfer_reversals", ["pledge_id"])


def downgrade() -> None:
    op.drop_table("transfer_reversals")
