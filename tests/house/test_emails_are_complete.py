"""Every kind of mail has its one template, every template its kind, and every sentence its Dutch."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2.ext import babel_extract

from frontend.emails import MAILS
from frontend.i18n import catalogue
from frontend.letters import template_of
from frontend.rendering import TEMPLATES

FOLDER = TEMPLATES / "emails"


def _sentences(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for _line, _function, message, _comments in babel_extract(file, ("_", "gettext"), (), {"trimmed": "true"}):
            # With named values Jinja gives the sentence first and the values after it.
            yield message if isinstance(message, str) else str((message or ("",))[0])


def test_every_kind_has_a_template_and_every_template_a_kind() -> None:
    written = {f"emails/{path.name}" for path in FOLDER.iterdir() if not path.name.startswith("_")}

    assert written == {template_of(kind) for kind in MAILS}


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_every_sentence_in_a_mail_has_its_dutch(path: Path) -> None:
    dutch = catalogue()
    missing = [sentence for sentence in _sentences(path) if not (found := dutch.get(sentence)) or not found.string]

    assert missing == []
