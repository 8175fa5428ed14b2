"""What must hold after every step of a schedule (I1-I8), and what must hold once everything has come to rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection

from crowd.pledges.rules import EVER_COLLECTED, FINAL, TRANSITIONS
from payments.books.queries import CHECKS
from payments.books.workflow import check_books
from payments.gateway import Gateway
from tests.money import MoneyWorld

_PLEDGES = (
    "SELECT p.id, p.state, p.amount_cents, p.way, i.state AS campaign, coalesce(k.outcome, '') AS closing,"
    " coalesce(c.state, '') AS charge"
    " FROM pledges p JOIN initiatives i ON i.id = p.initiative_id LEFT JOIN closings k ON k.initiative_id = i.id"
    " LEFT JOIN charges c ON c.pledge_id = p.id ORDER BY p.id"
)
_TRANSFERS = "SELECT * FROM ledger_transfers ORDER BY id"
_BOOKED = (
    "SELECT coalesce(sum(amount_cents) FILTER (WHERE kind = 'charge'), 0)::bigint AS charge,"
    " coalesce(sum(amount_cents) FILTER (WHERE kind = 'fee'), 0)::bigint AS fee,"
    " coalesce(sum(amount_cents) FILTER (WHERE kind = 'refund'), 0)::bigint AS refund FROM ledger_transfers"
)
# An event is put back when the provider did not answer; any other reason is a mistake that would be retried for ever.
_BROKEN_EVENTS = (
    "SELECT 'I3', 'every event can be handled', type, 'handled', last_error FROM provider_events"
    " WHERE last_error NOT IN ('OutcomeUnknown', 'FailedAtProvider', 'KeySpent')"
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
    "SELECT i.id, i.state, i.minimum_cents, coalesce(d.collected_cents + d.match_cents, 0) AS reached,"
    " coalesce(d.collected_cents, 0) AS collected"
    " FROM initiatives i LEFT JOIN final_decisions d ON d.initiative_id = i.id ORDER BY i.id"
)
_REST = (
    "SELECT 'pledge' AS what, p.id::text, p.state, coalesce(c.state, '') AS how,"
    " coalesce(c.confirm_number, 0) AS number FROM pledges p"
    " LEFT JOIN charges c ON c.pledge_id = p.id UNION ALL"
    " SELECT 'refund', r.pledge_id::text, r.state, coalesce(r.refund_ref, ''), 0 FROM refunds r UNION ALL"
    " SELECT 'ledger', t.id::text, t.kind, t.source_id, t.amount_cents FROM ledger_transfers t UNION ALL"
    " SELECT 'mail', o.id::text, o.kind, o.dedupe_key, 0 FROM outbox o ORDER BY 1, 2, 3"
)


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
    """Compares our rows with the provider's own sums, and with what it saw one step ago.

    `eyes` is a gateway of its own, on which nothing is ever planned to go wrong; so is `asking` a connection.
    """

    world: MoneyWorld
    eyes: Gateway
    asking: Connection[Any]
    states: dict[str, str] = field(default_factory=dict)
    booked: dict[int, tuple[object, ...]] = field(default_factory=dict)
    ever_secured: set[str] = field(default_factory=set)

    def check(self) -> None:
        """Raise AssertionError, naming the invariant, when anything is not as it must be at every moment."""
        # Every question of check-books in one go: one by one they would take most of a schedule's time.
        found = self.asking.execute(_QUESTIONS).fetchall()
        assert found == [], f"check-books: {found}"
        summary = self.world.sandbox.control.summary()
        self._compare_pledges(summary["by_metadata"]["pledge_id"])
        self._compare_balance(summary)
        self._ledger_only_grows()

    def check_everything(self) -> None:
        """The same, and what `buurtloket check-books` itself says, with the provider's own lists."""
        self.check()
        verdict = check_books(self.world.database, self.eyes)
        assert verdict.findings == (), "check-books: " + "; ".join(map(str, verdict.findings))
        assert verdict.in_flight == 0, f"{verdict.in_flight} payments are still under way"

    def _compare_balance(self, summary: Mapping[str, Any]) -> None:
        """Clearing is what was charged less what went back and what it cost, as far as the provider said so (I6)."""
        row = self.asking.execute(_BOOKED).fetchone()
        assert row is not None
        charged, fees, refunded = row
        theirs = sum(
            part["succeeded"]["amount"] for part in summary["by_metadata"]["pledge_id"].values() if "succeeded" in part
        )
        back = sum(part["amount"] for part in summary["refunds"].values())
        assert charged <= theirs, f"I6: booked as charged {charged}, the provider took {theirs}"
        assert fees <= summary["fees"], f"I6: booked as fees {fees}, the provider kept {summary['fees']}"
        assert refunded <= back, f"I6: booked as refunded {refunded}, the provider gave back {back}"

    def _compare_pledges(self, theirs: Mapping[str, Mapping[str, Mapping[str, int]]]) -> None:
        pledges = self.asking.execute(_PLEDGES).fetchall()
        for pledge in pledges:
            known = str(pledge.id)
            taken = theirs.get(known, {}).get("succeeded", {"count": 0, "amount": 0, "refunded": 0})
            name = f"pledge {known} ({pledge.state})"
            before = self.states.get(known, pledge.state)
            assert pledge.state in _ROADS[before], f"{name} was {before}: there is no such road"
            assert taken["count"] <= 1, f"I1: {name} was charged {taken['count']} times"
            assert taken["amount"] in {0, pledge.amount_cents}, f"I2: {name} paid {taken['amount']}"
            assert taken["refunded"] <= taken["amount"], f"I7: {name} got back {taken['refunded']}"
            if taken["count"]:
                assert pledge.closing == "collecting", f"I5: {name} was charged, its campaign is {pledge.campaign}"
                assert pledge.state not in {"withdrawn", "released", "abandoned", "dropped"}, f"I5: {name} was charged"
            if pledge.way == "card" and pledge.state in EVER_COLLECTED:
                assert taken["count"] == 1, f"I2: {name} was never charged at the provider"
            if pledge.way == "card" and pledge.state == "refunded":
                assert taken["refunded"] == pledge.amount_cents, f"I2: {name} got back {taken['refunded']}"
            self.states[known] = pledge.state
            if pledge.state == "secured":
                self.ever_secured.add(known)
        lost = set(self.states) - {str(pledge.id) for pledge in pledges}
        assert lost == set(), f"pledges that are gone: {lost}"

    def _ledger_only_grows(self) -> None:
        now = {row.id: tuple(row) for row in self.asking.execute(_TRANSFERS)}
        changed = [before for known, before in self.booked.items() if now.get(known) != before]
        assert changed == [], f"I4: postings that changed or vanished: {changed}"
        self.booked = now

    def check_rest(self, *, must_be_collected: set[str]) -> None:
        """Raise AssertionError when something is still open, lost, or decided on other sums than were collected.

        `must_be_collected` are pledges whose donor did all that was needed, should their campaign have collected.
        """
        self.check_everything()
        pledges = self.asking.execute(_PLEDGES).fetchall()
        campaigns = self.asking.execute(_DECISIONS).fetchall()
        unsettled = [f"{one.id} {one.state} {one.charge}" for one in pledges if one.state not in FINAL]
        assert unsettled == [], f"pledges that are not final: {unsettled}"
        for campaign in campaigns:
            assert campaign.state in {"funded", "unfunded"}, f"campaign {campaign.id} is {campaign.state}"
            reached = campaign.reached >= campaign.minimum_cents
            assert (campaign.state == "funded") == reached, f"campaign {campaign.id}: {campaign.state}, {campaign}"
        for one in pledges:
            kept = one.state == "collected"
            assert not (kept and one.campaign == "unfunded" and one.way == "card"), f"I5: {one.id} was kept"
            if str(one.id) in must_be_collected and str(one.id) in self.ever_secured and one.closing == "collecting":
                assert one.state in {"collected", "refunded"}, f"lost: pledge {one.id} is {one.state}"
        open_there = set(self.world.sandbox.control.summary()["payment_intents"]) & {
            "requires_action",
            "processing",
            "requires_capture",
        }
        assert open_there == set(), f"payments the provider may still take: {open_there}"

    def rest(self) -> list[tuple[object, ...]]:
        """Every row that money depends on, to compare before and after."""
        return [tuple(row) for row in self.asking.execute(_REST)]
