"""A program reads what is public, gives for somebody, and signs somebody up."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis import Case, CheckFunction, GenerationMode
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import positive_data_acceptance
from sqlalchemy import select, update

from crowd.accounts.models import Person
from crowd.initiatives.models import Initiative
from crowd.initiatives.operations import change_state
from crowd.initiatives.queries import id_of
from crowd.pledges.models import Pledge
from crowd.rewards.operations import add_reward
from crowd.rewards.rules import RewardForm
from crowd.shared.actor import operator
from crowd.shared.clock import machine_now
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from frontend.api.document import document
from frontend.api.router import nouns
from payments.collection.models import Checkout
from tests.api_served import Api, next_address
from tests.depth import deep
from tests.money import GOOD


def _promise(slug: str, **changes: object) -> dict[str, Any]:
    pledge_id = str(new_id())
    return {
        "id": pledge_id,
        "initiative": slug,
        "amountCents": 25_00,
        "email": f"gever-{pledge_id[-12:]}@voorbeeld.example",
        **changes,
    }


def _pay(api: Api, made: dict[str, Any]) -> None:
    """Save a good card on the hosted page and come back, as the donor's browser does."""
    with api.sandbox.browser() as browser:
        browser.post(made["paymentPageUrl"], data={"test_card": GOOD})
        browser.get(made["pageUrl"] + "/terug")


# --- Whatever is sent --------------------------------------------------------------------------------------------


# What a domain accepts is narrower than a schema can say: an address that exists, a name of printable letters.
_DOMAIN_DECIDES: list[CheckFunction] = [positive_data_acceptance]
_DOCUMENT = document(nouns.routes, base_url="", contact="", email="")


def _ways() -> Iterator[tuple[str, GenerationMode]]:
    """Every operation with what is right, and with what is wrong where anything can be."""
    for path, operations in _DOCUMENT["paths"].items():
        for method, operation in operations.items():
            yield f"{method.upper()} {path}", GenerationMode.POSITIVE
            schemas = [parameter["schema"] for parameter in operation.get("parameters", ())]
            if "requestBody" in operation or any(schema != {"type": "string"} for schema in schemas):
                yield f"{method.upper()} {path}", GenerationMode.NEGATIVE


@pytest.fixture(scope="module")
def described(api: Api) -> BaseSchema:
    return schemathesis.openapi.from_url(f"{api.address}/openapi.json")


@pytest.mark.parametrize(("name", "mode"), tuple(_ways()))
def test_whatever_is_sent_the_answer_is_as_the_document_says(
    described: BaseSchema, name: str, mode: GenerationMode
) -> None:
    method, path = name.split(" ")
    operation = described[path][method]
    excluded = _DOMAIN_DECIDES if method == "POST" else []

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=deep(sample=8, full=400))
    def ask(case: Case[Any]) -> None:
        case.call_and_validate(headers={"x-forwarded-for": next_address()}, excluded_checks=excluded)

    ask()


# --- Giving ------------------------------------------------------------------------------------------------------


def test_a_contribution_goes_from_promise_to_card_to_withdrawal(api: Api) -> None:
    slug = api.open_initiative()
    before = api.read(f"/initiatives/{slug}")["neighboursCents"]
    promise = _promise(slug, publicName="Familie Voorbeeld", wantsUpdates=True)

    made = api.ask("POST", "/pledges", json=promise)
    _pay(api, made.json())
    path = f"/pledges/{made.json()['token']}"
    secured = api.read(path)
    shown = api.read(f"/initiatives/{slug}")
    withdrawn = api.ask("POST", f"{path}/withdrawal")
    again = api.ask("POST", f"{path}/withdrawal")

    assert made.status_code == 201
    assert made.headers["location"] == api.address + path
    assert (made.json()["state"], made.json()["amountCents"]) == ("promised", 25_00)
    assert made.json()["paymentPageUrl"].startswith(api.sandbox.base_url)
    assert (secured["state"], secured["mayWithdraw"]) == ("secured", True)
    assert shown["neighboursCents"] == before + 25_00
    assert [donor["name"] for donor in shown["donors"]] == ["Familie Voorbeeld"]
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "withdrawn")
    assert again.json() == withdrawn.json()
    assert api.read(f"/initiatives/{slug}")["neighboursCents"] == before


def test_a_contribution_carries_words_and_the_last_of_a_reward(api: Api) -> None:
    slug = api.open_initiative()
    with api.database.transaction() as session:
        form = RewardForm(title="Een pot honing", description="", from_amount=Money(20_00), stock="1")
        chosen, of = new_id(), id_of(session, slug=slug)
        add_reward(session, reward_id=chosen, initiative_id=of, form=form, actor=operator(None), now=machine_now())
    [reward] = api.read(f"/initiatives/{slug}")["rewards"]
    promise = _promise(slug, message="Succes ermee!", rewardId=reward["id"])

    too_little = api.ask("POST", "/pledges", json={**promise, "amountCents": 19_99})
    made = api.ask("POST", "/pledges", json=promise)
    _pay(api, made.json())
    late = api.ask("POST", "/pledges", json=_promise(slug, rewardId=reward["id"]))
    elsewhere = api.ask("POST", "/pledges", json=_promise(slug, rewardId=str(new_id())))

    assert (reward["title"], reward["fromAmountCents"], reward["left"]) == ("Een pot honing", 20_00, 1)
    assert (made.json()["message"], made.json()["rewardId"]) == ("Succes ermee!", reward["id"])
    shown = api.read(f"/initiatives/{slug}")
    assert (shown["rewards"][0]["left"], shown["donors"][0]["message"]) == (0, "Succes ermee!")
    refused = [(answer.status_code, answer.json()["errors"][0]) for answer in (too_little, late, elsewhere)]
    assert [(status, fault["location"]["pointer"], fault["code"]) for status, fault in refused] == [
        (400, "#/rewardId", "RewardNeedsMore"),
        (400, "#/rewardId", "RewardGone"),
        (400, "#/rewardId", "RewardGone"),
    ]


def test_the_same_promise_twice_is_one_and_gets_the_same_answer(api: Api) -> None:
    promise = _promise(api.open_initiative())

    first, second = (api.ask("POST", "/pledges", json=promise) for _ in range(2))

    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    with api.database.reading() as session:
        assert len(session.execute(select(Pledge.id).where(Pledge.id == promise["id"])).all()) == 1
        assert len(session.execute(select(Checkout.number).where(Checkout.pledge_id == promise["id"])).all()) == 1


@pytest.mark.parametrize(
    "change",
    [{"amountCents": 26_00}, {"email": "iemand-anders@voorbeeld.example"}, {"publicName": "X"}, {"wantsUpdates": True}],
)
def test_the_same_id_with_other_content_is_a_conflict_and_changes_nothing(api: Api, change: dict[str, object]) -> None:
    promise = _promise(api.open_initiative())
    made = api.ask("POST", "/pledges", json=promise).json()

    refused = api.ask("POST", "/pledges", json={**promise, **change})

    assert refused.status_code == 409
    assert refused.json()["type"].endswith("#IdTakenOtherwise")
    assert api.read(f"/pledges/{made['token']}")["amountCents"] == 25_00


def test_a_provider_that_is_away_keeps_the_promise_for_the_same_request_later(api: Api) -> None:
    promise = _promise(api.open_initiative())
    api.sandbox.control.fault("server_error", path="/v1/checkout/sessions", count=20)
    try:
        away = api.ask("POST", "/pledges", json=promise)
    finally:
        api.sandbox.control.forget_faults()

    later = api.ask("POST", "/pledges", json=promise)

    assert (away.status_code, away.headers["retry-after"]) == (503, "5")
    assert "toezegging is bewaard" in away.json()["detail"]
    assert (later.status_code, later.json()["state"]) == (201, "promised")


def test_a_campaign_that_was_paused_takes_no_contribution_and_says_so(api: Api) -> None:
    slug = api.open_initiative()
    _move(api, slug, to="suspended")
    try:
        refused = api.ask("POST", "/pledges", json=_promise(slug))
    finally:
        _move(api, slug, to="live")

    assert refused.status_code == 409
    assert refused.json()["detail"] == "Aan deze actie kun je nu niets geven."


def _move(api: Api, slug: str, *, to: str) -> None:
    with api.database.transaction() as session:
        change_state(
            session,
            initiative_id=id_of(session, slug=slug),
            to=to,
            actor=operator(None),
            now=machine_now(),
            reason="Even uitzoeken.",
        )


def test_everything_wrong_is_said_at_once_in_the_language_asked_for(api: Api) -> None:
    wrong = {"id": "x", "initiative": 4, "amountCents": 99, "email": "a", "publicName": "x" * 99, "foo": True}

    dutch = api.ask("POST", "/pledges", json=wrong)
    english = api.ask("POST", "/pledges", json=wrong, headers={"accept-language": "de, en;q=0.8, nl;q=0.2"})

    assert (dutch.status_code, dutch.headers["content-language"]) == (400, "nl")
    assert (english.status_code, english.headers["content-language"]) == (400, "en")
    pointers = [fault["location"]["pointer"] for fault in dutch.json()["errors"]]
    assert pointers == ["#/id", "#/initiative", "#/amountCents", "#/email", "#/publicName", "#/foo"]
    said = {fault["location"]["pointer"]: fault["detail"] for fault in english.json()["errors"]}
    assert said["#/amountCents"] == "The smallest contribution is € 1."
    assert said["#/foo"] == "This name does not exist here. Check how it is spelled."


@pytest.mark.parametrize(
    "amount", [0, -1, 99, 10_000_01, 25.5, 25.0, "2500", True, None, [], 10**30, float("1e300")], ids=str
)
def test_an_amount_is_whole_cents_between_the_bounds_or_nothing_is_written(api: Api, amount: object) -> None:
    promise = _promise(api.open_initiative(), amountCents=amount)

    refused = api.ask("POST", "/pledges", json=promise)

    assert refused.status_code == 400
    assert [fault["location"]["pointer"] for fault in refused.json()["errors"]] == ["#/amountCents"]
    with api.database.reading() as session:
        assert session.execute(select(Pledge.id).where(Pledge.id == promise["id"])).first() is None
        assert session.execute(select(Person.id).where(Person.email == promise["email"])).first() is None


def test_only_a_version_seven_id_is_taken(api: Api) -> None:
    refused = api.ask("POST", "/pledges", json=_promise(api.open_initiative(), id=str(uuid4())))
    assert [fault["code"] for fault in refused.json()["errors"]] == ["NotVersionSeven"]


def test_somebody_elses_token_opens_nothing(api: Api) -> None:
    token = api.ask("POST", "/pledges", json=_promise(api.open_initiative())).json()["token"]
    changed = ("A" if token[0] != "A" else "B") + token[1:]

    answers = [api.ask("GET", f"/pledges/{changed}"), api.ask("POST", f"/pledges/{changed}/withdrawal")]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_one_address_may_not_act_more_than_sixty_times_a_minute(api: Api) -> None:
    path, here = f"/shifts/{new_id()}/applications", next_address()
    asked = {"id": str(new_id()), "name": "Noor", "email": "noor@voorbeeld.example"}

    answers = [api.ask("POST", path, json=asked, address=here) for _ in range(61)]

    assert [answer.status_code for answer in answers] == [404] * 60 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert api.ask("GET", "/initiatives", address=here).status_code == 200


# --- Helping -----------------------------------------------------------------------------------------------------


def test_somebody_signs_up_and_the_answer_tells_nothing_about_them(api: Api) -> None:
    line = next(one for one in api.read("/shifts")["items"] if one["free"] > 1)
    asked = {"id": str(new_id()), "name": "Noor Voorbeeld", "email": "noor.helpt@voorbeeld.example"}
    path = f"/shifts/{line['id']}/applications"

    first = api.ask("POST", path, json=asked)
    same = api.ask("POST", path, json=asked)
    once_more = api.ask("POST", path, json={**asked, "id": str(new_id())})

    assert first.status_code == same.status_code == once_more.status_code == 202
    assert first.json() == same.json() == {"id": asked["id"], "shiftId": line["id"], "state": "accepted"}
    # Known on this shift already, but whoever asks does not learn that.
    assert once_more.json()["state"] == "accepted"
    assert api.read(f"/shifts/{line['id']}")["free"] == line["free"] - 1


def test_a_sign_up_without_a_name_or_an_address_is_refused_with_both(api: Api) -> None:
    shift_id = api.read("/shifts")["items"][0]["id"]
    refused = api.ask("POST", f"/shifts/{shift_id}/applications", json={"id": str(new_id()), "name": " ", "email": "x"})
    assert [fault["code"] for fault in refused.json()["errors"]] == ["NameMissing", "BadAddress"]


# --- Nobody's private things -------------------------------------------------------------------------------------


def test_no_answer_holds_an_address_or_a_name_that_was_not_shown(api: Api) -> None:
    slug = api.open_initiative()
    secret = "Geheim-van-Naam"
    for shown in ("", "Buurman Jan"):
        promise = _promise(slug, publicName=shown, email=f"{new_id().hex}@prive.example")
        _pay(api, api.ask("POST", "/pledges", json=promise).json())
        with api.database.transaction() as session:
            session.execute(update(Person).where(Person.email == promise["email"]).values(name=secret))

    read = "".join(answer.text for answer in _every_read(api))

    assert "Buurman Jan" in read
    assert secret not in read
    assert "prive.example" not in read
    assert api.read("/municipality")["email"] in read


def test_a_draft_is_nowhere(api: Api) -> None:
    with api.database.reading() as session:
        hidden = session.scalars(select(Initiative.slug).where(Initiative.live_at.is_(None))).all()

    assert hidden
    for slug in hidden:
        for path in (f"/initiatives/{slug}", f"/initiatives/{slug}/movements"):
            assert api.ask("GET", path).status_code == 404
        assert api.ask("POST", "/pledges", json=_promise(slug)).status_code in {404, 409}
    assert not set(hidden) & {one["slug"] for one in api.walk("/initiatives?standing=all")}


def _every_read(api: Api) -> Iterator[httpx2.Response]:
    """Every answer that can be read without a token, as the document lists them."""
    ids = {
        "slug": [one["slug"] for one in api.walk("/initiatives?standing=all")],
        "shiftId": [one["id"] for one in api.walk("/shifts")],
    }
    for path, operations in api.read("/openapi.json")["paths"].items():
        if "get" not in operations or "{token}" in path:
            continue
        name = next((name for name in ids if f"{{{name}}}" in path), None)
        for address in [path] if name is None else [path.replace(f"{{{name}}}", one) for one in ids[name]]:
            answer = api.ask("GET", address)
            assert answer.status_code == 200
            yield answer
