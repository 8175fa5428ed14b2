"""What an initiative must say to be handed in."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from crowd.initiatives import submission_rules as rules
from crowd.initiatives.content_rules import Budget, Content, EndDateOutOfRange, Help, Idea, Line, Photo, Place
from crowd.shared.money import Money

TODAY = date(2026, 11, 23)
WHOLE = Content(
    idea=Idea(title="Geveltuinen", summary="Groen in de straat.", story="Wij gaan planten.", theme_id=UUID(int=1)),
    place=Place(pc4="1011", neighbourhood_id=UUID(int=2)),
    budget=Budget(
        lines=(Line("Planten", Money(600_00)), Line("Tegels", Money(900_00))),
        minimum=Money(1_000_00),
        ends_on=TODAY + timedelta(days=30),
    ),
    help=Help(),
    photo=Photo(),
)


def test_a_whole_initiative_misses_nothing() -> None:
    assert rules.missing(WHOLE, today=TODAY) == ()


def test_everything_missing_is_named_at_once_with_its_step() -> None:
    empty = Content(Idea(), Place(), Budget(), Help(), Photo())
    found = rules.missing(empty, today=TODAY)
    assert [type(error) for error in found] == [
        rules.TitleMissing,
        rules.SummaryMissing,
        rules.StoryMissing,
        rules.ThemeMissing,
        rules.PlaceMissing,
        rules.BudgetMissing,
        rules.MinimumMissing,
        rules.EndDateMissing,
    ]
    assert [rules.step_of(error) for error in found] == ["idea"] * 4 + ["place"] + ["budget"] * 3


def test_a_photo_needs_words_for_whoever_cannot_see_it() -> None:
    found = rules.missing(replace(WHOLE, photo=Photo(picture_id=UUID(int=3))), today=TODAY)
    assert [type(error) for error in found] == [rules.PictureAltMissing]
    assert rules.step_of(found[0]) == "photo"


def test_an_end_date_that_came_too_close_while_it_lay_waiting_is_named() -> None:
    found = rules.missing(WHOLE, today=TODAY + timedelta(days=25))
    assert [type(error) for error in found] == [EndDateOutOfRange]
    assert rules.step_of(found[0]) == "budget"
