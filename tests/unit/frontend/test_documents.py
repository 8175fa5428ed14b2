"""A document is a tagged PDF, the same for the same contents, and sets what donors typed as text."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from frontend.documents import write_pdf
from frontend.formats import Language
from frontend.statements import NothingGiven, gift_receipt, year_statement
from payments.books.donor_queries import GiftMovement

MAY = datetime(2026, 5, 1, 12, tzinfo=UTC)
GIFT = GiftMovement(UUID(int=1), "Geveltuinen #strong[&] <b>", UUID(int=7), 25_00, MAY)
BACK = replace(GIFT, cents=-25_00, at=MAY.replace(month=8), is_return=True)
OTHER = replace(GIFT, initiative_id=UUID(int=2), title="Repaircafé", pledge_id=UUID(int=8), cents=12_50)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_statement_is_tagged_in_its_language_and_the_same_each_time(language: Language) -> None:
    statement = year_statement(
        [GIFT, BACK, OTHER], year=2026, is_over=True, donor="Noor", municipality="Voorbeeldstad", language=language
    )

    first, second = write_pdf(statement), write_pdf(statement)

    assert first == second
    assert first.startswith(b"%PDF-1.7")
    assert b"/StructTreeRoot" in first
    assert f"/Lang({language})".encode() in first


def test_what_a_bank_sent_back_to_us_was_not_paid_back() -> None:
    came_back = replace(BACK, cents=25_00)
    statement = year_statement(
        [GIFT, BACK, came_back], year=2026, is_over=True, donor="Noor", municipality="Voorbeeldstad", language="en"
    )

    assert "Collected in this year: €25. Paid back to you: €0. Together: €25." in statement.lines


def test_a_year_is_added_up_by_initiative_with_what_went_back() -> None:
    statement = year_statement(
        [GIFT, BACK, OTHER], year=2026, is_over=False, donor="Noor", municipality="Voorbeeldstad", language="en"
    )

    assert "Collected in this year: €37.50. Paid back to you: €25. Together: €12.50." in statement.lines
    assert "The year is not over: this is what stands until now." in statement.lines
    assert [(part.heading, len(part.rows), part.foot[2]) for part in statement.parts] == [
        (GIFT.title, 2, "€0"),
        ("Repaircafé", 1, "€12.50"),
    ]
    assert "not ours to say" in statement.closing[0]


def test_a_receipt_says_what_was_collected() -> None:
    receipt = gift_receipt([OTHER], donor="Noor", municipality="Voorbeeldstad", language="en")
    assert receipt.lines == ("We collected €12.50 from Noor.",)
    assert receipt.parts[0].rows == (("1 May 2026", "Gift, reference 00000008", "€12.50"),)


def test_without_a_collected_gift_there_is_no_receipt() -> None:
    with pytest.raises(NothingGiven):
        gift_receipt([], donor="Noor", municipality="Voorbeeldstad", language="nl")
