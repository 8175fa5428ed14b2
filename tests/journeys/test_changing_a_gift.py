"""A donor changes their contribution on its own page, by forms alone."""

from uuid import UUID

from sqlalchemy import select, update

from crowd.accounts.operations import start_session
from crowd.initiatives.queries import campaign_facts
from crowd.pledges.models import Pledge
from crowd.pledges.queries import pledge as pledge_row
from crowd.shared.actor import Actor
from crowd.shared.clock import local_date, machine_now
from crowd.shared.money import Money
from frontend.links import own_pledge_path
from frontend.security import new_token, token_hash
from frontend.visit import SESSION
from payments.ledger.operations import post
from tests.factories import make_initiative, make_person, make_secured_pledge
from tests.journeys.conftest import Served


def _gift(served: Served) -> tuple[UUID, str]:
    """A promise of 100 euros that can still be changed, and its own page."""
    now = machine_now()
    with served.database.transaction() as session:
        initiative_id = make_initiative(session, municipality_id=served.municipality_id, now=now)
        pledge_id = make_secured_pledge(session, initiative_id=initiative_id, now=now)
    return pledge_id, own_pledge_path(pledge_id, served.web.keys)


def session_of(served: Served, person_id: UUID) -> str:
    """What a browser holds of somebody who signed in."""
    token = new_token()
    with served.database.transaction() as session:
        start_session(
            session,
            person_id=person_id,
            token_hash=token_hash(token),
            browser="Test",
            actor=Actor(municipality_id=None, person_id=person_id),
            now=machine_now(),
        )
    return token


def _cents(served: Served, pledge_id: UUID) -> int:
    with served.database.reading() as session:
        return session.execute(select(Pledge.amount_cents).where(Pledge.id == pledge_id)).scalar_one()


def test_the_amount_is_changed_by_a_form_and_said_back(served: Served) -> None:
    pledge_id, own_page = _gift(served)
    with served.visitor() as visitor:
        assert "Andere kaart kiezen" in visitor.get(own_page).text
        answer = visitor.send(f"{own_page}/bedrag", was="100", amount="62,50")
        shown = visitor.follow(answer)

    assert "Je bijdrage is nu €\xa062,50." in shown.text
    assert _cents(served, pledge_id) == 62_50


def test_a_wrong_amount_comes_back_with_what_is_wrong(served: Served) -> None:
    pledge_id, own_page = _gift(served)
    with served.visitor() as visitor:
        visitor.get(own_page)
        answer = visitor.send(f"{own_page}/bedrag", was="100", amount="tien")

    assert answer.status_code == 400
    assert 'value="tien"' in answer.text
    assert _cents(served, pledge_id) == 100_00


def test_a_form_of_another_window_changes_nothing(served: Served) -> None:
    pledge_id, own_page = _gift(served)
    with served.visitor() as visitor:
        visitor.get(own_page)
        visitor.send(f"{own_page}/bedrag", was="100", amount="60")
        answer = visitor.send(f"{own_page}/bedrag", was="100", amount="70")

    assert answer.status_code == 409
    assert "intussen al gewijzigd" in answer.text
    assert _cents(served, pledge_id) == 60_00


def test_a_gift_with_words_is_made_hidden_and_changed_by_forms_alone(served: Served) -> None:
    now = machine_now()
    with served.database.transaction() as session:
        initiator = make_person(session, municipality_id=served.municipality_id)
        initiative_id = make_initiative(
            session, municipality_id=served.municipality_id, initiator_id=initiator, now=now
        )
        slug = campaign_facts(session, initiative_id=initiative_id).slug
        pledge_id = make_secured_pledge(session, initiative_id=initiative_id, now=now)
    own_page = own_pledge_path(pledge_id, served.web.keys)
    with served.visitor() as donor, served.visitor() as moderator:
        donor.get(own_page)
        donor.send(f"{own_page}/vermelding", name="Ties Geheim", anonymous="yes", message="Wat een mooi plan!")
        assert "Wat een mooi plan!" in donor.get(f"/initiatieven/{slug}").text
        assert "Ties" not in donor.get(f"/initiatieven/{slug}").text

        moderator.client.cookies.set(SESSION, session_of(served, initiator))
        shown = moderator.get(f"/initiatieven/{slug}/steuners")
        assert "Ties" not in shown.text
        moderator.send(f"/initiatieven/{slug}/steuners/{pledge_id}/woorden", hide="yes")

        assert "Wat een mooi plan!" not in donor.get(f"/initiatieven/{slug}").text
        assert "Je woorden zijn niet te zien" in donor.get(own_page).text
        assert donor.get(f"/initiatieven/{slug}/steuners").status_code in {303, 403}


def test_a_collected_gift_has_a_receipt_and_its_year_an_overview(served: Served) -> None:
    pledge_id, own_page = _gift(served)
    now = machine_now()
    with served.visitor() as donor:
        assert donor.get(f"{own_page}/bewijs.pdf").status_code == 404
        with served.database.transaction() as session:
            pledge = pledge_row(session, pledge_id=pledge_id)
            session.execute(update(Pledge).where(Pledge.id == pledge_id).values(state="collected"))
            post(
                session,
                kind="charge",
                municipality_id=pledge.municipality_id,
                initiative_id=pledge.initiative_id,
                amount=Money(pledge.amount_cents),
                source_type="pledge",
                source_id=str(pledge_id),
                occurred_at=now,
            )
        assert f"{own_page}/bewijs.pdf" in donor.get(own_page).text
        receipt = donor.get(f"{own_page}/bewijs.pdf")
        donor.client.cookies.set(SESSION, session_of(served, pledge.person_id))
        year = local_date(now).year
        assert f"/mijn/jaaroverzicht/{year}.pdf" in donor.get("/mijn").text
        overview = donor.get(f"/mijn/jaaroverzicht/{year}.pdf")
        assert donor.get(f"/mijn/jaaroverzicht/{year - 1}.pdf").status_code == 404

    for answer in (receipt, overview):
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")
