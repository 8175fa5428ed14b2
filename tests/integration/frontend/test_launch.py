"""Starting an initiative, from an empty page to online, through the real forms."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
from fastapi import FastAPI
from PIL import Image
from sqlalchemy import select

from crowd.accounts.operations import grant_role
from crowd.initiatives.models import Initiative
from crowd.shared.actor import operator
from crowd.shared.audit import AuditRow
from crowd.shared.clock import local_date, machine_now
from crowd.shared.db import Database
from crowd.shared.ids import new_id
from tests.factories import (
    make_initiative,
    make_municipality,
    make_neighbourhood,
    make_organisation,
    make_person,
    make_postcode_area,
    make_theme,
)
from tests.in_process import Visitor, open_house, words

ENDS_ON = (local_date(machine_now()) + timedelta(days=30)).isoformat()


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (900, 600), (30, 120, 90)).save(out, "JPEG")
    return out.getvalue()


class House:
    """The application with a municipality, a resident and a clerk."""

    def __init__(self, database: Database, app: FastAPI) -> None:
        self.database, self.app = database, app
        now = machine_now()
        with database.transaction() as session:
            self.here = make_municipality(session)
            harbour = make_neighbourhood(session, municipality_id=self.here)
            make_postcode_area(session, municipality_id=self.here, neighbourhood_id=harbour)
            make_theme(session, municipality_id=self.here)
            self.resident = make_person(session, municipality_id=self.here, name="Noor Voorbeeld")
            self.clerk = make_person(session, municipality_id=self.here, name="Bo Balie")
            grant_role(session, person_id=self.clerk, role="clerk", actor=operator(self.here), now=now)

    def visitor(self, person_id: UUID | None = None) -> Visitor:
        visitor = Visitor(self.app)
        return visitor.sign_in(self.database, person_id=person_id) if person_id else visitor

    def begun(self) -> tuple[Visitor, str]:
        """A resident at the first step, and the address of their draft."""
        writer = self.visitor(self.resident)
        writer.get("/start")
        writer.send("/start", {})
        assert writer.page is not None
        base = writer.page.headers["location"].rsplit("/", 1)[0]
        writer.follow()
        return writer, base

    def written(self) -> tuple[Visitor, str]:
        """A resident at the last step with everything filled in."""
        writer, base = self.begun()
        writer.send(
            f"{base}/idee",
            {
                "title": "Geveltuinen in de Kadestraat",
                "summary": "Samen maken we de straat groener.",
                "story": "Wij gaan **planten**.\n\n<script>alert(1)</script>",
                "theme": _option(writer, "groen"),
            },
        )
        writer.follow()
        writer.send(f"{base}/plek", {"pc4": "1011 AB", "place_note": "Bij de school"})
        writer.follow()
        writer.send(
            f"{base}/begroting",
            {
                "label_1": "Planten",
                "amount_1": "600",
                "label_3": "Tegels",
                "amount_3": "€ 900,00",
                "minimum": "1.000",
                "ends_on": ENDS_ON,
            },
        )
        writer.follow()
        writer.send(f"{base}/hulp", {"help_wanted": "Scheppen."})
        writer.follow()
        writer.send(f"{base}/foto", {"picture_alt": "Een groene gevel"}, files={"picture": ("x.gif", photo())})
        writer.follow()
        return writer, base


def _option(visitor: Visitor, start: str) -> str:
    assert visitor.page is not None
    return next(part for part in visitor.page.text.split('"') if part.startswith(start))


@pytest.fixture
def house(committing_database: Database) -> Iterator[House]:
    with open_house(committing_database) as app:
        yield House(committing_database, app)


def test_a_plan_goes_from_an_empty_page_to_online(house: House) -> None:
    writer, base = house.written()
    assert writer.page is not None
    assert "Controleer je antwoorden" in words(writer.page.text)
    assert "€ 1.500" in words(writer.page.text).replace("\u00a0", " ")
    writer.get(f"{base}/voorbeeld")
    assert "<strong>planten</strong>" in writer.page.text
    assert "<script>alert" not in writer.page.text

    writer.get(f"{base}/controle")
    writer.send(f"{base}/indiening", {})
    assert "Ingediend" in words(writer.follow().text)

    clerk = house.visitor(house.clerk)
    inbox = clerk.get("/loket")
    assert "Geveltuinen in de Kadestraat" in inbox.text
    review = next(part for part in inbox.text.split('"') if part.startswith("/loket/initiatieven/"))
    clerk.get(review)
    clerk.send(f"{review}/wijzigingen", {"reason": "Bijna.", "note_budget": "Waarom zo veel tegels?"})
    assert "Aanpassing gevraagd" in words(clerk.follow().text)

    writer.get(base)
    assert "Waarom zo veel tegels?" in writer.follow().text
    writer.get(f"{base}/begroting")
    writer.send(f"{base}/begroting", {"amount_2": "700"})
    writer.get(f"{base}/controle")
    writer.send(f"{base}/indiening", {})
    writer.follow()
    clerk.get(review)
    clerk.send(f"{review}/goedkeuring", {})
    clerk.follow()

    writer.get("/initiatieven/geveltuinen-in-de-kadestraat/beheer")
    writer.send("/initiatieven/geveltuinen-in-de-kadestraat/publicatie", {})
    assert "Steun dit initiatief" in words(writer.follow().text)
    stranger = house.visitor()
    shown = stranger.get("/initiatieven/geveltuinen-in-de-kadestraat")
    assert shown.status_code == 200
    assert "Een groene gevel" in shown.text
    assert "Havenkwartier" in shown.text
    file = next(part for part in shown.text.split('"') if part.startswith("/fotos/") and part.endswith(".jpeg"))
    picture = stranger.get(file)
    assert picture.headers["content-type"] == "image/jpeg"
    assert "immutable" in picture.headers["cache-control"]
    assert Image.open(BytesIO(picture.content)).width == 800

    writer.get("/initiatieven/geveltuinen-in-de-kadestraat/beheer")
    writer.send(
        "/initiatieven/geveltuinen-in-de-kadestraat/nieuws", {"title": "Begonnen!", "body": "De schop is erin."}
    )
    assert "De schop is erin." in stranger.get("/initiatieven/geveltuinen-in-de-kadestraat").text


def test_the_draft_is_still_there_tomorrow(house: House) -> None:
    writer, base = house.begun()
    writer.send(f"{base}/idee", {"title": "Een half plan", "verder": "later"})
    assert "Een half plan" in writer.follow().text
    elsewhere = house.visitor(house.resident)
    assert "Een half plan" in elsewhere.get("/start").text
    elsewhere.get(base)
    assert elsewhere.follow().status_code == 200


def test_nobody_else_sees_a_draft_not_even_a_clerk(house: House) -> None:
    _, base = house.begun()
    for other in (house.visitor(house.clerk), house.visitor(_somebody(house))):
        for path in ("", "/idee", "/controle", "/voorbeeld"):
            assert other.get(base + path).status_code == 404


def _somebody(house: House) -> UUID:
    with house.database.transaction() as session:
        return make_person(session, municipality_id=house.here)


def test_a_visitor_is_sent_to_sign_in_and_back(house: House) -> None:
    visitor = house.visitor()
    assert "/inloggen?volgende=/start" in visitor.get("/start").text
    answer = visitor.get("/start/0199aaaa-0000-7000-8000-000000000000/idee")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/inloggen?volgende=/start/")


def test_what_is_wrong_is_named_beside_what_was_typed(house: House) -> None:
    writer, base = house.begun()
    writer.get(f"{base}/begroting")
    answer = writer.send(
        f"{base}/begroting",
        {
            "label_1": "Planten",
            "amount_1": "-5",
            "label_3": "",
            "amount_3": "12,345",
            "minimum": "veel",
            "ends_on": "x",
        },
    )
    assert answer.status_code == 400
    text = words(answer.text)
    assert "Fout:" in answer.text
    assert 'value="veel"' in answer.text
    assert 'href="#minimum"' in answer.text
    assert 'href="#amount_1"' in answer.text
    assert 'href="#ends_on"' in answer.text
    assert "Regel 1" in text
    with house.database.reading() as session:
        assert session.execute(select(Initiative.minimum_cents)).scalar_one() is None


@pytest.mark.parametrize("amount", ["0", "-1", "0,5", "1e5", "9" * 30, "250000,01", "€", "NaN"])
def test_an_impossible_amount_is_refused_with_a_sentence(house: House, amount: str) -> None:
    writer, base = house.begun()
    writer.get(f"{base}/begroting")
    answer = writer.send(f"{base}/begroting", {"label_1": "Planten", "amount_1": amount})
    assert answer.status_code == 400
    assert "Regel 1" in words(answer.text)


def test_an_unfinished_plan_is_not_handed_in_and_every_gap_has_a_link(house: House) -> None:
    writer, base = house.begun()
    writer.get(f"{base}/controle")
    answer = writer.send(f"{base}/indiening", {})
    assert answer.status_code == 400
    for link in ("idee#title", "idee#story", "plek#pc4", "begroting#minimum", "begroting#ends_on"):
        assert f'href="{base}/{link}"' in answer.text


def test_saving_while_typing_keeps_what_is_whole_and_moves_the_fingerprint(house: House) -> None:
    writer, base = house.begun()
    assert writer.page is not None
    fields = {"title": "Een begin", "csrf": _hidden(writer, "csrf"), "seen": _hidden(writer, "seen")}
    headers = {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin", "X-Autosave": "yes"}
    first = writer.browser.post(f"{base}/idee", data=fields, headers=headers)
    assert first.status_code == 204
    again = {**fields, "title": "Een begin met meer", "seen": first.headers["x-seen"]}
    assert writer.browser.post(f"{base}/idee", data=again, headers=headers).status_code == 204
    # The old fingerprint belongs to a window that did not see this.
    stale = {**fields, "title": "Iets heel anders"}
    assert writer.browser.post(f"{base}/idee", data=stale, headers=headers).status_code == 409
    too_long = {**again, "title": "x" * 90, "seen": ""}
    assert writer.browser.post(f"{base}/idee", data=too_long, headers=headers).status_code == 204
    assert "Een begin met meer" in writer.get(f"{base}/idee").text


def _hidden(visitor: Visitor, name: str) -> str:
    assert visitor.page is not None
    return visitor.page.text.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]


def test_a_second_window_is_told_and_its_text_is_kept(house: House) -> None:
    writer, base = house.begun()
    second = house.visitor(house.resident)
    second.get(f"{base}/idee")
    writer.send(f"{base}/idee", {"title": "Uit het eerste venster"})
    answer = second.send(f"{base}/idee", {"title": "Uit het tweede venster"})
    assert answer.status_code == 409
    assert 'value="Uit het tweede venster"' in answer.text
    second.send(f"{base}/idee", {})
    assert "Uit het tweede venster" in second.get(f"{base}/idee").text


@pytest.mark.parametrize(
    "content", [b"GIF89a" + bytes(200), b"\x89PNG\r\n\x1a\n" + bytes(50), b"<svg/>", b"x" * (10 * 1024 * 1024 + 5)]
)
def test_a_lying_or_huge_file_is_refused_and_the_text_is_kept(house: House, content: bytes) -> None:
    writer, base = house.begun()
    writer.get(f"{base}/foto")
    answer = writer.send(f"{base}/foto", {"picture_alt": "Een tuin"}, files={"picture": ("foto.jpg", content)})
    assert answer.status_code == 400
    assert 'href="#picture"' in answer.text
    assert 'value="Een tuin"' in answer.text


def test_one_photo_replaces_another_and_can_be_taken_away(house: House) -> None:
    writer, base = house.begun()
    writer.get(f"{base}/foto")
    writer.send(f"{base}/foto", {"picture_alt": "Een tuin"}, files={"picture": ("a.jpg", photo())})
    assert "/fotos/" in writer.get(f"{base}/foto").text
    writer.send(f"{base}/foto", {"remove": "yes"})
    assert "/fotos/" not in writer.get(f"{base}/foto").text


def test_a_clerk_begins_for_somebody_at_the_desk_and_both_are_recorded(house: House) -> None:
    clerk = house.visitor(house.clerk)
    clerk.get("/loket/helpen")
    wrong = clerk.send("/loket/helpen", {"name": "Ali", "email": "geen adres"})
    assert wrong.status_code == 400
    assert 'href="#consent"' in wrong.text
    clerk.send("/loket/helpen", {"name": "Ali", "email": "ali@voorbeeld.example", "channel": "desk", "consent": "yes"})
    step = clerk.follow()
    assert "namens Ali" in words(step.text)
    with house.database.reading() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.action == "initiative.started")).one()
        assert row.actor_person_id == house.clerk
        assert row.on_behalf_of not in {None, house.clerk}
        assert row.channel == "desk"
    base = clerk.page.url.path.rsplit("/", 1)[0] if clerk.page else ""
    clerk.send(f"{base}/idee", {"title": "De tuin van Ali"})
    assert "De tuin van Ali" in clerk.get("/loket").text


def test_a_resident_does_not_enter_the_counter(house: House) -> None:
    resident = house.visitor(house.resident)
    for path in ("/loket", "/loket/helpen", f"/loket/initiatieven/{new_id()}"):
        assert resident.get(path).status_code == 403
    assert house.visitor(house.clerk).get(f"/loket/initiatieven/{new_id()}").status_code == 404


def test_a_clerk_pauses_with_a_reason_lets_it_go_on_and_stops_it(house: House) -> None:
    with house.database.transaction() as session:
        initiative = make_initiative(session, municipality_id=house.here, now=machine_now())
    clerk, review = house.visitor(house.clerk), f"/loket/initiatieven/{initiative}"
    clerk.get(review)
    assert clerk.send(f"{review}/schorsing", {}).status_code == 400
    clerk.send(f"{review}/schorsing", {"reason": "Een melding wordt onderzocht."})
    clerk.follow()
    clerk.send(f"{review}/hervatting", {})
    clerk.follow()
    fields = {"reason": "Het plein is verkocht.", "csrf": _hidden(clerk, "csrf")}
    headers = {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"}
    assert clerk.browser.post(f"{review}/annulering", data=fields, headers=headers).status_code == 303
    assert "Het plein is verkocht." in words(clerk.get(review).text)


def test_an_organisation_is_handed_over_by_mail(house: House) -> None:
    with house.database.transaction() as session:
        organisation = make_organisation(session, municipality_id=house.here)
        initiative = make_initiative(
            session, municipality_id=house.here, organisation_id=organisation, now=machine_now()
        )
        invited = make_person(session, municipality_id=house.here, email="mila@stichting.example")
    clerk, review = house.visitor(house.clerk), f"/loket/initiatieven/{initiative}"
    clerk.get(review)
    assert clerk.send(f"{review}/overdracht", {"email": "nee"}).status_code == 400
    clerk.send(f"{review}/overdracht", {"email": "Mila@stichting.example"})
    assert "mila@stichting.example" in clerk.follow().text.lower()
    mila = house.visitor(invited)
    mine = mila.get("/mijn").text
    invitation = next(part for part in mine.split('"') if part.startswith("/uitnodigingen/"))
    assert house.visitor(house.resident).get(invitation).status_code == 404
    mila.get(invitation)
    mila.send(f"{invitation}/aanvaarding", {})
    assert mila.follow().status_code == 200


def test_a_stopped_campaign_says_why(house: House) -> None:
    with house.database.transaction() as session:
        make_initiative(session, municipality_id=house.here, initiator_id=house.resident, now=machine_now())
        slug = session.scalars(select(Initiative.slug)).one()
    writer = house.visitor(house.resident)
    writer.get(f"/initiatieven/{slug}/beheer")
    assert writer.send(f"/initiatieven/{slug}/annulering", {"reason": ""}).status_code == 400
    writer.send(f"/initiatieven/{slug}/annulering", {"reason": "We verhuizen."})
    assert "We verhuizen." in house.visitor().get(f"/initiatieven/{slug}").text
