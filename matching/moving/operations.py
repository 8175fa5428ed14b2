"""Taking in the file of another tool: stored, mapped, asked for, and then kept line by line in one transaction."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.accounts.import_operations import add_people
from crowd.shared import audit, outbox
from crowd.shared.actor import Actor
from crowd.shared.errors import InvalidFields
from crowd.shared.ids import new_id
from matching.moving import rules
from matching.moving.line_rules import Judged, RoleLine, SessionLine, VolunteerLine
from matching.moving.models import ImportKey, ImportLayout, ImportProgress, VolunteerImport
from matching.moving.queries import ImportFacts, remembered
from matching.roles.import_operations import NewRole, NewShift, add_roles, add_shifts
from matching.vocabulary.skill_rules import municipality_of
from matching.volunteers.import_operations import NewVolunteer, add_volunteers

# A file that nobody went on with holds people's data for nothing; a report is no use after a month.
LEFT_LYING = timedelta(days=1)
REPORT_KEPT = timedelta(days=30)


def store_upload(
    session: Session,
    *,
    import_id: UUID,
    table: rules.Table,
    file_name: str,
    kind: rules.Kind | None,
    source: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep a file until it is read in, with the columns as they were last time, else as their names say.

    `kind` and `source` left empty are what they were last time too. Raises SourceTooLong.
    """
    here = municipality_of(actor)
    before = remembered(session, municipality_id=here, layout=rules.layout_of(table.headers))
    chosen = kind or (before[0] if before else rules.guessed_kind(table.headers))
    same = before if before and before[0] == chosen else None
    mapping = same[2] if same else rules.guessed_mapping(chosen, table.headers)
    session.execute(
        insert(VolunteerImport).values(
            id=import_id,
            municipality_id=here,
            kind=chosen,
            source=rules.checked_source(source or (same[1] if same else "")),
            file_name=file_name[-100:],
            headers=list(table.headers),
            mapping=rules.fitting(mapping, kind=chosen, headers=table.headers),
            lines=[[line.number, list(line.values)] for line in table.lines],
            line_count=len(table.lines),
            uploaded_at=now,
            uploaded_by=actor.person_id,
        )
    )
    session.execute(insert(ImportProgress).values(import_id=import_id))


def save_mapping(
    session: Session,
    *,
    facts: ImportFacts,
    kind: rules.Kind,
    source: str,
    mapping: rules.FileMapping,
    initiative_id: UUID | None,
    now: datetime,
) -> None:
    """Say which column is what, for this file and for the next with the same columns. Raises AlreadyAsked."""
    fitting = rules.fitting(mapping, kind=kind, headers=facts.headers)
    known_as = rules.checked_source(source)
    changed = session.execute(
        update(VolunteerImport)
        .where(VolunteerImport.id == facts.id, VolunteerImport.asked_at.is_(None))
        .values(kind=kind, source=known_as, mapping=fitting, initiative_id=initiative_id)
        .returning(VolunteerImport.id)
    ).scalar_one_or_none()
    if changed is None:
        raise rules.AlreadyAsked
    values = {"kind": kind, "source": known_as, "mapping": fitting, "used_at": now}
    session.execute(
        insert(ImportLayout)
        .values(municipality_id=facts.municipality_id, layout=rules.layout_of(facts.headers), **values)
        .on_conflict_do_update(index_elements=[ImportLayout.municipality_id, ImportLayout.layout], set_=values)
    )


def ask(session: Session, *, facts: ImportFacts, actor: Actor, now: datetime) -> None:
    """Say "do it": a worker takes the file in. A second time changes nothing. Raises what the mapping still misses."""
    errors = rules.mapping_errors(facts.kind, facts.mapping, has_initiative=facts.initiative_id is not None)
    if errors:
        raise errors[0] if len(errors) == 1 else InvalidFields(errors)
    asked = session.execute(
        update(VolunteerImport)
        .where(VolunteerImport.id == facts.id, VolunteerImport.asked_at.is_(None), VolunteerImport.lines.is_not(None))
        .values(asked_at=now)
        .returning(VolunteerImport.id)
    ).scalar_one_or_none()
    if asked is None:
        return
    outbox.add(
        session,
        kind="import.asked",
        args={"import_id": str(facts.id), "municipality_id": str(facts.municipality_id)},
        dedupe_key=f"import.asked:{facts.id}",
    )
    audit.record(
        session,
        actor=actor,
        action="import.asked",
        subject_type="import",
        subject_id=facts.id,
        now=now,
        facts={"kind": facts.kind, "lines": facts.line_count},
    )


def lock_import(session: Session, *, import_id: UUID) -> bool:
    """Hold a file until the transaction ends; return whether it was asked for and is still to be done."""
    row = session.execute(
        select(VolunteerImport.asked_at, VolunteerImport.done_at)
        .where(VolunteerImport.id == import_id)
        # Its progress, in a row of its own that refers to it, goes on being written meanwhile.
        .with_for_update(key_share=True)
    ).one_or_none()
    return row is not None and row.asked_at is not None and row.done_at is None


def keep_lines(session: Session, *, facts: ImportFacts, judged: Sequence[Judged], now: datetime) -> None:
    """Store what is new among these lines. A fixed number of statements however many they are."""
    new = [one for one in judged if one.outcome == "new"]
    keys = {
        **_keep_volunteers(session, facts, [one.content for one in new if isinstance(one.content, VolunteerLine)], now),
        **_keep_roles(session, facts, [one.content for one in new if isinstance(one.content, RoleLine)], now),
        **_keep_sessions(session, facts, [one.content for one in new if isinstance(one.content, SessionLine)], now),
    }
    if keys:
        session.execute(
            insert(ImportKey).on_conflict_do_nothing(),
            [
                {
                    "municipality_id": facts.municipality_id,
                    "kind": facts.kind,
                    "source": facts.source,
                    "key": key,
                    "subject_id": subject_id,
                    "import_id": facts.id,
                }
                for key, subject_id in keys.items()
            ],
        )


def note_progress(session: Session, *, import_id: UUID, done_lines: int) -> None:
    """Write down how far a file is."""
    session.execute(update(ImportProgress).where(ImportProgress.import_id == import_id).values(done_lines=done_lines))


def finish_import(
    session: Session, *, facts: ImportFacts, judged: Sequence[Judged], actor: Actor, now: datetime
) -> None:
    """Say that a file was read in, keep what was said about its lines, and let its contents go."""
    counts = Counter(one.outcome for one in judged)
    spoken = [one for one in judged if one.notes]
    spoken.sort(key=lambda one: (one.outcome != "refused", one.outcome != "left_out", one.number))
    session.execute(
        update(VolunteerImport)
        .where(VolunteerImport.id == facts.id)
        .values(
            done_at=now,
            lines=None,
            counts={outcome: counts[outcome] for outcome in rules.OUTCOMES},
            report=[
                [one.number, one.outcome, [[note.sentence, _plain(note.facts)] for note in one.notes]]
                for one in spoken[: rules.REPORT_MAX]
            ],
        )
    )
    audit.record(
        session,
        actor=actor,
        action="import.done",
        subject_type="import",
        subject_id=facts.id,
        now=now,
        facts={"kind": facts.kind, **{outcome: counts[outcome] for outcome in rules.OUTCOMES}},
    )


def forget_imports(session: Session, *, now: datetime) -> int:
    """Let go of files nobody went on with and of old reports; return how many. Who came in with them stays known."""
    lying = (
        select(VolunteerImport.id)
        .where(VolunteerImport.asked_at.is_(None), VolunteerImport.uploaded_at < now - LEFT_LYING)
        .scalar_subquery()
    )
    session.execute(delete(ImportProgress).where(ImportProgress.import_id.in_(lying)))
    gone = session.execute(delete(VolunteerImport).where(VolunteerImport.id.in_(lying)).returning(VolunteerImport.id))
    count = len(gone.all())
    old = session.execute(
        update(VolunteerImport)
        .where(VolunteerImport.done_at < now - REPORT_KEPT, VolunteerImport.report.is_not(None))
        .values(report=None)
        .returning(VolunteerImport.id)
    )
    return count + len(old.all())


def _plain(facts: dict[str, object]) -> dict[str, object]:
    return {name: fact if isinstance(fact, int) else str(fact) for name, fact in facts.items()}


def _keep_volunteers(
    session: Session, facts: ImportFacts, lines: Sequence[VolunteerLine], now: datetime
) -> dict[str, UUID]:
    ids = {line.key: new_id() for line in lines}
    people = [(ids[line.key], line.email, line.name) for line in lines]
    real = add_people(session, municipality_id=facts.municipality_id, people=people, now=now)
    add_volunteers(
        session,
        municipality_id=facts.municipality_id,
        volunteers=[
            NewVolunteer(
                person_id=real[ids[line.key]],
                pc4=line.pc4,
                radius_km=line.radius_km,
                languages=line.languages,
                cells=line.cells,
                born_on=line.born_on,
                is_paused=line.is_paused,
                skills=line.skills,
            )
            for line in lines
        ],
        now=now,
    )
    return {key: real[person] for key, person in ids.items()}


def _keep_roles(session: Session, facts: ImportFacts, lines: Sequence[RoleLine], now: datetime) -> dict[str, UUID]:
    roles = {line.key: NewRole(id=new_id(), initiative_id=line.initiative_id, draft=line.draft) for line in lines}
    add_roles(session, municipality_id=facts.municipality_id, roles=list(roles.values()), created_by=None, now=now)
    return {key: role.id for key, role in roles.items()}


def _keep_sessions(
    session: Session, facts: ImportFacts, lines: Sequence[SessionLine], now: datetime
) -> dict[str, UUID]:
    shifts = {
        line.key: NewShift(
            id=new_id(),
            initiative_id=line.role.initiative_id,
            role_id=line.role.id,
            required_languages=line.role.required_languages,
            starts_at=line.starts_at,
            ends_at=line.ends_at,
            capacity=line.capacity,
            minimum_crew=line.minimum_crew,
            pc4=line.pc4,
            meeting_point=line.meeting_point,
        )
        for line in lines
    }
    add_shifts(session, municipality_id=facts.municipality_id, shifts=list(shifts.values()), created_by=None, now=now)
    return {key: shift.id for key, shift in shifts.items()}
