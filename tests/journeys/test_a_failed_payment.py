"""The one link in the mail: its page says in plain words what is wrong, and offers what can help."""

import pytest
from sqlalchemy import insert

from crowd.pledges.queries import pledge
from crowd.shared.clock import machine_now
from frontend.links import own_pledge_path
from payments.collection.models import Charge, SavedMethod
from tests.journeys.conftest import Served
from tests.journeys.test_filling_the_gap import collecting_campaign


def _failed(served: Served, *, code: str, may_retry: bool) -> str:
    """The page of a donor whose card was declined with this code."""
    now = machine_now()
    _campaign, _address, pledge_id = collecting_campaign(served, failed="declined")
    with served.database.transaction() as session:
        row = pledge(session, pledge_id=pledge_id)
        session.execute(
            insert(SavedMethod).values(
                pledge_id=pledge_id,
                method_ref=f"pm_{pledge_id.hex}",
                customer_ref=f"cus_{pledge_id.hex}",
                fingerprint=pledge_id.hex,
                brand="visa",
                last4="4242",
                saved_at=now,
            )
        )
        session.execute(
            insert(Charge).values(
                pledge_id=pledge_id,
                initiative_id=row.initiative_id,
                amount_cents=row.amount_cents,
                state="declined",
                intent_ref=f"pi_{pledge_id.hex}",
                confirm_number=1,
                declines=1,
                decline_code=code,
                may_retry=may_retry,
                last_mailed_at=now,
                planned_at=now,
            )
        )
    return own_pledge_path(pledge_id, served.web.keys)


@pytest.mark.parametrize(
    ("code", "may_retry", "dutch", "english"),
    [
        ("insufficient_funds", True, "niet genoeg geld", "not enough money"),
        ("expired_card", False, "niet meer geldig", "no longer valid"),
        ("incorrect_cvc", True, "klopt iets niet", "not right"),
        ("stolen_card", False, "staat deze betaling niet meer toe", "does not allow this payment any more"),
        ("generic_decline", True, "vertelt ons niet waarom", "does not tell us why"),
    ],
)
def test_the_page_says_what_is_wrong_and_what_to_do(
    served: Served, code: str, *, may_retry: bool, dutch: str, english: str
) -> None:
    own_page = _failed(served, code=code, may_retry=may_retry)
    with served.visitor() as visitor:
        shown = visitor.get(own_page).text
        translated = visitor.follow(visitor.get(f"{own_page}?lang=en")).text
    assert dutch in shown
    assert english in translated
    assert f"{own_page}/betaalwijze" in shown
    assert f"{own_page}/ideal" in shown
    assert (f'{own_page}/betaling"' in shown) == may_retry


def test_who_just_saved_another_card_reads_that_it_is_tried(served: Served) -> None:
    _campaign, _address, pledge_id = collecting_campaign(served, failed="declined")
    own_page = own_pledge_path(pledge_id, served.web.keys)
    with served.visitor() as visitor:
        shown = visitor.get(own_page).text
    assert "We proberen het met wat je net hebt bewaard" in shown
    assert f'{own_page}/betaling"' not in shown
