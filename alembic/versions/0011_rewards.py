"""Let an initiative thank its donors with rewards, of which there may be a limited number."""

import sqlalchemy as sa

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rewards",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("from_cents", sa.BigInteger(), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("from_cents > 0", name=op.f("ck_rewards_from_positive")),
        sa.CheckConstraint("stock > 0", name=op.f("ck_rewards_stock_positive")),
        sa.CheckConstraint("taken >= 0 AND taken <= coalesce(stock, 0)", name=op.f("ck_rewards_never_oversold")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_rewards_initiative_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rewards")),
    )
    op.create_index("ix_rewards_initiative", "rewards", ["initiative_id", "from_cents", "id"])
    op.add_column("pledges", sa.Column("reward_id", sa.Uuid(), nullable=True))
    # Every row that is there passes: its column was just made empty.
    op.execute(
        "-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid\n"
        "ALTER TABLE pledges ADD CONSTRAINT fk_pledges_reward_id FOREIGN KEY (reward_id) REFERENCES rewards (id)"
    )
    op.create_index(
        "ix_pledges_with_reward",
        "pledges",
        ["initiative_id", sa.text("promised_at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text("reward_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_pledges_with_reward", "pledges")
    op.drop_constraint(op.f("fk_pledges_reward_id"), "pledges")
    op.drop_column("pledges", "reward_id")
    op.drop_table("rewards")
