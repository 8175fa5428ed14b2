"""The specification of one part of a payout: a PDF to keep, and a table for a spreadsheet. No donor's name is in it."""

import csv
import io
from collections.abc import Sequence

from crowd.shared.clock import local_date
from crowd.shared.errors import msg
from crowd.shared.money import Money
from frontend.documents import Document, Part
from frontend.formats import Language, money, short_day
from frontend.i18n import say
from payments.books.export_rules import euros
from payments.payouts.queries import PayoutRow
from payments.payouts.specification_queries import SpecifiedGift


def specification(
    payout: PayoutRow,
    gifts: Sequence[SpecifiedGift],
    *,
    title: str,
    milestone: str,
    author: str,
    language: Language,
    host: str = "",
) -> Document:
    """Return the specification of a part: what it is made of by source, then every gift, and what the payments cost.

    `host` is the fiscal host that receives it, if any.
    """
    costs = Money(sum(gift.fee_cents for gift in gifts))
    sources = (
        (say(msg("Gifts through the payment provider"), language), payout.gifts_cents),
        (say(msg("Gifts in cash and by transfer"), language), payout.deposits_cents),
        (say(msg("Share of the municipality"), language), payout.match_cents),
    )
    head = (say(msg("Date"), language), say(msg("What"), language), say(msg("Amount"), language))
    together = say(msg("Together"), language)
    day = short_day(payout.approved_at, language)
    parts = [
        Part(
            heading=say(msg("What this part is made of"), language),
            head=head,
            rows=tuple((day, source, money(cents, language)) for source, cents in sources if cents),
            foot=("", together, money(payout.total_cents, language)),
        )
    ]
    if gifts:
        parts.append(
            Part(
                heading=say(msg("Gifts through the payment provider"), language),
                head=head,
                rows=tuple(_row(gift, language) for gift in gifts),
                foot=("", together, money(payout.gifts_cents, language)),
            )
        )
    lines = [say(msg("Part {number}, approved on {day}."), language, {"number": str(payout.number), "day": day})]
    if milestone:
        lines.append(milestone)
    if host:
        lines.append(say(msg("Received by {host}, the fiscal host of this initiative."), language, {"host": host}))
    said = msg("The payments cost {amount}. The municipality bears that, so every contribution arrives whole.")
    return Document(
        title=say(msg("Specification of a payout: {title}"), language, {"title": title}),
        author=author,
        language=language,
        dated=payout.approved_at,
        lines=tuple(lines),
        parts=tuple(parts),
        closing=(say(said, language, {"amount": costs}),) if costs else (),
    )


def table(payout: PayoutRow, gifts: Sequence[SpecifiedGift]) -> str:
    """Return the same as CSV in Dutch: semicolons and decimal commas, as Dutch spreadsheets read it."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    # The mark by which a spreadsheet knows that this is UTF-8.
    written.write("\N{ZERO WIDTH NO-BREAK SPACE}")
    writer.writerow(("deel", "soort", "kenmerk", "datum", "hele bijdrage", "in dit deel", "kosten (gemeente)"))
    for gift in gifts:
        amounts = (euros(cents, point=",") for cents in (gift.gift_cents, gift.amount_cents, gift.fee_cents))
        day = local_date(gift.promised_at).isoformat()
        writer.writerow((payout.number, "bijdrage", reference(gift), day, *amounts))
    day = local_date(payout.approved_at).isoformat()
    for kind, cents in (("contant en per bank", payout.deposits_cents), ("gemeente", payout.match_cents)):
        if cents:
            writer.writerow((payout.number, kind, "", day, "", euros(cents, point=","), ""))
    costs = euros(sum(gift.fee_cents for gift in gifts), point=",")
    writer.writerow((payout.number, "samen", "", day, "", euros(payout.total_cents, point=","), costs))
    return written.getvalue()


def reference(gift: SpecifiedGift) -> str:
    """Return the reference that stands on the gift's own page and receipt."""
    return gift.pledge_id.hex[-8:].upper()


def _row(gift: SpecifiedGift, language: Language) -> tuple[str, str, str]:
    said = msg("Gift, reference {reference}")
    facts: dict[str, str | Money] = {"reference": reference(gift)}
    if gift.amount_cents != gift.gift_cents:
        said = msg("Part of a gift of {whole}, reference {reference}")
        facts["whole"] = Money(gift.gift_cents)
    return (short_day(gift.promised_at, language), say(said, language, facts), money(gift.amount_cents, language))
