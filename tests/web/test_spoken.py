"""Templates are compiled once for each language, with its sentences in them."""

from datetime import date
from pathlib import Path

import pytest
from flask import Flask, g
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, UndefinedError
from jinja2.runtime import markup_join
from markupsafe import Markup, escape

from orchard import words
from orchard.accounts.rules import Role
from orchard.app import create_app
from orchard.web.filters import kept
from orchard.web.spoken import joined, shown

TEMPLATES = {
    "page.html": '{% extends "frame.html" %}{% block main %}{{ t("web.back") }}{% endblock %}',
    "frame.html": '{% import "part.html" as part %}{% block main %}{% endblock %} {{ part.say() }}',
    "part.html": '{% macro say() %}{{ t("web.account") }}{% endmacro %}',
    "parts.html": '{{ t("web.day", month=3, day=n) }} {{ t("web." ~ part) }}',
    "other.html": '{{ x.t("web.back") }} {{ "t" }} {{ t }}',
    "values.html": '{{ x }} {{ x|safe }} {% set y %}{{ x }}{% endset %}{{ y }} {{ x ~ "&" }}',
    "calls.html": "{% macro m(x) %}[{{ x }}]{% endmacro %}{% for k in keys %}{{ t(k) }}{% endfor %}"
    '{{ m(t(*keys)) }}{{ url_for("accounts.own") }}{{ t("web.day", day=2, month=1) }}',
    "asks.html": '{% import "keeps.html" as keeps %}{{ kept(keeps.say, x) }}',
    "keeps.html": '{% macro say(x) %}{{ t("web.back") }} {{ x }}{% endmacro %}',
    "nobody.html": "{{ nobody(1) }}",
    "values.txt": "{{ x }}",
    "macros.html": '{% from "outer.html" import box %}{{ box(x) }}{{ box(x ~ "<i>") }}'
    "{% call box(x) %}{{ x }}{% endcall %}{{ d.get(1) }}{{ d.get(2, x) }}",
    "outer.html": "{% macro inner(y) %}<b>{{ y }}</b>{% endmacro %}"
    "{% macro box(x) %}({{ inner(x) }}{% if caller %}{{ caller() }}{% endif %}){% endmacro %}",
    "keyword.html": '{{ say(class="x") }}',
    "days.html": "{{ x|near_day(x) }} {{ x|day }} {{ x|weekday }}",
    "unknown.html": '{{ t("web.no_such_key") }}',
}


@pytest.fixture
def app(sqlite_database: Path) -> Flask:
    made = create_app()
    made.jinja_env.loader = DictLoader(TEMPLATES)
    return made


def said(app: Flask, name: str, locale: str, **values: object) -> str:
    with app.test_request_context():
        g.locale = locale
        return app.jinja_env.get_template(name).render(**values)


def test_each_reader_has_his_language_in_page_frame_and_parts(app: Flask) -> None:
    for locale in (*words.LOCALES, *words.LOCALES):
        wanted = f"{words.text(locale, 'web.back')} {words.text(locale, 'web.account')}"
        assert said(app, "page.html", locale) == wanted


def test_sentences_with_parts_and_chosen_keys_are_looked_up_as_the_page_is_made(app: Flask) -> None:
    for locale in words.LOCALES:
        day = words.text(locale, "web.day", month=3, day=4)
        wanted = f"{day} {words.text(locale, 'web.back')}"
        assert said(app, "parts.html", locale, n=4, part="back") == wanted


def test_days_are_told_in_the_readers_language(app: Flask) -> None:
    for locale in (*words.LOCALES, *words.LOCALES):
        day = date(2026, 12, 3)
        wanted = [words.text(locale, key) for key in ("web.today", "web.weekday.thu")]
        wanted.insert(1, words.text(locale, "web.day", month=12, day=3))
        assert said(app, "days.html", locale, x=day) == " ".join(wanted)


def test_only_the_word_t_that_is_called_is_replaced(app: Flask) -> None:
    class Other:
        def t(self, key: str) -> str:
            return key

    assert said(app, "other.html", "en", x=Other()).startswith("web.back t ")


def test_an_unknown_key_never_reaches_a_page(app: Flask) -> None:
    with pytest.raises(KeyError):
        said(app, "unknown.html", "en")


def test_a_compiled_sentence_is_escaped_as_any_other(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "text", lambda *_args, **_values: "<b>&")
    assert said(app, "page.html", "en") == "&lt;b&gt;&amp; &lt;b&gt;&amp;"


class Own:
    """A value that says itself how it stands on a page."""

    def __html__(self) -> str:
        return "<i>"


class Loud(str):
    """A str of another type; its own words may hold anything."""

    def __str__(self) -> str:
        return "<b>"


@given(st.text() | st.text("&<>'\"a中", max_size=9) | st.integers() | st.none() | st.booleans())
def test_a_value_is_shown_as_markupsafe_escapes_it(value: object) -> None:
    assert shown(value) == str(escape(value))


@pytest.mark.parametrize("value", [Markup("<b>&"), Own(), Loud("a"), Role.GROWER, ["<b>"]])
def test_what_is_no_plain_text_is_left_to_markupsafe(value: object) -> None:
    assert shown(value) == str(escape(value))


def test_pages_escape_every_value_once_and_texts_none(app: Flask) -> None:
    assert said(app, "values.html", "en", x="<&") == "&lt;&amp; <& &lt;&amp; &lt;&amp;&amp;"
    assert said(app, "values.html", "en", x=Markup("<br>")) == "<br> <br> <br> <br>&amp;"
    assert said(app, "values.txt", "en", x="<&") == "<&"


def test_the_compiler_still_asks_for_values_and_calls_where_we_override_it(app: Flask) -> None:
    made = app.jinja_env.compile("{{ x }}{{ t(y) }}", "page.html", raw=True)
    assert "environment.shown(" in made
    assert "escape(" not in made
    assert "context.call(" not in made


def test_functions_of_ours_macros_and_unknown_names_are_called_as_ever(app: Flask) -> None:
    back = words.text("en", "web.back")
    day = words.text("en", "web.day", day=2, month=1)
    wanted = f"{back}[{back}]/account{day}"
    assert said(app, "calls.html", "en", keys=["web.back"]) == wanted
    with pytest.raises(UndefinedError, match="nobody"):
        said(app, "nobody.html", "en")


def test_what_a_macro_says_is_kept_for_each_language_and_each_value(app: Flask) -> None:
    values = [1, True, 1.0, "<b>", Markup("<b>"), date(2026, 11, 23)]
    before = kept.cache_info()
    for _ in range(2):
        for locale in words.LOCALES:
            back = words.text(locale, "web.back")
            for value in values:
                assert said(app, "asks.html", locale, x=value) == f"{back} {escape(value)}"
    after = kept.cache_info()
    assert after.misses - before.misses == after.hits - before.hits == 2 * len(values)


def test_macros_and_methods_that_are_called_directly_escape_as_before(app: Flask) -> None:
    wanted = "(<b>&lt;</b>)(<b>&lt;&lt;i&gt;</b>)(<b>&lt;</b>&lt;)None&lt;"
    assert said(app, "macros.html", "en", x="<", d={1: None}) == wanted


def test_a_function_may_take_a_word_of_python_as_a_name(app: Flask) -> None:
    assert said(app, "keyword.html", "en", say=lambda **given: given["class"]) == "x"


@given(st.lists(st.sampled_from(["<", "a", Markup("<b>"), 3, None, escape("&")]), max_size=4))
def test_parts_are_put_together_as_jinja_does(parts: list[object]) -> None:
    ours, theirs = joined(tuple(parts)), markup_join(iter(parts))
    assert (ours, isinstance(ours, Markup)) == (theirs, isinstance(theirs, Markup))
