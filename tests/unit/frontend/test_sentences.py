"""Sentences are translated while a template is compiled, and mean the same as when they were translated later."""

import pytest
from jinja2 import UndefinedError

from frontend.formats import Language
from frontend.rendering import Assets, environment


def _said(source: str, language: Language = "nl", *, html: bool = True, **facts: object) -> str:
    made = environment(language, Assets({}))
    if not html:
        made = made.overlay(autoescape=False)
    return made.from_string(source).render(**facts)


def test_a_sentence_is_said_in_the_environments_language() -> None:
    assert _said('{{ _("Amount") }}') == "Bedrag"
    assert _said('{{ _("Amount") }}', "en") == "Amount"


def test_a_sentence_without_dutch_is_said_in_english() -> None:
    assert _said('{{ _("A sentence nobody translated, 100%%") }}') == "A sentence nobody translated, 100%"


def test_facts_are_filled_in_and_escaped_in_html_only() -> None:
    source = '{{ _("since %(day)s", day=day) }}|{% trans title=day %}Every euro of {{ title }}{% endtrans %}'
    assert _said(source, day="<b>") == "sinds &lt;b&gt;|Elke euro van &lt;b&gt;"
    assert _said(source, html=False, day="<b>") == "sinds <b>|Elke euro van <b>"


def test_a_sentence_may_be_handed_to_a_macro_without_being_escaped_twice() -> None:
    macro = "{% macro say(text) %}<p>{{ text }}</p>{% endmacro %}"
    source = macro + '{{ say(_("Tom & Jerry")) }}{{ say(_("of %(minimum)s", minimum="<1")) }}'
    assert _said(source) == "<p>Tom & Jerry</p><p>van &lt;1</p>"


def test_plurals_follow_the_count() -> None:
    source = "{% trans count=n, shown=n %}{{ shown }} initiative{% pluralize %}{{ shown }} initiatives{% endtrans %}"
    assert _said(source, n=1) == "1 initiatief"
    assert _said(source, n=2) == "2 initiatieven"
    assert _said(source, "en", n=2) == "2 initiatives"


def test_a_missing_fact_is_an_error_and_not_a_gap() -> None:
    with pytest.raises(UndefinedError):
        _said('{{ _("since %(day)s", day=nothing_like_it) }}')
