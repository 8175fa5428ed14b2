"""A city to measure in: 2,000 campaigns and 100,000 pledges, the same ones each time, poured in with COPY.

COPY goes past the operations, which would take half an hour for this; the tables' own constraints and triggers all
hold. Popularity is skewed as it is in life: the first campaigns have thousands of pledges, the last a few.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

from psycopg import Connection, sql

CAMPAIGNS = 2_000
PLEDGES = 100_000
PEOPLE = 20_000
_NEIGHBOURHOODS = 24
_THEMES = 6
_MINIMUM_CENTS = 50_000_00
_RATE = 50
_STORY = (
    "Wij wonen hier met veel plezier en willen de straat **groener** maken.\n\n"
    "## Wat gaan we doen\n\n- tegels eruit\n- planten erin\n- samen water geven\n\n"
    "Iedereen kan meedoen, ook als je geen groene vingers hebt. Op zaterdag beginnen we om tien uur bij de brug, en "
    "er is koffie. Het materiaal bestellen we bij een kweker in de buurt.\n\n"
) * 3
_ROAD = ("draft", "submitted", "approved", "live")


@dataclass(frozen=True, kw_only=True)
class City:
    """What a benchmark needs to know of it: addresses and ids, the most popular campaign first."""

    slugs: tuple[str, ...]
    initiatives: tuple[UUID, ...]
    now: datetime


def fill(connection: "Connection[tuple[object, ...]]") -> City:
    """Pour the city into a migrated, empty database, and let PostgreSQL count it."""
    chance = Random(7)
    now = datetime.now(UTC).replace(microsecond=0)
    here = _uuid(chance)
    places = [_uuid(chance) for _ in range(_NEIGHBOURHOODS)]
    themes = [_uuid(chance) for _ in range(_THEMES)]
    people = [_uuid(chance) for _ in range(PEOPLE)]
    initiatives = tuple(_uuid(chance) for _ in range(CAMPAIGNS))
    slugs = tuple(f"geveltuinen-in-straat-{number}" for number in range(CAMPAIGNS))
    with connection.transaction():
        _town(connection, here=here, places=places, themes=themes, people=people, now=now)
        _campaigns(connection, chance, here=here, places=places, themes=themes, people=people, ids=initiatives, now=now)
        _pledges(connection, chance, here=here, people=people, initiatives=initiatives, now=now)
        _match(connection, here=here, places=places, initiatives=initiatives, now=now)
        _shifts(connection, chance, here=here, initiatives=initiatives, now=now)
    connection.execute("VACUUM ANALYZE")
    return City(slugs=slugs, initiatives=initiatives, now=now)


def _town(
    connection: "Connection[tuple[object, ...]]",
    *,
    here: UUID,
    places: Sequence[UUID],
    themes: Sequence[UUID],
    people: Sequence[UUID],
    now: datetime,
) -> None:
    _pour(
        connection,
        "municipalities",
        "id slug name site_name phone visiting_address email brand_colour accent_colour",
        [
            (
                *(here, "waterrade", "Waterrade", "Buurtloket Waterrade", "14 000", "Stadsplein 1, Waterrade"),
                *("loket@waterrade.example", "#0b4f6c", "#b5482a"),
            )
        ],
    )
    _pour(
        connection,
        "neighbourhoods",
        "id municipality_id slug name",
        [(place, here, f"wijk-{number}", f"Wijk {number}") for number, place in enumerate(places)],
    )
    _pour(
        connection,
        "themes",
        "id municipality_id slug label_nl label_en picture",
        [
            (theme, here, f"thema-{number}", f"Thema {number}", f"Theme {number}", "garden")
            for number, theme in enumerate(themes)
        ],
    )
    _pour(
        connection,
        "people",
        "id municipality_id email name email_confirmed_at created_at",
        [
            (person, here, f"buur-{number}@voorbeeld.example", f"Buur {number}", now, now)
            for number, person in enumerate(people)
        ],
    )


def _campaigns(
    connection: "Connection[tuple[object, ...]]",
    chance: Random,
    *,
    here: UUID,
    places: Sequence[UUID],
    themes: Sequence[UUID],
    people: Sequence[UUID],
    ids: Sequence[UUID],
    now: datetime,
) -> None:
    ends_on = date.fromordinal(now.date().toordinal() + 60)
    deadline = datetime(ends_on.year, ends_on.month, ends_on.day, 23, tzinfo=UTC)
    live = [now - timedelta(days=20, minutes=10 * number) for number in range(len(ids))]
    _pour(
        connection,
        "initiatives",
        "id municipality_id slug state title summary story help_wanted theme_id neighbourhood_id minimum_cents ends_on"
        " deadline_at created_at edited_at submitted_at live_at",
        [
            (
                *(one, here, f"geveltuinen-in-straat-{number}", "live", f"Geveltuinen in straat {number}"),
                *("Samen maken we de straat groener, huis voor huis.", _STORY, "Scheppen, planten en koffie zetten."),
                *(themes[number % len(themes)], places[number % len(places)], _MINIMUM_CENTS, ends_on, deadline),
                *(at - timedelta(days=9), at, at - timedelta(days=8), at),
            )
            for number, (one, at) in enumerate(zip(ids, live, strict=True))
        ],
    )
    _pour(
        connection,
        "budget_lines",
        "id initiative_id position label amount_cents",
        [
            (_uuid(chance), one, position, label, cents)
            for one in ids
            for position, (label, cents) in enumerate(
                (("Planten", 30_000_00), ("Tegels", 20_000_00), ("Feest", 5_000_00))
            )
        ],
    )
    _pour(
        connection,
        "team_members",
        "initiative_id person_id part joined_at",
        [(one, people[-1 - number], "initiator", at) for number, (one, at) in enumerate(zip(ids, live, strict=True))],
    )
    _pour(
        connection,
        "initiative_transitions",
        "initiative_id from_state to_state at by_person_id reason",
        [
            (one, before, after, at, people[-1], "")
            for one, at in zip(ids, live, strict=True)
            for before, after in pairwise(_ROAD)
        ],
    )
    _pour(
        connection,
        "initiative_updates",
        "id initiative_id title body published_at published_by",
        [
            (
                _uuid(chance),
                one,
                "De eerste tegels zijn eruit",
                "Wat een opkomst. **Dank** aan iedereen!",
                at,
                people[-1],
            )
            for one, at in zip(ids, live, strict=True)
        ],
    )


def _pledges(
    connection: "Connection[tuple[object, ...]]",
    chance: Random,
    *,
    here: UUID,
    people: Sequence[UUID],
    initiatives: Sequence[UUID],
    now: datetime,
) -> None:
    chosen = chance.choices(
        range(len(initiatives)), weights=[1 / (place + 20) for place in range(len(initiatives))], k=PLEDGES
    )
    sums = [[0, 0] for _ in initiatives]
    rows = []
    for number, place in enumerate(chosen):
        cents, at = 100 * chance.randint(5, 60), now - timedelta(seconds=15 * (PLEDGES - number))
        sums[place][0] += cents
        sums[place][1] += 1
        name = f"Buur {number}" if number % 2 else ""
        person = people[chance.randrange(len(people) - CAMPAIGNS)]
        rows.append((_uuid(chance), here, initiatives[place], person, cents, "secured", name, at, at, at, at))
    _pour(
        connection,
        "pledges",
        "id municipality_id initiative_id person_id amount_cents state public_name promised_at secured_at confirmed_at"
        " state_since",
        rows,
    )
    _pour(
        connection,
        "campaign_totals",
        "initiative_id amount_cents pledge_count",
        [(one, cents, count) for one, (cents, count) in zip(initiatives, sums, strict=True)],
    )
    # What was promised in the last second is not rolled up yet.
    _pour(
        connection, "campaign_deltas", "initiative_id amount_cents pledge_count", [(initiatives[0], 10_00, 1)] * _RATE
    )


def _match(
    connection: "Connection[tuple[object, ...]]",
    *,
    here: UUID,
    places: Sequence[UUID],
    initiatives: Sequence[UUID],
    now: datetime,
) -> None:
    scheme = UUID(int=1)
    _pour(
        connection,
        "schemes",
        "id municipality_id name legal_basis ratio_percent donor_cap_cents project_cap_cents pot_cents reserved_cents"
        " opens_on closes_on",
        [
            (
                *(scheme, here, "Samen voor de buurt", "Subsidieregeling Samen voor de buurt, artikel 3", 50, 250_00),
                *(5_000_00, 10_000_000_00, 0, date(now.year - 1, 1, 1), date(now.year + 1, 12, 31)),
            )
        ],
    )
    _pour(connection, "scheme_neighbourhoods", "scheme_id neighbourhood_id", [(scheme, place) for place in places])
    _pour(
        connection,
        "campaign_matches",
        "initiative_id scheme_id opened_at",
        [(one, scheme, now - timedelta(days=20)) for one in initiatives],
    )
    connection.execute(
        "INSERT INTO reservations (pledge_id, scheme_id, initiative_id, person_id, amount_cents, bound, reserved_at)"
        " SELECT id, %s, initiative_id, person_id, amount_cents / 2, 'ratio', promised_at FROM pledges"
        " WHERE id < '40000000-0000-0000-0000-000000000000'",
        [scheme],
    )
    connection.execute("UPDATE schemes SET reserved_cents = (SELECT sum(amount_cents) FROM reservations)")


def _shifts(
    connection: "Connection[tuple[object, ...]]",
    chance: Random,
    *,
    here: UUID,
    initiatives: Sequence[UUID],
    now: datetime,
) -> None:
    roles = [(_uuid(chance), one) for one in initiatives[::2]]
    _pour(
        connection,
        "roles",
        "id municipality_id initiative_id title description created_at",
        [(role, here, one, "Scheppen", "Tegels lichten en planten.", now) for role, one in roles],
    )
    begin = now + timedelta(days=12)
    _pour(
        connection,
        "shifts",
        "id municipality_id initiative_id role_id during capacity minimum_crew meeting_point asks created_at",
        [
            (
                *(
                    _uuid(chance),
                    here,
                    one,
                    role,
                    f"[{begin + timedelta(days=day)},{begin + timedelta(days=day, hours=3)})",
                ),
                *(8, 2, "Bij de brug", 0, now),
            )
            for role, one in roles
            for day in (0, 7)
        ],
    )


def _pour(
    connection: "Connection[tuple[object, ...]]", table: str, columns: str, rows: Iterable[tuple[object, ...]]
) -> None:
    names = sql.SQL(",").join(map(sql.Identifier, columns.split()))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with connection.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _uuid(chance: Random) -> UUID:
    return UUID(int=chance.getrandbits(128))
