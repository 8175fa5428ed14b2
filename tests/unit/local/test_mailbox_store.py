"""The mailbox survives kills and never grows without bound."""

from pathlib import Path

from frontend.local.mail.store import Mailbox


def _add(mailbox: Mailbox, subject: str, to: str = "a@x.example") -> int:
    content = f"Subject: {subject}\r\n\r\nhallo".encode()
    return mailbox.add(content, sender="l@x.example", to=[to], received_at="2026-11-23T10:00:00+00:00").id


def test_a_new_process_finds_what_the_old_one_kept(tmp_path: Path) -> None:
    number = _add(Mailbox(tmp_path), "eerste", to="Sanne@X.example")

    (entry,) = Mailbox(tmp_path).newest_to("sanne@x.EXAMPLE", count=10)

    assert (entry.id, entry.subject, entry.to) == (number, "eerste", ("sanne@x.example",))


def test_a_line_cut_short_by_a_kill_costs_only_that_message(tmp_path: Path) -> None:
    _add(Mailbox(tmp_path), "eerste")
    with (tmp_path / "index.jsonl").open("a", encoding="utf-8") as index:
        index.write('{"id": 2, "rec')

    _add(Mailbox(tmp_path), "tweede")

    assert [entry.subject for entry in Mailbox(tmp_path).newest(count=10)] == ["tweede", "eerste"]


def test_beyond_its_bound_the_oldest_messages_go_with_their_files(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path, keep=10)

    for number in range(25):
        _add(mailbox, str(number))

    kept = mailbox.newest(count=100)
    assert len(kept) <= 10
    assert kept[0].subject == "24"
    assert len(list(tmp_path.glob("*.eml"))) == len(kept)
    assert _add(Mailbox(tmp_path, keep=10), "26e") == 26


def test_searching_takes_part_of_an_address_and_pages_by_number(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    for number in range(6):
        _add(mailbox, str(number), to=f"{'sanne' if number % 2 else 'omar'}{number}@x.example")

    newest = mailbox.newest(count=2, to="SANNE")
    older = mailbox.newest(count=2, to="sanne", before=newest[-1].id)

    assert [entry.subject for entry in newest] == ["5", "3"]
    assert [entry.subject for entry in older] == ["1"]
