"""Finding a skill while typing, and laying the vocabulary down again."""

import pytest
from sqlalchemy.orm import Session

from matching.vocabulary.concepts import CONCEPTS
from matching.vocabulary.operations import lay_skills
from matching.vocabulary.queries import search
from tests.people_at_work import lay_town


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("tuin", "tuinieren"),
        ("moestuin", "planten"),
        ("fietsenmaker", "fietsen-maken"),
        ("penningmeester", "boekhouden"),
        ("bookkeeping", "boekhouden"),
        ("heggen", "snoeien"),
        ("TAALMAATJE", "taalles"),
        ("vertaalen", "vertalen"),
        ("shildere", "schilderen"),
        ("dog walking", "honden"),
    ],
)
def test_a_skill_is_found_by_any_of_its_names_and_with_a_typing_error(session: Session, typed: str, slug: str) -> None:
    here = lay_town(session)
    assert slug in [skill.slug for skill in search(session, municipality_id=here, typed=typed)][:3]


@pytest.mark.parametrize("typed", ["", "   ", "%", "_", "xqzwv", "'; QXZ xqz", "\\"])
def test_nonsense_finds_nothing(session: Session, typed: str) -> None:
    here = lay_town(session)
    assert search(session, municipality_id=here, typed=typed) == []


def test_laying_the_vocabulary_again_adds_nothing(session: Session) -> None:
    assert lay_skills(session) == lay_skills(session) == len(CONCEPTS)
