"""What a treasurer does with a transfer that came otherwise than announced: take it as a gift, or send it back.

Locks as in statement_operations.py: the campaign (shared), the pledge, the deposit; what a line is comes last.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.initiatives.queries import campaign_facts
from crowd.pledges import operations as pledges
from crowd.pledges import queries as pledge_queries
from crowd.pledges.change_operations import take_what_came
from crowd.pledges.operations import Promise
from crowd.shared import audit, outbox
from crowd.shared.actor import Actor
from crowd.shared.iban import iban
from crowd.shared.money import Money
from payments.bank import line_queries, queries, statement_queries
from payments.bank.line_queries import NamedGift
from payments.bank.line_rules import ANNOUNCED, NoGiftNamed, NotToSendBack, check_sent_back, check_where_to
from payments.bank.models import Deposit, LineReturn
from payments.bank.operations import free_reference
from payments.bank.rules import account_holder, check_treasurer
from payments.bank.statement_operations import clear, match_gift, open_line, say_what_it_is
from payments.bank.statement_queries import LineRow
from payments.bank.statement_rules import MoneyLeft
from payments.ledger.operations import post


def take_as_gift(session: Session, *, line_id: UUID, actor: Actor, now: datetime) -> UUID:
    """Take a transfer as a gift of what came, by the one gift its description names, and return the pledge it paid.

    Announced for another amount: the announced gift becomes what came. Its money came before: a second gift is
    written down in the same name, while the campaign takes gifts. Raises OnlyTheTreasurerPays, NoSuchLine,
    LineMatched, MoneyLeft, NoGiftNamed, InvalidFields, CampaignNotOpen.
    """
    check_treasurer(actor=actor)
    line = open_line(session, line_id=line_id, actor=actor)
    if line.amount_cents < 0:
        raise MoneyLeft
    named = line_queries.gifts_named(session, municipality_id=line.municipality_id, description=line.description)
    if len(named) != 1:
        raise NoGiftNamed
    if named[0].state == ANNOUNCED:
        pledge_id = _become(session, gift=named[0], amount=Money(line.amount_cents), actor=actor, now=now)
    else:
        pledge_id = _second(session, gift=named[0], line=line, actor=actor, now=now)
    match_gift(session, line_id=line_id, pledge_id=pledge_id, actor=actor, now=now)
    return pledge_id


def _become(session: Session, *, gift: NamedGift, amount: Money, actor: Actor, now: datetime) -> UUID:
    seen = queries.deposit(session, pledge_id=gift.pledge_id)
    campaign_facts(session, initiative_id=seen.initiative_id, lock="share")
    pledge_queries.pledge(session, pledge_id=gift.pledge_id, lock=True)
    # Whoever matched it meanwhile is found by `match_gift`: it is not awaited any more.
    if queries.deposit(session, pledge_id=gift.pledge_id, lock=True).state == ANNOUNCED:
        take_what_came(session, pledge_id=gift.pledge_id, amount=amount, actor=actor, now=now)
        session.execute(update(Deposit).where(Deposit.pledge_id == gift.pledge_id).values(amount_cents=amount.cents))
    return gift.pledge_id


def _second(session: Session, *, gift: NamedGift, line: LineRow, actor: Actor, now: datetime) -> UUID:
    """Write down a second gift of the same donor, named by the line itself, so that it is never two."""
    first, before = (
        queries.deposit(session, pledge_id=gift.pledge_id),
        pledge_queries.pledge(session, pledge_id=gift.pledge_id),
    )
    promise = Promise(
        pledge_id=line.id,
        amount=Money(line.amount_cents),
        public_name=before.donor_name,
        is_anonymous=not before.public_name,
        locale=before.locale,
        way="bank_transfer",
        person_id=before.person_id,
    )
    pledge = pledges.make_pledge(session, promise=promise, actor=actor, now=now, initiative_id=first.initiative_id)
    session.execute(
        insert(Deposit)
        .values(
            pledge_id=pledge.id,
            municipality_id=pledge.municipality_id,
            initiative_id=pledge.initiative_id,
            way="bank_transfer",
            amount_cents=pledge.amount_cents,
            reference=free_reference(session, pledge=pledge),
            donor_name=first.donor_name,
            household=first.household,
            channel=first.channel,
            state=ANNOUNCED,
            recorded_at=now,
            recorded_by=actor.person_id,
        )
        .on_conflict_do_nothing(index_elements=[Deposit.pledge_id])
    )
    return pledge.id


# --- Sending back ---------------------------------------------------------------------------------------------


def send_back(session: Session, *, line_id: UUID, holder: str, account: str, actor: Actor, now: datetime) -> None:
    """Decide that a transfer goes back where it came from, and book that we keep it until then.

    Another treasurer pays it. Raises OnlyTheTreasurerPays, NoSuchLine, LineMatched, MoneyLeft, AccountHolderMissing,
    IbanWrong, ComesFromElsewhere.
    """
    check_treasurer(actor=actor)
    line = open_line(session, line_id=line_id, actor=actor)
    if line.amount_cents < 0:
        raise MoneyLeft
    to = iban(line.counterparty_iban or account, field="account")
    check_where_to(account=iban(account, field="account") if account.strip() else to, came_from=to)
    held_by = account_holder(holder or line.counterparty_name)
    say_what_it_is(session, line=line, outcome="sent_back", actor=actor, now=now)
    session.execute(
        insert(LineReturn).values(
            line_id=line_id,
            municipality_id=line.municipality_id,
            amount_cents=line.amount_cents,
            account_holder=held_by,
            account_iban=to,
            decided_at=now,
            decided_by=actor.person_id,
        )
    )
    _book(session, "line_kept", line_id=line_id, line=line, cents=line.amount_cents, now=now)
    clear(session, line=line, kind="line_kept", source_id=str(line_id), now=now)


def record_sent_back(
    session: Session, *, line_id: UUID, to_account: str, reference: str, actor: Actor, now: datetime
) -> None:
    """Record that a treasurer sent a transfer back to this account, under this reference, and book it. Once.

    Raises NoSuchLine, NotToSendBack, OnlyTheTreasurerPays, DecidedByYourself, AccountChanged, PaymentReferenceMissing,
    NothingToReturn.
    """
    found = line_queries.line_return(session, line_id=line_id)
    if found is None or found.municipality_id != actor.municipality_id:
        raise NotToSendBack
    written = check_sent_back(
        actor=actor,
        is_paid=found.paid_at is not None,
        decided_by=found.decided_by,
        is_same_account=to_account == found.account_iban,
        reference=reference,
    )
    session.execute(
        update(LineReturn)
        .where(LineReturn.line_id == line_id)
        .values(paid_at=now, paid_by=actor.person_id, reference=written)
    )
    _book(session, "line_returned", line_id=line_id, line=found, cents=found.amount_cents, now=now)
    audit.record(
        session,
        actor=actor,
        action="bank_line.sent_back",
        subject_type="bank_line",
        subject_id=line_id,
        now=now,
        facts={"amount_cents": found.amount_cents, "reference": written},
    )
    line = statement_queries.line(session, line_id=line_id, municipality_id=actor.municipality_id)
    for gift in line_queries.gifts_named(session, municipality_id=line.municipality_id, description=line.description):
        # Whoever's reference it bore hears that it went back; a line that names nobody's gift has no address.
        outbox.add(
            session,
            kind="pledge.transfer_sent_back",
            args={"pledge_id": str(gift.pledge_id), "amount_cents": found.amount_cents},
            dedupe_key=f"pledge.transfer_sent_back/{line_id}/{gift.pledge_id}",
        )


def _book(
    session: Session, kind: str, *, line_id: UUID, line: LineRow | line_queries.LineReturnRow, cents: int, now: datetime
) -> None:
    post(
        session,
        kind=kind,
        municipality_id=line.municipality_id,
        initiative_id=None,
        amount=Money(cents),
        source_type="bank_line",
        source_id=str(line_id),
        occurred_at=now,
    )
