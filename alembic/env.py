"""Migrations: every table of every room, one transaction per migration, never waiting long for a lock."""

import importlib
import os
import pkgutil

from sqlalchemy import Connection, create_engine, pool, text

import crowd
import matching
import payments
from alembic import context
from crowd.shared.db import Base


def import_all_models() -> None:
    """Import each `models.py` (and the shared tables), so that the metadata is whole."""
    for package in (crowd, payments, matching):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            is_table_module = module.name.endswith(".models") or module.name.startswith("crowd.shared.")
            if is_table_module and ".sandbox" not in module.name:
                importlib.import_module(module.name)


def run(connection: Connection) -> None:
    """Run the migrations over `connection`."""
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


import_all_models()
if context.is_offline_mode():
    context.configure(
        dialect_name="postgresql", literal_binds=True, target_metadata=Base.metadata, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()
elif (shared_connection := context.config.attributes.get("connection")) is not None:
    run(shared_connection)
else:
    engine = create_engine(os.environ["DATABASE_URL"], poolclass=pool.NullPool)
    with engine.connect() as own_connection:
        run(own_connection)
