"""Let volunteers, roles and sessions come in from the files of other tools, once each."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

KIND = "kind IN ('volunteers','roles','sessions')"


def upgrade() -> None:
    op.create_table(
        "volunteer_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("headers", postgresql.JSONB(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(), nullable=False),
        sa.Column("lines", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("report", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.CheckConstraint(KIND, name=op.f("ck_volunteer_imports_kind_is_known")),
        sa.CheckConstraint("line_count BETWEEN 0 AND 10000", name=op.f("ck_volunteer_imports_lines_bounded")),
        sa.CheckConstraint(
            "done_at IS NULL OR asked_at IS NOT NULL", name=op.f("ck_volunteer_imports_done_after_asked")
        ),
        sa.CheckConstraint("done_at IS NULL OR lines IS NULL", name=op.f("ck_volunteer_imports_done_keeps_no_lines")),
        sa.CheckConstraint("(done_at IS NULL) = (counts IS NULL)", name=op.f("ck_volunteer_imports_done_has_counts")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_volunteer_imports_municipality_id")
        ),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_volunteer_imports_initiative_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["people.id"], name=op.f("fk_volunteer_imports_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer_imports")),
    )
    op.create_index("ix_volunteer_imports_municipality", "volunteer_imports", ["municipality_id", "uploaded_at"])
    op.create_table(
        "import_progress",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("done_lines", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("done_lines >= 0", name=op.f("ck_import_progress_done_not_negative")),
        sa.ForeignKeyConstraint(["import_id"], ["volunteer_imports.id"], name=op.f("fk_import_progress_import_id")),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_import_progress")),
    )
    op.create_table(
        "import_layouts",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(KIND, name=op.f("ck_import_layouts_kind_is_known")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_import_layouts_municipality_id")
        ),
        sa.PrimaryKeyConstraint("municipality_id", "layout", name=op.f("pk_import_layouts")),
    )
    op.create_table(
        "import_keys",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(KIND, name=op.f("ck_import_keys_kind_is_known")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_import_keys_municipality_id")
        ),
        sa.ForeignKeyConstraint(["import_id"], ["volunteer_imports.id"], name=op.f("fk_import_keys_import_id")),
        sa.PrimaryKeyConstraint("municipality_id", "kind", "source", "key", name=op.f("pk_import_keys")),
    )
    op.create_index(op.f("ix_import_keys_import_id"), "import_keys", ["import_id"])


def downgrade() -> None:
    op.drop_table("import_keys")
    op.drop_table("import_layouts")
    op.drop_table("import_progress")
    op.drop_table("volunteer_imports")
