"""Documents for people to keep: tagged PDF (PDF/UA-1), the same bytes for the same contents.

The layout stands in `templates/documents/`; typst sets it, without a network, a system font or a clock.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

import typst

from frontend.formats import Language

_LAYOUT: Final = Path(__file__).parent / "templates" / "documents" / "statement.typ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A table under a heading. `head` and `foot` name and sum the three columns: when, what, how much."""

    heading: str
    head: tuple[str, str, str]
    rows: tuple[tuple[str, str, str], ...]
    foot: tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Everything a document says, already in its reader's language. `dated` is written inside it, not the clock."""

    title: str
    author: str
    language: Language
    dated: datetime
    lines: tuple[str, ...]
    parts: tuple[Part, ...]
    closing: tuple[str, ...]


def write_pdf(document: Document) -> bytes:
    """Return the document as a PDF that can be read aloud: about 20 milliseconds, 20 kilobytes."""
    contents = asdict(document)
    dated = int(contents.pop("dated").timestamp())
    written = typst.compile(
        _layout(),
        format="pdf",
        sys_inputs={"data": json.dumps(contents)},
        ignore_system_fonts=True,
        pdf_standards="ua-1",
        timestamp=dated,
    )
    if not isinstance(written, bytes):
        raise TypeError("typst wrote no document")
    return written


@lru_cache
def _layout() -> bytes:
    return _LAYOUT.read_bytes()
