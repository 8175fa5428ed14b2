"""Accounts v2: payees who receive transfers, and the links to the page where they sign up."""

from datetime import UTC, datetime

from payments.sandbox.act import Act
from payments.sandbox.documents import Json
from payments.sandbox.errors import InvalidParameters
from payments.sandbox.events import record
from payments.sandbox.identifiers import new_id
from payments.sandbox.operation import Call, Operation, get, post
from payments.sandbox.parameters import boolean, choice, group, metadata, text, texts

LINK_SECONDS = 300
"""An onboarding link works once, and for five minutes."""
INCLUDABLE = {
    "configuration.recipient": "configuration",
    "defaults": "defaults",
    "identity": "identity",
    "requirements": "requirements",
}
NEEDED = ("identity.name", "external_account")
"""What a new payee still has to tell on the onboarding page."""

IDENTITY = group(
    {
        "country": text(longest=2),
        "entity_type": choice("company", "government_entity", "individual", "non_profit"),
        "business_details": group({"registered_name": text(longest=256)}),
        "individual": group({name: text(longest=256) for name in ("given_name", "surname", "email")}),
    }
)
CONFIGURATION = group(
    {
        "recipient": group(
            {
                "capabilities": group(
                    {
                        "stripe_balance": group(
                            {"stripe_transfers": group({"requested": boolean(required=True)}, required=True)},
                            required=True,
                        )
                    }
                )
            },
            required=True,
        )
    }
)
DEFAULTS = group(
    {
        "currency": text(longest=3),
        "locales": texts(),
        "responsibilities": group(
            {
                "fees_collector": choice("application", "application_custom", "application_express", "stripe"),
                "losses_collector": choice("application", "stripe"),
            }
        ),
    }
)
CREATE_FIELDS = {
    "configuration": CONFIGURATION,
    "contact_email": text(longest=512),
    "dashboard": choice("express", "full", "none"),
    "defaults": DEFAULTS,
    "display_name": text(longest=256),
    "identity": IDENTITY,
    "include": texts(*INCLUDABLE),
    "metadata": metadata(),
}
REDIRECTS = group(
    {
        "collection_options": group(
            {
                "fields": choice("currently_due", "eventually_due"),
                "future_requirements": choice("include", "omit"),
            }
        ),
        "refresh_url": text(required=True),
        "return_url": text(),
    }
)
LINK_FIELDS = {
    "account": text(required=True),
    "use_case": group(
        {
            "type": choice("account_onboarding", "account_update", required=True),
            "account_onboarding": REDIRECTS,
            "account_update": REDIRECTS,
        },
        required=True,
    ),
}


def create(act: Act, call: Call) -> Json:
    given = call.params
    asked = given.get("configuration", {}).get("recipient", {}).get("capabilities", {})
    wants = asked.get("stripe_balance", {}).get("stripe_transfers", {}).get("requested", False)
    account: Json = {
        "id": new_id("acct"),
        "object": "v2.core.account",
        "applied_configurations": ["recipient"] if "recipient" in given.get("configuration", {}) else [],
        "closed": False,
        "configuration": None,
        "contact_email": given.get("contact_email"),
        "contact_phone": None,
        "created": iso(act.now),
        "dashboard": given.get("dashboard", "none"),
        "defaults": None,
        "display_name": given.get("display_name"),
        "future_requirements": None,
        "identity": None,
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "requirements": None,
        "_defaults": given.get("defaults", {}),
        "_identity": given.get("identity", {}),
        "_wants_transfers": wants,
        "_needs": list(NEEDED) if wants else [],
        "_bank_last4": None,
    }
    act.store.insert(account, created=act.now)
    record(act, "account.updated", _as_v1(account))
    return with_included(account, given.get("include", []))


def with_included(account: Json, include: list[str]) -> Json:
    """The account with the parts asked for; v2 answers null for every part that was not."""
    parts = {
        "configuration": _configuration,
        "defaults": _defaults,
        "identity": _identity,
        "requirements": _requirements,
    }
    wanted = {INCLUDABLE[name] for name in include}
    return account | {name: part(account) for name, part in parts.items() if name in wanted}


def _configuration(account: Json) -> Json:
    if "recipient" not in account["applied_configurations"]:
        return {"customer": None, "merchant": None, "recipient": None}
    capabilities = None
    if account["_wants_transfers"]:
        details = [{"code": "requirements_past_due", "resolution": "provide_info"}]
        active = can_receive(account)
        state = {
            "status": "active" if active else "restricted",
            "status_details": [] if active else details,
        }
        capabilities = {
            "bank_accounts": None,
            "cards": None,
            "stripe_balance": {"payouts": state, "stripe_transfers": state},
        }
    return {
        "customer": None,
        "merchant": None,
        "recipient": {"applied": True, "capabilities": capabilities},
    }


def _defaults(account: Json) -> Json:
    given = account["_defaults"]
    duties = {"fees_collector": "application", "losses_collector": "application"}
    return {
        "currency": given.get("currency", "eur"),
        "locales": given.get("locales"),
        "payout_methods": None,
        "profile": None,
        "responsibilities": duties | given.get("responsibilities", {}) | {"requirements_collector": "stripe"},
    }


def _identity(account: Json) -> Json:
    given = account["_identity"]
    return {
        "attestations": None,
        "business_details": given.get("business_details"),
        "country": given.get("country"),
        "entity_type": given.get("entity_type"),
        "individual": given.get("individual"),
    }


def _requirements(account: Json) -> Json:
    deadline = {"status": "currently_due"}
    entries = [
        {
            "awaiting_action_from": "user",
            "description": need,
            "errors": [],
            "impact": {
                "restricts_capabilities": [
                    {
                        "capability": "stripe_balance.stripe_transfers",
                        "configuration": "recipient",
                        "deadline": deadline,
                    }
                ]
            },
            "minimum_deadline": deadline,
            "reference": None,
            "requested_reasons": [{"code": "routine_onboarding"}],
        }
        for need in account["_needs"]
    ]
    summary = {"minimum_deadline": deadline} if entries else None
    return {"alternatives": None, "entries": entries, "summary": summary}


def can_receive(account: Json) -> bool:
    """Whether transfers may go to the account: asked for, and nothing left to tell."""
    return bool(account["_wants_transfers"] and not account["_needs"] and not account["closed"])


def finish_onboarding(act: Act, account: Json, *, name: str, bank_last4: str) -> None:
    """The payee told everything; only the bank account's last four characters are kept."""
    account |= {"_needs": [], "_bank_last4": bank_last4}
    account["display_name"] = account["display_name"] or name
    act.store.update(account)
    record(act, "account.updated", _as_v1(account))


def _as_v1(account: Json) -> Json:
    """The same account as a v1 event shows it."""
    active = can_receive(account)
    return {
        "id": account["id"],
        "object": "account",
        "capabilities": {"transfers": "active" if active else "inactive"},
        "charges_enabled": False,
        "details_submitted": active,
        "metadata": account["metadata"],
        "payouts_enabled": active,
    }


def as_it_is_now(act: Act, saved: Json) -> Json:
    """The account a saved answer was about, today, with the same parts included."""
    account = act.load("v2.core.account", saved["id"], param="id")
    return with_included(account, [name for name, part in INCLUDABLE.items() if saved[part] is not None])


def retrieve(act: Act, call: Call) -> Json:
    account = act.load("v2.core.account", call.ids["id"], param="id", in_path=True)
    return with_included(account, call.params.get("include", []))


def create_link(act: Act, call: Call) -> Json:
    use_case = call.params["use_case"]
    details = use_case.get(use_case["type"])
    if details is None:
        raise InvalidParameters(
            f"Missing required param: use_case[{use_case['type']}].",
            code="parameter_missing",
            param=f"use_case[{use_case['type']}]",
        )
    account = act.load("v2.core.account", call.params["account"], param="account")
    identifier = new_id("link")
    expires = act.now + LINK_SECONDS
    link: Json = {
        "id": identifier,
        "object": "v2.core.account_link",
        "account": account["id"],
        "created": iso(act.now),
        "expires_at": iso(expires),
        "livemode": False,
        "url": f"{act.settings.public_url}/setup/{identifier}",
        "use_case": {"account_onboarding": None, "account_update": None}
        | {"type": use_case["type"], use_case["type"]: details},
        "_expires": expires,
        "_used": False,
    }
    act.store.insert(link, created=act.now)
    return {key: value for key, value in link.items() if key != "id"}


def iso(moment: int) -> str:
    """A moment as v2 writes it: 2026-11-23T14:00:00.000Z."""
    return datetime.fromtimestamp(moment, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


OPERATIONS = (
    Operation(
        name="v2.core.accounts.create",
        method="POST",
        path="/v2/core/accounts",
        run=create,
        fields=CREATE_FIELDS,
        refresh=as_it_is_now,
    ),
    get(
        "v2.core.accounts.retrieve",
        "/v2/core/accounts/{id}",
        retrieve,
        {"include": texts(*INCLUDABLE)},
    ),
    post("v2.core.account_links.create", "/v2/core/account_links", create_link, LINK_FIELDS),
)
