"""A campaign that collects: as many charges planned as asked, all of them due, poured in with a few statements.

They go past the operations, which would take long for so many; the tables' own constraints and triggers all hold.
Every donor saved the same good card, so that what is measured is ours and not a card's.
"""

from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection

CAMPAIGN = UUID(int=3)
_PEOPLE = 1_000
_STATEMENTS = (
    """
    INSERT INTO municipalities (id, slug, name, site_name, phone, visiting_address, email, brand_colour, accent_colour)
    VALUES (%(here)s, 'waterrade', 'Waterrade', 'Buurtloket Waterrade', '14 000', 'Stadsplein 1',
            'loket@waterrade.example', '#0b4f6c', '#b5482a')
    """,
    """
    INSERT INTO neighbourhoods (id, municipality_id, slug, name) VALUES (%(here)s, %(here)s, 'wijk', 'Wijk')
    """,
    """
    INSERT INTO themes (id, municipality_id, slug, label_nl, label_en, picture)
    VALUES (%(here)s, %(here)s, 'thema', 'Thema', 'Theme', 'garden')
    """,
    """
    INSERT INTO people (id, municipality_id, email, name, email_confirmed_at, created_at)
    SELECT lpad(to_hex(n), 32, '0')::uuid, %(here)s, 'buur-' || n || '@voorbeeld.example', 'Buur ' || n, now(), now()
    FROM generate_series(1, %(people)s) n
    """,
    """
    INSERT INTO initiatives (id, municipality_id, slug, state, title, summary, story, theme_id, neighbourhood_id,
                             minimum_cents, ends_on, deadline_at, created_at, edited_at, submitted_at, live_at)
    VALUES (%(campaign)s, %(here)s, 'plein', 'collecting', 'Plein', 'Samen.', 'Samen.', %(here)s, %(here)s,
            %(pledges)s::bigint * 1000, current_date, now(), now() - interval '30 days', now(),
            now() - interval '30 days', now() - interval '30 days')
    """,
    """
    INSERT INTO closings (initiative_id, closed_at, minimum_cents, secured_cents, secured_count, match_cents, outcome,
                          collect_until)
    VALUES (%(campaign)s, now(), %(pledges)s::bigint * 1000, %(pledges)s::bigint * 2500, %(pledges)s, 0, 'collecting',
            now() + interval '7 days')
    """,
    """
    INSERT INTO settlements (initiative_id, planned_at, planned_count, planned_cents, collect_until)
    VALUES (%(campaign)s, now(), %(pledges)s, %(pledges)s::bigint * 2500, now() + interval '7 days')
    """,
    """
    INSERT INTO pledges (id, municipality_id, initiative_id, person_id, amount_cents, state, promised_at, secured_at,
                         confirmed_at, state_since)
    SELECT md5(%(pledges)s || ' ' || n)::uuid, %(here)s, %(campaign)s,
           lpad(to_hex(1 + n %% %(people)s), 32, '0')::uuid, 2500, 'charging', now(), now(), now(), now()
    FROM generate_series(1, %(pledges)s) n
    """,
    """
    INSERT INTO saved_methods (pledge_id, method_ref, customer_ref, fingerprint, brand, last4, saved_at)
    SELECT id, %(method)s, %(customer)s, 'bench', 'visa', '4242', now() FROM pledges
    """,
    """
    INSERT INTO charges (pledge_id, initiative_id, amount_cents, planned_at, next_attempt_at)
    SELECT id, initiative_id, amount_cents, now(), now() FROM pledges
    """,
    """
    INSERT INTO campaign_totals (initiative_id, amount_cents, pledge_count)
    VALUES (%(campaign)s, %(pledges)s::bigint * 2500, %(pledges)s)
    """,
)


@dataclass(frozen=True, kw_only=True)
class Card:
    """A good card at the sandbox, and whose it is."""

    customer: str
    method: str


def fill(connection: "Connection[tuple[object, ...]]", *, pledges: int, card: Card) -> None:
    """Pour a collecting campaign into a migrated, empty database, and let PostgreSQL count it."""
    values = {
        "here": UUID(int=2),
        "campaign": CAMPAIGN,
        "people": _PEOPLE,
        "pledges": pledges,
        "customer": card.customer,
        "method": card.method,
    }
    with connection.transaction():
        for statement in _STATEMENTS:
            connection.execute(statement, values)
    connection.execute("VACUUM ANALYZE")
