"""What a donor of a funded initiative that is cancelled hears: what is left, what they may choose, what was done."""

from dataclasses import replace
from typing import Final

from sqlalchemy.orm import Session

from crowd.shared.money import Money
from crowd.shared.outbox import Job, parse_id
from frontend.cancelling import last_moment
from frontend.letters import Letter
from frontend.mails.kinds import Mail
from frontend.mails.pledges import compose_pledge
from frontend.runtime import Runtime
from payments.cancelling import queries


def compose_may_choose(runtime: Runtime, session: Session, job: Job) -> Letter | None:
    """Args: pledge_id. Asks a donor what should happen to what is left of their gift, while they may say so."""
    letter = compose_pledge(runtime, session, job)
    line = queries.line_of(session, pledge_id=parse_id(job.args["pledge_id"]))
    if letter is None or line is None or line.way is not None:
        return None
    plan = queries.the_plan_of(session, initiative_id=line.initiative_id)
    if plan.choose_until is None or runtime.clock.now(session) >= plan.choose_until:
        return None
    return replace(
        letter,
        facts={
            **letter.facts,
            "spent": Money(line.gave_cents - line.amount_cents),
            "reason": plan.reason,
            "choose_before": last_moment(plan.choose_until),
            "choose_url": f"{letter.facts['url']}/keuze",
        },
    )


def compose_choice_done(runtime: Runtime, session: Session, job: Job) -> Letter | None:
    """Args: pledge_id. Tells a donor that their money went where they chose."""
    letter = compose_pledge(runtime, session, job)
    line = queries.line_of(session, pledge_id=parse_id(job.args["pledge_id"]))
    if letter is None or line is None or line.way not in {"move", "gift"}:
        return None
    to_url = f"{runtime.settings.base_url}/initiatieven/{line.to_slug}/elke-euro" if line.to_slug else ""
    facts = {"to_title": line.to_title or "", "to_url": to_url, "town": runtime.town.facts().name}
    return replace(letter, facts={**letter.facts, **facts})


MAILS: Final = {
    "pledge.may_choose": Mail(compose_may_choose),
    "pledge.choice_done": Mail(compose_choice_done),
}
