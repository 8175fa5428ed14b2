"""Plainly fictional gifts at the counter and lines of a bank account, for the style guide and the tests that look."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final, get_args

from crowd.shared.money import ZERO, Money
from frontend.rendering import Page
from frontend.views.bank import (
    AccountsPage,
    AccountWanted,
    AwaitedLine,
    BankPage,
    BookedLine,
    GiftOffer,
    OpenLine,
    ReturnLine,
    ReturnsPage,
    StatementLine,
)
from frontend.views.forms import Choice, Form
from frontend.views.gifts import Gift, GiftLine, GiftPage, GiftsPage, NewGiftPage, OwnGiftPage, Stage

_AT: Final = datetime(2026, 11, 20, 10, 12, tzinfo=UTC)
_DEADLINE: Final = datetime(2026, 12, 10, 23, 0, tzinfo=UTC)
_TITLE: Final = "Buurtmoestuin Kersenlaan"
_ACCOUNT: Final = "NL04 VOOR 0123 4567 89"
_REFERENCE: Final = "RF18 1234 5678 9012"
_LEFT: Final = "Het geld ging van onze rekening af."
_ID: Final = "01930000-0000-7000-8000-000000000001"

_BOOKED: Final = (
    BookedLine(
        what="Uitbetaling, per bank",
        title=_TITLE,
        reference="RF18 3234 5678 9012",
        amount=Money(60_00),
        is_out=True,
        booked_on=date(2026, 11, 19),
    ),
    BookedLine(
        what="Van de betaaldienst",
        title="",
        reference="po_voorbeeld",
        amount=Money(1_250_00),
        is_out=False,
        booked_on=date(2026, 11, 20),
    ),
)

_GIFT: Final = Gift(
    donor="Jan Zonder Adres",
    title=_TITLE,
    initiative_href="/initiatieven/buurtmoestuin-kersenlaan",
    amount=Money(60_00),
    way="bank_transfer",
    stage="announced",
    reference=_REFERENCE,
    account=_ACCOUNT,
    recorded_at=_AT,
    minimum=Money(10_000_00),
    deadline_at=_DEADLINE,
    campaign="funded",
)


def _new(*, wrong: bool = False) -> NewGiftPage:
    errors = {"way": "Kies hoe er wordt betaald.", "postcode": "Vul een postcode in, bijvoorbeeld 1234 AB."}
    return NewGiftPage(
        form=Form(values={"postcode": "12", "amount": "60"}, errors=errors) if wrong else Form(),
        pledge_id=_ID,
        initiatives=(Choice(value=_ID, label=_TITLE),),
        ways=(Choice(value="cash", label="Contant, nu"), Choice(value="bank_transfer", label="Per overboeking, later")),
        channels=(Choice(value="desk", label="Aan de balie"), Choice(value="phone", label="Aan de telefoon")),
        alone=Money(100_00),
    )


def counter_gift(stage: Stage) -> GiftPage:
    """Return a gift as the counter sees it."""
    return GiftPage(
        gift=replace(_GIFT, stage=stage, way="cash" if stage == "to_confirm" else "bank_transfer"),
        base=f"/loket/bijdragen/{_ID}",
        form=Form(),
        may_confirm=stage == "to_confirm",
        may_withdraw=stage in {"announced", "held"},
        may_give_account=stage in {"returning", "account_given"},
        is_own=False,
    )


def own_gift(stage: Stage) -> OwnGiftPage:
    """Return a gift as its donor sees it."""
    return OwnGiftPage(
        gift=replace(_GIFT, stage=stage),
        base="/bijdragen/voorbeeld",
        form=Form(),
        may_withdraw=stage in {"announced", "held"},
    )


def _bank(*, empty: bool = False, refused: bool = False) -> BankPage:
    line = OpenLine(
        id=_ID,
        base=f"/loket/bank/regels/{_ID}",
        booked_on=date(2026, 11, 20),
        amount=Money(60_00),
        counterparty="J. Voorbeeld",
        account="NL91 ABNA 0417 1643 00",
        description="voor de moestuin, met de groeten van nummer twaalf",
        reason="In de omschrijving staat geen kenmerk van ons.",
        awaited=(Choice(value=f"gift:{_ID}", label=f"Jan Zonder Adres, {_TITLE}"),),
        may_be_cash=True,
    )
    other = replace(line, id="2", counterparty="", description="", awaited=(), may_be_cash=False, account="")
    gift = GiftOffer(donor="Jan Zonder Adres", title=_TITLE, announced=Money(65_00), is_second=False)
    second = replace(gift, is_second=True)
    return BankPage(
        form=Form(errors={"file": "Dit afschrift is in USD, en onze rekening is in euro's."}) if refused else Form(),
        account="" if empty else _ACCOUNT,
        in_drawer=ZERO if empty else Money(140_00),
        lines=() if empty else (replace(line, gift=gift, may_be_costs=True), replace(other, gift=second)),
        left=()
        if empty
        else (
            replace(
                line,
                id="3",
                counterparty="Stichting Kersenlaan",
                reason=_LEFT,
                description="uitbetaling moestuin",
                may_be_cash=False,
            ),
        ),
        booked=() if empty else _BOOKED,
        awaited=()
        if empty
        else (
            AwaitedLine(reference=_REFERENCE, who="Jan Zonder Adres", title=_TITLE, amount=Money(60_00)),
            AwaitedLine(reference="RF41 2234 5678 9012", who="", title=_TITLE, amount=Money(2_500_00)),
        ),
        statements=()
        if empty
        else (
            StatementLine(
                ref="AFSCHRIFT-1",
                from_on=date(2026, 11, 16),
                to_on=date(2026, 11, 20),
                opening=Money(1_250_00),
                closing=Money(1_370_50),
                uploaded_at=_AT,
                lines=12,
                waiting=2,
            ),
        ),
    )


def _returns(*, empty: bool = False, wrong: bool = False) -> ReturnsPage:
    ready = ReturnLine(
        id=_ID,
        base=f"/loket/terugbetalingen/{_ID}",
        gift_href=f"/loket/bijdragen/{_ID}",
        donor="Jan Zonder Adres",
        title=_TITLE,
        amount=Money(60_00),
        holder="J. Zonder Adres",
        account="NL91 ABNA 0417 1643 00",
        iban="NL91ABNA0417164300",
        is_ready=True,
        is_own=False,
    )
    came_back = replace(ready, id="4", gift_href="", donor="noor@voorbeeld.example", came_back=True)
    lines = (
        *(ready, replace(ready, id="2", is_own=True), replace(ready, id="3", is_ready=False)),
        *(came_back, replace(came_back, id="5", is_ready=False)),
        replace(ready, id="6", gift_href="", title="", reference=_REFERENCE, came_on=date(2026, 11, 20)),
    )
    return ReturnsPage(
        form=Form(errors={"reference": "Vul het kenmerk van de betaling in."}) if wrong else Form(),
        wrong_id=_ID if wrong else "",
        lines=() if empty else lines,
    )


def _accounts(*, empty: bool = False, wrong: bool = False) -> AccountsPage:
    line = AccountWanted(
        id=_ID, base=f"/loket/rekeningen/{_ID}", donor="Noor Voorbeeld", title=_TITLE, amount=Money(25_00)
    )
    errors = {"account": "Dit is geen goed rekeningnummer.", "holder": "Vul in op wiens naam de rekening staat."}
    return AccountsPage(
        form=Form(values={"account": "NL12"}, errors=errors) if wrong else Form(),
        wrong_id=_ID if wrong else "",
        lines=() if empty else (line, replace(line, id="2", donor="ties@voorbeeld.example")),
    )


def pages() -> Mapping[str, Page]:
    """Return every page of gifts at the counter and of the bank, in every state that differs."""
    made: dict[str, Page] = {
        "loket-bijdragen": GiftsPage(
            lines=[
                GiftLine(
                    href=f"/loket/bijdragen/{_ID}",
                    donor="Jan Zonder Adres",
                    title=_TITLE,
                    amount=Money(60_00),
                    way="cash",
                    stage=stage,
                    reference=_REFERENCE,
                    recorded_at=_AT,
                )
                for stage in ("announced", "to_confirm", "held")
            ],
            may_record=True,
        ),
        "loket-bijdragen-leeg": GiftsPage(lines=(), may_record=True),
        "loket-bijdrage-nieuw": _new(),
        "loket-bijdrage-nieuw-fout": _new(wrong=True),
        "loket-bijdrage-nieuw-geen-actie": replace(_new(), initiatives=()),
        "loket-bijdrage-eigen": replace(counter_gift("to_confirm"), may_confirm=False, is_own=True),
        "loket-bank": _bank(),
        "loket-bank-fout": _bank(refused=True),
        "loket-bank-leeg": _bank(empty=True),
        "loket-rekeningen": _accounts(),
        "loket-rekeningen-fout": _accounts(wrong=True),
        "loket-rekeningen-leeg": _accounts(empty=True),
        "loket-terugbetalingen": _returns(),
        "loket-terugbetalingen-fout": _returns(wrong=True),
        "loket-terugbetalingen-leeg": _returns(empty=True),
    }
    for stage in get_args(Stage):
        made[f"loket-bijdrage-{stage}"] = counter_gift(stage)
        made[f"bijdrage-geld-{stage}"] = own_gift(stage)
    return made
