"""`buurtloket`: the same operations as everyone uses, for whoever keeps the installation. A table of commands.

Exit codes: 0 done, 1 refused or failed, 2 typed or configured wrongly. What went wrong is one sentence.
"""

import sys
from typing import Final, NoReturn

import typer
from redis import RedisError
from sqlalchemy.exc import OperationalError

from crowd.shared.errors import DomainError
from crowd.shared.settings import WrongSetting
from frontend.commands import (
    backup,
    books,
    demo,
    events,
    initiatives,
    ledger,
    municipality,
    outbox,
    roles,
    settings,
    simulate,
    volunteers,
)
from frontend.commands.tools import Refused
from frontend.demo import SandboxDidNotFollow

app: Final = typer.Typer(
    name="buurtloket",
    help="Keep a Buurtloket: its municipality, its people, its money, its demonstration.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(municipality.commands, name="municipality")
app.command("import-postcodes")(municipality.import_postcodes)
app.add_typer(roles.commands, name="roles")
app.add_typer(outbox.commands, name="outbox")
app.add_typer(events.commands, name="events")
app.command("check-settings")(settings.check_settings)
app.command("seed-demo")(demo.seed_demo)
app.command("demo-links")(demo.demo_links)
app.command("move-clock")(demo.move_clock)
app.command("import-initiatives")(initiatives.import_initiatives)
app.command("import-volunteers")(volunteers.import_volunteers)
app.command("check-books")(books.check_books)
app.command("export-ledger")(ledger.export_ledger)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("simulate")(simulate.simulate)


def main() -> None:
    """Run the command that was typed."""
    try:
        app(prog_name="buurtloket")
    except (DomainError, Refused) as error:
        _stop(str(error), 1)
    except WrongSetting as error:
        _stop(str(error), 2)
    except SandboxDidNotFollow:
        _stop("The clock moved; the Stripe sandbox did not answer, and follows as soon as it does.", 1)
    except OperationalError:
        _stop("The database does not answer. Is it running, and is DATABASE_URL right?", 1)
    except RedisError:
        _stop("The broker does not answer. Is it running, and is BROKER_URL right?", 1)


def _stop(sentence: str, code: int) -> NoReturn:
    sys.stderr.write(f"{sentence}\n")
    sys.exit(code)
