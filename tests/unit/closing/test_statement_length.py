"""The largest statements are short enough to be remembered: psycopg turns a longer one into bytes anew each time."""

import pytest
from sqlalchemy import Select, create_engine

from crowd.closing import campaign_page_queries as page
from crowd.closing import campaign_queries as cards

# psycopg's `MAX_CACHED_STATEMENT_LENGTH`, in characters.
REMEMBERED = 4096
# Of the driver we use; nothing is connected to.
DIALECT = create_engine("postgresql+psycopg://").dialect
STATEMENTS = {
    "a page by its address": page._PAGE_BY_SLUG,
    "a page by its id": page._PAGE_BY_ID,
    "three campaigns nearby": cards._ELSEWHERE,
    "a list with every filter": cards._list_statement(
        standing="ended", theme=True, neighbourhood=True, words=True, after=True, most=12
    ),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_is_short_enough_to_be_remembered(name: str) -> None:
    statement: Select[tuple[object, ...]] = STATEMENTS[name]
    said = str(statement.compile(dialect=DIALECT))
    assert len(said) <= REMEMBERED
