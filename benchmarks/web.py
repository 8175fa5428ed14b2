"""What a request costs, as processor time of the web and of PostgreSQL, against the floor measured beside it.

The application's floor is FastAPI that answers the same bytes without a database, served by the same program; the
database's is pgbench with the very statements of the request, prepared. Processor time survives a busy machine;
the pledges per second at the end do not, and are therefore only compared with each other.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count, cycle, islice, repeat
from operator import truediv
from statistics import median
from typing import Final

from starlette.testclient import TestClient

from benchmarks import pledges, processor
from benchmarks.client import all_at_once, get
from benchmarks.measure import ALTERNATIONS, Measure, milliseconds, ratio_of
from benchmarks.same_sql import Script, Sent, overhearing, read_script, variables_of, write_script
from benchmarks.stand import Server, Stand, running_stand

Listen = Callable[[Callable[[TestClient], object]], Sent]

_REQUESTS: Final = 200
_WARM: Final = 40
_TRANSACTIONS: Final = 1_500
# One in so many campaigns speaks for the statements of all: from the most popular to the least.
_EVERY: Final = 250
_HOT: Final = 3
_CLIENTS: Final = 64
_AT_ONCE: Final = 900
_LIST: Final = "/initiatieven"
_PARTS_DEEP: Final = 120
_SEE_OTHER: Final = 303
_NOT_MODIFIED: Final = 304

_PAGE_GOALS: Final = (4.0, 2.5)
_PLEDGE_GOALS: Final = (5.0, 1.9)


def measure() -> Iterator[Measure]:
    """Start the web on a city of 100,000 pledges and measure every goal of a request."""
    with running_stand() as stand, overhearing(stand) as listen:
        pages = [f"{_LIST}/{slug}" for slug in stand.city.slugs]
        # Every address is asked so seldom that each page is written anew, as on an ordinary day.
        yield from _reading(stand, listen, "list", [f"{_LIST}?v={number}" for number in range(1000)], sample=[_LIST])
        yield from _reading(stand, listen, "initiative page", pages, sample=pages[::_EVERY])
        yield _unchanged(stand, pages[_HOT])
        yield _deep(stand)
        yield from _pledging(stand, listen)
        yield _hot(stand)


def _reading(
    stand: Stand, listen: Listen, name: str, paths: Sequence[str], *, sample: Sequence[str]
) -> Iterator[Measure]:
    """A page against a page of the same bytes, its statements (those of the sample) against the same by pgbench."""
    # The first visit also reads what a process remembers for a minute.
    listen(lambda client: client.get(sample[0]))
    scripts = [read_script(listen(partial(TestClient.get, url=path))) for path in sample]
    floor = _floor_request(stand, sample[0])
    yield from _against_floors(
        stand,
        name,
        goals=_PAGE_GOALS,
        requests=cycle([get(path) for path in paths]),
        floor=cycle([floor]),
        scripts=scripts,
    )


def _pledging(stand: Stand, listen: Listen) -> Iterator[Measure]:
    """A promise against a form that is read and answered, its statements against the same ones by pgbench."""
    path = pledges.address_of(stand.city.slugs[_HOT])

    def pledge(client: TestClient) -> None:
        answer = client.post(path, data=pledges.form_of(stand), headers=pledges.headers())
        assert answer.status_code == _SEE_OTHER, answer.text  # noqa: S101  a refused pledge would be no measure

    listen(pledge)
    script = write_script(listen(pledge), listen(pledge))
    yield from _against_floors(
        stand,
        "pledge",
        goals=_PLEDGE_GOALS,
        requests=pledges.requests(stand, path=path),
        floor=pledges.requests(stand, path="/form"),
        scripts=[script],
        expected=_SEE_OTHER,
    )


def _against_floors(
    stand: Stand,
    name: str,
    *,
    goals: tuple[float, float],
    requests: Iterator[bytes],
    floor: Iterator[bytes],
    scripts: Sequence[Script],
    expected: int = 200,
) -> Iterator[Measure]:
    _ask(stand.web, requests, times=_WARM, expected=expected)
    _ask(stand.floor, floor, times=_WARM, expected=expected)
    backends = stand.backends()
    web, fastapi, database, pgbench = [], [], [], []
    for _ in range(ALTERNATIONS):
        before = processor.seconds_of(backends)
        web.append(_seconds_each(stand.web, requests, expected=expected))
        database.append((processor.seconds_of(backends) - before) / (_REQUESTS + _WARM))
        fastapi.append(_seconds_each(stand.floor, floor, expected=expected))
        pgbench.append(_pgbench_seconds_each(stand, scripts))
    yield Measure(
        name=f"{name}: processor time of the web against FastAPI without a database",
        goal=goals[0],
        measured=median(map(truediv, web, fastapi)),
        unit="times",
        note=milliseconds(web, fastapi),
    )
    yield Measure(
        name=f"{name}: processor time of PostgreSQL against the same statements by pgbench",
        goal=goals[1],
        measured=median(map(truediv, database, pgbench)),
        unit="times",
        note=milliseconds(database, pgbench),
    )


def _unchanged(stand: Stand, path: str) -> Measure:
    """A page that everybody looks at, for a browser that holds it already."""
    line = stand.web.line()
    line.ask(get(path))
    request = get(path, if_none_match=line.headers[b"etag"].decode())
    line.close()
    floor = _floor_request(stand, path)
    return Measure(
        name="initiative page, asked often and unchanged: processor time of the web against FastAPI",
        goal=1.3,
        measured=ratio_of(
            lambda: _seconds_each(stand.web, cycle([request]), expected=_NOT_MODIFIED),
            lambda: _seconds_each(stand.floor, cycle([floor])),
        ),
        unit="times",
    )


def _deep(stand: Stand) -> Measure:
    """A page far down the list against the first one, of the web and PostgreSQL together."""
    line = stand.web.line()
    path = _LIST
    for _ in range(_PARTS_DEEP):
        html = line.ask(get(path)).decode()
        path = html.partition('href="/initiatieven?na=')[2].partition('"')[0]
        assert path, "the list ended early"  # noqa: S101  another page would be measured
        path = f"{_LIST}?na={path}"
    line.close()
    backends = stand.backends()
    number = count()

    def cost(path: str) -> float:
        before = processor.seconds_of(backends)
        web = _seconds_each(stand.web, (get(f"{path}&v={next(number)}") for _ in repeat(None)))
        return web + (processor.seconds_of(backends) - before) / (_REQUESTS + _WARM)

    return Measure(
        name=f"page {_PARTS_DEEP} of the list: processor time against the first page",
        goal=1.5,
        measured=ratio_of(lambda: cost(path), lambda: cost(f"{_LIST}?na=")),
        unit="times",
    )


def _hot(stand: Stand) -> Measure:
    """Pledges per second to one campaign against pledges to all of them, from 64 clients on both processes."""
    addresses = [pledges.address_of(slug) for slug in stand.city.slugs]

    def rate(paths: Sequence[str]) -> float:
        streams = [pledges.requests(stand, path=path) for path in paths]
        sent = (next(stream) for stream in islice(cycle(streams), _AT_ONCE))
        seconds = all_at_once([stand.web.port, stand.second_web.port], sent, clients=_CLIENTS, expected=_SEE_OTHER)
        return _AT_ONCE / seconds

    rate(addresses)
    return Measure(
        name="pledges per second to one hot campaign against spread over 2,000 (64 clients, wall clock)",
        goal=0.8,
        measured=ratio_of(lambda: rate(addresses[:1]), lambda: rate(addresses)),
        unit="times",
        at_least=True,
    )


def _seconds_each(server: Server, requests: Iterator[bytes], *, expected: int = 200) -> float:
    """Processor seconds of the server for one of these, after some to warm up."""
    _ask(server, requests, times=_WARM, expected=expected)
    before = processor.seconds_of([server.pid])
    _ask(server, requests, times=_REQUESTS, expected=expected)
    return (processor.seconds_of([server.pid]) - before) / _REQUESTS


def _ask(server: Server, requests: Iterator[bytes], *, times: int, expected: int) -> None:
    line = server.line()
    for request in islice(requests, times):
        line.ask(request, expected=expected)
    line.close()


def _floor_request(stand: Stand, path: str) -> bytes:
    """A request for the very bytes that the web answers at `path`, kept for the floor to answer."""
    line = stand.web.line()
    name = path.strip("/").replace("/", "-")
    (stand.folder / "bodies" / name).write_bytes(line.ask(get(path)))
    line.close()
    return get(f"/body/{name}")


def _pgbench_seconds_each(stand: Stand, scripts: Sequence[Script]) -> float:
    """Processor seconds of PostgreSQL for one transaction of pgbench: its backend's, which is gone afterwards."""
    postgres = stand.postgres.process.pid
    others, before = processor.children_of(postgres), processor.seconds_of_ended_children(postgres)
    stand.pgbench(*(script.text for script in scripts), times=_TRANSACTIONS, variables=variables_of(scripts))
    while processor.children_of(postgres) - others:
        time.sleep(0.01)
    return (processor.seconds_of_ended_children(postgres) - before) / _TRANSACTIONS
