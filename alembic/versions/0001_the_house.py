"""The house: people, initiatives, pledges, co-funding, grants, the book.

What a CHECK or UNIQUE cannot say, a trigger says here: rows that record what happened are never changed,
and whoever assessed a grant application does not decide on it.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "audit_log",
    "ledger_transfers",
    "initiative_transitions",
    "pledge_transitions",
    "closings",
    "final_decisions",
    "grant_decisions",
    "grant_fixed",
)
REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: correct it with a new row', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""
ASSESSOR_DOES_NOT_DECIDE = """
CREATE FUNCTION assessor_does_not_decide() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM grant_assessments
        WHERE application_id = NEW.application_id AND assessor_id = NEW.decided_by
    ) THEN
        RAISE EXCEPTION 'the assessor of an application does not decide on it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_grant_decisions_four_eyes';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS citext")
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor_person_id", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_subject", "audit_log", ["subject_type", "subject_id", "id"], unique=False)
    op.create_table(
        "clock_offset",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_clock_offset_one_row")),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_clock_offset_never_back")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_offset")),
    )
    op.create_table(
        "municipalities",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("site_name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("visiting_address", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("brand_colour", sa.Text(), nullable=False),
        sa.Column("accent_colour", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_municipalities")),
        sa.UniqueConstraint("slug", name=op.f("uq_municipalities_slug")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("args", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("correlation_id", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outbox_dedupe_key")),
    )
    op.create_index(
        "ix_outbox_open",
        "outbox",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
    )
    op.create_table(
        "provider_calls",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), server_default="", nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("first_sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('succeeded','refused','failed')", name=op.f("ck_provider_calls_outcome_is_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_calls")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_provider_calls_idempotency_key")),
    )
    op.create_index(
        "ix_provider_calls_unanswered",
        "provider_calls",
        ["sent_at"],
        unique=False,
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_table(
        "provider_events",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("object_ref", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("swept", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_events")),
    )
    op.create_index(
        "ix_provider_events_open",
        "provider_events",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("handled_at IS NULL"),
    )
    op.create_table(
        "neighbourhoods",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_neighbourhoods_municipality_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_neighbourhoods")),
        sa.UniqueConstraint("municipality_id", "slug", name=op.f("uq_neighbourhoods_municipality_id_slug")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("email", postgresql.CITEXT(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("locale", sa.Text(), server_default="nl", nullable=False),
        sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name=op.f("fk_people_municipality_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("municipality_id", "email", name=op.f("uq_people_municipality_id_email")),
    )
    op.create_table(
        "schemes",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("ratio_percent", sa.Integer(), nullable=False),
        sa.Column("donor_cap_cents", sa.BigInteger(), nullable=False),
        sa.Column("project_cap_cents", sa.BigInteger(), nullable=False),
        sa.Column("pot_cents", sa.BigInteger(), nullable=False),
        sa.Column("reserved_cents", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("decision_weeks", sa.Integer(), server_default=sa.text("8"), nullable=False),
        sa.CheckConstraint("donor_cap_cents > 0 AND project_cap_cents > 0", name=op.f("ck_schemes_caps_positive")),
        sa.CheckConstraint("opens_on <= closes_on", name=op.f("ck_schemes_period_forward")),
        sa.CheckConstraint("pot_cents >= 0", name=op.f("ck_schemes_pot_not_negative")),
        sa.CheckConstraint("ratio_percent BETWEEN 1 AND 1000", name=op.f("ck_schemes_ratio_sensible")),
        sa.CheckConstraint("reserved_cents BETWEEN 0 AND pot_cents", name=op.f("ck_schemes_reserved_within_pot")),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name=op.f("fk_schemes_municipality_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schemes")),
    )
    op.create_index(op.f("ix_schemes_municipality_id"), "schemes", ["municipality_id"], unique=False)
    op.create_table(
        "sign_in_links",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("email", postgresql.CITEXT(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(), nullable=False),
        sa.Column("locale", sa.Text(), server_default="nl", nullable=False),
        sa.Column("code_attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_path", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_sign_in_links_municipality_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_links_token_hash")),
    )
    op.create_index(op.f("ix_sign_in_links_browser_hash"), "sign_in_links", ["browser_hash"], unique=False)
    op.create_index(op.f("ix_sign_in_links_email"), "sign_in_links", ["email"], unique=False)
    op.create_table(
        "themes",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("label_nl", sa.Text(), nullable=False),
        sa.Column("label_en", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name=op.f("fk_themes_municipality_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_themes")),
        sa.UniqueConstraint("municipality_id", "slug", name=op.f("uq_themes_municipality_id_slug")),
    )
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["claimed_by"], ["people.id"], name=op.f("fk_organisations_claimed_by")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_organisations_municipality_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("municipality_id", "name", name=op.f("uq_organisations_municipality_id_name")),
    )
    op.create_index(op.f("ix_organisations_claimed_by"), "organisations", ["claimed_by"], unique=False)
    op.create_table(
        "pictures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sizes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name=op.f("fk_pictures_municipality_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["people.id"], name=op.f("fk_pictures_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pictures")),
    )
    op.create_table(
        "postcode_areas",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("pc4", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("neighbourhood_id", sa.Uuid(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.CheckConstraint("pc4 ~ '^[1-9][0-9]{3}$'", name=op.f("ck_postcode_areas_pc4_has_four_digits")),
        sa.CheckConstraint(
            "latitude BETWEEN 50 AND 54 AND longitude BETWEEN 3 AND 8",
            name=op.f("ck_postcode_areas_lies_in_the_netherlands"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_postcode_areas_municipality_id")
        ),
        sa.ForeignKeyConstraint(
            ["neighbourhood_id"], ["neighbourhoods.id"], name=op.f("fk_postcode_areas_neighbourhood_id")
        ),
        sa.PrimaryKeyConstraint("municipality_id", "pc4", name=op.f("pk_postcode_areas")),
    )
    op.create_index(op.f("ix_postcode_areas_neighbourhood_id"), "postcode_areas", ["neighbourhood_id"], unique=False)
    op.create_table(
        "provider_customers",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("customer_ref", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_provider_customers_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_provider_customers")),
        sa.UniqueConstraint("customer_ref", name=op.f("uq_provider_customers_customer_ref")),
    )
    op.create_table(
        "role_grants",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("mandate_cents", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('clerk','assessor','approver','treasurer','administrator')",
            name=op.f("ck_role_grants_role_is_known"),
        ),
        sa.CheckConstraint("mandate_cents >= 0", name=op.f("ck_role_grants_mandate_not_negative")),
        sa.ForeignKeyConstraint(["granted_by"], ["people.id"], name=op.f("fk_role_grants_granted_by")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_role_grants_municipality_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_role_grants_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grants")),
    )
    op.create_index(op.f("ix_role_grants_person_id"), "role_grants", ["person_id"], unique=False)
    op.create_index(
        "uq_role_grants_open",
        "role_grants",
        ["person_id", "municipality_id", "role"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "scheme_neighbourhoods",
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("neighbourhood_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["neighbourhood_id"], ["neighbourhoods.id"], name=op.f("fk_scheme_neighbourhoods_neighbourhood_id")
        ),
        sa.ForeignKeyConstraint(["scheme_id"], ["schemes.id"], name=op.f("fk_scheme_neighbourhoods_scheme_id")),
        sa.PrimaryKeyConstraint("scheme_id", "neighbourhood_id", name=op.f("pk_scheme_neighbourhoods")),
    )
    op.create_index(
        op.f("ix_scheme_neighbourhoods_neighbourhood_id"), "scheme_neighbourhoods", ["neighbourhood_id"], unique=False
    )
    op.create_table(
        "sign_in_sessions",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sign_in_sessions_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_sessions_token_hash")),
    )
    op.create_index(op.f("ix_sign_in_sessions_person_id"), "sign_in_sessions", ["person_id"], unique=False)
    op.create_table(
        "initiatives",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("story", sa.Text(), server_default="", nullable=False),
        sa.Column("help_wanted", sa.Text(), server_default="", nullable=False),
        sa.Column("theme_id", sa.Uuid(), nullable=True),
        sa.Column("neighbourhood_id", sa.Uuid(), nullable=True),
        sa.Column("pc4", sa.Text(), nullable=True),
        sa.Column("place_note", sa.Text(), server_default="", nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("minimum_cents", sa.BigInteger(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("picture_id", sa.Uuid(), nullable=True),
        sa.Column("picture_alt", sa.Text(), server_default="", nullable=False),
        sa.Column("external_reference", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("live_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft','submitted','changes_requested','approved','cancelled') OR (minimum_cents IS NOT NULL AND deadline_at IS NOT NULL AND ends_on IS NOT NULL AND live_at IS NOT NULL)",
            name=op.f("ck_initiatives_public_campaign_is_complete"),
        ),
        sa.CheckConstraint(
            "state IN ('draft','submitted','changes_requested','approved','live','collecting','funded','unfunded','suspended','cancelled')",
            name=op.f("ck_initiatives_state_is_known"),
        ),
        sa.CheckConstraint(
            "deadline_at IS NULL OR deadline_at > live_at", name=op.f("ck_initiatives_deadline_after_live")
        ),
        sa.CheckConstraint("minimum_cents IS NULL OR minimum_cents > 0", name=op.f("ck_initiatives_minimum_positive")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_initiatives_municipality_id")
        ),
        sa.ForeignKeyConstraint(
            ["neighbourhood_id"], ["neighbourhoods.id"], name=op.f("fk_initiatives_neighbourhood_id")
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_initiatives_organisation_id")),
        sa.ForeignKeyConstraint(["picture_id"], ["pictures.id"], name=op.f("fk_initiatives_picture_id")),
        sa.ForeignKeyConstraint(["theme_id"], ["themes.id"], name=op.f("fk_initiatives_theme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_initiatives")),
        sa.UniqueConstraint(
            "municipality_id", "external_reference", name=op.f("uq_initiatives_municipality_id_external_reference")
        ),
        sa.UniqueConstraint("slug", name=op.f("uq_initiatives_slug")),
    )
    op.create_index(
        "ix_initiatives_discover",
        "initiatives",
        ["municipality_id", "state", sa.literal_column("live_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_initiatives_due", "initiatives", ["deadline_at"], unique=False, postgresql_where=sa.text("state = 'live'")
    )
    op.create_index(op.f("ix_initiatives_neighbourhood_id"), "initiatives", ["neighbourhood_id"], unique=False)
    op.create_index(op.f("ix_initiatives_organisation_id"), "initiatives", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_initiatives_theme_id"), "initiatives", ["theme_id"], unique=False)
    op.create_table(
        "picture_sizes",
        sa.Column("picture_id", sa.Uuid(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["picture_id"], ["pictures.id"], name=op.f("fk_picture_sizes_picture_id")),
        sa.PrimaryKeyConstraint("picture_id", "width", "format", name=op.f("pk_picture_sizes")),
    )
    op.create_table(
        "budget_lines",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_budget_lines_amount_positive")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_budget_lines_initiative_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_lines")),
        sa.UniqueConstraint("initiative_id", "position", name=op.f("uq_budget_lines_initiative_id_position")),
    )
    op.create_table(
        "campaign_deltas",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("pledge_count", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_campaign_deltas_initiative_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_deltas")),
    )
    op.create_index("ix_campaign_deltas_initiative", "campaign_deltas", ["initiative_id"], unique=False)
    op.create_table(
        "campaign_totals",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("pledge_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_campaign_totals_initiative_id")),
        sa.PrimaryKeyConstraint("initiative_id", name=op.f("pk_campaign_totals")),
    )
    op.create_table(
        "closings",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minimum_cents", sa.BigInteger(), nullable=False),
        sa.Column("secured_cents", sa.BigInteger(), nullable=False),
        sa.Column("secured_count", sa.Integer(), nullable=False),
        sa.Column("match_cents", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("collect_until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("outcome IN ('collecting','unfunded')", name=op.f("ck_closings_outcome_is_known")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_closings_initiative_id")),
        sa.PrimaryKeyConstraint("initiative_id", name=op.f("pk_closings")),
    )
    op.create_table(
        "final_decisions",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("collected_cents", sa.BigInteger(), nullable=False),
        sa.Column("collected_count", sa.Integer(), nullable=False),
        sa.Column("match_cents", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.CheckConstraint("outcome IN ('funded','unfunded')", name=op.f("ck_final_decisions_outcome_is_known")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_final_decisions_initiative_id")),
        sa.PrimaryKeyConstraint("initiative_id", name=op.f("pk_final_decisions")),
    )
    op.create_table(
        "grant_applications",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), server_default="received", nullable=False),
        sa.Column("asked_cents", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decide_by", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "state IN ('received','assessed','awarded','refused','lapsed','fixed')",
            name=op.f("ck_grant_applications_state_is_known"),
        ),
        sa.CheckConstraint("asked_cents > 0", name=op.f("ck_grant_applications_asked_positive")),
        sa.ForeignKeyConstraint(
            ["initiative_id"], ["initiatives.id"], name=op.f("fk_grant_applications_initiative_id")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_grant_applications_municipality_id")
        ),
        sa.ForeignKeyConstraint(["scheme_id"], ["schemes.id"], name=op.f("fk_grant_applications_scheme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_applications")),
        sa.UniqueConstraint("initiative_id", name=op.f("uq_grant_applications_initiative_id")),
    )
    op.create_index(
        op.f("ix_grant_applications_municipality_id"), "grant_applications", ["municipality_id"], unique=False
    )
    op.create_index(op.f("ix_grant_applications_scheme_id"), "grant_applications", ["scheme_id"], unique=False)
    op.create_table(
        "initiative_transitions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["by_person_id"], ["people.id"], name=op.f("fk_initiative_transitions_by_person_id")),
        sa.ForeignKeyConstraint(
            ["initiative_id"], ["initiatives.id"], name=op.f("fk_initiative_transitions_initiative_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_initiative_transitions")),
    )
    op.create_index(
        "ix_initiative_transitions_initiative", "initiative_transitions", ["initiative_id", "id"], unique=False
    )
    op.create_table(
        "initiative_updates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["initiative_id"], ["initiatives.id"], name=op.f("fk_initiative_updates_initiative_id")
        ),
        sa.ForeignKeyConstraint(["published_by"], ["people.id"], name=op.f("fk_initiative_updates_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_initiative_updates")),
    )
    op.create_index(
        "ix_initiative_updates_initiative",
        "initiative_updates",
        ["initiative_id", sa.literal_column("published_at DESC")],
        unique=False,
    )
    op.create_table(
        "ledger_accounts",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'campaign_funds') = (initiative_id IS NOT NULL)",
            name=op.f("ck_ledger_accounts_funds_have_a_campaign"),
        ),
        sa.CheckConstraint(
            "kind IN ('provider_clearing','provider_fees','campaign_funds','municipality_receivable','dispute_suspense','platform_loss','bank')",
            name=op.f("ck_ledger_accounts_kind_is_known"),
        ),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_ledger_accounts_initiative_id")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_ledger_accounts_municipality_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_accounts")),
    )
    op.create_index(
        "uq_ledger_accounts_campaign",
        "ledger_accounts",
        ["initiative_id"],
        unique=True,
        postgresql_where=sa.text("initiative_id IS NOT NULL"),
    )
    op.create_index(
        "uq_ledger_accounts_shared",
        "ledger_accounts",
        ["municipality_id", "kind"],
        unique=True,
        postgresql_where=sa.text("initiative_id IS NULL"),
    )
    op.create_table(
        "match_receipts",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_match_receipts_amount_positive")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_match_receipts_initiative_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["people.id"], name=op.f("fk_match_receipts_recorded_by")),
        sa.PrimaryKeyConstraint("initiative_id", name=op.f("pk_match_receipts")),
    )
    op.create_table(
        "payees",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("account_ref", sa.Text(), nullable=True),
        sa.Column("links_made", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("state", sa.Text(), server_default="started", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('started','ready','closed')", name=op.f("ck_payees_state_is_known")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_payees_initiative_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payees")),
        sa.UniqueConstraint("account_ref", name=op.f("uq_payees_account_ref")),
        sa.UniqueConstraint("initiative_id", name=op.f("uq_payees_initiative_id")),
    )
    op.create_table(
        "pledges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="promised", nullable=False),
        sa.Column("public_name", sa.Text(), server_default="", nullable=False),
        sa.Column("wants_updates", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("locale", sa.Text(), server_default="nl", nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("secured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('promised','secured','charging','processing','needs_action','declined','collected','disputed','abandoned','withdrawn','released','dropped','refunded','charged_back')",
            name=op.f("ck_pledges_state_is_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('secured','charging') OR secured_at IS NOT NULL", name=op.f("ck_pledges_secured_has_moment")
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_pledges_amount_positive")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_pledges_initiative_id")),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name=op.f("fk_pledges_municipality_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_pledges_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledges")),
    )
    op.create_index(
        "ix_pledges_initiative",
        "pledges",
        ["initiative_id", sa.literal_column("promised_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_pledges_open", "pledges", ["promised_at"], unique=False, postgresql_where=sa.text("state = 'promised'")
    )
    op.create_index("ix_pledges_person", "pledges", ["person_id", sa.literal_column("promised_at DESC")], unique=False)
    op.create_table(
        "settlements",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_count", sa.Integer(), nullable=False),
        sa.Column("planned_cents", sa.BigInteger(), nullable=False),
        sa.Column("collect_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("planned_cents >= 0", name=op.f("ck_settlements_planned_not_negative")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_settlements_initiative_id")),
        sa.PrimaryKeyConstraint("initiative_id", name=op.f("pk_settlements")),
    )
    op.create_table(
        "team_members",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("part IN ('initiator','team')", name=op.f("ck_team_members_part_is_known")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_team_members_initiative_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_team_members_person_id")),
        sa.PrimaryKeyConstraint("initiative_id", "person_id", name=op.f("pk_team_members")),
    )
    op.create_index(op.f("ix_team_members_person_id"), "team_members", ["person_id"], unique=False)
    op.create_table(
        "charges",
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="planned", nullable=False),
        sa.Column("intent_ref", sa.Text(), nullable=True),
        sa.Column("charge_ref", sa.Text(), nullable=True),
        sa.Column("confirm_number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("declines", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("decline_code", sa.Text(), nullable=True),
        sa.Column("may_retry", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fee_cents", sa.BigInteger(), nullable=True),
        sa.Column("balance_transaction_ref", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state <> 'succeeded' OR charge_ref IS NOT NULL", name=op.f("ck_charges_success_has_charge")
        ),
        sa.CheckConstraint(
            "state = 'planned' OR intent_ref IS NOT NULL", name=op.f("ck_charges_beyond_planned_has_intent")
        ),
        sa.CheckConstraint(
            "state IN ('planned','created','confirming','succeeded','processing','needs_action','declined','cancelled')",
            name=op.f("ck_charges_state_is_known"),
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_charges_amount_positive")),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledges.id"], name=op.f("fk_charges_pledge_id")),
        sa.PrimaryKeyConstraint("pledge_id", name=op.f("pk_charges")),
        sa.UniqueConstraint("charge_ref", name=op.f("uq_charges_charge_ref")),
        sa.UniqueConstraint("intent_ref", name=op.f("uq_charges_intent_ref")),
    )
    op.create_index(
        "ix_charges_due",
        "charges",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('planned','created','confirming','declined','needs_action','processing')"),
    )
    op.create_index(op.f("ix_charges_initiative_id"), "charges", ["initiative_id"], unique=False)
    op.create_index(
        "ix_charges_without_fee",
        "charges",
        ["succeeded_at"],
        unique=False,
        postgresql_where=sa.text("state = 'succeeded' AND fee_cents IS NULL"),
    )
    op.create_table(
        "checkouts",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("session_ref", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open','complete','expired')", name=op.f("ck_checkouts_state_is_known")),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledges.id"], name=op.f("fk_checkouts_pledge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkouts")),
        sa.UniqueConstraint("pledge_id", "number", name=op.f("uq_checkouts_pledge_id_number")),
        sa.UniqueConstraint("session_ref", name=op.f("uq_checkouts_session_ref")),
    )
    op.create_index(
        "ix_checkouts_open", "checkouts", ["created_at"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    op.create_table(
        "grant_assessments",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("assessor_id", sa.Uuid(), nullable=False),
        sa.Column("scores", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("advice_cents", sa.BigInteger(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("no_interest_declared", sa.Boolean(), nullable=False),
        sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["grant_applications.id"], name=op.f("fk_grant_assessments_application_id")
        ),
        sa.ForeignKeyConstraint(["assessor_id"], ["people.id"], name=op.f("fk_grant_assessments_assessor_id")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_grant_assessments")),
    )
    op.create_index(op.f("ix_grant_assessments_assessor_id"), "grant_assessments", ["assessor_id"], unique=False)
    op.create_table(
        "grant_decisions",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("up_to_cents", sa.BigInteger(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("legal_ground", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'awarded') = (up_to_cents > 0)", name=op.f("ck_grant_decisions_award_has_amount")
        ),
        sa.CheckConstraint("outcome IN ('awarded','refused')", name=op.f("ck_grant_decisions_outcome_is_known")),
        sa.CheckConstraint("length(reasons) > 0", name=op.f("ck_grant_decisions_reasons_given")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["grant_applications.id"], name=op.f("fk_grant_decisions_application_id")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_grant_decisions_decided_by")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_grant_decisions")),
    )
    op.create_index(op.f("ix_grant_decisions_decided_by"), "grant_decisions", ["decided_by"], unique=False)
    op.create_table(
        "grant_fixed",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_grant_fixed_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["grant_applications.id"], name=op.f("fk_grant_fixed_application_id")
        ),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_grant_fixed")),
    )
    op.create_table(
        "ledger_transfers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("debit_account_id", sa.Uuid(), nullable=False),
        sa.Column("credit_account_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("source_type", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_ledger_transfers_amount_positive")),
        sa.CheckConstraint("debit_account_id <> credit_account_id", name=op.f("ck_ledger_transfers_two_accounts")),
        sa.ForeignKeyConstraint(
            ["credit_account_id"], ["ledger_accounts.id"], name=op.f("fk_ledger_transfers_credit_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["debit_account_id"], ["ledger_accounts.id"], name=op.f("fk_ledger_transfers_debit_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transfers")),
        sa.UniqueConstraint(
            "source_type", "source_id", "kind", name=op.f("uq_ledger_transfers_source_type_source_id_kind")
        ),
    )
    op.create_index("ix_ledger_transfers_credit", "ledger_transfers", ["credit_account_id", "id"], unique=False)
    op.create_index("ix_ledger_transfers_debit", "ledger_transfers", ["debit_account_id", "id"], unique=False)
    op.create_table(
        "payouts",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        sa.Column("gifts_cents", sa.BigInteger(), nullable=False),
        sa.Column("match_cents", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="approved", nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('approved','sent')", name=op.f("ck_payouts_state_is_known")),
        sa.CheckConstraint(
            "gifts_cents >= 0 AND match_cents >= 0 AND gifts_cents + match_cents > 0", name=op.f("ck_payouts_something")
        ),
        sa.ForeignKeyConstraint(["approved_by"], ["people.id"], name=op.f("fk_payouts_approved_by")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_payouts_initiative_id")),
        sa.ForeignKeyConstraint(["payee_id"], ["payees.id"], name=op.f("fk_payouts_payee_id")),
        sa.PrimaryKeyConstraint("initiative_id", name=op.f("pk_payouts")),
    )
    op.create_table(
        "pledge_transitions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledges.id"], name=op.f("fk_pledge_transitions_pledge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge_transitions")),
    )
    op.create_index("ix_pledge_transitions_pledge", "pledge_transitions", ["pledge_id", "id"], unique=False)
    op.create_table(
        "refunds",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="planned", nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("refund_ref", sa.Text(), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'succeeded') = (refund_ref IS NOT NULL)", name=op.f("ck_refunds_success_has_reference")
        ),
        sa.CheckConstraint("state IN ('planned','succeeded')", name=op.f("ck_refunds_state_is_known")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_refunds_amount_positive")),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledges.id"], name=op.f("fk_refunds_pledge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("pledge_id", name=op.f("uq_refunds_pledge_id")),
        sa.UniqueConstraint("refund_ref", name=op.f("uq_refunds_refund_ref")),
    )
    op.create_index(
        "ix_refunds_open", "refunds", ["planned_at"], unique=False, postgresql_where=sa.text("state = 'planned'")
    )
    op.create_table(
        "reservations",
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("bound", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="reserved", nullable=False),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('reserved','released','confirmed')", name=op.f("ck_reservations_state_is_known")),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_reservations_amount_not_negative")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_reservations_initiative_id")),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledges.id"], name=op.f("fk_reservations_pledge_id")),
        sa.ForeignKeyConstraint(["scheme_id"], ["schemes.id"], name=op.f("fk_reservations_scheme_id")),
        sa.PrimaryKeyConstraint("pledge_id", name=op.f("pk_reservations")),
    )
    op.create_index("ix_reservations_initiative", "reservations", ["initiative_id", "state"], unique=False)
    op.create_index(op.f("ix_reservations_scheme_id"), "reservations", ["scheme_id"], unique=False)
    op.create_table(
        "saved_methods",
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("method_ref", sa.Text(), nullable=False),
        sa.Column("customer_ref", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("last4", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detach_tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detached_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledges.id"], name=op.f("fk_saved_methods_pledge_id")),
        sa.PrimaryKeyConstraint("pledge_id", name=op.f("pk_saved_methods")),
    )
    op.create_index(op.f("ix_saved_methods_fingerprint"), "saved_methods", ["fingerprint"], unique=False)
    op.create_index(
        "ix_saved_methods_kept",
        "saved_methods",
        ["saved_at"],
        unique=False,
        postgresql_where=sa.text("detached_at IS NULL"),
    )
    op.create_table(
        "payout_lines",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="planned", nullable=False),
        sa.Column("transfer_ref", sa.Text(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'sent') = (transfer_ref IS NOT NULL)", name=op.f("ck_payout_lines_sent_has_reference")
        ),
        sa.CheckConstraint("state IN ('planned','sent')", name=op.f("ck_payout_lines_state_is_known")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payout_lines_amount_positive")),
        sa.ForeignKeyConstraint(
            ["initiative_id"], ["payouts.initiative_id"], name=op.f("fk_payout_lines_initiative_id")
        ),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledges.id"], name=op.f("fk_payout_lines_pledge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_lines")),
        sa.UniqueConstraint("pledge_id", name=op.f("uq_payout_lines_pledge_id")),
        sa.UniqueConstraint("transfer_ref", name=op.f("uq_payout_lines_transfer_ref")),
    )
    op.create_index(
        "ix_payout_lines_open",
        "payout_lines",
        ["initiative_id"],
        unique=False,
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.execute(REFUSE_CHANGE)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    op.execute(ASSESSOR_DOES_NOT_DECIDE)
    op.execute(
        "CREATE TRIGGER assessor_does_not_decide BEFORE INSERT ON grant_decisions"
        " FOR EACH ROW EXECUTE FUNCTION assessor_does_not_decide()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER assessor_does_not_decide ON grant_decisions")
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER append_only ON {table}")
    op.drop_index("ix_payout_lines_open", table_name="payout_lines", postgresql_where=sa.text("state = 'planned'"))
    op.drop_table("payout_lines")
    op.drop_index("ix_saved_methods_kept", table_name="saved_methods", postgresql_where=sa.text("detached_at IS NULL"))
    op.drop_index(op.f("ix_saved_methods_fingerprint"), table_name="saved_methods")
    op.drop_table("saved_methods")
    op.drop_index(op.f("ix_reservations_scheme_id"), table_name="reservations")
    op.drop_index("ix_reservations_initiative", table_name="reservations")
    op.drop_table("reservations")
    op.drop_index("ix_refunds_open", table_name="refunds", postgresql_where=sa.text("state = 'planned'"))
    op.drop_table("refunds")
    op.drop_index("ix_pledge_transitions_pledge", table_name="pledge_transitions")
    op.drop_table("pledge_transitions")
    op.drop_table("payouts")
    op.drop_index("ix_ledger_transfers_debit", table_name="ledger_transfers")
    op.drop_index("ix_ledger_transfers_credit", table_name="ledger_transfers")
    op.drop_table("ledger_transfers")
    op.drop_table("grant_fixed")
    op.drop_index(op.f("ix_grant_decisions_decided_by"), table_name="grant_decisions")
    op.drop_table("grant_decisions")
    op.drop_index(op.f("ix_grant_assessments_assessor_id"), table_name="grant_assessments")
    op.drop_table("grant_assessments")
    op.drop_index("ix_checkouts_open", table_name="checkouts", postgresql_where=sa.text("state = 'open'"))
    op.drop_table("checkouts")
    op.drop_index(
        "ix_charges_without_fee",
        table_name="charges",
        postgresql_where=sa.text("state = 'succeeded' AND fee_cents IS NULL"),
    )
    op.drop_index(op.f("ix_charges_initiative_id"), table_name="charges")
    op.drop_index(
        "ix_charges_due",
        table_name="charges",
        postgresql_where=sa.text("state IN ('planned','created','confirming','declined','needs_action','processing')"),
    )
    op.drop_table("charges")
    op.drop_index(op.f("ix_team_members_person_id"), table_name="team_members")
    op.drop_table("team_members")
    op.drop_table("settlements")
    op.drop_index("ix_pledges_person", table_name="pledges")
    op.drop_index("ix_pledges_open", table_name="pledges", postgresql_where=sa.text("state = 'promised'"))
    op.drop_index("ix_pledges_initiative", table_name="pledges")
    op.drop_table("pledges")
    op.drop_table("payees")
    op.drop_table("match_receipts")
    op.drop_index(
        "uq_ledger_accounts_shared", table_name="ledger_accounts", postgresql_where=sa.text("initiative_id IS NULL")
    )
    op.drop_index(
        "uq_ledger_accounts_campaign",
        table_name="ledger_accounts",
        postgresql_where=sa.text("initiative_id IS NOT NULL"),
    )
    op.drop_table("ledger_accounts")
    op.drop_index("ix_initiative_updates_initiative", table_name="initiative_updates")
    op.drop_table("initiative_updates")
    op.drop_index("ix_initiative_transitions_initiative", table_name="initiative_transitions")
    op.drop_table("initiative_transitions")
    op.drop_index(op.f("ix_grant_applications_scheme_id"), table_name="grant_applications")
    op.drop_index(op.f("ix_grant_applications_municipality_id"), table_name="grant_applications")
    op.drop_table("grant_applications")
    op.drop_table("final_decisions")
    op.drop_table("closings")
    op.drop_table("campaign_totals")
    op.drop_index("ix_campaign_deltas_initiative", table_name="campaign_deltas")
    op.drop_table("campaign_deltas")
    op.drop_table("budget_lines")
    op.drop_table("picture_sizes")
    op.drop_index(op.f("ix_initiatives_theme_id"), table_name="initiatives")
    op.drop_index(op.f("ix_initiatives_organisation_id"), table_name="initiatives")
    op.drop_index(op.f("ix_initiatives_neighbourhood_id"), table_name="initiatives")
    op.drop_index("ix_initiatives_due", table_name="initiatives", postgresql_where=sa.text("state = 'live'"))
    op.drop_index("ix_initiatives_discover", table_name="initiatives")
    op.drop_table("initiatives")
    op.drop_index(op.f("ix_sign_in_sessions_person_id"), table_name="sign_in_sessions")
    op.drop_table("sign_in_sessions")
    op.drop_index(op.f("ix_scheme_neighbourhoods_neighbourhood_id"), table_name="scheme_neighbourhoods")
    op.drop_table("scheme_neighbourhoods")
    op.drop_index("uq_role_grants_open", table_name="role_grants", postgresql_where=sa.text("revoked_at IS NULL"))
    op.drop_index(op.f("ix_role_grants_person_id"), table_name="role_grants")
    op.drop_table("role_grants")
    op.drop_table("provider_customers")
    op.drop_index(op.f("ix_postcode_areas_neighbourhood_id"), table_name="postcode_areas")
    op.drop_table("postcode_areas")
    op.drop_table("pictures")
    op.drop_index(op.f("ix_organisations_claimed_by"), table_name="organisations")
    op.drop_table("organisations")
    op.drop_table("themes")
    op.drop_index(op.f("ix_sign_in_links_email"), table_name="sign_in_links")
    op.drop_index(op.f("ix_sign_in_links_browser_hash"), table_name="sign_in_links")
    op.drop_table("sign_in_links")
    op.drop_index(op.f("ix_schemes_municipality_id"), table_name="schemes")
    op.drop_table("schemes")
    op.drop_table("people")
    op.drop_table("neighbourhoods")
    op.drop_index(
        "ix_provider_events_open", table_name="provider_events", postgresql_where=sa.text("handled_at IS NULL")
    )
    op.drop_table("provider_events")
    op.drop_index(
        "ix_provider_calls_unanswered", table_name="provider_calls", postgresql_where=sa.text("outcome IS NULL")
    )
    op.drop_table("provider_calls")
    op.drop_index(
        "ix_outbox_open", table_name="outbox", postgresql_where=sa.text("done_at IS NULL AND failed_at IS NULL")
    )
    op.drop_table("outbox")
    op.drop_table("municipalities")
    op.drop_table("clock_offset")
    op.drop_index("ix_audit_log_subject", table_name="audit_log")
    op.drop_table("audit_log")
    op.execute("DROP FUNCTION assessor_does_not_decide()")
    op.execute("DROP FUNCTION refuse_change()")
    op.execute("DROP EXTENSION citext")
