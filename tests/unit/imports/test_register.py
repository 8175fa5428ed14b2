"""A register as municipalities publish it: several encodings, layouts and ways to write an amount."""

from pathlib import Path

import pytest

from crowd.shared.money import Money
from frontend.imports.register import NotARegister, Row, read_register, read_register_amount

HEADER_2017 = (
    "TABLE_NAME",
    "DOSSIERNUMMER",
    "AANVRAGER",
    "REGELINGNAAM",
    "BELEIDSTERREIN",
    "ORGANISATIEONDERDEEL",
    "PROJECT_NAAM",
    "BEDRAG_AANGEVRAAGD",
    "SUBSIDIEJAAR",
)
HEADER_2016 = (
    "DOSSIERNUMMER",
    "REGELINGNAAM",
    "AANVRAGER",
    "ORGANISATIEONDERDEEL",
    "AFDELINGNAAM_BELEID",
    "PROJECT_NAAM",
    "SUBSIDIEJAAR",
    "BEDRAG_AANGEVRAAGD",
)


def _row(amount: str = "1400.00", *, number: str = "SBA-1", applicant: str = "Stichting Plein") -> tuple[str, ...]:
    return ("REGISTER", number, applicant, "Regeling", "Welzijn", "Noord", "Soos", amount, "2017")


def _read(
    folder: Path,
    *rows: tuple[str, ...],
    header: tuple[str, ...] = HEADER_2017,
    delimiter: str = ";",
    ends: str = "\n",
    encoding: str = "utf-8",
) -> list[Row]:
    path = folder / "register.csv"
    path.write_bytes("".join(delimiter.join(row) + ends for row in (header, *rows)).encode(encoding))
    return read_register(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_every_layout_gives_the_same_dossier(tmp_path: Path, encoding: str, delimiter: str, ends: str) -> None:
    row = _row(applicant="Coöperatie De Zoënen")

    (read,) = _read(tmp_path, row, delimiter=delimiter, ends=ends, encoding=encoding)

    assert read.refused is None
    assert read.dossier is not None
    assert read.dossier.applicant == "Coöperatie De Zoënen"
    assert (read.dossier.number, read.dossier.asked) == ("SBA-1", Money(1400_00))
    assert (read.dossier.theme, read.dossier.neighbourhood) == ("Welzijn", "Noord")


def test_the_layout_of_2016_names_its_columns_differently(tmp_path: Path) -> None:
    row = ("SBA-147", "Regeling", "Stichting Plein", "stadsdeel Oost", "Zorg", "Soos", " 2016", " 1400")

    (read,) = _read(tmp_path, row, header=HEADER_2016, encoding="cp1252")

    assert read.dossier is not None
    assert (read.dossier.theme, read.dossier.year, read.dossier.asked) == ("Zorg", "2016", Money(1400_00))


def test_a_quoted_field_may_hold_the_delimiter_and_a_new_line(tmp_path: Path) -> None:
    row = ("REGISTER", "SBA-1", '"Plein; ""De Hoop"""', "R", "T", "Noord", '"Soos\nen meer"', "10", "2017")

    (read,) = _read(tmp_path, row)

    assert read.dossier is not None
    assert (read.dossier.applicant, read.dossier.project) == ('Plein; "De Hoop"', "Soos en meer")


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1400", 140000),
        (" 1400", 140000),
        ("1400.00", 140000),
        ("1400.5", 140050),
        (".00", 0),
        (".50", 50),
        ("0", 0),
        ("1.400,00", 140000),
        ("1400,25", 140025),
    ],
)
def test_an_amount_is_read_however_it_is_written(text: str, cents: int) -> None:
    assert read_register_amount(text) == Money(cents)


@pytest.mark.parametrize("text", ["", ".", "NULL", "-5", "1,400.00", "1400.005", "1e3", "€ 14", "٣٠", "veel", "1.4.0"])
def test_what_is_no_amount_is_not_guessed_at(text: str) -> None:
    assert read_register_amount(text) is None


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("0", "The amount asked is 0."),
        (".00", "The amount asked is 0."),
        ("NULL", "The amount asked is missing or is no amount: NULL."),
        ("", "The amount asked is missing or is no amount: NULL."),
        ("veel", "The amount asked is missing or is no amount: veel."),
        ("250000.01", "The amount asked, € 250000, is above the limit of € 250000."),
        ("999999999999999999999999999999", "is above the limit of € 250000."),
    ],
)
def test_a_row_whose_amount_cannot_be_asked_is_refused_with_its_line(
    tmp_path: Path, amount: str, sentence: str
) -> None:
    good, bad, last = _read(tmp_path, _row(number="A"), _row(amount, number="B"), _row("250000", number="C"))

    assert good.dossier is not None
    assert last.dossier is not None
    assert (bad.line, bad.dossier) == (3, None)
    assert sentence in str(bad.refused)


def test_a_row_without_its_number_or_with_a_torn_line_is_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    nameless, short, long, good = _read(
        tmp_path, _row(number=""), ("REGISTER", "SBA-2"), (*_row(number="SBA-3"), "te veel"), _row(number="SBA-4")
    )

    assert str(nameless.refused) == "The dossier number is missing."
    assert str(short.refused) == str(long.refused) == "This row does not have as many fields as the first line."
    assert good.dossier is not None


def test_a_file_that_is_no_register_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(NotARegister, match="PROJECT_NAAM, BEDRAG_AANGEVRAAGD missing"):
        _read(tmp_path, header=HEADER_2017[:6])


@pytest.mark.parametrize("content", [b"PK\x03\x04\0\0", b"", b"\xff\xfeD\0O\0"], ids=["zip", "empty", "utf-16"])
def test_a_file_that_is_no_text_table_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "register.csv"
    path.write_bytes(content)
    with pytest.raises(NotARegister):
        read_register(path)


def test_an_endless_field_ends_in_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(NotARegister, match="not a table"):
        _read(tmp_path, _row(applicant='"' + "x" * 200_000))
