"""Let a card be one donor per initiative, and remember the scheme and the award of each campaign."""

import sqlalchemy as sa

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "campaign_matches",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("award_cents", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("award_cents >= 0", name=op.f("ck_campaign_matches_award_not_negative")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_campaign_matches_initiative_id")),
        sa.ForeignKeyConstraint(["scheme_id"], ["schemes.id"], name=op.f("fk_campaign_matches_scheme_id")),
        sa.PrimaryKeyConstraint("initiative_id", name=op.f("pk_campaign_matches")),
    )
    op.create_index(op.f("ix_campaign_matches_scheme_id"), "campaign_matches", ["scheme_id"])
    op.add_column("reservations", sa.Column("card_fingerprint", sa.Text(), server_default="", nullable=False))
    op.create_index(
        "ix_reservations_short",
        "reservations",
        ["scheme_id", "reserved_at"],
        postgresql_where=sa.text("state = 'reserved' AND bound = 'pot'"),
    )
    op.create_exclude_constraint(
        "ex_reservations_one_donor_per_card",
        "reservations",
        ("initiative_id", "="),
        ("card_fingerprint", "="),
        ("person_id", "<>"),
        where=sa.text("amount_cents > 0 AND state <> 'released' AND card_fingerprint <> ''"),
        using="gist",
    )


def downgrade() -> None:
    # The extension stays: other tables may have come to lean on it.
    op.drop_constraint("ex_reservations_one_donor_per_card", "reservations")
    op.drop_index(
        "ix_reservations_short",
        table_name="reservations",
        postgresql_where=sa.text("state = 'reserved' AND bound = 'pot'"),
    )
    op.drop_column("reservations", "card_fingerprint")
    op.drop_index(op.f("ix_campaign_matches_scheme_id"), table_name="campaign_matches")
    op.drop_table("campaign_matches")
