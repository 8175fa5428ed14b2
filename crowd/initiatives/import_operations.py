"""Taking initiatives over from a municipal subsidy register: once per dossier, through the same steps as everyone."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowd.accounts.organisation_operations import find_or_add_organisation
from crowd.initiatives.content_rules import (
    SUMMARY_LENGTH_MAX,
    TITLE_LENGTH_MAX,
    Budget,
    Idea,
    Line,
    Place,
    clean,
    slug_of,
)
from crowd.initiatives.draft_operations import save_section, start_draft, submit
from crowd.initiatives.models import Initiative
from crowd.initiatives.operations import approve, publish
from crowd.municipalities.operations import add_neighbourhood, add_theme
from crowd.municipalities.queries import neighbourhoods, themes
from crowd.shared.actor import Actor
from crowd.shared.errors import Invalid, msg
from crowd.shared.ids import new_id
from crowd.shared.money import Money

Outcome = Literal["draft", "live", "known"]
_BUDGET_LABEL = "Gevraagd bedrag"
# Imported themes come with a Dutch name only, and are shown by the general drawing.
_PICTURE = "ontmoeten"


class ApplicantMissing(Invalid):
    """An initiative belongs to somebody."""

    sentence = msg("The register names no applicant.")


class ProjectMissing(Invalid):
    """An initiative has a name."""

    sentence = msg("The register names no project.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One row of the register, read and cleaned."""

    number: str
    applicant: str
    project: str
    scheme: str
    year: str
    theme: str
    neighbourhood: str
    asked: Money


def import_dossier(
    session: Session, *, dossier: Dossier, live_until: date | None, actor: Actor, now: datetime
) -> Outcome:
    """Make an initiative of a dossier and return what it became; a dossier that is known already is left alone.

    Its initiator is the applicant, an organisation nobody has claimed yet; minimum and target are what was asked,
    as one budget line. A draft, or with `live_until` a live campaign that ends on that day, by the operator's act.
    Raises ApplicantMissing, ProjectMissing, InvalidFields; nothing is kept then.
    """
    if actor.municipality_id is None:
        raise ValueError("an import belongs to a municipality")
    if not dossier.applicant:
        raise ApplicantMissing
    if not dossier.project:
        raise ProjectMissing
    here = actor.municipality_id
    if _is_known(session, municipality_id=here, number=dossier.number):
        return "known"
    initiative_id = new_id()
    start_draft(
        session,
        initiative_id=initiative_id,
        actor=actor,
        now=now,
        organisation_id=find_or_add_organisation(session, municipality_id=here, name=dossier.applicant),
        external_reference=dossier.number,
    )
    place = Place(neighbourhood_id=_neighbourhood(session, municipality_id=here, name=dossier.neighbourhood))
    budget = Budget(lines=(Line(label=_BUDGET_LABEL, amount=dossier.asked),), minimum=dossier.asked, ends_on=live_until)
    theme_id = _theme(session, municipality_id=here, name=dossier.theme)
    for section in (_idea(dossier, theme_id=theme_id), place, budget):
        save_section(session, initiative_id=initiative_id, section=section, actor=actor, now=now)
    if live_until is None:
        return "draft"
    submit(session, initiative_id=initiative_id, actor=actor, now=now)
    approve(session, initiative_id=initiative_id, actor=actor, now=now)
    publish(session, initiative_id=initiative_id, actor=actor, now=now)
    return "live"


def _idea(dossier: Dossier, *, theme_id: UUID) -> Idea:
    made_under = f" binnen {dossier.scheme}" if dossier.scheme else ""
    year = f" ({dossier.year})" if dossier.year else ""
    about = f"{dossier.applicant} vraagt steun{made_under}{year}."
    return Idea(
        title=_shortened(dossier.project, TITLE_LENGTH_MAX),
        summary=_shortened(about, SUMMARY_LENGTH_MAX),
        story=(
            f"**{dossier.project}**\n\n{about}\n\n"
            f"Dit initiatief is overgenomen uit het subsidieregister, dossier {dossier.number}."
            " De aanvrager kan het hier overnemen en zelf verder vertellen."
        ),
        theme_id=theme_id,
    )


def _shortened(text: str, most: int) -> str:
    """Return `text` on one line of at most `most` characters, cut between words and then ended by an ellipsis."""
    line = clean(text)
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:-") + "…"


def _is_known(session: Session, *, municipality_id: UUID, number: str) -> bool:
    found = session.execute(
        select(Initiative.id).where(
            Initiative.municipality_id == municipality_id, Initiative.external_reference == number
        )
    )
    return found.first() is not None


def _neighbourhood(session: Session, *, municipality_id: UUID, name: str) -> UUID | None:
    if not name:
        return None
    slug = slug_of(name)
    known = {
        known_slug: known_id for known_id, known_slug, _ in neighbourhoods(session, municipality_id=municipality_id)
    }
    return known.get(slug) or add_neighbourhood(session, municipality_id=municipality_id, slug=slug, name=name)


def _theme(session: Session, *, municipality_id: UUID, name: str) -> UUID:
    label = name or "Overig"
    slug = slug_of(label)
    known = {theme.slug: theme.id for theme in themes(session, municipality_id=municipality_id)}
    return known.get(slug) or add_theme(
        session, municipality_id=municipality_id, slug=slug, label_nl=label, label_en=label, picture=_PICTURE
    )
