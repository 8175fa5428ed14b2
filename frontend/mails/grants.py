"""What the municipality's money does: decided on, and paid out."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy.orm import Session

from crowd.accounts import queries as accounts
from crowd.grants import queries as grants
from crowd.initiatives import letter_queries as letters
from crowd.initiatives import queries as initiatives
from crowd.shared.money import Money
from crowd.shared.outbox import Job, parse_id
from frontend import i18n
from frontend.letters import Letter
from frontend.mails.initiatives import to_team
from frontend.mails.kinds import Mail, Part
from frontend.runtime import Runtime
from payments.payouts import queries as payouts
from payments.payouts.reversal_queries import came_back_of_part


def decision_to_team(session: Session, job: Job) -> Sequence[Part] | None:
    """Return one letter for each person of the initiative whose application was decided."""
    if "person_id" in job.args:
        return None
    application = grants.application(session, application_id=parse_id(job.args["application_id"]))
    team = letters.team_of(session, initiative_id=application.initiative_id)
    return [Part(job.kind, {**job.args, "person_id": str(who)}, f"{job.dedupe_key}/{who}") for who in team]


def compose_decision(runtime: Runtime, session: Session, job: Job) -> Letter | None:
    """Args: application_id, person_id."""
    application_id = parse_id(job.args["application_id"])
    application = grants.application(session, application_id=application_id)
    decision = grants.decision(session, application_id=application_id)
    person = accounts.person(session, person_id=parse_id(job.args["person_id"]))
    if decision is None or person is None:
        return None
    return Letter(
        to=person.email,
        language=i18n.chosen(person.locale),
        facts={
            "title": application.title,
            "scheme": application.scheme_name,
            "is_award": decision.outcome == "awarded",
            "up_to": Money(decision.up_to_cents),
            "asked": Money(application.asked_cents),
            "minimum": Money(application.minimum_cents),
            "reasons": decision.reasons,
            "legal_ground": decision.legal_ground,
            "decided_at": decision.decided_at,
            "initiative_url": f"{runtime.settings.base_url}/initiatieven/{application.slug}",
        },
    )


def compose_payout(runtime: Runtime, session: Session, job: Job) -> Letter | None:
    """Args: initiative_id, tranche_id, person_id."""
    initiative_id = parse_id(job.args["initiative_id"])
    # What was written down before there were tranches has the tranche's id in the initiative's.
    tranche_id = parse_id(job.args.get("tranche_id", job.args["initiative_id"]))
    campaign = initiatives.campaign_facts(session, initiative_id=initiative_id)
    sent = payouts.payouts(session, initiative_id=initiative_id)
    payout = next((one for one in sent if one.tranche_id == tranche_id), None)
    person = accounts.person(session, person_id=parse_id(job.args["person_id"]))
    if payout is None or person is None:
        return None
    return Letter(
        to=person.email,
        language=i18n.chosen(person.locale),
        facts={
            "title": campaign.title,
            "gifts": Money(payout.gifts_cents + payout.deposits_cents),
            "match": Money(payout.match_cents),
            "total": Money(payout.total_cents),
            "initiative_url": f"{runtime.settings.base_url}/initiatieven/{campaign.slug}",
        },
    )


def compose_taken_back(runtime: Runtime, session: Session, job: Job) -> Letter | None:
    """Args: initiative_id, tranche_id, person_id. What was taken back of one part of a payout, in all."""
    letter = compose_payout(runtime, session, job)
    if letter is None:
        return None
    tranche_id = parse_id(job.args.get("tranche_id", job.args["initiative_id"]))
    cents = came_back_of_part(session, tranche_id=tranche_id)
    return replace(letter, facts={**letter.facts, "taken_back": Money(cents)})


MAILS: Final = {
    "grant.decided": Mail(compose_decision, decision_to_team),
    "payout.sent": Mail(compose_payout, to_team),
    "payout.taken_back": Mail(compose_taken_back, to_team),
}
