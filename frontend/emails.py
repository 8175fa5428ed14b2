"""Which outbox kind becomes which mail, to whom. A new kind is one row in `MAILS` and one template.

What a mail says is read at the moment of sending, by id, so the outbox holds no personal data and nobody is
told what is no longer true.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from crowd.accounts import queries as accounts
from crowd.initiatives import queries as initiatives
from crowd.pledges import queries as pledges
from crowd.shared import outbox
from crowd.shared.clock import machine_now
from crowd.shared.log import logger
from crowd.shared.money import Money
from crowd.shared.outbox import Job, parse_id
from frontend import i18n, links, smtp
from frontend.letters import Letter, message
from frontend.runtime import Runtime
from frontend.security import shown_code, token_hash

Compose = Callable[[Runtime, Session, Job], Letter | None]
Audience = Callable[[Session, Job], Sequence[UUID]]


@dataclass(frozen=True, slots=True)
class Mail:
    """One kind of mail. `compose` returns the letter, or None when there is nobody left, or nothing left, to tell.

    With an `audience`, the job without a person is first turned into one job per person (`person_id` in its
    args), so that a crash halfway repeats one letter and not a hundred.
    """

    compose: Compose
    audience: Audience | None = None


def deliver(runtime: Runtime, job: Job) -> None:
    """Handle one job of a kind in `MAILS`: send its letter, or spread it over its audience."""
    mail = MAILS[job.kind]
    if mail.audience is not None and "person_id" not in job.args:
        _spread(runtime, job, mail.audience)
        return
    with runtime.database.reading() as session:
        letter = mail.compose(runtime, session, job)
    if letter is None:
        logger().info("mail_not_needed", kind=job.kind, job_id=job.id)
        return
    town = runtime.town.facts()
    smtp.send(
        message(job.kind, letter, key=job.dedupe_key, town=town, settings=runtime.settings), runtime.settings.smtp_url
    )


def _spread(runtime: Runtime, job: Job, audience: Audience) -> None:
    with runtime.database.transaction() as session:
        people = audience(session, job)
        outbox.add_many(
            session,
            kind=job.kind,
            jobs=[({**job.args, "person_id": str(person)}, f"{job.dedupe_key}/{person}") for person in people],
        )


def _sign_in_link(runtime: Runtime, session: Session, job: Job) -> Letter | None:
    """Args: link_id. The secrets are derived from it, so they stand nowhere but in the mail."""
    link_id = parse_id(job.args["link_id"])
    token = runtime.keys.sign_in_token(link_id)
    link = accounts.open_link(session, token_hash=token_hash(token), now=machine_now())
    recipient = accounts.link_recipient(session, link_id=link_id)
    if link is None or recipient is None:
        return None
    return Letter(
        to=recipient[0],
        language=i18n.chosen(recipient[1]),
        facts={
            "url": f"{runtime.settings.base_url}/inloggen/{token}",
            "code": shown_code(runtime.keys.sign_in_code(link_id)),
            "expires_at": link.expires_at,
        },
    )


def _pledge(runtime: Runtime, session: Session, job: Job) -> Letter | None:
    """Args: pledge_id. Everything a letter to a donor may want to say about their pledge and its campaign."""
    pledge = pledges.pledge(session, pledge_id=parse_id(job.args["pledge_id"]))
    donor = accounts.person(session, person_id=pledge.person_id)
    if donor is None:
        return None
    campaign = initiatives.campaign_facts(session, initiative_id=pledge.initiative_id)
    base_url, keys = runtime.settings.base_url, runtime.keys
    return Letter(
        to=donor.email,
        language=i18n.chosen(pledge.locale),
        facts={
            "amount": Money(pledge.amount_cents),
            "state": pledge.state,
            "is_confirmed": pledge.confirmed_at is not None,
            "title": campaign.title,
            "minimum": Money(campaign.minimum_cents or 0),
            "ends_on": campaign.ends_on,
            "url": base_url + links.own_pledge_path(pledge.id, keys),
            "confirm_url": base_url + links.confirm_address_path(pledge.id, keys),
            "initiative_url": f"{base_url}/initiatieven/{campaign.slug}",
        },
    )


MAILS: Final[Mapping[str, Mail]] = {
    "sign_in.link": Mail(_sign_in_link),
    "pledge.receipt": Mail(_pledge),
}
