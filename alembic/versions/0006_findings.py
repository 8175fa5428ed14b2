"""Keep what a check of the books finds, by name and date, with what people write about it."""

import sqlalchemy as sa

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "book_checks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("questions", sa.Integer(), nullable=True),
        sa.Column("differences", sa.Integer(), nullable=True),
        sa.Column("in_flight", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("with_provider", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "num_nulls(finished_at, questions, differences, with_provider) IN (0, 4)",
            name=op.f("ck_book_checks_finished_says_all"),
        ),
        sa.CheckConstraint("differences >= 0 AND questions > 0", name=op.f("ck_book_checks_counts_sensible")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_checks")),
    )
    op.create_table(
        "findings",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("invariant", sa.Text(), nullable=False),
        sa.Column("promise", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "last_seen_at >= first_seen_at AND gone_at >= last_seen_at", name=op.f("ck_findings_moments_forward")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_index(
        "uq_findings_open",
        "findings",
        ["promise", "subject"],
        unique=True,
        postgresql_where=sa.text("gone_at IS NULL"),
    )
    op.create_index(
        "ix_findings_gone", "findings", ["gone_at"], unique=False, postgresql_where=sa.text("gone_at IS NOT NULL")
    )
    op.create_table(
        "finding_notes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint("length(body) > 0", name=op.f("ck_finding_notes_says_something")),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.id"], name=op.f("fk_finding_notes_finding_id")),
        sa.ForeignKeyConstraint(["written_by"], ["people.id"], name=op.f("fk_finding_notes_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_notes")),
    )
    op.create_index("ix_finding_notes_finding", "finding_notes", ["finding_id", "id"], unique=False)
    op.create_index(op.f("ix_finding_notes_written_by"), "finding_notes", ["written_by"], unique=False)
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON finding_notes"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER append_only ON finding_notes")
    op.drop_index(op.f("ix_finding_notes_written_by"), table_name="finding_notes")
    op.drop_index("ix_finding_notes_finding", table_name="finding_notes")
    op.drop_table("finding_notes")
    op.drop_index("ix_findings_gone", table_name="findings", postgresql_where=sa.text("gone_at IS NOT NULL"))
    op.drop_index("uq_findings_open", table_name="findings", postgresql_where=sa.text("gone_at IS NULL"))
    op.drop_table("findings")
    op.drop_table("book_checks")
