"""What must hold after every step of a schedule (I1-I8), and what must hold once everything has come to rest."""

from dataclasses import dataclass, field
from typing import Any, Final

from psycopg import Connection

from crowd.pledges.rules import EVER_COLLECTED, FINAL, TRANSITIONS
from payments.books.queries import CHECKS
from payments.books.workflow import check_books
from tests.schedules.ground import Ground
from tests.schedules.theirs import Theirs, arrange

# Nothing was written since the last look when this stands still.
_WRITTEN = b"SELECT pg_snapshot_xmax(pg_current_snapshot())::text"
_PLEDGES = (
    b"SELECT p.id::text, p.state, p.amount_cents, p.way, i.id::text AS campaign_id, i.state AS campaign,"
    b" coalesce(k.outcome, '') AS closing, coalesce(c.state, '') AS charge"
    b" FROM pledges p JOIN initiatives i ON i.id = p.initiative_id LEFT JOIN closings k ON k.initiative_id = i.id"
    b" LEFT JOIN charges c ON c.pledge_id = p.id ORDER BY p.id"
)
_TRANSFERS = b"SELECT * FROM ledger_transfers ORDER BY id"
_CALLS = b"SELECT idempotency_key, operation, target, parameters FROM provider_calls"
_REWARDS = (
    b"SELECT r.id::text, r.stock, r.taken, count(p.id) AS held FROM rewards r LEFT JOIN pledges p ON p.reward_id = r.id"
    b" AND p.state NOT IN ('abandoned','withdrawn','released','dropped','refunded','charged_back') GROUP BY r.id"
)
# An event is put back when the provider did not answer, or until it is known what became of money; any other reason is
# a mistake that would be retried for ever.
_BROKEN_EVENTS = (
    "SELECT 'I3', 'every event can be handled', type, 'handled', last_error FROM provider_events"
    " WHERE last_error NOT IN ('OutcomeUnknown', 'FailedAtProvider', 'KeySpent', 'MoneyMayHaveLeft')"
)
# At rest it is known what became of all money, so nothing waits for that.
_WAITING = (
    b"SELECT type, object_ref FROM provider_events"
    b" WHERE handled_at IS NULL AND last_error = 'MoneyMayHaveLeft' ORDER BY id"
)
_QUESTIONS = " UNION ALL ".join(
    [
        *(
            f"SELECT '{one.invariant}' AS invariant, $${one.promise}$$ AS promise, q.*"  # noqa: S608 - our own words
            f" FROM ({one.question.text}) AS q (subject, expected, found)"
            for one in CHECKS
        ),
        _BROKEN_EVENTS,
    ]
).encode()
_DECISIONS = (
    b"SELECT i.id, i.state, i.minimum_cents, coalesce(d.collected_cents + d.match_cents, 0) AS reached"
    b" FROM initiatives i LEFT JOIN final_decisions d ON d.initiative_id = i.id ORDER BY i.id"
)
_CLEARING = (
    b"SELECT coalesce(sum(CASE WHEN a.id = t.debit_account_id THEN t.amount_cents ELSE -t.amount_cents END), 0)::bigint"
    b" AS cents FROM ledger_accounts a JOIN ledger_transfers t ON a.id IN (t.debit_account_id, t.credit_account_id)"
    b" WHERE a.kind = 'provider_clearing'"
)
_REST = (
    b"SELECT 'pledge' AS what, p.id::text, p.state, coalesce(c.state, '') AS how,"
    b" coalesce(c.confirm_number, 0) AS number FROM pledges p"
    b" LEFT JOIN charges c ON c.pledge_id = p.id UNION ALL"
    b" SELECT 'refund', r.pledge_id::text, r.state, coalesce(r.refund_ref, ''), 0 FROM refunds r UNION ALL"
    b" SELECT 'dispute', d.dispute_ref, d.state, coalesce(d.borne_by, ''), d.amount_cents FROM disputes d UNION ALL"
    b" SELECT 'payout', l.id::text, l.state, coalesce(l.transfer_ref, ''), l.amount_cents FROM payout_lines l UNION ALL"
    b" SELECT 'ledger', t.id::text, t.kind, t.source_id, t.amount_cents FROM ledger_transfers t UNION ALL"
    b" SELECT 'mail', o.id::text, o.kind, o.dedupe_key, 0 FROM outbox o ORDER BY 1, 2, 3"
)
# Which postings may stand for at most what of the provider's.
_NEVER_PAID: Final = frozenset({"withdrawn", "released", "abandoned", "dropped"})
DECIDED: Final = frozenset({"funded", "unfunded", "cancelled"})
_KEEPS_NOTHING: Final = frozenset({"unfunded", "cancelled"})


def _roads() -> dict[str, frozenset[str]]:
    """For each state of a pledge, every state it may ever be in later."""
    roads = {state: {state, *after} for state, after in TRANSITIONS.items()}
    for _ in roads:
        for reach in roads.values():
            reach.update(*(roads[state] for state in tuple(reach)))
    return {state: frozenset(reach) for state, reach in roads.items()}


_ROADS = _roads()


@dataclass
class Oracle:
    """Compares our rows with the provider's own, and with what it saw one step ago.

    It reads on a connection of its own, and the provider's rows beside the gateway: nothing is ever planned to go
    wrong there.
    """

    ground: Ground
    states: dict[str, str] = field(default_factory=dict)
    campaigns: dict[str, str] = field(default_factory=dict)
    booked: dict[int, tuple[object, ...]] = field(default_factory=dict)
    ever_secured: set[str] = field(default_factory=set)
    written: str = ""

    @property
    def _asking(self) -> Connection[Any]:
        return self.ground.asking

    def check(self) -> None:
        """Raise AssertionError, naming the invariant, when anything is not as it must be at every moment."""
        fate, heard = self.ground.gateway.fate, self.ground.heard
        assert fate.broken == [], "; ".join(fate.broken)
        assert heard == [], f"I3: put aside as if the provider were silent: {heard}"
        theirs = arrange(self.ground.sandbox.control.rows())
        self._compare_pledges(theirs)
        self._compare_what_left(theirs)
        row = self._asking.execute(_WRITTEN).fetchone()
        written = str(row)
        if written == self.written:
            return
        self.written = written
        self._compare_book(theirs)
        self._compare_wire()
        # Every question of check-books in one go: one by one they would take most of a schedule's time.
        found = self._asking.execute(_QUESTIONS).fetchall()
        assert found == [], "check-books: " + "; ".join(f"{one.invariant}: {one}" for one in found)

    def _compare_pledges(self, theirs: Theirs) -> None:
        pledges = self._asking.execute(_PLEDGES).fetchall()
        for pledge in pledges:
            name = f"pledge {pledge.id} ({pledge.state})"
            taken = theirs.taken.get(pledge.id, [])
            paid = sum(charge["amount"] for charge in taken)
            back = theirs.going_back.get(pledge.id, 0)
            before = self.states.get(pledge.id, pledge.state)
            assert pledge.state in _ROADS[before], f"{name} was {before}: there is no such road"
            assert len(taken) <= 1, f"I1: {name} was charged {len(taken)} times"
            assert paid in {0, pledge.amount_cents}, f"I2: {name} paid {paid}"
            assert back <= paid, f"I7: {name} got back {back} of {paid}"
            if taken:
                assert pledge.closing == "collecting", f"I5: {name} was charged, its campaign is {pledge.campaign}"
                assert pledge.state not in _NEVER_PAID, f"I5: {name} was charged"
            if pledge.way not in {"cash", "bank_transfer"}:
                if pledge.state in EVER_COLLECTED:
                    assert taken, f"I2: {name} was never charged at the provider"
                if pledge.state == "refunded":
                    sent = theirs.ever_sent_back.get(pledge.id, 0)
                    assert sent >= paid, f"I2: {name} was sent back {sent} of {paid}"
                if pledge.state in {"disputed", "charged_back"}:
                    assert theirs.wanted_back.get(pledge.id), f"I2: {name}, and nobody wants it back"
            self.states[pledge.id] = pledge.state
            self.campaigns[pledge.campaign_id] = pledge.campaign
            if pledge.state == "secured":
                self.ever_secured.add(pledge.id)
        known = {pledge.id for pledge in pledges}
        assert set(self.states) <= known, f"pledges that are gone: {set(self.states) - known}"
        strangers = set(theirs.taken) - known
        assert strangers == set(), f"I2: charged at the provider for nobody we know: {strangers}"
        for reward in self._asking.execute(_REWARDS).fetchall():
            assert reward.taken == reward.held <= reward.stock, f"stock: {reward}"

    def _compare_what_left(self, theirs: Theirs) -> None:
        twice = [what for what, times in theirs.asked_for.items() if times > 1]
        assert twice == [], f"I1: given more than once at the provider: {twice}"
        for campaign, left in theirs.left_campaign.items():
            came = theirs.by_campaign.get(campaign, 0)
            assert left <= came, f"I7: {left} left campaign {campaign} at the provider, {came} came in"

    def _compare_book(self, theirs: Theirs) -> None:
        """The book only grows, and says nothing that the provider does not (I2, I4)."""
        rows = self._asking.execute(_TRANSFERS).fetchall()
        now = {row.id: tuple(row) for row in rows}
        changed = [before for known, before in self.booked.items() if now.get(known) != before]
        assert changed == [], f"I4: postings that changed or vanished: {changed}"
        self.booked = now
        booked: dict[str, int] = {}
        for row in rows:
            booked[row.kind] = booked.get(row.kind, 0) + row.amount_cents
        charged = sum(charge["amount"] for taken in theirs.taken.values() for charge in taken)
        for kind, most in {
            "charge": charged,
            "refund": sum(theirs.ever_sent_back.values()),
            "payout_gifts": theirs.paid_out,
            "dispute_opened": sum(one["amount"] for wanted in theirs.wanted_back.values() for one in wanted),
        }.items():
            assert booked.get(kind, 0) <= most, f"I2: booked as {kind} {booked[kind]}, at the provider {most}"
        costs = sum(theirs.fees.values())
        kept = booked.get("fee", 0) + booked.get("dispute_fee", 0)
        assert kept <= costs, f"I6: booked as costs {kept}, the provider kept {costs}"

    def _compare_wire(self) -> None:
        """Whatever was sent was stored before, to the letter (I8); only then can a crash be repaired."""
        stored = {row.idempotency_key: (row.operation, row.target, row.parameters) for row in self._calls()}
        for key, sent in self.ground.gateway.fate.sent.items():
            assert stored.get(key) == sent, f"I8: {key} was sent as {sent}, and stored as {stored.get(key)}"

    def _calls(self) -> list[Any]:
        return self._asking.execute(_CALLS).fetchall()

    # --- At rest ------------------------------------------------------------------------------------------

    def is_at_rest(self) -> bool:
        """Whether nothing is awaited any more: every pledge final, every campaign decided."""
        pledges = self._asking.execute(_PLEDGES).fetchall()
        return all(one.state in FINAL and one.campaign in DECIDED for one in pledges) and not any(
            one.state == "collected" and one.campaign in _KEEPS_NOTHING for one in pledges
        )

    def check_rest(self, *, must_be_collected: set[str]) -> None:
        """Raise AssertionError when something is still open, lost, or decided on other sums than were collected.

        `must_be_collected` are pledges whose donor did all that was needed, should their campaign have collected.
        """
        self.written = ""
        self.check()
        waiting = self._asking.execute(_WAITING).fetchall()
        assert waiting == [], f"I3: still waiting to know what became of money: {waiting}"
        verdict = check_books(self.ground.database, self.ground.eyes)
        assert verdict.findings == (), "check-books: " + "; ".join(map(str, verdict.findings))
        assert verdict.in_flight == 0, f"{verdict.in_flight} payments are still under way"
        theirs = arrange(self.ground.sandbox.control.rows())
        self._compare_everything(theirs, must_be_collected=must_be_collected)
        # One that was made twice because the answer was lost for a day is nobody's, and can never be confirmed.
        ours = {row.intent_ref for row in self._asking.execute(b"SELECT intent_ref FROM charges")}
        not_ended = [how for ref, how in theirs.not_ended.items() if ref in ours]
        assert not_ended == [], f"I5: payments that were not ended at the provider: {not_ended}"
        for campaign in self._asking.execute(_DECISIONS).fetchall():
            assert campaign.state in DECIDED, f"campaign {campaign.id} is {campaign.state}"
            # Of a near miss that was funded the minimum is the revised one by now.
            reached = campaign.reached >= campaign.minimum_cents
            assert (campaign.state == "funded") == reached, f"campaign {campaign.id}: {campaign.state}, {campaign}"

    def _compare_everything(self, theirs: Theirs, *, must_be_collected: set[str]) -> None:
        for one in self._asking.execute(_PLEDGES).fetchall():
            name = f"pledge {one.id} ({one.state})"
            assert one.state in FINAL, f"{name} is not final, its charge is {one.charge}"
            assert bool(theirs.taken.get(one.id)) == (
                one.state in EVER_COLLECTED and one.way not in {"cash", "bank_transfer"}
            ), f"I2: {name} and the provider do not agree"
            back = theirs.going_back.get(one.id, 0)
            paid = sum(charge["amount"] for charge in theirs.taken.get(one.id, []))
            assert back == (paid if one.state == "refunded" else 0), f"I2: {name} got back {back} of {paid}"
            if one.campaign in _KEEPS_NOTHING and one.way not in {"cash", "bank_transfer"}:
                assert one.state != "collected", f"I5: {name} was kept of a campaign that failed"
            if one.id in must_be_collected and one.id in self.ever_secured and one.closing == "collecting":
                assert one.state in EVER_COLLECTED, f"I2: lost: {name}"
        row = self._asking.execute(_CLEARING).fetchone()
        assert row is not None
        assert row.cents == theirs.net, f"I6: clearing says {row.cents}, the provider's balance {theirs.net}"

    def rest(self) -> list[tuple[object, ...]]:
        """Every row that money depends on, to compare before and after."""
        return [tuple(row) for row in self._asking.execute(_REST)]
