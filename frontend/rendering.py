"""Templates to HTML: one Jinja environment per language, strict about what it does not know.

A page is a frozen dataclass of `frontend/views` that names its own template, so a route hands over one typed
thing: `render(HomePage(...), shell)`. Templates see it as `page`, and what surrounds it as `shell`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import ClassVar, Final, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from frontend import formats
from frontend.formats import Language
from frontend.i18n import LANGUAGES, translations
from frontend.sentences import SpeakingEnvironment
from frontend.views.shell import Shell

TEMPLATES: Final = Path(__file__).parent / "templates"
BUILT: Final = Path(__file__).parent / "assets" / "dist"
STATIC: Final = "/static"

# What templates call the bundle's files -> the source that Vite's manifest lists them under.
_SOURCES: Final = {
    "style": "src/main.css",
    "script": "src/app.ts",
    "font": "node_modules/@fontsource-variable/source-sans-3/files/source-sans-3-latin-wght-normal.woff2",
}


class AssetsMissing(Exception):
    """The bundle has not been built, or misses a file; the message says what to do."""


class Page(Protocol):
    """Anything that knows its template."""

    template: ClassVar[str]


@dataclass(frozen=True, slots=True)
class Assets:
    """Where the bundle's files are, by the names templates use."""

    addresses: Mapping[str, str]

    @classmethod
    def built(cls, folder: Path = BUILT) -> "Assets":
        """Return the addresses in the built bundle's manifest; raise AssetsMissing when there is none."""
        try:
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            return cls({name: f"{STATIC}/{manifest[source]['file']}" for name, source in _SOURCES.items()})
        except FileNotFoundError as error:
            raise AssetsMissing(f"There is no bundle in {folder.name}/: build it with `make install`") from error
        except KeyError as error:
            raise AssetsMissing(f"The bundle has no {error}: build it again with `make install`") from error

    def __call__(self, name: str) -> str:
        """Return the address of "style", "script" or "font"."""
        return self.addresses[name]


def environment(language: Language, assets: Assets) -> Environment:
    """Return the environment that speaks `language`. An unknown name in a template is an error, not a gap."""
    made = SpeakingEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html", "svg", "xml"], default_for_string=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        # Every template of ours stays compiled.
        cache_size=-1,
    )
    made.language = language
    # Added by the i18n extension, so its type is not known to the class.
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.policies["ext.i18n.trimmed"] = True
    made.globals.update(asset=assets, language=language, languages=LANGUAGES, percent=formats.percent)
    for name in ("money", "number", "day", "short_day", "clock_time", "moment", "span", "time_left"):
        made.filters[name] = partial(getattr(formats, name), language=language)
    made.filters["markdown"] = formats.markdown
    made.filters["amount_field"] = formats.amount_field
    made.globals["days_until"] = formats.days_until
    return made


def render(page: Page, shell: Shell) -> str:
    """Return the whole page as HTML, in the shell's language."""
    return _environment(shell.language).get_template(page.template).render(page=page, shell=shell)


def render_part(template: str, shell: Shell, **context: object) -> str:
    """Return a part of a page (a template whose name starts with "_"), to be swapped in."""
    return _environment(shell.language).get_template(template).render(shell=shell, **context)


@lru_cache
def _environment(language: Language) -> Environment:
    return environment(language, Assets.built())
