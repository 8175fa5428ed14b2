"""The books, for who keeps them: findings, what people wrote about them, and the ledger as a file."""

import re
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO, Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask

from crowd.shared import audit
from crowd.shared.actor import Actor
from crowd.shared.clock import local_date
from crowd.shared.errors import Invalid, msg
from frontend.access import may, requires
from frontend.answers import page, see_other
from frontend.formats import Language
from frontend.i18n import refusals, say
from frontend.ledger_files import MEDIA_TYPES, file_name, write_ledger
from frontend.runtime import Runtime, RuntimeDep
from frontend.views.books import BooksPage, Explanation, FindingPage, FindingView, LastCheck
from frontend.views.forms import Choice
from frontend.views.forms import Form as Typed
from frontend.visit import visit_of
from payments.books import finding_queries, operations
from payments.books.export_rules import Period, PeriodAcrossYears, PeriodBackwards
from payments.books.export_workflow import FORMATS, Format
from payments.books.finding_queries import FindingRow
from payments.books.rules import ExplanationMissing, ExplanationTooLong

router: Final = APIRouter()
BOOKS: Final = "/loket/boeken"
_CHUNK_BYTES: Final = 65_536

Reader = Annotated[Actor, Depends(requires("books:read"))]


class DayUnreadable(Invalid):
    """No day, or one that does not exist."""

    sentence = msg("Choose a day that exists.")


class FormatUnknown(Invalid):
    """Neither of the two."""

    sentence = msg("Choose one of the formats.")


# What a treasurer can do about a difference, by the invariant that is broken.
TO_DO: Final = {
    "I1": msg(
        "A donor may have paid twice. Look both payments up at the payment provider, give the second one back there,"
        " and write here what you did."
    ),
    "I2": msg(
        "Our books and the provider's, the bank's, or two of our own tell different things of one payment. Look it up"
        " at the provider or the bank first: what really happened to the money counts. Then ask the operator to book"
        " what is missing."
    ),
    "I4": msg(
        "A posting stands where it does not belong. It is never changed: ask the operator which new posting puts it"
        " right, and write that down here."
    ),
    "I5": msg(
        "Money was taken or kept that should not have been. Find out whose it is and give it back; a donor should hear"
        " of it from you first."
    ),
    "I6": msg(
        "What the provider or the bank did and what we booked of it differ. Compare this reference with their own"
        " overview: is a movement missing there, or a posting here?"
    ),
    "I7": msg(
        "More left than came in, or left too early. Pay nothing more out for this initiative until you know why."
    ),
    "totals": msg("What a page shows is not what is in the books. No money is lost; ask the operator to look."),
    "pot": msg("What a scheme says is reserved is not what was reserved. Award nothing from it until this is clear."),
}
_OTHERWISE: Final = msg("Ask the operator to look at this, and write down what was found.")

# The words in which check-books says what it expected and found, the longest first, because some hold others.
_WORDS: Final = (
    msg("refunded, or a refund planned"),
    msg("bank account between"),
    msg("nothing given back"),
    msg("booked as received"),
    msg("a payment by bank"),
    msg("bank account on"),
    msg("other movements"),
    msg("a final state"),
    msg("not collected"),
    msg("not received"),
    msg("not refunded"),
    msg("not failed"),
    msg("municipality"),
    msg("no movement"),
    msg("payout line"),
    msg("not booked"),
    msg("money held"),
    msg("confirming"),
    msg("processing"),
    msg("no charge"),
    msg("no pledge"),
    msg("no refund"),
    msg("bank line"),
    msg("a payment"),
    msg("collected"),
    msg("succeeded"),
    msg("not sent"),
    msg("no money"),
    msg("a charge"),
    msg("at least"),
    msg("campaign"),
    msg("transfer"),
    msg("received"),
    msg("payments"),
    msg("refunded"),
    msg("declined"),
    msg("no line"),
    msg("decided"),
    msg("awarded"),
    msg("payment"),
    msg("refund"),
    msg("secured"),
    msg("planned"),
    msg("unknown"),
    msg("no fee"),
    msg("pledge"),
    msg("scheme"),
    msg("reversal"),
    msg("booked"),
    msg("fixed"),
    msg("costs"),
    msg("money"),
    msg("none"),
    msg("cash"),
    msg("held"),
    msg("sent"),
    msg("not"),
)
_SAID: Final = re.compile(r"\b(?:" + "|".join(map(re.escape, _WORDS)) + r")\b")


@router.get(BOOKS)
def show_books(request: Request, runtime: RuntimeDep, actor: Reader) -> Response:
    """Show when the books were last checked, what did not agree, and the form for a file of the ledger."""
    del actor
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        today = local_date(now)
        values = {"from": today.replace(month=1, day=1).isoformat(), "to": today.isoformat(), "format": "xaf"}
        content = _books_page(session, visit_of(request).language, form=Typed(values=values))
    return page(request, content, now=now)


@router.get(BOOKS + "/bestand")
def download(
    request: Request,
    runtime: RuntimeDep,
    actor: Reader,
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
    form: Annotated[str, Query(alias="format")] = "",
) -> Response:
    """Give the ledger's postings of some days as a file, which holds no donor's name; who took it is remembered."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
    try:
        period, chosen = Period(_day(first, "from"), _day(last, "to")), _format(form)
        return _file(runtime, actor, period=period, form=chosen, now=now)
    except (DayUnreadable, FormatUnknown, PeriodBackwards, PeriodAcrossYears) as refused:
        typed = {"from": first, "to": last, "format": form}
        language = visit_of(request).language
        with runtime.database.reading() as session:
            wrong = Typed(values=typed, errors=refusals((refused,), language))
            content = _books_page(session, language, form=wrong)
        return page(request, content, now=now, status=400)


@router.get(BOOKS + "/{finding_id}")
def show_finding(request: Request, runtime: RuntimeDep, actor: Reader, finding_id: UUID) -> Response:
    """Show one finding, open or gone."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        content = _finding_page(session, request, actor, finding_id=finding_id, form=Typed())
    return page(request, content, now=now)


@router.post(BOOKS + "/{finding_id}/toelichting")
def explain(
    request: Request,
    runtime: RuntimeDep,
    actor: Annotated[Actor, Depends(requires("books:explain"))],
    finding_id: UUID,
    body: Annotated[str, Form()] = "",
) -> Response:
    """Add what was found out about a finding. It stays open until the books agree again."""
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            operations.explain(session, finding_id=finding_id, body=body, actor=actor, now=now)
    except (ExplanationMissing, ExplanationTooLong) as refused:
        form = Typed(values={"body": body}, errors=refusals((refused,), visit_of(request).language))
        with runtime.database.reading() as session:
            now = runtime.clock.now(session)
            content = _finding_page(session, request, actor, finding_id=finding_id, form=form)
        return page(request, content, now=now, status=400)
    return see_other(request, f"{BOOKS}/{finding_id}", said=msg("Your explanation has been added."))


def to_do(invariant: str, language: Language) -> str:
    """Return what a treasurer can do about a difference of this invariant."""
    return say(TO_DO.get(invariant, _OTHERWISE), language)


def in_words(text: str, language: Language) -> str:
    """Return what check-books said of a difference in this language: its own words translated, names and sums kept."""
    return _SAID.sub(lambda word: say(word[0], language), text)


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DayUnreadable(field=field) from None


def _format(text: str) -> Format:
    if text not in FORMATS:
        raise FormatUnknown(field="format")
    return text


def _file(runtime: Runtime, actor: Actor, *, period: Period, form: Format, now: datetime) -> Response:
    municipality = runtime.town.facts()
    # On disk first: a slow reader must not hold the database's one moment, nor the ledger stand in memory.
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed by whoever sends it
    try:
        exported = write_ledger(
            runtime,
            municipality=municipality,
            period=period,
            form=form,
            now=now,
            write=lambda piece: file.write(piece.encode()),
        )
    except BaseException:
        file.close()
        raise
    facts: dict[str, str | int | bool | None] = {
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "format": form,
        "postings": exported.postings,
    }
    with runtime.database.transaction() as session:
        audit.record(
            session,
            actor=actor,
            action="ledger.exported",
            subject_type="municipality",
            subject_id=municipality.id,
            now=now,
            facts=facts,
        )
    headers = {"content-disposition": f'attachment; filename="{file_name(municipality, period, form)}"'}
    media_type = f"{MEDIA_TYPES[form]}; charset=utf-8"
    return StreamingResponse(_sent(file), media_type=media_type, headers=headers, background=BackgroundTask(file.close))


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk


def _books_page(session: Session, language: Language, *, form: Typed) -> BooksPage:
    last = finding_queries.last_check(session)
    return BooksPage(
        last=LastCheck(
            at=last.finished_at,
            questions=last.questions,
            in_flight=last.in_flight,
            with_provider=last.with_provider,
        )
        if last
        else None,
        checking_since=finding_queries.check_under_way(session),
        open=[_view(one, language) for one in finding_queries.open_findings(session)],
        gone=[_view(one, language) for one in finding_queries.gone_findings(session)],
        form=form,
        formats=(
            Choice(value="xaf", label=say(msg("Audit file (XAF 3.2)"), language)),
            Choice(value="csv", label=say(msg("Spreadsheet (CSV)"), language)),
        ),
    )


def _finding_page(session: Session, request: Request, actor: Actor, *, finding_id: UUID, form: Typed) -> FindingPage:
    found = finding_queries.finding(session, finding_id=finding_id)
    return FindingPage(
        finding=_view(found, visit_of(request).language),
        action=f"{BOOKS}/{finding_id}/toelichting",
        form=form,
        may_explain=may(actor, "books:explain"),
    )


def _view(found: FindingRow, language: Language) -> FindingView:
    return FindingView(
        href=f"{BOOKS}/{found.id}",
        invariant=found.invariant,
        promise=say(found.promise, language),
        subject=in_words(found.subject, language),
        expected=in_words(found.expected, language),
        found=in_words(found.found, language),
        to_do=to_do(found.invariant, language),
        first_seen_at=found.first_seen_at,
        last_seen_at=found.last_seen_at,
        gone_at=found.gone_at,
        notes=[Explanation(at=note.at, by=note.by, body=note.body) for note in found.notes],
    )
