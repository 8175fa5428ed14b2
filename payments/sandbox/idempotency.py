"""Idempotency keys as Stripe documents them (https://docs.stripe.com/api/idempotent_requests).

v1: the status and body of the first request are kept once its operation began, whatever the outcome (also a
500), and given again for the same key and parameters; other parameters are refused with 400; a second
request while the first runs gets 409; keys are forgotten when 24 hours old. v2: only success is kept (a
failed request may be tried again), for 30 days, and a repetition answers with the object as it is now.
"""

import hashlib
import json
from dataclasses import dataclass
from http import HTTPStatus

from payments.sandbox.documents import Json
from payments.sandbox.errors import ApiError
from payments.sandbox.store import Store

DAY = 86_400
KEPT_SECONDS = {"v1": DAY, "v2": 30 * DAY}
LONGEST_KEY = 255


@dataclass(frozen=True, kw_only=True)
class Keyed:
    """A request that carries a key: where it goes (`POST /v1/...`) and what it asks."""

    scope: str
    key: str
    address: str
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was answered the first time."""

    status: int
    body: str
    request_id: str


class InFlight:
    """The keys of requests that are being executed right now; a restart forgets them, rightly."""

    def __init__(self) -> None:
        self._running: set[tuple[str, str]] = set()

    def begin(self, keyed: Keyed) -> None:
        """Note that this key is being executed; raises ApiError (409) when it already is."""
        if (keyed.scope, keyed.key) in self._running:
            raise ApiError(
                "There is currently another in-progress request using this Idempotent Key (that probably"
                f" means you submitted twice, and the other request is still going through): {keyed.key}."
                " Please try your request again in a few seconds.",
                status=HTTPStatus.CONFLICT,
                kind="idempotency_error",
                code="idempotency_key_in_use",
            )
        self._running.add((keyed.scope, keyed.key))

    def end(self, keyed: Keyed) -> None:
        """Forget the key: its answer is stored, or it never began."""
        self._running.discard((keyed.scope, keyed.key))


def keyed_request(*, scope: str, key: str, address: str, raw: Json) -> Keyed:
    """The request with its key; raises when the key is too long."""
    if len(key) > LONGEST_KEY:
        raise ApiError(f"Idempotency keys can have at most {LONGEST_KEY} characters.", kind="idempotency_error")
    text = json.dumps(raw, sort_keys=True)
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    return Keyed(scope=scope, key=key, address=address, fingerprint=fingerprint)


def recall(store: Store, keyed: Keyed, *, now: int) -> Answer | None:
    """The first answer to this key, if it is young enough; raises when the question was another."""
    row = store.sql.execute(
        "SELECT address, fingerprint, status, body, request_id FROM idempotency"
        " WHERE scope = ? AND key = ? AND created > ?",
        (keyed.scope, keyed.key, now - KEPT_SECONDS[keyed.scope]),
    ).fetchone()
    if row is None:
        return None
    address, fingerprint, status, body, request_id = row
    if address != keyed.address:
        raise ApiError(
            "Keys for idempotent requests can only be used for the same endpoint they were first used for"
            f" ('{keyed.address}' vs '{address}'). Try using a key other than '{keyed.key}' if you meant to"
            " execute a different request.",
            kind="idempotency_error",
        )
    if fingerprint != keyed.fingerprint:
        raise ApiError(
            "Keys for idempotent requests can only be used with the same parameters they were first used"
            f" with. Try using a key other than '{keyed.key}' if you meant to execute a different request.",
            kind="idempotency_error",
        )
    return Answer(status=status, body=body, request_id=request_id)


def keep(store: Store, keyed: Keyed, answer: Answer, *, now: int) -> None:
    """Saves the answer in the open transaction, and forgets a few keys that are too old."""
    if keyed.scope == "v2" and answer.status >= HTTPStatus.BAD_REQUEST:
        return
    store.sql.execute(
        "DELETE FROM idempotency WHERE (scope, key) IN (SELECT scope, key FROM idempotency"
        " WHERE scope = ? AND created <= ? ORDER BY created LIMIT 5)",
        (keyed.scope, now - KEPT_SECONDS[keyed.scope]),
    )
    store.sql.execute(
        "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            keyed.scope,
            keyed.key,
            keyed.address,
            keyed.fingerprint,
            answer.status,
            answer.body,
            answer.request_id,
            now,
        ),
    )
