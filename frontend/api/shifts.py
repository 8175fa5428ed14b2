"""Shifts that ask for hands, and signing up for one without an account."""

from datetime import date, datetime
from typing import Annotated, Final, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from crowd.accounts.rules import address, person_name
from frontend.access import PublicActor
from frontend.api.catalogue import catalogue
from frontend.api.documented import problems
from frontend.api.shapes import Asked, Key, Label, NewId, Plain, Shape, Words, checked, key_of, read_key
from frontend.api.version import PREFIX
from frontend.runtime import Runtime, RuntimeDep
from frontend.volunteer_forms import NameMissing
from matching.placements.operations import Outcome, sign_up_by_address
from matching.roles.queries import ShiftFilter, ShiftLine, find_shifts, role, shift
from matching.roles.rules import HELPABLE, ShiftNotFound
from matching.vocabulary.rules import DAYS, cell, languages_in

router: Final = APIRouter(tags=["shifts"])

ShiftId = Annotated[UUID, Path(alias="shiftId")]

_WEEKEND: Final = (5, 6)
_WHEN: Final[dict[str, int]] = {
    "": 0,
    "morning": sum(cell(day, 0) for day in range(len(DAYS))),
    "afternoon": sum(cell(day, 1) for day in range(len(DAYS))),
    "evening": sum(cell(day, 2) for day in range(len(DAYS))),
    "weekend": sum(cell(day, part) for day in _WEEKEND for part in range(3)),
}


class ShiftItem(Shape):
    """A moment at which hands are asked."""

    id: UUID
    role: str
    initiative: str = Field(description="The slug of the initiative.")
    initiative_title: str
    theme: Label | None
    neighbourhood: str | None
    starts_at: datetime
    ends_at: datetime
    place: str
    is_remote: bool
    places: int
    free: int
    minimum_age: int | None
    needs_credential: str | None = Field(description="A document that somebody of the organisation must see first.")
    is_open: bool = Field(description="Whether one can sign up, be it for the waiting list.")
    page_url: str


class Asks(Shape):
    """A skill or language the role asks for."""

    slug: str
    name: Label
    is_required: bool


class ShiftFacts(ShiftItem):
    """One shift with what its role asks."""

    description: str
    minimum_crew: int
    skills: list[Asks]
    languages: list[Asks]
    cancelled_at: datetime | None


class ShiftList(Shape):
    """A part of the list, the soonest first. `next` is the address of the part after it."""

    items: list[ShiftItem]
    next: str | None


class ShiftsAsked(Asked):
    """Which shifts."""

    theme: Words = Field(default="", description="The slug of a theme.")
    neighbourhood: Words = Field(default="", description="The slug of a neighbourhood.")
    skill: Words = Field(default="", description="The slug of a skill.")
    when: Literal["", "morning", "afternoon", "evening", "weekend"] = ""
    with_full: bool = Field(default=False, description="Also shifts that have only a waiting list left.")
    after: Key = ""

    def without_place(self) -> dict[str, str]:
        """Return what was chosen, for the address of the next part."""
        chosen = self.model_dump(by_alias=True, exclude={"after"}, exclude_defaults=True)
        return {name: str(value).lower() if value is True else str(value) for name, value in chosen.items()}


def _somebody(name: str) -> str:
    known = person_name(name)
    if not known:
        raise NameMissing
    return known


class ApplicationAsked(Asked):
    """Who wants to come. The name and the address are seen by whoever plans the shift, and by nobody else."""

    id: NewId
    name: Annotated[Plain, checked(_somebody), Field(examples=["Noor Voorbeeld"])]
    email: Annotated[Plain, checked(address), Field(json_schema_extra={"format": "email"})]
    born_on: date | None = Field(default=None, description="Needed where the shift has a minimum age.")
    language: Literal["nl", "en"] = Field(default="nl", description="In which the e-mails are written.")


class Application(Shape):
    """What somebody new gets on this shift. What really came of it stands in the mail to that address."""

    id: UUID
    shift_id: UUID
    state: Outcome


@router.get("/shifts", responses=problems(400))
def list_shifts(
    response: Response, runtime: RuntimeDep, actor: PublicActor, asked: Annotated[ShiftsAsked, Query()]
) -> ShiftList:
    """Shifts one can sign up for, the soonest first, twenty at a time.

    A theme, neighbourhood or skill that does not exist gives an empty list.
    """
    del actor
    known, here = catalogue(runtime), runtime.town.facts().id
    wanted = ShiftFilter(
        theme_id=known.theme_id(asked.theme),
        neighbourhood_id=known.neighbourhood_id(asked.neighbourhood),
        skill_id=known.skill_id(asked.skill),
        cells=_WHEN[asked.when],
        with_full=asked.with_full,
    )
    is_unknown = (
        (asked.theme and wanted.theme_id is None)
        or (asked.neighbourhood and wanted.neighbourhood_id is None)
        or (asked.skill and wanted.skill_id is None)
    )
    if is_unknown:
        return ShiftList(items=[], next=None)
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        after = read_key(asked.after)
        lines, has_more = find_shifts(session, municipality_id=here, wanted=wanted, now=now, after=after)
    further = None
    if has_more:
        query = {**asked.without_place(), "after": key_of(lines[-1].starts_at, lines[-1].id)}
        further = f"{runtime.settings.base_url}{PREFIX}/shifts?{urlencode(query)}"
        response.headers["link"] = f'<{further}>; rel="next"'
    return ShiftList(items=[shift_item(line, runtime, now) for line in lines], next=further)


@router.get("/shifts/{shiftId}", responses=problems(400, 404))
def show_shift(runtime: RuntimeDep, actor: PublicActor, shift_id: ShiftId) -> ShiftFacts:
    """One shift with what its role asks. Its page also says where to be, in words."""
    del actor
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        line = _public(shift(session, shift_id=shift_id))
        asks = role(session, role_id=line.role_id)
    return ShiftFacts(
        **shift_item(line, runtime, now).model_dump(by_alias=False),
        description=asks.description,
        minimum_crew=line.minimum_crew,
        skills=[
            Asks(slug=slug, name=Label(nl=nl, en=en), is_required=is_required)
            for _id, slug, nl, en, is_required in asks.skills
        ],
        languages=[
            Asks(slug=one.code, name=Label(nl=one.label_nl, en=one.label_en), is_required=is_required)
            for mask, is_required in ((asks.required_languages, True), (asks.desired_languages, False))
            for one in languages_in(mask)
        ],
        cancelled_at=line.cancelled_at,
    )


@router.post("/shifts/{shiftId}/applications", status_code=202, responses=problems(404, 409, acts=True))
def make_application(
    request: Request, runtime: RuntimeDep, actor: PublicActor, shift_id: ShiftId, asked: ApplicationAsked
) -> Application:
    """Sign somebody up for a shift. The answer is the same for every address, known here or not; the mail tells.

    Sent again with the same id it changes nothing.
    """
    del request
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        line = _public(shift(session, shift_id=shift_id))
        outcome = sign_up_by_address(
            session,
            placement_id=asked.id,
            shift_id=line.id,
            email=asked.email,
            name=asked.name,
            locale=asked.language,
            actor=actor,
            now=now,
            born_on=asked.born_on,
        )
    return Application(id=asked.id, shift_id=line.id, state=outcome)


def shift_item(line: ShiftLine, runtime: Runtime, now: datetime) -> ShiftItem:
    """Return a shift as lists show it."""
    return ShiftItem(
        id=line.id,
        role=line.role_title,
        initiative=line.initiative_slug,
        initiative_title=line.initiative_title,
        theme=Label(nl=line.theme_nl, en=line.theme_en) if line.theme_nl and line.theme_en else None,
        neighbourhood=line.neighbourhood,
        starts_at=line.starts_at,
        ends_at=line.ends_at,
        place=line.meeting_point or line.pc4 or "",
        is_remote=line.is_remote,
        places=line.capacity,
        free=line.free,
        minimum_age=line.minimum_age,
        needs_credential=line.needs_credential,
        is_open=line.is_open(now),
        page_url=f"{runtime.settings.base_url}/meehelpen/{line.id}",
    )


def _public(line: ShiftLine) -> ShiftLine:
    # A shift of a paused or failed campaign can be read, so that people see that it is off; a draft's cannot.
    if line.initiative_state not in HELPABLE | {"suspended", "unfunded"}:
        raise ShiftNotFound
    return line
