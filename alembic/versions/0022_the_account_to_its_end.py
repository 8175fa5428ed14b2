"""Tie lines of our bank account to the postings they carried out; send money back; let names be forgotten."""

import sqlalchemy as sa

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KINDS_BEFORE = "'deposit','share','cash_banked','not_ours'"
PERSONAL = ("counterparty_name", "counterparty_iban", "description")
# What was matched before names the posting it led to; from now on each match does.
TIED = """
    INSERT INTO bank_clearings (transfer_id, line_id, cleared_at)
    SELECT t.id, m.line_id, m.matched_at FROM bank_matches m
    JOIN ledger_transfers t
      ON t.kind = CASE m.outcome WHEN 'deposit' THEN 'deposit_received' WHEN 'share' THEN 'match_received'
                                 ELSE 'cash_banked' END
     AND t.source_id = coalesce(m.pledge_id::text, m.initiative_id::text, m.line_id::text)
    WHERE m.outcome <> 'not_ours'
"""


def upgrade() -> None:
    _outcomes(f"{KINDS_BEFORE},'booked','costs','sent_back'")
    _create_clearings()
    _create_returns()
    _move_what_names_people()
    op.execute(TIED)


def _create_clearings() -> None:
    op.create_table(
        "bank_clearings",
        sa.Column("transfer_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["bank_lines.id"], name=op.f("fk_bank_clearings_line_id")),
        sa.ForeignKeyConstraint(["transfer_id"], ["ledger_transfers.id"], name=op.f("fk_bank_clearings_transfer_id")),
        sa.PrimaryKeyConstraint("transfer_id", name=op.f("pk_bank_clearings")),
    )
    op.create_index("ix_bank_clearings_line", "bank_clearings", ["line_id"])
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON bank_clearings"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def _create_returns() -> None:
    op.create_table(
        "line_returns",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("account_holder", sa.Text(), nullable=False),
        sa.Column("account_iban", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_by", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_line_returns_amount_positive")),
        sa.CheckConstraint("account_iban <> ''", name=op.f("ck_line_returns_has_account")),
        sa.CheckConstraint(
            "(paid_at IS NULL) = (paid_by IS NULL) AND (paid_at IS NULL) = (reference = '')",
            name=op.f("ck_line_returns_paid_has_reference"),
        ),
        sa.CheckConstraint("paid_by <> decided_by", name=op.f("ck_line_returns_four_eyes")),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_line_returns_decided_by")),
        sa.ForeignKeyConstraint(["line_id"], ["bank_lines.id"], name=op.f("fk_line_returns_line_id")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_line_returns_municipality_id")
        ),
        sa.ForeignKeyConstraint(["paid_by"], ["people.id"], name=op.f("fk_line_returns_paid_by")),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_line_returns")),
    )
    op.create_index(
        "ix_line_returns_open", "line_returns", ["municipality_id"], postgresql_where=sa.text("paid_at IS NULL")
    )


def _move_what_names_people() -> None:
    """Put names, accounts and descriptions beside the lines, where they may be emptied and nothing else."""
    op.create_table(
        "bank_line_parties",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in PERSONAL),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "forgotten_at IS NULL OR (counterparty_name = '' AND counterparty_iban = '' AND description = '')",
            name=op.f("ck_bank_line_parties_forgotten_is_empty"),
        ),
        sa.ForeignKeyConstraint(["line_id"], ["bank_lines.id"], name=op.f("fk_bank_line_parties_line_id")),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_bank_line_parties")),
    )
    op.execute(
        "INSERT INTO bank_line_parties (line_id, counterparty_name, counterparty_iban, description)"
        " SELECT id, counterparty_name, counterparty_iban, description FROM bank_lines"
    )
    for name in PERSONAL:
        op.execute(f"-- squawk-ignore ban-drop-column\nALTER TABLE bank_lines DROP COLUMN {name}")
    op.execute(
        "CREATE FUNCTION only_forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF TG_OP = 'UPDATE' AND OLD.forgotten_at IS NULL AND NEW.forgotten_at IS NOT NULL"
        " AND NEW.line_id = OLD.line_id THEN RETURN NEW; END IF;"
        " RAISE EXCEPTION '% may only be emptied', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';"
        " END $$"
    )
    op.execute(
        "CREATE TRIGGER only_forget BEFORE UPDATE OR DELETE ON bank_line_parties"
        " FOR EACH ROW EXECUTE FUNCTION only_forget()"
    )


def _outcomes(kinds: str) -> None:
    """Let a line be one of these. Every row passes: wider on the way up, and emptied of the others on the way down."""
    op.execute(
        "-- squawk-ignore ban-drop-constraint\nALTER TABLE bank_matches DROP CONSTRAINT ck_bank_matches_outcome_is_known"
    )
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        f"ALTER TABLE bank_matches ADD CONSTRAINT ck_bank_matches_outcome_is_known CHECK (outcome IN ({kinds}))"
    )


def downgrade() -> None:
    for name in PERSONAL:
        op.add_column("bank_lines", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.execute("ALTER TABLE bank_lines DISABLE TRIGGER append_only")
    op.execute(
        "UPDATE bank_lines l SET counterparty_name = p.counterparty_name, counterparty_iban = p.counterparty_iban,"
        " description = p.description FROM bank_line_parties p WHERE p.line_id = l.id"
    )
    op.execute("ALTER TABLE bank_lines ENABLE TRIGGER append_only")
    for name in PERSONAL:
        op.alter_column("bank_lines", name, server_default=None)
    op.drop_table("bank_line_parties")
    op.execute("DROP FUNCTION only_forget()")
    op.drop_table("line_returns")
    op.drop_table("bank_clearings")
    op.execute("ALTER TABLE bank_matches DISABLE TRIGGER append_only")
    op.execute("DELETE FROM bank_matches WHERE outcome IN ('booked','costs','sent_back')")
    op.execute("ALTER TABLE bank_matches ENABLE TRIGGER append_only")
    _outcomes(KINDS_BEFORE)
