"""Mistakes to plant, each made elsewhere before (docs/money.md): on the wire to the provider, or behind our rows.

Those on the wire pass by `Fate.remember` where they can: what they do must be seen in the money, not in the asking.
"""

from dataclasses import dataclass, replace

from hypothesis.stateful import invariant

from payments.gateway import Gateway
from payments.provider import Answer, HostedSetup, OutcomeUnknown, Request
from tests.schedules.ground import Ground
from tests.schedules.machine import Schedule
from tests.schedules.mortal import MortalGateway
from tests.schedules.people import Beginning

_CANCELLED = {
    "status": "canceled",
    "charge_ref": None,
    "code": None,
    "decline_code": None,
    "advice_code": None,
    "redirect_url": None,
}


class PaysAgainAfterALostReply(MortalGateway):
    """Takes silence for failure and asks anew: another payment, under other keys."""

    def send(self, request: Request) -> Answer:
        try:
            return super().send(request)
        except OutcomeUnknown:
            made = self.fate.sent.get(request.key.partition("/confirm/")[0] + "/pi")
            if request.operation != "payment_intents.confirm" or made is None:
                raise
            operation, target, parameters = made
            create = Request(operation=operation, target=target, parameters=parameters, key=f"{request.key}/create")
            again = str(Gateway.send(self, create).facts["ref"])
            return Gateway.send(self, replace(request, target=again, key=f"{request.key}/new"))


class BelievesInSuccess(MortalGateway):
    """Reads every answer to a confirmation as a success."""

    def send(self, request: Request) -> Answer:
        answer = super().send(request)
        if request.operation != "payment_intents.confirm" or answer.outcome != "refused":
            return answer
        return Answer(outcome="succeeded", facts={**answer.facts, "status": "succeeded", "charge_ref": request.key})


class UsesAKeyTwice(MortalGateway):
    """Numbers its confirmations, and forgets the number: the provider repeats its first answer for ever."""

    def send(self, request: Request) -> Answer:
        key = request.key.rpartition("/")[0] if "/confirm/" in request.key else request.key
        return super().send(replace(request, key=key))


class RefundsTwice(MortalGateway):
    """Gives back in two halves, under two keys, and could as well have sent the whole twice."""

    def send(self, request: Request) -> Answer:
        if request.operation != "refunds.create":
            return super().send(request)
        half = replace(request, parameters={**request.parameters, "amount": request.parameters["amount"] // 2})
        Gateway.send(self, replace(half, key=f"{request.key}/first"))
        return Gateway.send(self, half)


class BelievesInCancelling(MortalGateway):
    """Says that a payment is cancelled without asking for it: who withdrew can still be charged."""

    def send(self, request: Request) -> Answer:
        if request.operation != "payment_intents.cancel":
            return super().send(request)
        self.fate.remember(request)
        return Answer(outcome="succeeded", facts={"ref": request.target, **_CANCELLED})


class ChargesAtOnce(MortalGateway):
    """Takes the money when the card is saved, as a shop does, instead of when the campaign has its minimum."""

    def fetch_setup(self, session_ref: str) -> HostedSetup:
        setup = super().fetch_setup(session_ref)
        opened = [one for one in self.fate.sent.values() if one[2].get("customer") == setup.customer_ref]
        if setup.method_ref is None or not opened:
            return setup
        pledge_id = opened[-1][2]["client_reference_id"]
        create = Request(
            operation="payment_intents.create",
            key=f"{pledge_id}/at-once",
            parameters={
                "amount": 25_00,
                "currency": "eur",
                "customer": setup.customer_ref,
                "payment_method": setup.method_ref,
                "allowed_payment_method_types": ["card", "sepa_debit"],
                "metadata": {"pledge_id": pledge_id},
            },
        )
        intent_ref = str(Gateway.send(self, create).facts["ref"])
        confirm = Request(
            operation="payment_intents.confirm",
            key=f"{pledge_id}/at-once/confirm",
            parameters={"off_session": True},
            target=intent_ref,
        )
        Gateway.send(self, confirm)
        return setup


class ForgetsABooking(Schedule):
    """A posting vanishes behind the trigger's back, as when a backup was put back in part."""

    @invariant()
    def a_booking_vanishes(self) -> None:
        self.ground.asking.execute(
            b"SET session_replication_role = replica;"
            b" DELETE FROM ledger_transfers WHERE kind = 'charge'; RESET session_replication_role"
        )
        self.acted = True


class BooksWhateverItIsTold(Schedule):
    """Books a payment each time it hears of it: what comes twice counts twice."""

    def deliver(self, first: int, *, backwards: bool, twice: bool) -> None:
        super().deliver(first, backwards=backwards, twice=twice)
        if twice:
            self.ground.asking.execute(
                b"INSERT INTO ledger_transfers (debit_account_id, credit_account_id, amount_cents, source_type,"
                b" source_id, kind, occurred_at) SELECT debit_account_id, credit_account_id, amount_cents, source_type,"
                b" source_id || '/again', kind, occurred_at FROM ledger_transfers WHERE kind = 'charge'"
                b" ON CONFLICT DO NOTHING"
            )


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """How it is planted, where schedules that meet it begin, and which invariant must be named when it is found."""

    named: str
    machine: type[Schedule] = Schedule
    way: type[MortalGateway] = MortalGateway
    stages: tuple[str, ...] = ("planned",)
    saved: tuple[str, ...] = ("good", "good")

    def on(self, ground: Ground) -> type[Schedule]:
        """The machine that plays on this ground, with the mistake in it."""
        attributes = {"ground": ground, "stages": self.stages, "beginnings": (Beginning(self.saved),)}
        return type("Wrong", (self.machine,), attributes)


MISTAKES = {
    "a lost reply is taken for a failure": Mistake(named="I1", way=PaysAgainAfterALostReply),
    "every answer is read as a success": Mistake(named="I2", way=BelievesInSuccess, saved=("good", "good", "declined")),
    "a key is used for another confirmation": Mistake(named="I8", way=UsesAKeyTwice),
    "a booking vanishes": Mistake(named="I2|I4", machine=ForgetsABooking),
    "a webhook that comes twice is applied twice": Mistake(named="I2", machine=BooksWhateverItIsTold),
    "a refund is sent twice": Mistake(named="I1", way=RefundsTwice, saved=("asks, then declines", "good")),
    "who withdrew is charged": Mistake(named="I5", way=BelievesInCancelling, saved=("asks", "good")),
    "a card is charged before its campaign collects": Mistake(named="I5", way=ChargesAtOnce, stages=("open",)),
}
