"""Let municipalities extend the vocabulary, and merge two skills without losing who has them."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("skills", sa.Column("merged_into_id", sa.Integer(), nullable=True))
    op.add_column("skill_names", sa.Column("municipality_id", sa.Uuid(), nullable=True))
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        "ALTER TABLE skills ADD CONSTRAINT ck_skills_not_into_itself CHECK (merged_into_id <> id)"
    )
    op.execute(
        "-- squawk-ignore adding-foreign-key-constraint\n"
        "-- squawk-ignore constraint-missing-not-valid\n"
        "ALTER TABLE skills ADD CONSTRAINT fk_skills_merged_into_id FOREIGN KEY (merged_into_id) REFERENCES skills (id)"
    )
    op.execute(
        "-- squawk-ignore adding-foreign-key-constraint\n"
        "-- squawk-ignore constraint-missing-not-valid\n"
        "ALTER TABLE skill_names ADD CONSTRAINT fk_skill_names_municipality_id"
        " FOREIGN KEY (municipality_id) REFERENCES municipalities (id)"
    )
    # A few hundred rows: nobody waits for this.
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\nCREATE INDEX ix_skills_merged_into_id ON skills (merged_into_id)"
    )
    op.create_table(
        "skill_merges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("source_id <> target_id", name=op.f("ck_skill_merges_two_skills")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_skill_merges_municipality_id")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["skills.id"], name=op.f("fk_skill_merges_source_id")),
        sa.ForeignKeyConstraint(["target_id"], ["skills.id"], name=op.f("fk_skill_merges_target_id")),
        sa.ForeignKeyConstraint(["merged_by"], ["people.id"], name=op.f("fk_skill_merges_merged_by")),
        sa.ForeignKeyConstraint(["undone_by"], ["people.id"], name=op.f("fk_skill_merges_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill_merges")),
    )
    op.create_index("ix_skill_merges_municipality", "skill_merges", ["municipality_id", "merged_at"])


def downgrade() -> None:
    # Fails, as it should, while a skill is merged: without the column two of one name would be offered again.
    op.execute(
        "DO $$ BEGIN IF EXISTS (SELECT FROM skills WHERE merged_into_id IS NOT NULL)"
        " THEN RAISE EXCEPTION 'undo every merge of skills first'; END IF; END $$"
    )
    op.drop_index("ix_skill_merges_municipality", table_name="skill_merges")
    op.drop_table("skill_merges")
    op.drop_constraint("fk_skill_names_municipality_id", "skill_names")
    op.drop_column("skill_names", "municipality_id")
    op.drop_index("ix_skills_merged_into_id", table_name="skills")
    op.drop_constraint("fk_skills_merged_into_id", "skills")
    op.drop_constraint("ck_skills_not_into_itself", "skills")
    op.drop_column("skills", "merged_into_id")
