"""Take money that does not pass the provider: cash, bank transfers, bank statements, returns by bank."""

import sqlalchemy as sa

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APPEND_ONLY = ("bank_statements", "bank_lines", "bank_matches")
KINDS_BEFORE = (
    "'provider_clearing','provider_fees','campaign_funds','municipality_receivable',"
    "'dispute_suspense','platform_loss','bank'"
)


def upgrade() -> None:
    # Whoever reads an address has to reckon with none: the code that does comes with this migration.
    op.execute("-- squawk-ignore ban-drop-not-null\nALTER TABLE people ALTER COLUMN email DROP NOT NULL")
    op.add_column("pledges", sa.Column("way", sa.Text(), server_default="card", nullable=False))
    _check("pledges", "way_is_known", "way IN ('card','sepa_debit','ideal','cash','bank_transfer')")
    _uncheck("ledger_accounts", "kind_is_known")
    _check("ledger_accounts", "kind_is_known", f"kind IN ({KINDS_BEFORE},'offline_deposits','cash_desk')")
    op.add_column("payouts", sa.Column("deposits_cents", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    _uncheck("payouts", "something")
    _check(
        "payouts",
        "something",
        "gifts_cents >= 0 AND deposits_cents >= 0 AND match_cents >= 0"
        " AND gifts_cents + deposits_cents + match_cents > 0",
    )
    _create_deposits()
    _create_statements()
    _create_returns()
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def _check(table: str, name: str, condition: str) -> None:
    """Add a CHECK at once: every row that is there passes by the default it was just given, or passed a narrower one."""
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({condition})"
    )


def _uncheck(table: str, name: str) -> None:
    """Drop a CHECK that the next statement gives back, wider."""
    op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE {table} DROP CONSTRAINT ck_{table}_{name}")


def _create_deposits() -> None:
    op.create_table(
        "money_terms",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("bank_account", sa.Text(), nullable=False),
        sa.Column("cash_alone_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("cash_alone_cents >= 0", name=op.f("ck_money_terms_cash_alone_not_negative")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_money_terms_municipality_id")
        ),
        sa.PrimaryKeyConstraint("municipality_id", name=op.f("pk_money_terms")),
    )
    op.create_table(
        "deposits",
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("donor_name", sa.Text(), nullable=False),
        sa.Column("household", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("needs_second", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_deposits_amount_positive")),
        sa.CheckConstraint("way IN ('cash','bank_transfer')", name=op.f("ck_deposits_way_is_known")),
        sa.CheckConstraint("channel IN ('desk','phone')", name=op.f("ck_deposits_channel_is_known")),
        sa.CheckConstraint(
            "state IN ('announced','to_confirm','held','collected','returned','refused')",
            name=op.f("ck_deposits_state_is_known"),
        ),
        sa.CheckConstraint(
            "(state IN ('held','collected','returned')) = (received_at IS NOT NULL)",
            name=op.f("ck_deposits_received_has_moment"),
        ),
        sa.CheckConstraint(
            "state <> 'to_confirm' OR (way = 'cash' AND needs_second)",
            name=op.f("ck_deposits_only_much_cash_is_confirmed"),
        ),
        sa.CheckConstraint("confirmed_by <> recorded_by", name=op.f("ck_deposits_four_eyes")),
        sa.CheckConstraint(
            "NOT needs_second OR received_at IS NULL OR confirmed_by IS NOT NULL",
            name=op.f("ck_deposits_much_cash_counted"),
        ),
        sa.ForeignKeyConstraint(["confirmed_by"], ["people.id"], name=op.f("fk_deposits_confirmed_by")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_deposits_initiative_id")),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name=op.f("fk_deposits_municipality_id")),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledges.id"], name=op.f("fk_deposits_pledge_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["people.id"], name=op.f("fk_deposits_recorded_by")),
        sa.PrimaryKeyConstraint("pledge_id", name=op.f("pk_deposits")),
        sa.UniqueConstraint("municipality_id", "reference", name=op.f("uq_deposits_municipality_id_reference")),
    )
    op.create_index("ix_deposits_household", "deposits", ["municipality_id", "household"])
    op.create_index("ix_deposits_initiative", "deposits", ["initiative_id"])
    op.create_index(
        "ix_deposits_open",
        "deposits",
        ["municipality_id", "recorded_at"],
        postgresql_where=sa.text("state IN ('announced','to_confirm','held')"),
    )


def _create_statements() -> None:
    op.create_table(
        "bank_statements",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("statement_ref", sa.Text(), nullable=False),
        sa.Column("file_hash", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("opening_cents", sa.BigInteger(), nullable=False),
        sa.Column("closing_cents", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "layout IN ('camt053','ing_csv','rabobank_csv')", name=op.f("ck_bank_statements_layout_is_known")
        ),
        sa.CheckConstraint("from_on <= to_on", name=op.f("ck_bank_statements_from_before_to")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_bank_statements_municipality_id")
        ),
        sa.ForeignKeyConstraint(["uploaded_by"], ["people.id"], name=op.f("fk_bank_statements_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statements")),
        sa.UniqueConstraint(
            "municipality_id", "statement_ref", name=op.f("uq_bank_statements_municipality_id_statement_ref")
        ),
    )
    op.create_index("ix_bank_statements_file", "bank_statements", ["municipality_id", "file_hash"])
    op.create_table(
        "bank_lines",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("line_key", sa.Text(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("counterparty_name", sa.Text(), nullable=False),
        sa.Column("counterparty_iban", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("bank_ref", sa.Text(), nullable=False),
        sa.CheckConstraint("amount_cents <> 0", name=op.f("ck_bank_lines_amount_not_zero")),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name=op.f("fk_bank_lines_municipality_id")),
        sa.ForeignKeyConstraint(["statement_id"], ["bank_statements.id"], name=op.f("fk_bank_lines_statement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_lines")),
        sa.UniqueConstraint("municipality_id", "line_key", name=op.f("uq_bank_lines_municipality_id_line_key")),
    )
    op.create_index("ix_bank_lines_statement", "bank_lines", ["statement_id", "number"])
    op.create_table(
        "bank_matches",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=True),
        sa.Column("initiative_id", sa.Uuid(), nullable=True),
        sa.Column("matched_by", sa.Uuid(), nullable=True),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "outcome IN ('deposit','share','cash_banked','not_ours')", name=op.f("ck_bank_matches_outcome_is_known")
        ),
        sa.CheckConstraint(
            "(outcome = 'deposit') = (pledge_id IS NOT NULL)", name=op.f("ck_bank_matches_a_deposit_has_a_pledge")
        ),
        sa.CheckConstraint(
            "(outcome = 'share') = (initiative_id IS NOT NULL)", name=op.f("ck_bank_matches_a_share_has_a_campaign")
        ),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_bank_matches_initiative_id")),
        sa.ForeignKeyConstraint(["line_id"], ["bank_lines.id"], name=op.f("fk_bank_matches_line_id")),
        sa.ForeignKeyConstraint(["matched_by"], ["people.id"], name=op.f("fk_bank_matches_matched_by")),
        sa.ForeignKeyConstraint(["pledge_id"], ["deposits.pledge_id"], name=op.f("fk_bank_matches_pledge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_matches")),
    )
    for name, column, condition in (
        ("uq_bank_matches_line", "line_id", "outcome <> 'not_ours'"),
        ("uq_bank_matches_set_aside", "line_id", "outcome = 'not_ours'"),
        ("uq_bank_matches_pledge", "pledge_id", "pledge_id IS NOT NULL"),
        ("uq_bank_matches_initiative", "initiative_id", "initiative_id IS NOT NULL"),
    ):
        op.create_index(name, "bank_matches", [column], unique=True, postgresql_where=sa.text(condition))


def _create_returns() -> None:
    op.create_table(
        "bank_returns",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="planned", nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account_holder", sa.Text(), server_default="", nullable=False),
        sa.Column("account_iban", sa.Text(), server_default="", nullable=False),
        sa.Column("account_by", sa.Uuid(), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_by", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_bank_returns_amount_positive")),
        sa.CheckConstraint("kind IN ('deposit','refund')", name=op.f("ck_bank_returns_kind_is_known")),
        sa.CheckConstraint("state IN ('planned','ready','paid')", name=op.f("ck_bank_returns_state_is_known")),
        sa.CheckConstraint("(state = 'planned') = (account_iban = '')", name=op.f("ck_bank_returns_ready_has_account")),
        sa.CheckConstraint(
            "(state = 'paid') = (paid_at IS NOT NULL AND paid_by IS NOT NULL AND reference <> '')",
            name=op.f("ck_bank_returns_paid_has_reference"),
        ),
        sa.CheckConstraint("paid_by <> account_by", name=op.f("ck_bank_returns_four_eyes")),
        sa.ForeignKeyConstraint(["account_by"], ["people.id"], name=op.f("fk_bank_returns_account_by")),
        sa.ForeignKeyConstraint(["paid_by"], ["people.id"], name=op.f("fk_bank_returns_paid_by")),
        sa.ForeignKeyConstraint(["pledge_id"], ["deposits.pledge_id"], name=op.f("fk_bank_returns_pledge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_returns")),
        sa.UniqueConstraint("pledge_id", name=op.f("uq_bank_returns_pledge_id")),
    )
    op.create_index("ix_bank_returns_open", "bank_returns", ["planned_at"], postgresql_where=sa.text("state <> 'paid'"))


def downgrade() -> None:
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER append_only ON {table}")
    for table in ("bank_returns", "bank_matches", "bank_lines", "bank_statements", "deposits", "money_terms"):
        op.drop_table(table)
    _uncheck("payouts", "something")
    op.drop_column("payouts", "deposits_cents")
    _check("payouts", "something", "gifts_cents >= 0 AND match_cents >= 0 AND gifts_cents + match_cents > 0")
    _uncheck("ledger_accounts", "kind_is_known")
    _check("ledger_accounts", "kind_is_known", f"kind IN ({KINDS_BEFORE})")
    op.drop_constraint(op.f("ck_pledges_way_is_known"), "pledges")
    op.drop_column("pledges", "way")
    op.execute("ALTER TABLE people ALTER COLUMN email SET NOT NULL")
