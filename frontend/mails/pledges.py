"""What a donor hears about their own pledge."""

from dataclasses import replace
from typing import Final

from sqlalchemy.orm import Session

from crowd.accounts import queries as accounts
from crowd.closing import queries as closing
from crowd.initiatives import queries as initiatives
from crowd.pledges import queries as pledges
from crowd.pledges.rules import OFFLINE_WAYS
from crowd.shared.money import Money
from crowd.shared.outbox import Job, parse_id
from frontend import i18n, links
from frontend.formats import Language
from frontend.letters import Letter
from frontend.mails.kinds import Compose, Mail
from frontend.runtime import Runtime
from frontend.troubles import Told, told
from payments.cancelling.queries import line_of
from payments.collection import queries as collection
from payments.collection.queries import ChargeRow
from payments.collection.trouble_rules import same_way_may_help, trouble_of


def compose_pledge(runtime: Runtime, session: Session, job: Job) -> Letter | None:
    """Args: pledge_id. Everything a letter to a donor may want to say about their pledge and its campaign."""
    pledge = pledges.pledge(session, pledge_id=parse_id(job.args["pledge_id"]))
    donor = accounts.person(session, person_id=pledge.person_id)
    if donor is None:
        return None
    campaign = initiatives.campaign_facts(session, initiative_id=pledge.initiative_id)
    closed = closing.closing(session, initiative_id=pledge.initiative_id)
    method = collection.saved_method(session, pledge_id=pledge.id)
    planned = collection.charge(session, pledge_id=pledge.id)
    # What is left of the gift, when its campaign was funded and cancelled after all.
    left = line_of(session, pledge_id=pledge.id) if campaign.state == "cancelled" else None
    base_url, keys = runtime.settings.base_url, runtime.keys
    return Letter(
        to=donor.email,
        language=i18n.chosen(pledge.locale),
        facts={
            "amount": Money(pledge.amount_cents),
            "back": Money(left.amount_cents if left else pledge.amount_cents),
            "is_part": left is not None and left.amount_cents < pledge.amount_cents,
            "state": pledge.state,
            # What went wrong and what to do, in words; and when we try again by ourselves.
            "trouble": _trouble(planned, language=i18n.chosen(pledge.locale)),
            "tries_again_at": planned.next_attempt_at if planned and planned.kind != "sepa_debit" else None,
            # In cash or by bank transfer: no card is charged, and what goes back goes by bank.
            "is_offline": pledge.way in OFFLINE_WAYS,
            # From a bank account, with the permission it takes: announced before, and possible to take back.
            "is_debit": method is not None and method.kind == "sepa_debit",
            "last4": method.last4 if method else "",
            "mandate_reference": method.mandate_reference if method else "",
            "creditor": runtime.town.facts().name,
            "debit_at": planned.next_attempt_at if planned else None,
            # Given while collecting, for what failed payments left open: charged at once.
            # Taken back by its donor, while others go on with a smaller plan.
            "was_taken_back": pledge.going_back_at is not None and campaign.state in {"near_miss", "funded"},
            "fills_gap": closed is not None and pledge.promised_at >= closed.closed_at,
            "is_confirmed": pledge.confirmed_at is not None or donor.email_confirmed_at is not None,
            "title": campaign.title,
            "campaign_state": campaign.state,
            "minimum": Money(campaign.minimum_cents or 0),
            "ends_on": campaign.ends_on,
            "collect_until": closed.collect_until if closed else None,
            "url": base_url + links.own_pledge_path(pledge.id, keys),
            "confirm_url": base_url + links.confirm_address_path(pledge.id, keys),
            "initiative_url": f"{base_url}/initiatieven/{campaign.slug}",
            "initiatives_url": f"{base_url}/initiatieven",
        },
    )


def _trouble(planned: ChargeRow | None, *, language: Language) -> Told | None:
    if planned is None or planned.decline_code is None:
        return None
    trouble = trouble_of(planned.decline_code, by_ideal=planned.way == "ideal")
    return told(trouble, may_try_same=same_way_may_help(trouble, may_retry=planned.may_retry), language=language)


def compose_amount_changed(runtime: Runtime, session: Session, job: Job) -> Letter | None:
    """Args: pledge_id, change_id. What was promised before and from then on, while it is still a promise."""
    change = pledges.amount_change(session, change_id=int(job.args["change_id"] or 0))
    letter = while_still("secured", "charging", "processing", "collected")(runtime, session, job)
    if letter is None or change is None:
        return None
    before, after = change
    facts = {**letter.facts, "amount_before": Money(before), "amount_after": Money(after)}
    return replace(letter, facts=facts)


def compose_sent_back(runtime: Runtime, session: Session, job: Job) -> Letter | None:
    """Args: pledge_id, amount_cents. A transfer with the reference of this gift went back where it came from."""
    letter = compose_pledge(runtime, session, job)
    if letter is None:
        return None
    return replace(letter, facts={**letter.facts, "back": Money(int(job.args["amount_cents"] or 0))})


def while_still(*states: str) -> Compose:
    """Return what composes the letter only while the pledge is in one of these states: old news is no news."""

    def compose(runtime: Runtime, session: Session, job: Job) -> Letter | None:
        letter = compose_pledge(runtime, session, job)
        return letter if letter is not None and letter.facts["state"] in states else None

    return compose


def compose_announcement(runtime: Runtime, session: Session, job: Job) -> Letter | None:
    """Args: pledge_id. Tells amount and day of a debit that is still to come; one that was called off is no news."""
    letter = while_still("charging", "declined")(runtime, session, job)
    return letter if letter is not None and letter.facts["debit_at"] is not None else None


MAILS: Final = {
    "pledge.receipt": Mail(while_still("secured", "charging", "processing", "collected")),
    "pledge.amount_changed": Mail(compose_amount_changed),
    "pledge.debit_announced": Mail(compose_announcement),
    "pledge.came_too_late": Mail(compose_pledge),
    "pledge.withdrawn": Mail(compose_pledge),
    "pledge.released": Mail(compose_pledge),
    "pledge.needs_action": Mail(while_still("needs_action")),
    "pledge.declined": Mail(while_still("declined")),
    "pledge.collected": Mail(while_still("collected")),
    "pledge.dropped": Mail(compose_pledge),
    "pledge.refunded": Mail(compose_pledge),
    "pledge.account_wanted": Mail(while_still("collected")),
    "pledge.refund_failed": Mail(while_still("collected")),
    "pledge.money_returned": Mail(compose_pledge),
    "pledge.transfer_sent_back": Mail(compose_sent_back),
}
