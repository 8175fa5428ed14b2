"""Bank files: read to the cent whatever is in them, or refused with one clear sentence; and what a line pays for."""

import re
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.shared.errors import Invalid
from payments.bank import statement_rules as rules
from payments.bank.camt_rules import read_camt
from payments.bank.csv_rules import read_csv
from payments.bank.rules import GIFT, SHARE, reference, references_in, spaced
from payments.bank.statement_rules import Awaited, Reason, Statement, check_statement, judge, keyed
from tests.bank_files import OURS, THEIRS, VERSIONS, Move, camt, ing, rabobank

REF = reference(kind=GIFT, subject_id=UUID(int=41))
_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters="\x7f"), max_size=60)
MOVES = st.lists(
    st.builds(Move, cents=st.integers(-(10**9), 10**9).filter(bool), told=_TEXT, name=_TEXT), min_size=1, max_size=12
)


def one(content: bytes, read: Callable[[bytes], tuple[Statement, ...]] = read_camt) -> Statement:
    (statement,) = read(content)
    return statement


# --- Reading --------------------------------------------------------------------------------------------------


@given(MOVES, st.sampled_from(sorted(VERSIONS)))
def test_camt_gives_back_every_cent(moves: list[Move], version: str) -> None:
    statement = one(camt(*moves, version=version))
    check_statement(statement, our_account=OURS)
    assert [line.amount_cents for line in statement.lines] == [move.cents for move in moves]
    assert (statement.account, statement.currency, statement.ref) == (OURS, "EUR", "AFSCHRIFT-1")


@given(MOVES)
def test_csv_of_both_banks_gives_back_every_cent(moves: list[Move]) -> None:
    for content in (ing(*moves), rabobank(*moves)):
        statement = one(content, read_csv)
        check_statement(statement, our_account=OURS)
        assert [line.amount_cents for line in statement.lines] == [move.cents for move in moves]
        assert statement.opening_cents == 1_000_00


@pytest.mark.parametrize("version", sorted(VERSIONS))
def test_what_a_line_tells_is_read_from_either_version(version: str) -> None:
    (line,) = one(camt(Move(cents=25_00, told="voor de tuin", structured=REF), version=version)).lines
    assert (line.counterparty_name, line.counterparty_iban) == ("J. Voorbeeld", THEIRS)
    assert references_in(line.description) == (REF,)


def test_a_prefix_of_the_namespace_says_nothing() -> None:
    content = re.sub(r"<(/?)([A-Z])", r"<\1b:\2", camt(Move(cents=25_00)).decode()).replace("xmlns=", "xmlns:b=", 1)
    assert len(one(content.encode()).lines) == 1


def test_an_entry_that_is_not_booked_yet_is_left_out() -> None:
    content = camt(Move(cents=25_00), Move(cents=10_00), closing=1_025_00).decode()
    pending = "PDNG".join(content.rsplit("BOOK", 1))
    statement = one(pending.encode())
    check_statement(statement, our_account=OURS)
    assert [line.amount_cents for line in statement.lines] == [25_00]


def test_a_batch_is_read_as_its_parts() -> None:
    content = camt(Move(cents=30_00, told="samen")).decode()
    start, end = content.index("<TxDtls>"), content.index("</TxDtls>") + len("</TxDtls>")
    part = content[start:end]
    parts = part.replace("30.00", "10.00") + part.replace("30.00", "20.00")
    assert [line.amount_cents for line in one((content[:start] + parts + content[end:]).encode()).lines] == [
        10_00,
        20_00,
    ]


# --- Refusing -------------------------------------------------------------------------------------------------

_BOMB = '<!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
_OUTSIDE = '<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"<Document>", rules.FileUnreadable),
        (b"<a/>", rules.FileUnreadable),
        (camt(Move(cents=1)).replace(b"camt.053.001.08", b"camt.052.001.08"), rules.FileUnreadable),
        (camt(Move(cents=1), head=_BOMB), rules.FileUnsafe),
        (camt(Move(cents=1), head=_OUTSIDE), rules.FileUnsafe),
        (camt(Move(cents=1)).replace(b"<Stmt>", b"<a>" * 60 + b"</a>" * 60 + b"<Stmt>"), rules.FileUnsafe),
        (camt(Move(cents=1)).replace(b"OPBD", b"ITAV"), rules.NoBalance),
        (camt(Move(cents=1)).replace(b">0.01<", b">0.011<"), rules.FileIncomplete),
        (camt(Move(cents=1)).replace(b">0.01<", b">1e3<"), rules.FileIncomplete),
        (camt(Move(cents=1)).replace(b">0.01<", b">" + b"9" * 5000 + b"<"), rules.FileIncomplete),
        (camt(Move(cents=1)).replace(b"2026-11-20", b"20 nov"), rules.FileIncomplete),
        (camt(Move(cents=1)).replace(b"<Id>AFSCHRIFT-1</Id>", b""), rules.FileIncomplete),
    ],
)
def test_a_camt_file_that_cannot_be_trusted_is_refused(content: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        read_camt(content)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"naam;bedrag\r\njan;12\r\n", rules.FileUnreadable),
        (b"\x89PNG\r\n\x1a\n\0\0", rules.FileUnreadable),
        (ing(Move(cents=1)).partition(b"\r\n")[0], rules.FileUnreadable),
        (ing(Move(cents=1)).replace(b"Saldo na mutatie", b"Iets anders"), rules.NoBalance),
        (rabobank(Move(cents=1)).replace(b"Saldo na trn", b"Iets anders"), rules.NoBalance),
        (ing(Move(cents=1)).replace(b'"Bij"', b'"Erbij"'), rules.FileIncomplete),
        (ing(Move(cents=1)).replace(b"20261120", b"20261340"), rules.FileIncomplete),
        (rabobank(Move(cents=1)).replace(b"+0,01", b"0,0"), rules.FileIncomplete),
        (rabobank(Move(cents=1), Move(cents=2), Move(cents=3)).replace(b"+0,02", b"+0,20"), rules.DoesNotAddUp),
    ],
)
def test_a_csv_file_that_cannot_be_trusted_is_refused(content: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        read_csv(content)


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        (one(camt(Move(cents=1), currency="USD")), rules.WrongCurrency),
        (one(rabobank(Move(cents=1), currency="GBP"), read_csv), rules.WrongCurrency),
        (one(camt(Move(cents=1), account=THEIRS)), rules.ForeignAccount),
        (one(ing(Move(cents=1), account=THEIRS), read_csv), rules.ForeignAccount),
        (one(camt(Move(cents=1), closing=1_000_02)), rules.DoesNotAddUp),
    ],
)
def test_a_statement_that_is_not_ours_or_not_whole_is_refused(statement: Statement, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        check_statement(statement, our_account=OURS)


@given(st.binary(max_size=400), st.integers(0, 3))
def test_whatever_is_uploaded_is_read_or_refused_with_a_sentence(noise: bytes, which: int) -> None:
    whole = (noise, camt(Move(cents=1)), ing(Move(cents=1)), rabobank(Move(cents=1)))[which]
    for read in (read_camt, read_csv):
        with suppress(Invalid):
            read(whole[: len(noise)] + noise + whole[len(noise) * 2 :])


# --- Telling lines apart --------------------------------------------------------------------------------------


@given(MOVES)
def test_a_file_read_again_has_the_same_lines_and_no_two_are_one(moves: list[Move]) -> None:
    for content, read in ((camt(*moves), read_camt), (ing(*moves), read_csv), (rabobank(*moves), read_csv)):
        keys = [key for key, _line in keyed(one(content, read))]
        assert keys == [key for key, _line in keyed(one(content, read))]
        assert len(set(keys)) == len(moves)


@given(st.lists(st.builds(Move, cents=st.integers(1, 500)), min_size=3, max_size=8), st.data())
def test_downloads_that_overlap_share_their_lines(moves: list[Move], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(moves) - 1))
    before = sum(move.cents for move in moves[:cut])
    later = (
        ing(*moves[cut:], opening=1_000_00 + before),
        rabobank(*moves[cut:], opening=1_000_00 + before, first=cut + 1),
    )
    for whole, rest in zip((ing(*moves), rabobank(*moves)), later, strict=True):
        keys, of_the_rest = ([key for key, _ in keyed(one(content, read_csv))] for content in (whole, rest))
        assert keys[cut:] == of_the_rest


# --- Matching -------------------------------------------------------------------------------------------------

_NOISE = st.text("abcdefghijklmnopqrstuvwxyz .,/-", max_size=20)


@given(st.uuids(), _NOISE, _NOISE, st.sampled_from([str, spaced, str.lower]), st.integers(1, 10**8))
def test_a_reference_is_found_however_it_was_typed(
    subject: UUID, before: str, after: str, write: Callable[[str], str], cents: int
) -> None:
    ref = reference(kind=GIFT, subject_id=subject)
    typed = write(ref)
    awaited = {ref: Awaited(subject, cents)}
    told = f"{before} {typed} {after}"
    assert judge(amount_cents=cents, description=told, awaited=awaited).found == Awaited(subject, cents)
    assert judge(amount_cents=cents + 1, description=told, awaited=awaited).reason is Reason.AMOUNT_DIFFERS
    assert judge(amount_cents=cents, description=told, awaited={}).reason is Reason.NOT_AWAITED
    assert judge(amount_cents=-cents, description=told, awaited=awaited).reason is Reason.MONEY_OUT


@given(st.uuids(), st.integers(2, 15), st.integers(1, 9))
def test_one_wrong_digit_is_never_a_reference(subject: UUID, at: int, more: int) -> None:
    ref = reference(kind=GIFT, subject_id=subject)
    wrong = ref[:at] + str((int(ref[at]) + more) % 10) + ref[at + 1 :]
    assert references_in(wrong) == ()


@given(st.uuids())
def test_a_gift_and_a_share_never_have_one_reference(subject: UUID) -> None:
    assert reference(kind=GIFT, subject_id=subject) != reference(kind=SHARE, subject_id=subject)


def test_two_references_in_one_line_are_for_a_person_to_judge() -> None:
    other = reference(kind=GIFT, subject_id=UUID(int=42))
    awaited = {REF: Awaited(UUID(int=41), 10_00), other: Awaited(UUID(int=42), 10_00)}
    judged = judge(amount_cents=10_00, description=f"{REF} en {other}", awaited=awaited)
    assert (judged.found, judged.reason) == (None, Reason.SEVERAL)


def test_a_line_without_a_reference_says_so() -> None:
    assert judge(amount_cents=10_00, description="voor de tuin", awaited={}).reason is Reason.NO_REFERENCE
