"""Let an organisation receive for groups without legal form, and let a treasurer close a payee."""

import sqlalchemy as sa

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

CHECKS = {
    "one_account": "host_id IS NULL OR account_ref IS NULL",
    "a_host_agreed": "agreed_at IS NULL OR host_id IS NOT NULL",
    "ready_when_agreed": "host_id IS NULL OR state <> 'ready' OR agreed_at IS NOT NULL",
    "closed_by_somebody": "(state = 'closed') = (closed_at IS NOT NULL AND closed_by IS NOT NULL AND closed_reason <> '')",
}
REFERENCES = {
    "host_id": "fiscal_hosts (organisation_id)",
    "agreed_by": "people (id)",
    "closed_by": "people (id)",
}


def upgrade() -> None:
    op.create_table(
        "fiscal_hosts",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("account_ref", sa.Text(), nullable=True),
        sa.Column("links_made", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("state", sa.Text(), server_default="started", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('started','ready')", name=op.f("ck_fiscal_hosts_state_is_known")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_fiscal_hosts_organisation_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_fiscal_hosts")),
        sa.UniqueConstraint("account_ref", name=op.f("uq_fiscal_hosts_account_ref")),
    )
    for name in ("host_id", "agreed_by", "closed_by"):
        op.add_column("payees", sa.Column(name, sa.Uuid(), nullable=True))
    for name in ("agreed_at", "closed_at"):
        op.add_column("payees", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("payees", sa.Column("closed_reason", sa.Text(), server_default="", nullable=False))
    # Every row passes: nothing could be closed before, and the columns were just made empty.
    for name, condition in CHECKS.items():
        op.execute(
            "-- squawk-ignore constraint-missing-not-valid\n"
            f"ALTER TABLE payees ADD CONSTRAINT ck_payees_{name} CHECK ({condition})"
        )
    for column, target in REFERENCES.items():
        op.execute(
            "-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid\n"
            f"ALTER TABLE payees ADD CONSTRAINT fk_payees_{column} FOREIGN KEY ({column}) REFERENCES {target}"
        )
    op.execute("-- squawk-ignore ban-drop-constraint\nALTER TABLE payees DROP CONSTRAINT uq_payees_initiative_id")
    op.create_index(
        "uq_payees_initiative", "payees", ["initiative_id"], unique=True, postgresql_where=sa.text("state <> 'closed'")
    )
    op.create_index("ix_payees_initiative", "payees", ["initiative_id"])
    op.create_index("ix_payees_host", "payees", ["host_id"], postgresql_where=sa.text("host_id IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("ix_payees_host", "payees")
    op.drop_index("ix_payees_initiative", "payees")
    op.drop_index("uq_payees_initiative", "payees")
    op.create_unique_constraint(op.f("uq_payees_initiative_id"), "payees", ["initiative_id"])
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_payees_{name}"), "payees")
    for column in REFERENCES:
        op.drop_constraint(op.f(f"fk_payees_{column}"), "payees")
    for name in ("closed_reason", "closed_at", "agreed_at", "closed_by", "agreed_by", "host_id"):
        op.drop_column("payees", name)
    op.drop_table("fiscal_hosts")
