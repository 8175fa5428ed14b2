"""Every page in every state renders, in both languages, within its budget and under the strict policy."""

import gzip
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment

from crowd.shared.money import Money
from frontend.formats import Language
from frontend.i18n import LANGUAGES
from frontend.local.bootstrap import with_node
from frontend.pages import samples
from frontend.rendering import Assets, Page, environment
from frontend.views.initiatives import BAR_UNITS, Progress
from tests.depth import deep
from tests.look import sample_pages, sample_shell

PAGES = sample_pages()
HTML_BYTES_MAX = 15_000
ASSETS_FOLDER = Path(__file__).parents[3] / "frontend" / "assets"
VALIDATOR = ASSETS_FOLDER / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"
ASSETS = Assets({"style": "/static/style.css", "script": "/static/script.js", "font": "/static/font.woff2"})


@cache
def _environment(language: Language) -> Environment:
    return environment(language, ASSETS)


def _rendered(page: Page, language: Language) -> str:
    return _environment(language).get_template(page.template).render(page=page, shell=sample_shell(language))


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def _elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Elements()
    parser.feed(html)
    return parser.elements


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    chosen: Language = request.param
    return chosen


@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_to_its_budget_and_to_the_policy(name: str, language: Language) -> None:
    html = _rendered(PAGES[name], language)
    assert len(gzip.compress(html.encode())) <= HTML_BYTES_MAX
    elements = _elements(html)
    for tag, attributes in elements:
        assert "style" not in attributes, "the Content-Security-Policy allows no style on an element"
        assert not [attribute for attribute in attributes if attribute.startswith("on")]
        assert tag != "style"
        assert tag != "script" or attributes.get("src")
    identifiers = [attributes["id"] for _tag, attributes in elements if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    assert [tag for tag, _attributes in elements].count("h1") == 1


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_points_at_exists_on_it(name: str) -> None:
    elements = _elements(_rendered(PAGES[name], "nl"))
    identifiers = {attributes.get("id") for _tag, attributes in elements}
    for _tag, attributes in elements:
        targets = [
            attributes.get("for"),
            attributes.get("aria-labelledby"),
            *(attributes.get("aria-describedby") or "").split(),
        ]
        href = attributes.get("href") or ""
        if href.startswith("#"):
            targets.append(href[1:])
        assert {target for target in targets if target} <= identifiers


def test_a_form_with_errors_says_so_in_its_title_and_keeps_what_was_typed() -> None:
    html = _rendered(samples.pledge_form(wrong=True), "nl")
    assert re.search(r"<title>Fout: Steun Buurtmoestuin Kersenlaan", html)
    assert 'value="tien"' in html
    assert 'href="#email"' in html


def test_what_people_wrote_is_never_markup() -> None:
    attack = "<script>alert(1)</script>"
    page = replace(samples.initiative(), story=attack, initiator=attack, card=replace(samples.CARDS[0], title=attack))
    html = _rendered(page, "nl")
    assert attack not in html
    assert "&lt;script&gt;alert(1)" in html


def _progresses() -> Iterator[Progress]:
    for neighbours, municipality in [(0, 0), (1, 0), (5_000_00, 4_999_99), (8_000_00, 2_000_00), (30_000_00, 1)]:
        yield Progress(
            neighbours=Money(neighbours),
            municipality=Money(municipality),
            minimum=Money(10_000_00),
            target=Money(12_500_00),
            supporters=1,
        )


def test_a_bar_is_never_longer_than_itself() -> None:
    for progress in _progresses():
        first, second = progress.units()
        assert first >= 0
        assert second >= 0
        assert first + second <= BAR_UNITS
        assert progress.minimum_at() is None or 0 < (progress.minimum_at() or 0) < BAR_UNITS


def test_a_bar_is_full_exactly_when_the_minimum_is_there() -> None:
    almost = Progress(
        neighbours=Money(9_999_99),
        municipality=Money(0),
        minimum=Money(10_000_00),
        target=Money(10_000_00),
        supporters=1,
    )
    assert not almost.reached
    assert sum(almost.units()) < BAR_UNITS
    assert almost.percent == 99
    there = replace(almost, neighbours=Money(10_000_00))
    assert there.reached
    assert sum(there.units()) == BAR_UNITS


def test_every_page_is_valid_html(tmp_path: Path) -> None:
    # The last state of each template is usually the fullest; every state is looked at in `make prove`.
    each_template = {page.template: name for name, page in PAGES.items()}
    chosen = deep(sample=frozenset(each_template.values()), full=frozenset(PAGES))
    for name in chosen:
        page = PAGES[name]
        (tmp_path / f"{name}.html").write_text(_rendered(page, "nl"), encoding="utf-8")
    checked = subprocess.run(  # noqa: S603  our own tool on our own pages
        ["node", VALIDATOR, "--config", ASSETS_FOLDER / ".htmlvalidate.json", "--formatter", "text", tmp_path],  # noqa: S607
        env=with_node(),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
