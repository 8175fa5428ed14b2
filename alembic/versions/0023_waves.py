"""Waves of invitations; hours that differ from the shift's; who was reminded and thanked."""

import sqlalchemy as sa

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "waves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("shift_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column("rests_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_as", sa.Text(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("ended_as IN ('stopped','near','closed')", name=op.f("ck_waves_ending_is_known")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_as IS NULL)", name=op.f("ck_waves_ended_with_reason")),
        sa.ForeignKeyConstraint(["ended_by"], ["people.id"], name=op.f("fk_waves_ended_by")),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name=op.f("fk_waves_municipality_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_waves_shift_id")),
        sa.ForeignKeyConstraint(["started_by"], ["people.id"], name=op.f("fk_waves_started_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waves")),
    )
    op.create_index(
        "uq_waves_one_runs", "waves", ["shift_id"], unique=True, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_index("ix_waves_shift", "waves", ["shift_id", "started_at"])
    op.add_column("placements", sa.Column("minutes", sa.Integer(), nullable=True))
    op.add_column("placements", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("placements", sa.Column("thanked_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        "ALTER TABLE placements ADD CONSTRAINT ck_placements_minutes_of_a_day CHECK (minutes BETWEEN 1 AND 1440)"
    )
    op.create_index(
        "ix_placements_asked",
        "placements",
        ["municipality_id", "asked_at"],
        postgresql_where=sa.text("terms IS NOT NULL"),
    )
    op.create_index(
        "ix_placements_to_remind",
        "placements",
        [sa.text("lower(during)")],
        postgresql_where=sa.text("state = 'accepted' AND reminded_at IS NULL"),
    )
    op.create_index(
        "ix_placements_to_thank",
        "placements",
        [sa.text("upper(during)")],
        postgresql_where=sa.text("state = 'completed' AND thanked_at IS NULL"),
    )


def downgrade() -> None:
    for name in ("asked", "to_remind", "to_thank"):
        op.drop_index(f"ix_placements_{name}", table_name="placements")
    op.drop_constraint("ck_placements_minutes_of_a_day", "placements")
    for name in ("thanked_at", "reminded_at", "minutes"):
        op.drop_column("placements", name)
    op.drop_table("waves")
