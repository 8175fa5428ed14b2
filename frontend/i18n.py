"""The two languages of every page: Dutch, unless the reader asked for English.

The English sentence in the code is the key; `frontend/locale/nl/LC_MESSAGES/*.po` holds its Dutch. The files are
read at start, so nothing compiled is committed, and there is one file per noun, so people can work side by side.
Why so: docs/decisions/0003-two-languages.md.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlencode

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from crowd.shared.errors import DomainError
from frontend.formats import Language, spoken

LANGUAGES: Final[tuple[Language, ...]] = ("nl", "en")
DEFAULT: Final[Language] = "nl"
COOKIE: Final = "taal"
QUERY: Final = "lang"
CATALOGUES: Final = Path(__file__).parent / "locale" / "nl" / "LC_MESSAGES"


def chosen(cookie: str | None) -> Language:
    """Return the language of a reader with this cookie.

    The browser's own Accept-Language is left aside on purpose: see the decision.
    """
    return "en" if cookie == "en" else DEFAULT


def accepted(header: str) -> Language:
    """Return the language a program asks for in Accept-Language: what it likes better, Dutch when it is all the same.

    Pages leave this header aside; a program has no page with a switch on it.
    """
    likes: dict[str, float] = {}
    for wish in header.lower().split(","):
        name, _mark, parameter = wish.strip().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        language = name.partition("-")[0].strip()
        likes[language] = max(likes.get(language, 0.0), weight)
    return "en" if likes.get("en", 0.0) > likes.get("nl", likes.get("*", 0.0)) else DEFAULT


def asked_to_switch(*, path: str, query: str) -> tuple[Language, str] | None:
    """Return the language asked for by `?lang=`, and the same address without it; None when not asked."""
    pairs = parse_qsl(query, keep_blank_values=True)
    asked = dict(pairs).get(QUERY)
    for language in LANGUAGES:
        if asked == language:
            rest = urlencode([(name, value) for name, value in pairs if name != QUERY])
            # A path of two slashes would be read as another site's address.
            return language, "/" + path.lstrip("/") + (f"?{rest}" if rest else "")
    return None


def catalogue(folder: Path = CATALOGUES) -> Catalog:
    """Return every Dutch sentence, from all files together; of two translations the first file's counts."""
    whole = Catalog(locale="nl")
    for _path, message in _messages(folder):
        if message.id and whole.get(message.id, message.context) is None:
            whole.add(message.id, message.string, context=message.context, flags=message.flags)
    return whole


def disagreements(folder: Path = CATALOGUES) -> list[str]:
    """Return the sentences that two files translate differently, with the second file; a test keeps this empty."""
    whole = catalogue(folder)
    found = []
    for path, message in _messages(folder):
        known = whole.get(message.id, message.context) if message.id else None
        if known is not None and known.string != message.string:
            found.append(f"{path.name}: {message.id!r}")
    return found


def _messages(folder: Path) -> Iterator[tuple[Path, Message]]:
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="nl"):
                yield path, message


@lru_cache
def translations(language: Language) -> NullTranslations:
    """Return what turns sentences into `language`; English is the sentence itself."""
    if language == "en":
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue())
    compiled.seek(0)
    return Translations(compiled)


def say(sentence: str, language: Language, facts: Mapping[str, object] | None = None) -> str:
    """Return `sentence` in `language`, its {facts} filled in as people write them there."""
    translated = translations(language).gettext(sentence)
    # Without facts a brace is just a brace.
    return translated.format(**{name: spoken(fact, language) for name, fact in facts.items()}) if facts else translated


def refusal(error: DomainError, language: Language) -> str:
    """Return what a domain's refusal says, for the person who reads it."""
    return say(error.sentence, language, error.facts)


def refusals(errors: tuple[DomainError, ...], language: Language) -> dict[str, str]:
    """Return field -> sentence for a form; of several about one field, the first."""
    said: dict[str, str] = {}
    for error in errors:
        said.setdefault(error.field or "", refusal(error, language))
    return said
