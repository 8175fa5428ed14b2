"""Challenges: one visit to the bank's page (3-D Secure or iDEAL), for one attempt at one intent."""

from payments.sandbox.act import Act
from payments.sandbox.documents import Json
from payments.sandbox.identifiers import new_id

ADDRESSES = {"card": "3ds", "ideal": "ideal"}
"""Type of payment method -> where its bank's page is."""


def add_challenge(act: Act, *, intent: Json, method: Json, return_url: str) -> Json:
    """A page where the holder can confirm or refuse; its address is a secret. `url` is where."""
    identifier = new_id("challenge")
    challenge: Json = {
        "id": identifier,
        "object": "challenge",
        "created": act.now,
        "method_type": method["type"],
        "intent": intent["id"],
        "intent_kind": intent["object"],
        "payment_method": method["id"],
        "return_url": return_url,
        "status": "open",
        "url": f"{act.settings.public_url}/{ADDRESSES[method['type']]}/{identifier}",
    }
    act.store.insert(challenge, created=act.now)
    return challenge


def close(act: Act, challenge: Json, *, status: str) -> None:
    """`status` is `succeeded` or `failed`; a closed challenge decides nothing any more."""
    challenge["status"] = status
    act.store.update(challenge)
