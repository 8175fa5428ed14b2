"""Every sentence people read exists in both languages, and says the same facts in both."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.extract import extract_from_dir
from jinja2 import Environment

from crowd.shared.errors import Conflict, msg
from crowd.shared.money import Money
from frontend import i18n
from frontend.rendering import TEMPLATES

ROOT = TEMPLATES.parent.parent
_TEMPLATE_OPTIONS = {"trimmed": "true", "silent": "false", "newstyle_gettext": "true", "encoding": "utf-8"}
_SENTENCE = {"_": None, "gettext": None, "ngettext": (1, 2), "msg": None}

Key = str | tuple[str, ...]


def _template_sentences() -> Iterator[tuple[Key, str]]:
    methods = [("**.html", "jinja2"), ("**.txt", "jinja2"), ("**.jinja", "jinja2"), ("**.svg", "jinja2")]
    options = {pattern: _TEMPLATE_OPTIONS for pattern, _method in methods}
    for file, line, message, *_rest in extract_from_dir(str(TEMPLATES), methods, options, keywords=_SENTENCE):
        yield message, f"templates/{file}:{line}"


def _code_sentences() -> Iterator[tuple[Key, str]]:
    for package in ("crowd", "payments", "matching", "frontend"):
        for file, line, message, *_rest in extract_from_dir(
            str(ROOT / package),
            [("**.py", "python")],
            keywords={"msg": None},
            directory_filter=lambda path: "node_modules" not in path and "sandbox" not in path,
        ):
            yield message, f"{package}/{file}:{line}"


def _as_po(message: Key) -> str:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    if isinstance(message, str):
        return f'msgid {quoted(message)}\nmsgstr ""\n'
    return f'msgid {quoted(message[0])}\nmsgid_plural {quoted(message[1])}\nmsgstr[0] ""\nmsgstr[1] ""\n'


def test_every_sentence_has_its_dutch() -> None:
    catalogue = i18n.catalogue()
    missing: dict[Key, str] = {}
    for message, where in [*_template_sentences(), *_code_sentences()]:
        known = catalogue.get(message[0] if isinstance(message, tuple) else message)
        strings = known.string if known else ""
        complete = all(strings) if isinstance(strings, (list, tuple)) else bool(strings)
        if not complete or (known and known.fuzzy):
            missing.setdefault(message, where)
    shown = "\n".join(f"#: {where}\n{_as_po(message)}" for message, where in missing.items())
    assert not missing, f"write the Dutch of these in frontend/locale/nl/LC_MESSAGES/:\n\n{shown}"


def _facts(text: str) -> set[str]:
    named = set(re.findall(r"%\((\w+)\)[sd]", text))
    return named | {name for _text, name, _spec, _conversion in Formatter().parse(text.replace("%(", "")) if name}


def test_dutch_names_the_same_facts_as_english() -> None:
    wrong = []
    for message in i18n.catalogue():
        if not message.id:
            continue
        english = " ".join(message.id) if isinstance(message.id, (list, tuple)) else message.id
        dutch = " ".join(message.string) if isinstance(message.string, (list, tuple)) else message.string or ""
        if _facts(english) != _facts(dutch):
            wrong.append((english, dutch))
    assert not wrong


# Names are the same in every language; the style guide is for makers and says so itself.
_UNTRANSLATED = {"EN", "NL", "English", "Nederlands", "EN: English", "NL: Nederlands", "Stripe"}
_NOT_FOR_READERS = {"styleguide/page.html"}
_READ_ATTRIBUTES = {"alt", "title", "aria-label", "placeholder", "aria-description"}


class _Words(HTMLParser):
    """Collects what a reader sees or hears of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in {"style", "script"}
        self.found += [value for name, value in attrs if name in _READ_ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"style", "script"}

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


def _literal_html(source: str) -> str:
    """Return a template's own text: what is computed or translated is left out."""
    parts: list[str] = []
    inside_trans = False
    tokens = list(Environment(extensions=["jinja2.ext.i18n"], autoescape=True).lex(source))
    for index, (_line, kind, value) in enumerate(tokens):
        if kind == "block_begin":
            name = next(text for _l, k, text in tokens[index:] if k == "name")
            inside_trans = name == "trans" or (inside_trans and name != "endtrans")
        elif kind == "data" and not inside_trans:
            parts.append(value)
        elif kind in {"variable_begin", "block_end"}:
            # A digit is no word, and `<h{{ level }}>` stays a tag.
            parts.append("0")
    return "".join(parts)


def _page_templates() -> list[Path]:
    return sorted(path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".jinja", ".txt"})


@pytest.mark.parametrize("path", _page_templates(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_says_nothing_that_cannot_be_translated(path: Path) -> None:
    if str(path.relative_to(TEMPLATES)) in _NOT_FOR_READERS:
        return
    words = _Words()
    words.feed(_literal_html(path.read_text(encoding="utf-8")))
    # A macro that writes only attributes has no tag of its own around them.
    said = [re.sub(r'[\w-]+="[^"]*"', "", text).strip() for text in words.found]
    assert [text for text in said if re.search(r"[^\W\d_]{2,}", text) and text not in _UNTRANSLATED] == []


def test_no_two_files_translate_a_sentence_differently() -> None:
    assert i18n.disagreements() == []


def test_a_disagreement_between_two_files_is_found(tmp_path: Path) -> None:
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    (tmp_path / "een.po").write_text(head + 'msgid "Amount"\nmsgstr "Bedrag"\n', encoding="utf-8")
    (tmp_path / "twee.po").write_text(head + 'msgid "Amount"\nmsgstr "Som"\n', encoding="utf-8")
    assert i18n.disagreements(tmp_path) == ["twee.po: 'Amount'"]


def test_a_reader_gets_dutch_unless_they_asked_for_english() -> None:
    assert i18n.chosen(None) == "nl"
    assert i18n.chosen("fr") == "nl"
    assert i18n.chosen("en") == "en"


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("lang=en", ("en", "/initiatieven")),
        ("zoek=tuin&lang=nl&thema=groen", ("nl", "/initiatieven?zoek=tuin&thema=groen")),
        ("lang=fr", None),
        ("zoek=tuin", None),
    ],
)
def test_switching_comes_back_to_the_same_page(query: str, answer: tuple[str, str] | None) -> None:
    assert i18n.asked_to_switch(path="/initiatieven", query=query) == answer


def test_switching_never_leads_to_another_site() -> None:
    assert i18n.asked_to_switch(path="//kwaad.example/", query="lang=en") == ("en", "/kwaad.example/")


class _TooMuch(Conflict):
    sentence = msg("You can give at most € {euros} online. For more, please contact the counter.")


def test_a_refusal_is_said_in_the_readers_language_with_its_facts() -> None:
    assert i18n.refusal(_TooMuch(euros=10_000), "en").startswith("You can give at most € 10,000 online.")
    assert i18n.say("{amount}", "nl", {"amount": Money(12_50)}) == "€\N{NO-BREAK SPACE}12,50"
