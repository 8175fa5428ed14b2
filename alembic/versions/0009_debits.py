"""Take direct debits, and iDEAL: what was saved, how it is paid, and on which terms."""

import sqlalchemy as sa

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "debit_terms",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("limit_cents", sa.BigInteger(), nullable=False),
        sa.Column("held_days", sa.Integer(), nullable=False),
        sa.CheckConstraint("limit_cents BETWEEN 0 AND 1000000", name=op.f("ck_debit_terms_limit_is_possible")),
        sa.CheckConstraint("held_days >= 0", name=op.f("ck_debit_terms_held_days_not_negative")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_debit_terms_municipality_id")
        ),
        sa.PrimaryKeyConstraint("municipality_id", name=op.f("pk_debit_terms")),
    )
    for name, default in (("kind", "card"), ("mandate_reference", ""), ("mandate_url", "")):
        op.add_column("saved_methods", sa.Column(name, sa.Text(), server_default=default, nullable=False))
    op.add_column("charges", sa.Column("way", sa.Text(), server_default="card", nullable=False))
    _check("saved_methods", "kind_is_known", "kind IN ('card','sepa_debit')")
    _check("charges", "way_is_known", "way IN ('card','sepa_debit','ideal')")
    _uncheck("checkouts", "state_is_known")
    _check("checkouts", "state_is_known", "state IN ('open','complete','expired','refused')")


def _check(table: str, name: str, condition: str) -> None:
    """Add a CHECK at once: every row that is there passes by the default it was just given, or passed a narrower one."""
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({condition})"
    )


def _uncheck(table: str, name: str) -> None:
    """Drop a CHECK that the next statement gives back, wider."""
    op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE {table} DROP CONSTRAINT ck_{table}_{name}")


def downgrade() -> None:
    # A page whose account was refused was seen to its end all the same.
    op.execute("UPDATE checkouts SET state = 'complete' WHERE state = 'refused'")
    _uncheck("checkouts", "state_is_known")
    _check("checkouts", "state_is_known", "state IN ('open','complete','expired')")
    op.drop_column("charges", "way")
    for name in ("mandate_url", "mandate_reference", "kind"):
        op.drop_column("saved_methods", name)
    op.drop_table("debit_terms")
