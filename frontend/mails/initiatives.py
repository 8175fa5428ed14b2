"""What the people of an initiative, and those who follow it, hear about it."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from crowd.accounts import queries as accounts
from crowd.closing import queries as closing
from crowd.initiatives import letter_queries as letters
from crowd.initiatives import queries as initiatives
from crowd.initiatives.review_queries import open_invitation
from crowd.pledges import queries as pledges
from crowd.shared.errors import msg
from crowd.shared.money import Money
from crowd.shared.outbox import Job, parse_id
from frontend import i18n, links
from frontend.letters import Letter
from frontend.mails.kinds import Compose, Mail, Part
from frontend.runtime import Runtime

# How the sections of the wizard are called in a letter.
_SECTIONS: Final = {
    "idea": msg("The idea"),
    "place": msg("The place"),
    "budget": msg("The budget"),
    "help": msg("Help wanted"),
    "photo": msg("The photo"),
}


def to_team(session: Session, job: Job) -> Sequence[Part] | None:
    """Return one letter for each person of the initiative's team."""
    if "person_id" in job.args:
        return None
    team = letters.team_of(session, initiative_id=parse_id(job.args["initiative_id"]))
    return [Part(job.kind, {**job.args, "person_id": str(who)}, f"{job.dedupe_key}/{who}") for who in team]


def to_team_and_donors(session: Session, job: Job) -> Sequence[Part] | None:
    """Return a letter for the team, and for every donor the news that their gift was collected and counts."""
    parts = to_team(session, job)
    if parts is None:
        return None
    collected = pledges.collected_ids(session, initiative_id=parse_id(job.args["initiative_id"]))
    donors = [Part("pledge.collected", {"pledge_id": str(gift)}, f"pledge.collected/{gift}") for gift in collected]
    return [*parts, *donors]


def to_followers(session: Session, job: Job) -> Sequence[Part] | None:
    """Return one letter for each donor who asked for news."""
    if "person_id" in job.args:
        return None
    wanting = pledges.who_wants_news(session, initiative_id=parse_id(job.args["initiative_id"]))
    return [
        Part(job.kind, {**job.args, "person_id": str(who), "pledge_id": str(gift)}, f"{job.dedupe_key}/{who}")
        for gift, who in wanting
    ]


def compose_step(*states: str) -> Compose:
    """Return what tells the team of a step, while the initiative is still in one of `states`."""

    def compose(runtime: Runtime, session: Session, job: Job) -> Letter | None:
        letter = compose_about(runtime, session, job)
        return letter if letter is not None and letter.facts["state"] in states else None

    return compose


def compose_about(runtime: Runtime, session: Session, job: Job) -> Letter | None:
    """Args: initiative_id, person_id, and transition_id for what the counter said."""
    initiative_id = parse_id(job.args["initiative_id"])
    campaign = initiatives.campaign_facts(session, initiative_id=initiative_id)
    person = accounts.person(session, person_id=parse_id(job.args["person_id"]))
    if person is None:
        return None
    transition_id = job.args.get("transition_id")
    said = letters.said_at(session, transition_id=int(transition_id)) if transition_id is not None else None
    closed = closing.closing(session, initiative_id=initiative_id)
    decided = closing.final_decision(session, initiative_id=initiative_id)
    language = i18n.chosen(person.locale)
    base_url = runtime.settings.base_url
    return Letter(
        to=person.email,
        language=language,
        facts={
            "name": person.name,
            "title": campaign.title,
            "state": campaign.state,
            "minimum": Money(campaign.minimum_cents or 0),
            "ends_on": campaign.ends_on,
            # Notes alone are reason enough; then the reason only lists their sections.
            "reason": said.reason if said and not said.notes else "",
            "notes": [(i18n.say(_SECTIONS[name], language), body) for name, body in said.notes] if said else [],
            "secured": Money(closed.secured_cents) if closed else None,
            "collect_until": closed.collect_until if closed else None,
            "collected": Money(decided.collected_cents) if decided else None,
            "match": Money(decided.match_cents) if decided else None,
            "mine_url": f"{base_url}/mijn",
            "initiative_url": f"{base_url}/initiatieven/{campaign.slug}",
        },
    )


def compose_news(runtime: Runtime, session: Session, job: Job) -> Letter | None:
    """Args: update_id, initiative_id, person_id, pledge_id: the pledge carries the wish to hear, and its end."""
    pledge = pledges.pledge(session, pledge_id=parse_id(job.args["pledge_id"]))
    person = accounts.person(session, person_id=pledge.person_id)
    told = letters.news(session, update_id=parse_id(job.args["update_id"]))
    if person is None or told is None or not pledge.wants_updates:
        return None
    campaign = initiatives.campaign_facts(session, initiative_id=pledge.initiative_id)
    base_url = runtime.settings.base_url
    return Letter(
        to=person.email,
        language=i18n.chosen(pledge.locale),
        facts={
            "title": campaign.title,
            "news_title": told.title,
            "news": told.body,
            "author": told.author,
            "initiative_url": f"{base_url}/initiatieven/{campaign.slug}",
        },
        stop_url=base_url + links.stop_updates_path(pledge.id, runtime.keys),
    )


def compose_invitation(runtime: Runtime, session: Session, job: Job) -> Letter | None:
    """Args: invitation_id. Whoever signs in with this address finds the invitation on their page."""
    invitation = open_invitation(session, invitation_id=parse_id(job.args["invitation_id"]))
    if invitation is None:
        return None
    campaign = initiatives.campaign_facts(session, initiative_id=invitation.initiative_id)
    known = accounts.person_with_address(session, municipality_id=campaign.municipality_id, email=invitation.email)
    base_url = runtime.settings.base_url
    return Letter(
        to=invitation.email,
        language=i18n.chosen(known.locale if known else ""),
        facts={
            "title": campaign.title,
            "url": f"{base_url}/mijn",
            "initiative_url": f"{base_url}/initiatieven/{campaign.slug}",
        },
    )


MAILS: Final = {
    "initiative.submitted": Mail(compose_step("submitted"), to_team),
    "initiative.changes_requested": Mail(compose_step("changes_requested"), to_team),
    "initiative.approved": Mail(compose_step("approved"), to_team),
    "initiative.live": Mail(compose_step("live"), to_team),
    "initiative.suspended": Mail(compose_step("suspended"), to_team),
    "initiative.resumed": Mail(compose_step("live"), to_team),
    "initiative.cancelled": Mail(compose_step("cancelled"), to_team),
    "initiative.collecting": Mail(compose_step("collecting"), to_team),
    "initiative.funded": Mail(compose_step("funded"), to_team_and_donors),
    "initiative.unfunded": Mail(compose_step("unfunded"), to_team),
    "initiative.update": Mail(compose_news, to_followers),
    "initiative.invitation": Mail(compose_invitation),
}
