"""Looking at the settings before anything starts."""

import smtplib
from collections.abc import Callable
from typing import Annotated

import redis
import typer
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from crowd.shared.db import Database
from crowd.shared.settings import Settings, WrongSetting
from frontend.commands.tools import say
from frontend.limits import broker_client
from frontend.smtp import MailServer, can_connect


def check_settings(
    *, connect: Annotated[bool, typer.Option("--connect", help="Also ask database, broker and mail server.")] = False
) -> None:
    """Say whether the settings can be right. Exit code 2 when they cannot, 1 when something does not answer."""
    settings = Settings.from_environment()
    MailServer.at(settings.smtp_url)
    if not settings.broker_url.startswith(("redis://", "rediss://", "redis+socket://")):
        raise WrongSetting("BROKER_URL must start with redis://, rediss:// or redis+socket://")
    say("The settings can be right.")
    if connect:
        answers = [_ask(name, question, settings) for name, question in _QUESTIONS.items()]
        if not all(answers):
            raise typer.Exit(1)


def _ask(name: str, question: Callable[[Settings], None], settings: Settings) -> bool:
    try:
        question(settings)
    except (SQLAlchemyError, redis.RedisError, smtplib.SMTPException, OSError) as error:
        # The exception's text may hold a password.
        say(f"{name} does not answer as it should ({type(error).__name__}).")
        return False
    say(f"{name} answers.")
    return True


def _database(settings: Settings) -> None:
    database = Database(settings.database_url, pool_size=1)
    try:
        with database.reading() as session:
            session.execute(text("SELECT version_num FROM alembic_version"))
    finally:
        database.close()


def _broker(settings: Settings) -> None:
    client = broker_client(settings.broker_url)
    try:
        client.ping()
    finally:
        client.close()


def _mail(settings: Settings) -> None:
    can_connect(settings.smtp_url)


_QUESTIONS: dict[str, Callable[[Settings], None]] = {
    "DATABASE_URL": _database,
    "BROKER_URL": _broker,
    "SMTP_URL": _mail,
}
