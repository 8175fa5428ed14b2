"""Cancel a campaign after it was funded: a plan of two people, each donor's choice, and what was done."""

import sqlalchemy as sa

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_APPEND_ONLY = ("cancellation_lines", "cancellation_choices")
# Nothing of a plan changes but that it is decided, once.
_DECIDED_ONCE = """
CREATE FUNCTION plan_is_decided_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.state = 'proposed' AND NEW.state <> 'proposed'
           AND (OLD.id, OLD.municipality_id, OLD.initiative_id, OLD.reason, OLD.gave_cents, OLD.left_cents,
                OLD.proposed_at, OLD.proposed_by)
             = (NEW.id, NEW.municipality_id, NEW.initiative_id, NEW.reason, NEW.gave_cents, NEW.left_cents,
                NEW.proposed_at, NEW.proposed_by) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a plan to cancel is decided once, and otherwise never changed'
        USING ERRCODE = 'restrict_violation';
END $$
"""
# Asked when the transaction ends, when the lines are there.
_ADDS_UP = """
CREATE FUNCTION plan_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT (coalesce(sum(gave_cents), 0), coalesce(sum(amount_cents), 0))
        FROM cancellation_lines WHERE cancellation_id = NEW.id) <> (NEW.gave_cents::numeric, NEW.left_cents::numeric)
    THEN
        RAISE EXCEPTION 'the lines of a plan to cancel are not what is left'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_cancellations_adds_up';
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "payout_stops",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_payout_stops_initiative_id")),
        sa.PrimaryKeyConstraint("initiative_id", name=op.f("pk_payout_stops")),
    )
    _create_plans()
    _create_lines()
    _create_choices_and_steps()
    op.execute(_DECIDED_ONCE)
    op.execute(
        "CREATE TRIGGER decided_once BEFORE UPDATE OR DELETE ON cancellations"
        " FOR EACH ROW EXECUTE FUNCTION plan_is_decided_once()"
    )
    op.execute(_ADDS_UP)
    op.execute(
        "CREATE CONSTRAINT TRIGGER adds_up AFTER INSERT ON cancellations DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION plan_adds_up()"
    )
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def _create_plans() -> None:
    op.create_table(
        "cancellations",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="proposed", nullable=False),
        sa.Column("gave_cents", sa.BigInteger(), nullable=False),
        sa.Column("left_cents", sa.BigInteger(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("choose_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('proposed','refused','approved')", name=op.f("ck_cancellations_state_is_known")),
        sa.CheckConstraint(
            "left_cents > 0 AND left_cents <= gave_cents", name=op.f("ck_cancellations_divides_what_is_left")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_cancellations_says_why")),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)",
            name=op.f("ck_cancellations_decided_by_somebody"),
        ),
        sa.CheckConstraint("state <> 'approved' OR decided_by <> proposed_by", name=op.f("ck_cancellations_four_eyes")),
        sa.CheckConstraint(
            "(state = 'approved') = (choose_until IS NOT NULL)", name=op.f("ck_cancellations_approved_has_term")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_cancellations_municipality_id")
        ),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_cancellations_initiative_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["people.id"], name=op.f("fk_cancellations_proposed_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_cancellations_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cancellations")),
    )
    op.create_index(
        "uq_cancellations_standing",
        "cancellations",
        ["initiative_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'refused'"),
    )
    op.create_index("ix_cancellations_municipality", "cancellations", ["municipality_id", "proposed_at"])


def _create_lines() -> None:
    op.create_table(
        "cancellation_lines",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("cancellation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=True),
        sa.Column("gave_cents", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount_cents BETWEEN 0 AND gave_cents", name=op.f("ck_cancellation_lines_no_more_than_given")
        ),
        sa.ForeignKeyConstraint(
            ["cancellation_id"], ["cancellations.id"], name=op.f("fk_cancellation_lines_cancellation_id")
        ),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledges.id"], name=op.f("fk_cancellation_lines_pledge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cancellation_lines")),
        sa.UniqueConstraint(
            "cancellation_id",
            "pledge_id",
            name=op.f("uq_cancellation_lines_cancellation_id_pledge_id"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.UniqueConstraint("cancellation_id", "number", name=op.f("uq_cancellation_lines_cancellation_id_number")),
    )
    op.create_index("ix_cancellation_lines_pledge", "cancellation_lines", ["pledge_id"])


def _create_choices_and_steps() -> None:
    op.create_table(
        "cancellation_choices",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("to_initiative_id", sa.Uuid(), nullable=True),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("choice IN ('refund','move','gift')", name=op.f("ck_cancellation_choices_choice_is_known")),
        sa.CheckConstraint(
            "(choice = 'move') = (to_initiative_id IS NOT NULL)", name=op.f("ck_cancellation_choices_moves_somewhere")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["cancellation_lines.id"], name=op.f("fk_cancellation_choices_line_id")),
        sa.ForeignKeyConstraint(
            ["to_initiative_id"], ["initiatives.id"], name=op.f("fk_cancellation_choices_to_initiative_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cancellation_choices")),
    )
    op.create_index("ix_cancellation_choices_line", "cancellation_choices", ["line_id", "id"])
    op.create_table(
        "cancellation_steps",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("to_initiative_id", sa.Uuid(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "way IN ('refund','bank','move','gift','share','lost')", name=op.f("ck_cancellation_steps_way_is_known")
        ),
        sa.CheckConstraint(
            "(way = 'move') = (to_initiative_id IS NOT NULL)", name=op.f("ck_cancellation_steps_moves_somewhere")
        ),
        sa.CheckConstraint(
            "way NOT IN ('move','lost') OR done_at IS NOT NULL", name=op.f("ck_cancellation_steps_done_at_once")
        ),
        sa.CheckConstraint(
            "way NOT IN ('refund','bank') OR done_at IS NULL", name=op.f("ck_cancellation_steps_done_elsewhere")
        ),
        sa.CheckConstraint(
            "way NOT IN ('share','gift') OR (done_at IS NOT NULL) = (reference <> '')",
            name=op.f("ck_cancellation_steps_transfer_has_reference"),
        ),
        sa.ForeignKeyConstraint(["line_id"], ["cancellation_lines.id"], name=op.f("fk_cancellation_steps_line_id")),
        sa.ForeignKeyConstraint(
            ["to_initiative_id"], ["initiatives.id"], name=op.f("fk_cancellation_steps_to_initiative_id")
        ),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_cancellation_steps")),
    )
    op.create_index("ix_cancellation_steps_target", "cancellation_steps", ["to_initiative_id"])


def downgrade() -> None:
    op.drop_table("cancellation_steps")
    op.drop_table("cancellation_choices")
    op.drop_table("cancellation_lines")
    op.drop_table("cancellations")
    op.execute("DROP FUNCTION plan_adds_up()")
    op.execute("DROP FUNCTION plan_is_decided_once()")
    op.drop_table("payout_stops")
