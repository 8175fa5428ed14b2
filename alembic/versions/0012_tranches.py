"""Pay out in tranches: a plan per campaign, reports on progress, and two people above a limit."""

import sqlalchemy as sa

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# What was one payout per campaign becomes a plan of one tranche, under the campaign's own id: the ledger knows the
# postings of those payouts by it, and postings never change.
_CARRY_OVER = (
    """
    INSERT INTO tranche_plans (initiative_id, set_at, set_by) SELECT initiative_id, approved_at, approved_by FROM payouts
    """,
    """
    INSERT INTO tranches (id, initiative_id, number, amount_cents, match_cents)
    SELECT initiative_id, initiative_id, 1, gifts_cents + deposits_cents + match_cents, match_cents FROM payouts
    """,
    "UPDATE payouts SET tranche_id = initiative_id",
    "UPDATE payout_lines SET tranche_id = initiative_id",
)


def upgrade() -> None:
    op.add_column(
        "money_terms",
        sa.Column("payout_alone_cents", sa.BigInteger(), server_default=sa.text("2500000"), nullable=False),
    )
    _check("money_terms", "payout_alone_not_negative", "payout_alone_cents >= 0")
    _create_reports()
    _create_plans()
    op.add_column("payouts", sa.Column("tranche_id", sa.Uuid(), nullable=True))
    op.add_column("payouts", sa.Column("needs_second", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("payouts", sa.Column("first_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("payouts", sa.Column("first_by", sa.Uuid(), nullable=True))
    op.add_column("payout_lines", sa.Column("tranche_id", sa.Uuid(), nullable=True))
    for statement in _CARRY_OVER:
        op.execute(statement)
    _rekey_payouts()
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON payout_approvals"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def _check(table: str, name: str, condition: str) -> None:
    """Add a CHECK at once: every row that is there passes by the default it was just given."""
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({condition})"
    )


def _refer(table: str, column: str, to: str) -> None:
    """Add a foreign key at once: few rows, each of which was just given its value."""
    op.execute(
        "-- squawk-ignore adding-foreign-key-constraint,constraint-missing-not-valid\n"
        f"ALTER TABLE {table} ADD CONSTRAINT fk_{table}_{column} FOREIGN KEY ({column}) REFERENCES {to}"
    )


def _change(table: str, action: str, ignored: str) -> None:
    op.execute(f"-- squawk-ignore {ignored}\nALTER TABLE {table} {action}")


def _rekey_payouts() -> None:
    """Let a payout be known by its tranche, and its lines belong to it. Few rows, and the code comes along."""
    _change("payouts", "ALTER COLUMN tranche_id SET NOT NULL", "adding-not-nullable-field")
    _change("payout_lines", "ALTER COLUMN tranche_id SET NOT NULL", "adding-not-nullable-field")
    _change("payout_lines", "DROP CONSTRAINT fk_payout_lines_initiative_id", "ban-drop-constraint")
    _change("payout_lines", "DROP CONSTRAINT uq_payout_lines_pledge_id", "ban-drop-constraint")
    _change("payouts", "DROP CONSTRAINT pk_payouts", "ban-drop-constraint")
    _change("payouts", "ADD CONSTRAINT pk_payouts PRIMARY KEY (tranche_id)", "adding-serial-primary-key-field")
    _refer("payouts", "tranche_id", "tranches (id)")
    _refer("payouts", "first_by", "people (id)")
    _check("payouts", "four_eyes", "first_by <> approved_by")
    _check("payouts", "much_has_two", "NOT needs_second OR first_by IS NOT NULL")
    op.create_index("ix_payouts_initiative", "payouts", ["initiative_id"])
    _refer("payout_lines", "tranche_id", "payouts (tranche_id)")
    _refer("payout_lines", "initiative_id", "initiatives (id)")
    _change(
        "payout_lines",
        "ADD CONSTRAINT uq_payout_lines_tranche_id_pledge_id UNIQUE (tranche_id, pledge_id)",
        "disallowed-unique-constraint",
    )
    op.create_index("ix_payout_lines_pledge", "payout_lines", ["pledge_id"])


def _create_reports() -> None:
    op.create_table(
        "progress_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("picture_id", sa.Uuid(), nullable=True),
        sa.Column("picture_alt", sa.Text(), server_default="", nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="submitted", nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state IN ('submitted','approved','returned')", name=op.f("ck_progress_reports_state_is_known")
        ),
        sa.CheckConstraint(
            "(state = 'submitted') = (decided_at IS NULL)", name=op.f("ck_progress_reports_answer_has_moment")
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)", name=op.f("ck_progress_reports_answer_has_person")
        ),
        sa.CheckConstraint("decided_by <> written_by", name=op.f("ck_progress_reports_four_eyes")),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_progress_reports_decided_by")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_progress_reports_initiative_id")),
        sa.ForeignKeyConstraint(["picture_id"], ["pictures.id"], name=op.f("fk_progress_reports_picture_id")),
        sa.ForeignKeyConstraint(["written_by"], ["people.id"], name=op.f("fk_progress_reports_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_reports")),
        sa.UniqueConstraint("initiative_id", "number", name=op.f("uq_progress_reports_initiative_id_number")),
    )
    op.create_index(
        "uq_progress_reports_waiting",
        "progress_reports",
        ["initiative_id"],
        unique=True,
        postgresql_where=sa.text("state = 'submitted'"),
    )


def _create_plans() -> None:
    op.create_table(
        "tranche_plans",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(set_at IS NULL) = (set_by IS NULL)", name=op.f("ck_tranche_plans_set_by_somebody")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_tranche_plans_initiative_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["people.id"], name=op.f("fk_tranche_plans_proposed_by")),
        sa.ForeignKeyConstraint(["set_by"], ["people.id"], name=op.f("fk_tranche_plans_set_by")),
        sa.PrimaryKeyConstraint("initiative_id", name=op.f("pk_tranche_plans")),
    )
    op.create_table(
        "tranches",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("match_cents", sa.BigInteger(), nullable=False),
        sa.Column("milestone", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_tranches_number_from_one")),
        sa.CheckConstraint(
            "amount_cents > 0 AND match_cents BETWEEN 0 AND amount_cents", name=op.f("ck_tranches_match_is_part_of_it")
        ),
        sa.ForeignKeyConstraint(
            ["initiative_id"], ["tranche_plans.initiative_id"], name=op.f("fk_tranches_initiative_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tranches")),
        sa.UniqueConstraint("initiative_id", "number", name=op.f("uq_tranches_initiative_id_number")),
    )
    op.create_table(
        "payout_approvals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("tranche_id", sa.Uuid(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["approved_by"], ["people.id"], name=op.f("fk_payout_approvals_approved_by")),
        sa.ForeignKeyConstraint(["tranche_id"], ["tranches.id"], name=op.f("fk_payout_approvals_tranche_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_approvals")),
        sa.UniqueConstraint(
            "tranche_id",
            "approved_by",
            "amount_cents",
            name=op.f("uq_payout_approvals_tranche_id_approved_by_amount_cents"),
        ),
    )


def downgrade() -> None:
    # Fails, as it should, where a second tranche was paid: then there is no way back to one payout per campaign.
    op.execute("DROP TRIGGER append_only ON payout_approvals")
    op.drop_index("ix_payout_lines_pledge", table_name="payout_lines")
    op.drop_constraint("uq_payout_lines_tranche_id_pledge_id", "payout_lines")
    op.drop_constraint("fk_payout_lines_initiative_id", "payout_lines")
    op.drop_constraint("fk_payout_lines_tranche_id", "payout_lines")
    op.drop_column("payout_lines", "tranche_id")
    op.drop_index("ix_payouts_initiative", table_name="payouts")
    op.drop_constraint("ck_payouts_much_has_two", "payouts")
    op.drop_constraint("ck_payouts_four_eyes", "payouts")
    op.drop_constraint("fk_payouts_first_by", "payouts")
    op.drop_constraint("fk_payouts_tranche_id", "payouts")
    op.drop_constraint("pk_payouts", "payouts")
    op.create_primary_key("pk_payouts", "payouts", ["initiative_id"])
    for column in ("tranche_id", "needs_second", "first_at", "first_by"):
        op.drop_column("payouts", column)
    op.create_foreign_key(
        "fk_payout_lines_initiative_id", "payout_lines", "payouts", ["initiative_id"], ["initiative_id"]
    )
    op.create_unique_constraint("uq_payout_lines_pledge_id", "payout_lines", ["pledge_id"])
    op.drop_table("payout_approvals")
    op.drop_table("tranches")
    op.drop_table("tranche_plans")
    op.drop_index("uq_progress_reports_waiting", table_name="progress_reports")
    op.drop_table("progress_reports")
    op.drop_constraint("ck_money_terms_payout_alone_not_negative", "money_terms")
    op.drop_column("money_terms", "payout_alone_cents")
