"""Remember cards that were replaced until the provider forgot them."""

import sqlalchemy as sa

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "replaced_methods",
        sa.Column("method_ref", sa.Text(), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detach_tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detached_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledges.id"], name=op.f("fk_replaced_methods_pledge_id")),
        sa.PrimaryKeyConstraint("method_ref", name=op.f("pk_replaced_methods")),
    )
    op.create_index(
        "ix_replaced_methods_kept", "replaced_methods", ["replaced_at"], postgresql_where=sa.text("detached_at IS NULL")
    )


def downgrade() -> None:
    op.drop_table("replaced_methods")
