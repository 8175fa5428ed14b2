"""Keep disputes, hold what they concern, and call off what is lost by them."""

import sqlalchemy as sa

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "disputes",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("dispute_ref", sa.Text(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("borne_by", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), server_default="", nullable=False),
        sa.Column("evidence_by", sa.Uuid(), nullable=True),
        sa.Column("evidence_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_cents > 0 AND fee_cents >= 0", name=op.f("ck_disputes_amounts_possible")),
        sa.CheckConstraint(
            "state IN ('inquiry','open','under_review','won','lost','closed')", name=op.f("ck_disputes_state_is_known")
        ),
        sa.CheckConstraint("borne_by IN ('campaign','platform')", name=op.f("ck_disputes_bearer_is_known")),
        sa.CheckConstraint(
            "(state IN ('won','lost','closed')) = (closed_at IS NOT NULL)", name=op.f("ck_disputes_closed_has_moment")
        ),
        sa.CheckConstraint(
            "(state = 'lost' AND withdrawn_at IS NOT NULL) = (borne_by IS NOT NULL)",
            name=op.f("ck_disputes_lost_is_borne"),
        ),
        sa.ForeignKeyConstraint(["evidence_by"], ["people.id"], name=op.f("fk_disputes_evidence_by")),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name=op.f("fk_disputes_municipality_id")),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledges.id"], name=op.f("fk_disputes_pledge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint("dispute_ref", name=op.f("uq_disputes_dispute_ref")),
    )
    op.create_index("ix_disputes_municipality", "disputes", ["municipality_id", "opened_at"])
    op.create_index("ix_disputes_pledge", "disputes", ["pledge_id"])
    for table, states in (("payout_lines", "'planned','sent'"), ("refunds", "'planned','succeeded'")):
        _uncheck(table)
        _check(table, f"{states},'cancelled'")


def _check(table: str, states: str) -> None:
    """Add a CHECK at once: every row that is there passed a narrower one."""
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_state_is_known CHECK (state IN ({states}))"
    )


def _uncheck(table: str) -> None:
    """Drop a CHECK that the next statement gives back, wider."""
    op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE {table} DROP CONSTRAINT ck_{table}_state_is_known")


def downgrade() -> None:
    for table, states in (("payout_lines", "'planned','sent'"), ("refunds", "'planned','succeeded'")):
        op.execute(f"DELETE FROM {table} WHERE state = 'cancelled'")
        _uncheck(table)
        _check(table, states)
    op.drop_table("disputes")
