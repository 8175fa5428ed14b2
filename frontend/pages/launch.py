"""Starting an initiative: six steps, each saved by itself, and one button that hands everything in.

Whoever is not signed in is sent to the sign-in page and back. The draft is in the database from the first step on,
so it is still there tomorrow and on another device.
"""

from collections.abc import AsyncIterator
from threading import Lock
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData, UploadFile

from crowd.closing.campaign_queries import campaigns_of
from crowd.initiatives import content_rules, draft_operations, submission_rules
from crowd.initiatives.content_rules import ChangedElsewhere, Photo, Section
from crowd.initiatives.picture_operations import keep_picture
from crowd.initiatives.picture_rules import BYTES_MAX, ShownPicture, make_presentable
from crowd.initiatives.queries import campaign_facts
from crowd.initiatives.rules import EDITABLE, InitiativeNotFound
from crowd.shared.actor import Actor
from crowd.shared.clock import local_date
from crowd.shared.errors import DomainError, Invalid, InvalidFields, msg
from crowd.shared.ids import new_id
from frontend.access import public, requires
from frontend.answers import page, see_other
from frontend.errors import status_of
from frontend.i18n import refusals
from frontend.launch_forms import ORDER, PATHS, STEP_OF_PATH, read_section, section_of, typed_fields
from frontend.launch_pages import LAUNCH, Draft, check_page, preview, read_draft, step_page
from frontend.runtime import Runtime, RuntimeDep
from frontend.views.forms import Form as Typed
from frontend.views.launch import DraftLine, StartPage, StepName
from frontend.visit import visit_of

router: Final = APIRouter()

# Set by the script that saves while somebody types; its answer is a status and a header, no page.
AUTOSAVE: Final = "X-Autosave"
SEEN: Final = "X-Seen"
HANDED_IN: Final = msg("Handed in. You get an e-mail as soon as the municipality has read it.")
# One photo at a time per process: unpacked it is tens of megabytes.
_one_photo: Final = Lock()

Starter = Annotated[Actor, Depends(requires("initiative:create"))]
Writer = Annotated[Actor, Depends(requires("initiative:edit"))]


class IdNotOurs(Invalid):
    """The hidden id is no id: somebody changed the form."""

    sentence = msg("Something went wrong with this form. Open the page again and fill it in once more.")


async def _form(request: Request) -> AsyncIterator[FormData]:
    """Give the form that `check_form` has read already, and close its files afterwards."""
    form = await request.form()
    try:
        yield form
    finally:
        await form.close()


Fields = Annotated[FormData, Depends(_form)]


@router.get(LAUNCH)
def show_start(request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)]) -> Response:
    """Say what starting takes, and show the drafts that wait."""
    drafts: tuple[DraftLine, ...] = ()
    if actor.person_id is not None:
        with runtime.database.reading() as session:
            mine = campaigns_of(session, person_id=actor.person_id)
        drafts = tuple(
            DraftLine(href=f"{LAUNCH}/{card.id}", title=card.title, state=card.state)  # type: ignore[arg-type]  # the database holds only known states
            for card in mine
            if card.state in EDITABLE
        )
    return page(request, StartPage(initiative_id=str(new_id()), drafts=drafts))


@router.post(LAUNCH)
def start(
    request: Request, runtime: RuntimeDep, actor: Starter, initiative_id: Annotated[str, Form()] = ""
) -> Response:
    """Begin a draft under the id the form chose, and go to its first step."""
    chosen = read_id(initiative_id)
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        draft_operations.start_draft(session, initiative_id=chosen, actor=actor, now=now)
    return see_other(request, f"{LAUNCH}/{chosen}/{PATHS['idea']}")


@router.get(LAUNCH + "/{initiative_id}")
def resume(request: Request, runtime: RuntimeDep, actor: Writer, initiative_id: UUID) -> Response:
    """Go on where the draft stands: at the first step that misses something, else at the last."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        draft = read_draft(session, initiative_id=initiative_id, actor=actor)
    gaps = submission_rules.missing(draft.content, today=local_date(now))
    at = submission_rules.step_of(gaps[0]) if gaps and draft.facts.state == "draft" else "check"
    return see_other(request, f"{draft.base}/{content_path(at)}")


@router.get(LAUNCH + "/{initiative_id}/voorbeeld")
def show_preview(request: Request, runtime: RuntimeDep, actor: Writer, initiative_id: UUID) -> Response:
    """Show the page as everybody will see it."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        draft = read_draft(session, initiative_id=initiative_id, actor=actor)
        content = preview(session, draft, language=visit_of(request).language, now=now)
    return page(request, content, now=now)


@router.get(LAUNCH + "/{initiative_id}/{path}")
def show_step(
    request: Request, runtime: RuntimeDep, actor: Writer, initiative_id: UUID, path: str, regels: int = 0
) -> Response:
    """Show one step, filled in with what was saved; or where it stands, once it was handed in."""
    step = _step_of(path)
    language = visit_of(request).language
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        draft = read_draft(session, initiative_id=initiative_id, actor=actor)
        if not draft.is_editable:
            return see_other(request, manage_address(session, draft))
        if step == "check":
            return page(request, check_page(session, draft, language=language, now=now), now=now)
        content = step_page(session, draft, step, language=language, now=now, rows=regels)
    return page(request, content, now=now)


@router.post(LAUNCH + "/{initiative_id}/indiening")
def submit(request: Request, runtime: RuntimeDep, actor: Writer, initiative_id: UUID) -> Response:
    """Hand the initiative in; or show the last step again, naming everything that is missing."""
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            draft = read_draft(session, initiative_id=initiative_id, actor=actor)
            draft_operations.submit(session, initiative_id=initiative_id, actor=draft.actor, now=now)
            address = manage_address(session, draft)
    except InvalidFields:
        language = visit_of(request).language
        with runtime.database.reading() as session:
            now = runtime.clock.now(session)
            draft = read_draft(session, initiative_id=initiative_id, actor=actor)
            content = check_page(session, draft, language=language, now=now, show_gaps=True)
        return page(request, content, now=now, status=400)
    return see_other(request, address, said=HANDED_IN)


@router.post(LAUNCH + "/{initiative_id}/{path}")
def save_step(
    request: Request, runtime: RuntimeDep, actor: Writer, initiative_id: UUID, path: str, fields: Fields
) -> Response:
    """Save one step and go on; wrong things come back with what was typed. While typing, only a status is answered."""
    step = _step_of(path)
    if step == "check":
        raise InitiativeNotFound
    typed = typed_fields(fields)
    is_autosave = request.headers.get(AUTOSAVE) is not None
    try:
        photo = None if is_autosave else _read_photo(fields)
        seen = _save(
            runtime,
            initiative_id=initiative_id,
            step=step,
            typed=typed,
            actor=actor,
            photo=photo,
            is_autosave=is_autosave,
        )
    except (InvalidFields, ChangedElsewhere, Invalid) as error:
        if is_autosave:
            return Response(status_code=status_of(error))
        return _again(request, runtime, actor=actor, initiative_id=initiative_id, step=step, typed=typed, error=error)
    except DomainError as error:
        if is_autosave:
            return Response(status_code=status_of(error))
        raise
    if is_autosave:
        return Response(status_code=204, headers={SEEN: seen})
    return _onward(request, initiative_id=initiative_id, step=step, typed=typed)


def _save(
    runtime: Runtime,
    *,
    initiative_id: UUID,
    step: StepName,
    typed: dict[str, str],
    actor: Actor,
    photo: ShownPicture | None,
    is_autosave: bool,
) -> str:
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        draft = read_draft(session, initiative_id=initiative_id, actor=actor)
        section, errors = read_section(typed, stored=section_of(draft.content, step), themes=draft.themes)
        if errors and not is_autosave:
            raise InvalidFields((*errors, *content_rules.section_errors(section, today=local_date(now))))
        if photo is not None:
            picture_id = read_id(typed.get("picture_id", ""))
            keep_picture(session, picture_id=picture_id, picture=photo, actor=draft.actor, now=now)
            section = _with_photo(section, picture_id)
        return draft_operations.save_section(
            session,
            initiative_id=initiative_id,
            section=section,
            actor=draft.actor,
            now=now,
            seen=typed.get("seen") or None,
            while_typing=is_autosave,
        )


def _with_photo(section: Section, picture_id: UUID) -> Section:
    return Photo(picture_id=picture_id, picture_alt=section.picture_alt) if isinstance(section, Photo) else section


def _read_photo(fields: FormData) -> ShownPicture | None:
    """Return the chosen photo fit to show, or None when none was chosen. Before any transaction: it takes a while."""
    upload = fields.get("picture")
    if not isinstance(upload, UploadFile) or not upload.filename:
        return None
    # One byte more than allowed is enough to know that it is too much.
    content = upload.file.read(BYTES_MAX + 1)
    with _one_photo:
        return make_presentable(content)


def _again(
    request: Request,
    runtime: Runtime,
    *,
    actor: Actor,
    initiative_id: UUID,
    step: StepName,
    typed: dict[str, str],
    error: DomainError,
) -> Response:
    """Show the step again with what was typed and what is wrong with it."""
    language = visit_of(request).language
    errors = error.errors if isinstance(error, InvalidFields) else (error,)
    said = refusals(errors, language)
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        draft = read_draft(session, initiative_id=initiative_id, actor=actor)
        form = Typed(values=typed, errors=said)
        content = step_page(session, draft, step, language=language, now=now, form=form)
    return page(request, content, now=now, status=status_of(error))


def _onward(request: Request, *, initiative_id: UUID, step: StepName, typed: dict[str, str]) -> Response:
    """Go where the pressed button says: on, back to my page, or here again with more lines or the new photo."""
    base = f"{LAUNCH}/{initiative_id}"
    match typed.get("verder", ""):
        case "later":
            return see_other(request, "/mijn", said=msg("Saved. Your draft waits for you here."))
        case "regels":
            rows = sum(1 for name in typed if name.startswith("label_"))
            return see_other(request, f"{base}/{PATHS[step]}?regels={rows + 4}#label_{rows + 1}")
        case "bekijken":
            return see_other(request, f"{base}/{PATHS[step]}", said=msg("Saved."))
        case _:
            return see_other(request, f"{base}/{PATHS[ORDER[ORDER.index(step) + 1]]}")


def manage_address(session: Session, draft: Draft) -> str:
    """Return where an initiative that was handed in is managed."""
    return f"/initiatieven/{campaign_facts(session, initiative_id=draft.id).slug}/beheer"


def read_id(text: str) -> UUID:
    """Return the id a form chose; raise IdNotOurs for anything else."""
    try:
        return UUID(text)
    except ValueError as error:
        raise IdNotOurs from error


def content_path(step: str) -> str:
    """Return the part of the address of a step that the rules name."""
    return next(path for path, name in STEP_OF_PATH.items() if name == step)


def _step_of(path: str) -> StepName:
    if path not in STEP_OF_PATH:
        raise InitiativeNotFound
    return STEP_OF_PATH[path]
