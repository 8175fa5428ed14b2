"""Remember by which channel an initiative came, what a review asked for, and who was invited to take over."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("initiatives", sa.Column("channel", sa.Text(), server_default="web", nullable=False))
    op.create_table(
        "review_notes",
        sa.Column("transition_id", sa.BigInteger(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "section IN ('idea','place','budget','help','photo')", name=op.f("ck_review_notes_section_is_known")
        ),
        sa.ForeignKeyConstraint(
            ["transition_id"], ["initiative_transitions.id"], name=op.f("fk_review_notes_transition_id")
        ),
        sa.PrimaryKeyConstraint("transition_id", "section", name=op.f("pk_review_notes")),
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON review_notes"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.create_table(
        "initiative_invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("email", postgresql.CITEXT(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["initiative_id"], ["initiatives.id"], name=op.f("fk_initiative_invitations_initiative_id")
        ),
        sa.ForeignKeyConstraint(["invited_by"], ["people.id"], name=op.f("fk_initiative_invitations_invited_by")),
        sa.ForeignKeyConstraint(["accepted_by"], ["people.id"], name=op.f("fk_initiative_invitations_accepted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_initiative_invitations")),
    )
    op.create_index(op.f("ix_initiative_invitations_email"), "initiative_invitations", ["email"])
    op.create_index(
        "uq_initiative_invitations_open",
        "initiative_invitations",
        ["initiative_id"],
        unique=True,
        postgresql_where=sa.text("accepted_at IS NULL AND withdrawn_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_initiative_invitations_open",
        table_name="initiative_invitations",
        postgresql_where=sa.text("accepted_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.drop_index(op.f("ix_initiative_invitations_email"), table_name="initiative_invitations")
    op.drop_table("initiative_invitations")
    op.drop_table("review_notes")
    op.drop_column("initiatives", "channel")
