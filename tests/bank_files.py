"""Files as banks write them, made from movements: CAMT.053 in two versions, and the CSV of two banks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

OURS = "NL04VOOR0123456789"
THEIRS = "NL91ABNA0417164300"
DAY = date(2026, 11, 20)
# What the two versions call the same thing: the status of an entry, the name of a party, the amount of a part.
VERSIONS = {
    "02": ("<Sts>BOOK</Sts>", "<Dbtr><Nm>{}</Nm></Dbtr>", "<AmtDtls><TxAmt>{}</TxAmt></AmtDtls>"),
    "08": ("<Sts><Cd>BOOK</Cd></Sts>", "<Dbtr><Pty><Nm>{}</Nm></Pty></Dbtr>", "{}"),
}


@dataclass(frozen=True, kw_only=True)
class Move:
    """One movement: cents, negative when money left, and what the donor wrote. `account` is empty when not told."""

    cents: int
    told: str = ""
    name: str = "J. Voorbeeld"
    structured: str = ""
    ref: str = ""
    account: str = THEIRS


def euros(cents: int, mark: str) -> str:
    """An amount without a sign, as a bank writes it."""
    return f"{abs(cents) // 100}{mark}{abs(cents) % 100:02d}"


def camt(
    *moves: Move,
    version: str = "08",
    ref: str = "AFSCHRIFT-1",
    account: str = OURS,
    currency: str = "EUR",
    opening: int = 1_000_00,
    closing: int | None = None,
    head: str = "",
) -> bytes:
    """A CAMT.053 file of one statement."""
    closing = opening + sum(move.cents for move in moves) if closing is None else closing
    entries = "".join(_entry(move, version=version, currency=currency) for move in moves)
    return f"""<?xml version="1.0" encoding="UTF-8"?>{head}
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>
<GrpHdr><MsgId>M1</MsgId></GrpHdr><Stmt><Id>{ref}</Id>
<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>{currency}</Ccy></Acct>
{_balance("OPBD", opening, currency)}{_balance("CLBD", closing, currency)}
{entries}</Stmt></BkToCstmrStmt></Document>""".encode()


def _balance(code: str, cents: int, currency: str) -> str:
    sign = "CRDT" if cents >= 0 else "DBIT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{euros(cents, ".")}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>{DAY}</Dt></Dt></Bal>'
    )


def _entry(move: Move, *, version: str, currency: str) -> str:
    status, party, part_amount = VERSIONS[version]
    sign = "CRDT" if move.cents >= 0 else "DBIT"
    amount = f'<Amt Ccy="{currency}">{euros(move.cents, ".")}</Amt>'
    told = f"<Ustrd>{escape(move.told)}</Ustrd>" if move.told else ""
    told += f"<Strd><CdtrRefInf><Ref>{move.structured}</Ref></CdtrRefInf></Strd>" if move.structured else ""
    theirs = f"<DbtrAcct><Id><IBAN>{move.account}</IBAN></Id></DbtrAcct>" if move.account else ""
    ref = f"<AcctSvcrRef>{move.ref}</AcctSvcrRef>" if move.ref else ""
    return (
        f"<Ntry>{amount}<CdtDbtInd>{sign}</CdtDbtInd>{status}<BookgDt><Dt>{DAY}</Dt></BookgDt>{ref}"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>{part_amount.format(amount)}"
        f"<RltdPties>{party.format(escape(move.name))}{theirs}</RltdPties>"
        f"<RmtInf>{told}</RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def _csv(rows: Sequence[Sequence[str]], mark: str) -> bytes:
    lines = (mark.join('"{}"'.format(cell.replace('"', '""')) for cell in row) for row in rows)
    return "\r\n".join((*lines, "")).encode()


def ing(*moves: Move, account: str = OURS, opening: int = 1_000_00) -> bytes:
    """ING's download: the newest line first."""
    header = (
        *("Datum", "Naam / Omschrijving", "Rekening", "Tegenrekening", "Code", "Af Bij", "Bedrag (EUR)"),
        *("Mutatiesoort", "Mededelingen", "Saldo na mutatie", "Tag"),
    )
    rows, balance = [], opening
    for move in moves:
        balance += move.cents
        rows.append(
            (
                *(DAY.strftime("%Y%m%d"), move.name, account, THEIRS, "OV", "Bij" if move.cents > 0 else "Af"),
                *(euros(move.cents, ","), "Overschrijving", f"{move.told} {move.structured}".strip()),
                *(("-" if balance < 0 else "") + euros(balance, ","), ""),
            )
        )
    return _csv([header, *reversed(rows)], ";")


def rabobank(
    *moves: Move, account: str = OURS, opening: int = 1_000_00, first: int = 1, currency: str = "EUR"
) -> bytes:
    """Rabobank's download: numbered, signed."""
    header = (
        *("IBAN/BBAN", "Munt", "BIC", "Volgnr", "Datum", "Rentedatum", "Bedrag", "Saldo na trn"),
        *("Tegenrekening IBAN/BBAN", "Naam tegenpartij", "Betalingskenmerk", "Omschrijving-1"),
        *("Omschrijving-2", "Omschrijving-3"),
    )
    rows, balance = [], opening
    for number, move in enumerate(moves, start=first):
        balance += move.cents
        rows.append(
            (
                *(account, currency, "RABONL2U", f"{number:018d}", str(DAY), str(DAY)),
                *(f"{'+' if cents >= 0 else '-'}{euros(cents, ',')}" for cents in (move.cents, balance)),
                *(THEIRS, move.name, move.structured, move.told, "", ""),
            )
        )
    return _csv([header, *rows], ",")
