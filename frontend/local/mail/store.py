"""Where caught mail is kept: one file per message beside an index of one line each, both surviving a kill.

A message is written before its line, and SMTP says "accepted" only after both; so a line always has its file.
Bounded: beyond `keep` messages the oldest tenth is thrown away.
"""

import json
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from email import message_from_bytes
from email.policy import default
from itertools import islice
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message in the index. `received_at` is ISO 8601 in UTC; `to` are the envelope's addresses."""

    id: int
    received_at: str
    sender: str
    to: tuple[str, ...]
    subject: str
    size: int


class Mailbox:
    """All caught mail. Used by one thread of one process."""

    def __init__(self, folder: Path, *, keep: int = 20_000) -> None:
        """Open the mailbox in `folder`, with what earlier processes left there."""
        self._folder = folder
        self._index = folder / "index.jsonl"
        self._keep = keep
        self._entries: OrderedDict[int, Entry] = OrderedDict()
        self._by_recipient: defaultdict[str, list[int]] = defaultdict(list)
        for entry in _read_index(self._index):
            self._remember(entry)
        # Also repairs a line cut short by a kill, to which the next one would be glued.
        self._write_index()

    def add(self, content: bytes, *, sender: str, to: Sequence[str], received_at: str) -> Entry:
        """Keep a message; it is on disk when this returns."""
        headers = message_from_bytes(content, policy=default)
        entry = Entry(
            id=next(reversed(self._entries), 0) + 1,
            received_at=received_at,
            sender=sender,
            to=tuple(address.lower() for address in to),
            subject=str(headers.get("Subject", "")),
            size=len(content),
        )
        self._file(entry.id).write_bytes(content)
        with self._index.open("a", encoding="utf-8") as index:
            index.write(json.dumps(asdict(entry)) + "\n")
        self._remember(entry)
        if len(self._entries) > self._keep:
            self._throw_away(self._keep // 10 + 1)
        return entry

    def entry(self, number: int) -> Entry | None:
        """What is known of a message without opening it; None when there is none, or no more."""
        return self._entries.get(number)

    def content(self, number: int) -> bytes:
        """The message as it came in; raises FileNotFoundError when it was thrown away."""
        return self._file(number).read_bytes()

    def newest(self, *, count: int, to: str = "", before: int | None = None, after: int = 0) -> list[Entry]:
        """The newest messages first: to an address containing `to`, with an id between the two bounds."""
        wanted = to.strip().lower()
        found = (
            entry
            for entry in self._candidates(wanted)
            if entry.id > after
            and (before is None or entry.id < before)
            and (not wanted or any(wanted in address for address in entry.to))
        )
        return list(islice(found, count))

    def newest_to(self, address: str, *, count: int, after: int = 0) -> list[Entry]:
        """The newest messages first, to exactly this address (capitals aside), with an id above `after`."""
        numbers = self._by_recipient.get(address.strip().lower(), [])
        found = (self._entries[number] for number in reversed(numbers) if number > after)
        return list(islice(found, count))

    def _candidates(self, wanted: str) -> Iterator[Entry]:
        if wanted in self._by_recipient:
            return (self._entries[number] for number in reversed(self._by_recipient[wanted]))
        return reversed(self._entries.values())

    def _remember(self, entry: Entry) -> None:
        self._entries[entry.id] = entry
        for address in entry.to:
            self._by_recipient[address].append(entry.id)

    def _throw_away(self, count: int) -> None:
        for entry in list(islice(self._entries.values(), count)):
            del self._entries[entry.id]
            for address in entry.to:
                self._by_recipient[address].remove(entry.id)
            self._file(entry.id).unlink(missing_ok=True)
        self._write_index()

    def _write_index(self) -> None:
        unfinished = self._index.with_suffix(".unfinished")
        with unfinished.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(entry)) + "\n" for entry in self._entries.values())
        unfinished.rename(self._index)

    def _file(self, number: int) -> Path:
        return self._folder / f"{number}.eml"


def _read_index(path: Path) -> Iterator[Entry]:
    if not path.exists():
        return
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            try:
                values = json.loads(line)
            except ValueError:
                # Cut short by a kill: its sender never heard "accepted" and will send it again.
                continue
            yield Entry(**{**values, "to": tuple(values["to"])})
