"""What an initiative's people and donors hear when it nearly made it, and when its plan was answered."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from crowd.accounts.queries import who_hold
from crowd.closing.plan_queries import NearMissRow, near_miss
from crowd.initiatives.queries import campaign_facts
from crowd.pledges import queries as pledges
from crowd.shared.money import ZERO, Money
from crowd.shared.outbox import Job, parse_id
from frontend.letters import Letter
from frontend.mails.initiatives import compose_about, to_team
from frontend.mails.kinds import Compose, Mail, Part
from frontend.mails.pledges import while_still
from frontend.runtime import Runtime

Spread = Callable[[Session, Job], Sequence[Part] | None]


def to_team_and(donors_hear: str) -> Spread:
    """Return what spreads a job over the team, and a letter of another kind over every donor whose gift stays."""

    def spread(session: Session, job: Job) -> Sequence[Part] | None:
        parts = to_team(session, job)
        if parts is None:
            return None
        stay = pledges.collected_ids(session, initiative_id=parse_id(job.args["initiative_id"]))
        return [*parts, *(Part(donors_hear, {"pledge_id": str(one)}, f"{donors_hear}/{one}") for one in stay)]

    return spread


def to_the_counter(session: Session, job: Job) -> Sequence[Part] | None:
    """Return one letter for each person who may answer a revised plan."""
    if "person_id" in job.args:
        return None
    here = campaign_facts(session, initiative_id=parse_id(job.args["initiative_id"])).municipality_id
    answer = who_hold(session, municipality_id=here, permission="initiative:review")
    return [Part(job.kind, {**job.args, "person_id": str(who)}, f"{job.dedupe_key}/{who}") for who in answer]


def compose_for_team(*plan_states: str) -> Compose:
    """Return what tells the team, while the plan of the near miss is still in one of these states.

    Args: initiative_id, person_id.
    """

    def compose(runtime: Runtime, session: Session, job: Job) -> Letter | None:
        found = near_miss(session, initiative_id=parse_id(job.args["initiative_id"]))
        letter = compose_about(runtime, session, job)
        if letter is None or found is None or found.plan_state not in plan_states:
            return None
        facts = _facts(found)
        slug = campaign_facts(session, initiative_id=found.initiative_id).slug
        urls = {
            "plan_url": f"{letter.facts['initiative_url']}/nieuw-plan",
            "answer_url": f"{runtime.settings.base_url}/loket/nieuwe-plannen/{slug}",
        }
        return replace(letter, facts={**letter.facts, **facts, **urls})

    return compose


def compose_for_donor(*plan_states: str) -> Compose:
    """Return what tells a donor whose collected gift stays, while the near miss is not decided. Args: pledge_id."""

    def compose(runtime: Runtime, session: Session, job: Job) -> Letter | None:
        pledge = pledges.pledge(session, pledge_id=parse_id(job.args["pledge_id"]))
        found = near_miss(session, initiative_id=pledge.initiative_id)
        letter = while_still("collected")(runtime, session, job)
        is_news = found is not None and not found.is_decided and found.plan_state in plan_states
        if letter is None or found is None or not is_news or pledge.going_back_at is not None:
            return None
        return replace(letter, facts={**letter.facts, **_facts(found)})

    return compose


def _facts(found: NearMissRow) -> dict[str, object]:
    """Return what there is and is missing, and until when something may be done about it."""
    is_confirmed = found.plan_state == "confirmed" and found.plan_minimum_cents is not None
    minimum = Money(found.plan_minimum_cents or 0) if is_confirmed else Money(found.minimum_cents)
    until = found.donors_until or found.plan_until
    return {
        "minimum": minimum,
        "minimum_before": Money(found.minimum_cents),
        "there_is": found.there_is,
        "missing": max(minimum - found.there_is, ZERO),
        # The last moment: terms are half open.
        "until": until - timedelta(minutes=1),
        "answer_until": None if found.answer_until is None else found.answer_until - timedelta(minutes=1),
        "what_changes": found.what_changes,
        "why": found.why,
        "reason": found.reason,
    }


MAILS: Final = {
    "initiative.near_miss": Mail(compose_for_team("", "draft"), to_team_and("pledge.near_miss")),
    "pledge.near_miss": Mail(compose_for_donor("", "draft", "submitted")),
    "plan.confirmed": Mail(compose_for_team("confirmed"), to_team_and("pledge.plan_confirmed")),
    "plan.refused": Mail(compose_for_team("refused"), to_team),
    "pledge.plan_confirmed": Mail(compose_for_donor("confirmed")),
    "plan.writing_ends": Mail(compose_for_team("", "draft"), to_team),
    "plan.answering_ends": Mail(compose_for_team("submitted"), to_the_counter),
    "plan.choosing_ends": Mail(compose_for_team("confirmed"), to_team_and("pledge.choosing_ends")),
    "pledge.choosing_ends": Mail(compose_for_donor("confirmed")),
}
