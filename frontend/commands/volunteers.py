"""Taking volunteers, roles and sessions over from another tool."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from crowd.initiatives.queries import id_of
from crowd.shared.actor import operator
from crowd.shared.ids import new_id
from frontend.commands.tools import Refused, our_municipality, say, tools
from frontend.imports.tables import BYTES_MAX, read_table
from frontend.runtime import Runtime
from matching.moving import operations, rules
from matching.moving.judging_queries import judge
from matching.moving.queries import ImportFacts, import_facts
from matching.moving.workflow import take_in


def import_volunteers(
    file: Annotated[Path, typer.Argument(help="CSV or xlsx: volunteers, roles or sessions.", dir_okay=False)],
    kind: Annotated[str, typer.Option(help="volunteers, roles or sessions; else guessed by the columns.")] = "",
    source: Annotated[str, typer.Option(help="The tool it comes from: its numbers mean something there only.")] = "",
    initiative: Annotated[str, typer.Option(help="With roles: the slug of the initiative they belong to.")] = "",
    column: Annotated[list[str] | None, typer.Option(help="FIELD=COLUMN, where the names do not say it.")] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Say what would happen, and do nothing.")] = False,  # noqa: FBT002  Typer's own form of a flag
) -> None:
    """Read a list of another tool, each line once. What is wrong is said line by line; the rest comes in."""
    try:
        with file.open("rb") as opened:
            # One byte more than allowed is enough to know that it is too much.
            table = read_table(opened.read(BYTES_MAX + 1))
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from error
    with tools() as runtime:
        facts = _upload(runtime, table, file.name, kind, source, initiative, _columns(column or []))
        say(f"{facts.kind} of {facts.source}; columns: {_shown(facts.mapping)}")
        with runtime.database.reading() as session:
            judged = judge(session, facts=facts, now=runtime.clock.now(session))
        for one in judged:
            for note in one.notes:
                say(f"line {one.number}: {note}")
        if not preview:
            _take_in(runtime, facts)
    counts = {outcome: sum(one.outcome == outcome for one in judged) for outcome in rules.OUTCOMES}
    say(
        f"{len(judged)} lines: "
        + ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in counts.items())
    )


def _upload(
    runtime: Runtime,
    table: rules.Table,
    name: str,
    kind: str,
    source: str,
    initiative: str,
    columns: dict[str, str],
) -> ImportFacts:
    import_id = new_id()
    with runtime.database.transaction() as session:
        now, here = runtime.clock.now(session), our_municipality(session)
        operations.store_upload(
            session,
            import_id=import_id,
            table=table,
            file_name=name,
            kind=rules.checked_kind(kind) if kind else None,
            source=source,
            actor=operator(here),
            now=now,
        )
        facts = import_facts(session, import_id=import_id, municipality_id=here)
        operations.save_mapping(
            session,
            facts=facts,
            kind=facts.kind,
            source=facts.source,
            mapping={**facts.mapping, **columns},
            initiative_id=id_of(session, slug=initiative) if initiative else None,
            now=now,
        )
        facts = import_facts(session, import_id=import_id, municipality_id=here)
        missing = rules.mapping_errors(facts.kind, facts.mapping, has_initiative=facts.initiative_id is not None)
        if missing:
            raise Refused(" ".join(f"{error.field}: {error}" for error in missing))
    return facts


def _take_in(runtime: Runtime, facts: ImportFacts) -> None:
    with runtime.database.transaction() as session:
        actor, now = operator(facts.municipality_id), runtime.clock.now(session)
        operations.ask(session, facts=facts, actor=actor, now=now)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Importing", total=facts.line_count)
        take_in(
            runtime.database,
            runtime.clock,
            import_id=facts.id,
            municipality_id=facts.municipality_id,
            tell=lambda done: progress.update(task, completed=done),
        )


def _columns(typed: list[str]) -> dict[str, str]:
    wrong = [one for one in typed if "=" not in one]
    if wrong:
        raise Refused(f"Write a column as FIELD=COLUMN, not as {wrong[0]}.")
    return dict(one.split("=", 1) for one in typed)


def _shown(mapping: dict[str, str]) -> str:
    return ", ".join(f"{name}={header}" for name, header in mapping.items()) or "none"
