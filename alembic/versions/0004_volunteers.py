"""Let people help: skills, roles and shifts, volunteers, placements.

Overfull shifts are refused by a CHECK, being in two places at once by an exclusion constraint.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APPEND_ONLY = ("placement_transitions", "match_policies")


class Geometry(sa.types.UserDefinedType):
    """PostgreSQL's own flat point and circle, as they were called when this was written."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: object) -> str:
        return self.name


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "skills",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=True),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("label_nl", sa.Text(), nullable=False),
        sa.Column("label_en", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("esco_uri", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_skills_not_its_own_parent")),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name=op.f("fk_skills_municipality_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["skills.id"], name=op.f("fk_skills_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skills")),
        sa.UniqueConstraint(
            "municipality_id", "slug", name=op.f("uq_skills_municipality_id_slug"), postgresql_nulls_not_distinct=True
        ),
    )
    op.create_index(op.f("ix_skills_parent_id"), "skills", ["parent_id"], unique=False)
    op.create_table(
        "match_policies",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("skills", sa.Integer(), nullable=False),
        sa.Column("distance", sa.Integer(), nullable=False),
        sa.Column("interest", sa.Integer(), nullable=False),
        sa.Column("fairness", sa.Integer(), nullable=False),
        sa.Column("need", sa.Integer(), nullable=False),
        sa.Column("language", sa.Integer(), nullable=False),
        sa.Column("decay_metres", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("decay_metres > 0", name=op.f("ck_match_policies_decay_positive")),
        sa.CheckConstraint(
            "least(skills, distance, interest, fairness, need, language) >= 0",
            name=op.f("ck_match_policies_not_negative"),
        ),
        sa.CheckConstraint(
            "skills + distance + interest + fairness + need + language = 1000", name=op.f("ck_match_policies_adds_up")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_match_policies_decided_by")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_match_policies")),
    )
    op.create_table(
        "skill_names",
        sa.Column("skill_id", sa.Integer(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("locale IN ('nl','en')", name=op.f("ck_skill_names_locale_is_known")),
        sa.ForeignKeyConstraint(["skill_id"], ["skills.id"], name=op.f("fk_skill_names_skill_id")),
        sa.PrimaryKeyConstraint("skill_id", "locale", "name", name=op.f("pk_skill_names")),
    )
    op.create_index(
        "ix_skill_names_name",
        "skill_names",
        ["name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.create_table(
        "volunteers",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("pc4", sa.Text(), nullable=True),
        sa.Column("home", Geometry("point"), nullable=True),
        sa.Column("radius_km", sa.Integer(), server_default=sa.text("5"), nullable=False),
        sa.Column(
            "reach",
            Geometry("circle"),
            sa.Computed("circle(home, (radius_km * 1000 + 1)::double precision)", persisted=True),
            nullable=True,
        ),
        sa.Column("languages", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("cells", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("is_paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "offers",
            sa.BigInteger(),
            sa.Computed(
                "cells | (languages << 21) | CASE WHEN is_paused THEN '0'::bigint ELSE '4611686018427387904'::bigint END",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("wants_at_most", sa.Integer(), server_default=sa.text("2"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(pc4 IS NULL) = (home IS NULL)", name=op.f("ck_volunteers_home_of_postcode")),
        sa.CheckConstraint("cells BETWEEN 0 AND 2097151", name=op.f("ck_volunteers_cells_of_a_week")),
        sa.CheckConstraint("languages BETWEEN 0 AND 1048575", name=op.f("ck_volunteers_languages_of_the_list")),
        sa.CheckConstraint("radius_km BETWEEN 1 AND 100", name=op.f("ck_volunteers_radius_sensible")),
        sa.CheckConstraint("wants_at_most BETWEEN 1 AND 20", name=op.f("ck_volunteers_wish_sensible")),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name=op.f("fk_volunteers_municipality_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_volunteers_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_volunteers")),
    )
    op.create_index("ix_volunteers_municipality", "volunteers", ["municipality_id"], unique=False)
    op.create_index("ix_volunteers_reach", "volunteers", ["reach"], unique=False, postgresql_using="gist")
    op.create_table(
        "volunteer_credentials",
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), server_default="", nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("seen_by", sa.Uuid(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('vog','ehbo','bhv','rijbewijs_b')", name=op.f("ck_volunteer_credentials_kind_is_known")
        ),
        sa.CheckConstraint("valid_until >= seen_on", name=op.f("ck_volunteer_credentials_valid_after_seen")),
        sa.ForeignKeyConstraint(["seen_by"], ["people.id"], name=op.f("fk_volunteer_credentials_seen_by")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteers.person_id"], name=op.f("fk_volunteer_credentials_volunteer_id")
        ),
        sa.PrimaryKeyConstraint("volunteer_id", "kind", name=op.f("pk_volunteer_credentials")),
    )
    op.create_table(
        "volunteer_skills",
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("skill_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 3", name=op.f("ck_volunteer_skills_level_is_known")),
        sa.ForeignKeyConstraint(["skill_id"], ["skills.id"], name=op.f("fk_volunteer_skills_skill_id")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteers.person_id"], name=op.f("fk_volunteer_skills_volunteer_id")
        ),
        sa.PrimaryKeyConstraint("volunteer_id", "skill_id", name=op.f("pk_volunteer_skills")),
    )
    op.create_index(op.f("ix_volunteer_skills_skill_id"), "volunteer_skills", ["skill_id"], unique=False)
    op.create_table(
        "volunteer_themes",
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("theme_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["theme_id"], ["themes.id"], name=op.f("fk_volunteer_themes_theme_id")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteers.person_id"], name=op.f("fk_volunteer_themes_volunteer_id")
        ),
        sa.PrimaryKeyConstraint("volunteer_id", "theme_id", name=op.f("pk_volunteer_themes")),
    )
    op.create_index(op.f("ix_volunteer_themes_theme_id"), "volunteer_themes", ["theme_id"], unique=False)
    op.create_table(
        "roles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("required_languages", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("desired_languages", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("minimum_age", sa.Integer(), nullable=True),
        sa.Column("needs_credential", sa.Text(), nullable=True),
        sa.Column("is_remote", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "needs_credential IN ('vog','ehbo','bhv','rijbewijs_b')", name=op.f("ck_roles_credential_is_known")
        ),
        sa.CheckConstraint("minimum_age BETWEEN 12 AND 99", name=op.f("ck_roles_minimum_age_sensible")),
        sa.ForeignKeyConstraint(["created_by"], ["people.id"], name=op.f("fk_roles_created_by")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_roles_initiative_id")),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name=op.f("fk_roles_municipality_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
    )
    op.create_index("ix_roles_initiative", "roles", ["initiative_id", "id"], unique=False)
    op.create_table(
        "role_skills",
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("skill_id", sa.Integer(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_role_skills_role_id")),
        sa.ForeignKeyConstraint(["skill_id"], ["skills.id"], name=op.f("fk_role_skills_skill_id")),
        sa.PrimaryKeyConstraint("role_id", "skill_id", name=op.f("pk_role_skills")),
    )
    op.create_index(op.f("ix_role_skills_skill_id"), "role_skills", ["skill_id"], unique=False)
    op.create_table(
        "shifts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("minimum_crew", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("filled", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("asks", sa.BigInteger(), nullable=False),
        sa.Column("pc4", sa.Text(), nullable=True),
        sa.Column("place", Geometry("point"), nullable=True),
        sa.Column("meeting_point", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(pc4 IS NULL) = (place IS NULL)", name=op.f("ck_shifts_place_of_postcode")),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during) AND lower(during) IS NOT NULL AND upper(during) IS NOT NULL",
            name=op.f("ck_shifts_during_half_open"),
        ),
        sa.CheckConstraint("asks >= 0", name=op.f("ck_shifts_asks_not_negative")),
        sa.CheckConstraint("capacity BETWEEN 1 AND 500", name=op.f("ck_shifts_capacity_sensible")),
        sa.CheckConstraint("filled BETWEEN 0 AND capacity", name=op.f("ck_shifts_filled_within_capacity")),
        sa.CheckConstraint("minimum_crew BETWEEN 1 AND capacity", name=op.f("ck_shifts_crew_within_capacity")),
        sa.ForeignKeyConstraint(["created_by"], ["people.id"], name=op.f("fk_shifts_created_by")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_shifts_initiative_id")),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name=op.f("fk_shifts_municipality_id")),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_shifts_role_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
    )
    op.create_index(
        "ix_shifts_initiative", "shifts", ["initiative_id", sa.literal_column("lower(during)")], unique=False
    )
    op.create_index(
        "ix_shifts_open",
        "shifts",
        ["municipality_id", sa.literal_column("lower(during)"), "id"],
        unique=False,
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )
    op.create_index(
        "ix_shifts_place",
        "shifts",
        ["place"],
        unique=False,
        postgresql_using="gist",
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )
    op.create_index("ix_shifts_role", "shifts", ["role_id"], unique=False)
    op.create_table(
        "placements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("shift_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("locale", sa.Text(), server_default="nl", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=True),
        sa.Column("terms", postgresql.ARRAY(sa.Integer()), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("volunteer_id"), "="),
            (sa.column("during"), "&&"),
            where=sa.text("state IN ('accepted','checked_in')"),
            using="gist",
            name="ex_placements_one_place_at_a_time",
        ),
        sa.CheckConstraint("origin IN ('own','asked')", name=op.f("ck_placements_origin_is_known")),
        sa.CheckConstraint(
            "state IN ('proposed','invited','applied','waitlisted','accepted','checked_in','completed','no_show','declined','expired','withdrawn','cancelled')",
            name=op.f("ck_placements_state_is_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('applied','invited','waitlisted') OR expires_at IS NOT NULL",
            name=op.f("ck_placements_waiting_ends"),
        ),
        sa.CheckConstraint("terms IS NULL OR cardinality(terms) = 6", name=op.f("ck_placements_six_terms")),
        sa.ForeignKeyConstraint(["asked_by"], ["people.id"], name=op.f("fk_placements_asked_by")),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name=op.f("fk_placements_municipality_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_placements_shift_id")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteers.person_id"], name=op.f("fk_placements_volunteer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placements")),
        sa.UniqueConstraint("volunteer_id", "shift_id", name=op.f("uq_placements_volunteer_id_shift_id")),
    )
    op.create_index(
        "ix_placements_due",
        "placements",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('applied','invited','waitlisted')"),
    )
    op.create_index(
        "ix_placements_ended",
        "placements",
        [sa.literal_column("upper(during)")],
        unique=False,
        postgresql_where=sa.text("state IN ('accepted','checked_in')"),
    )
    op.create_index("ix_placements_shift", "placements", ["shift_id", "state"], unique=False)
    op.create_table(
        "placement_transitions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["by_person_id"], ["people.id"], name=op.f("fk_placement_transitions_by_person_id")),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placements.id"], name=op.f("fk_placement_transitions_placement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement_transitions")),
    )
    op.create_index("ix_placement_transitions_placement", "placement_transitions", ["placement_id", "id"], unique=False)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER append_only ON {table}")
    op.drop_index("ix_placement_transitions_placement", table_name="placement_transitions")
    op.drop_table("placement_transitions")
    op.drop_index("ix_placements_shift", table_name="placements")
    op.drop_index(
        "ix_placements_ended", table_name="placements", postgresql_where=sa.text("state IN ('accepted','checked_in')")
    )
    op.drop_index(
        "ix_placements_due",
        table_name="placements",
        postgresql_where=sa.text("state IN ('applied','invited','waitlisted')"),
    )
    op.drop_table("placements")
    op.drop_index("ix_shifts_role", table_name="shifts")
    op.drop_index(
        "ix_shifts_place",
        table_name="shifts",
        postgresql_using="gist",
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )
    op.drop_index("ix_shifts_open", table_name="shifts", postgresql_where=sa.text("cancelled_at IS NULL"))
    op.drop_index("ix_shifts_initiative", table_name="shifts")
    op.drop_table("shifts")
    op.drop_index(op.f("ix_role_skills_skill_id"), table_name="role_skills")
    op.drop_table("role_skills")
    op.drop_index("ix_roles_initiative", table_name="roles")
    op.drop_table("roles")
    op.drop_index(op.f("ix_volunteer_themes_theme_id"), table_name="volunteer_themes")
    op.drop_table("volunteer_themes")
    op.drop_index(op.f("ix_volunteer_skills_skill_id"), table_name="volunteer_skills")
    op.drop_table("volunteer_skills")
    op.drop_table("volunteer_credentials")
    op.drop_index("ix_volunteers_reach", table_name="volunteers", postgresql_using="gist")
    op.drop_index("ix_volunteers_municipality", table_name="volunteers")
    op.drop_table("volunteers")
    op.drop_index(
        "ix_skill_names_name", table_name="skill_names", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}
    )
    op.drop_table("skill_names")
    op.drop_table("match_policies")
    op.drop_index(op.f("ix_skills_parent_id"), table_name="skills")
    op.drop_table("skills")
    # btree_gist stays: another room stands on it too.
    op.execute("DROP EXTENSION pg_trgm")
