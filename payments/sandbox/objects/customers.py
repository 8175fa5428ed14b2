"""Customers: whoever a payment method is saved for."""

from payments.sandbox.act import Act
from payments.sandbox.documents import Json
from payments.sandbox.events import record
from payments.sandbox.identifiers import new_id
from payments.sandbox.operation import Call, get, post
from payments.sandbox.parameters import group, metadata, text, texts

ADDRESS = group({name: text() for name in ("city", "country", "line1", "line2", "postal_code", "state")})
FIELDS = {
    "name": text(longest=256),
    "email": text(longest=512),
    "phone": text(longest=20),
    "description": text(longest=350),
    "address": ADDRESS,
    "preferred_locales": texts(),
    "metadata": metadata(),
}


def add_customer(act: Act, given: Json) -> Json:
    """A new customer with the checked parameters `given`."""
    customer: Json = {
        "id": new_id("cus"),
        "object": "customer",
        "address": given.get("address"),
        "balance": 0,
        "created": act.now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": given.get("description"),
        "discount": None,
        "email": given.get("email"),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "name": given.get("name"),
        "phone": given.get("phone"),
        "preferred_locales": given.get("preferred_locales", []),
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    act.store.insert(customer, created=act.now)
    record(act, "customer.created", customer)
    return customer


def create(act: Act, call: Call) -> Json:
    return add_customer(act, call.params)


def retrieve(act: Act, call: Call) -> Json:
    return act.load("customer", call.ids["id"], param="id", in_path=True)


OPERATIONS = (
    post("customers.create", "/v1/customers", create, FIELDS),
    get("customers.retrieve", "/v1/customers/{id}", retrieve),
)
