"""No page of the demonstration leads nowhere: every link is followed, as a visitor and as each of its people."""

import re
from collections import Counter, deque
from html import unescape
from urllib.parse import urlsplit

from crowd.shared.db import Database
from frontend.demo import PEOPLE
from frontend.seed.demo import seed
from tests.in_process import Visitor, open_house

_LINK = re.compile(r'(?:href|src)="([^"#]+)')
_OURS = "http://127.0.0.1:8000"
# Many pages of one kind lead to the same places; a few of each are enough.
_EACH = 3


def test_every_link_leads_somewhere_for_everybody(committing_database: Database) -> None:
    dead: dict[str, list[str]] = {}
    with open_house(committing_database) as app:
        seed(app.state.runtime)
        for part in ("", *PEOPLE):
            visitor = Visitor(app)
            if part:
                visitor.get(f"/demo/inloggen/{part}")
                visitor.send(f"/demo/inloggen/{part}", {})
            seen, dead[part or "visitor"] = _walk(visitor)

            assert len(seen) > 15

    assert {who: links for who, links in dead.items() if links} == {}


def _walk(visitor: Visitor) -> tuple[Counter[str], list[str]]:
    """Follow links from home and from one's own page; the pages seen by kind, and the links that lead nowhere."""
    known, kinds, dead = {"/", "/mijn"}, Counter[str](), list[str]()
    waiting = deque([("/", "the start"), ("/mijn", "the start")])
    while waiting:
        path, found_on = waiting.popleft()
        kind = re.sub(r"\d[\d.a-f-]{7,}|(?<=/initiatieven/)[^/?]+|(?<=/vaardigheden/)[^/?]+|=.*", "*", path)
        if kinds[kind] >= _EACH:
            continue
        kinds[kind] += 1
        answer = visitor.get(path)
        if answer.status_code == 303:
            answer = visitor.follow()
        if answer.status_code != 200:
            dead.append(f"{answer.status_code} {path}, linked on {found_on}")
        elif answer.headers["content-type"].startswith("text/html"):
            fresh = [link for link in _links(answer.text) if link not in known]
            known.update(fresh)
            waiting.extend((link, path) for link in fresh)
    return kinds, dead


def _links(html: str) -> list[str]:
    found = []
    for link in map(unescape, _LINK.findall(html)):
        path = link.removeprefix(_OURS) or "/"
        # Bundled files are built by `make`, which a test of links does not need.
        if path.startswith("/") and not path.startswith("//") and not urlsplit(path).path.startswith("/static/"):
            found.append(path)
    return found


def test_a_dead_link_would_be_found() -> None:
    assert _links('<a href="/privacy?x=1&amp;y=2#top">x</a> <img src="http://127.0.0.1:8000/a.svg">') == [
        "/privacy?x=1&y=2",
        "/a.svg",
    ]
    assert _links('<a href="https://example.org/">x</a> <a href="//example.org">x</a> <a href="#top">x</a>') == []
