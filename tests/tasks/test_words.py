"""Guidance is whole in both languages, short, and says where it comes from."""

import re
from importlib.resources import files
from statistics import mean
from string import Formatter

import pytest

from orchard import words
from orchard.tasks.models import Reason, State
from orchard.tasks.rules import SHIFT, calendar
from orchard.tasks.terms import _term_dates

ROWS = calendar().rows
HAN = re.compile("[\u4e00-\u9fff]")


def steps(locale, row):
    return [
        words.text(locale, f"tasks.guide.{row.code}.step{number}")
        for number in range(1, row.steps + 1)
    ]


@pytest.mark.parametrize("locale", words.LOCALES)
@pytest.mark.parametrize("code", ROWS)
def test_every_row_has_a_name_steps_gate_and_source(locale, code):
    row = ROWS[code]
    keys = (f"name.{code}", f"gate.{code}", f"source.{row.source}", f"confidence.{row.confidence}")
    assert all(words.text(locale, f"tasks.{key}") for key in keys)
    assert 1 <= len(steps(locale, row)) <= 6


@pytest.mark.parametrize("code", ROWS)
def test_no_step_is_left_out_of_the_count(code):
    assert not words.knows(f"tasks.guide.{code}.step{ROWS[code].steps + 1}")


def test_chinese_steps_are_short_sentences():
    sentences = [sentence for row in ROWS.values() for sentence in steps("zh_CN", row)]
    parts = [part for text in sentences for part in re.split("[。？]", text) if part]
    assert mean(map(len, parts)) <= 20
    assert max(map(len, parts)) <= 30


@pytest.mark.parametrize("key", ["gate", "frost", "reason"])
def test_other_chinese_sentences_of_growers_are_short_too(key):
    names = {"gate": ROWS, "frost": range(4), "reason": Reason}[key]
    parts = [
        part
        for name in names
        for part in re.split("[。？]", words.text("zh_CN", f"tasks.{key}.{name}"))
    ]
    assert max(map(len, parts)) <= 30


@pytest.mark.parametrize("code", [code for code, row in ROWS.items() if row.confidence == "L"])
def test_what_is_not_confirmed_sends_to_the_technician(code):
    assert any("农技员" in sentence for sentence in steps("zh_CN", ROWS[code]))


def test_pages_never_call_a_reminder_an_official_warning():
    for locale in words.LOCALES:
        text = files("orchard").joinpath("translations", locale, "LC_MESSAGES", "tasks.po")
        assert "预警" not in text.read_text("utf-8")


@pytest.mark.parametrize("locale", words.LOCALES)
def test_states_reasons_and_terms_have_words(locale):
    names = [f"state.{state}" for state in State] + [f"reason.{reason}" for reason in Reason]
    names += [f"term.{name}" for _, name in _term_dates()] + [f"name.{SHIFT}", "name.RX"]
    assert all(words.text(locale, f"tasks.{name}") for name in names)


def test_both_languages_have_the_same_keys_and_fields():
    kept = {locale: catalogue(locale) for locale in words.LOCALES}
    assert kept["zh_CN"] == kept["en"]


def test_chinese_pages_hold_no_english():
    from babel.messages.pofile import read_po

    path = files("orchard").joinpath("translations", "zh_CN", "LC_MESSAGES", "tasks.po")
    catalogue = read_po(path.open("rb"))
    for message in catalogue:
        text = message.string if isinstance(message.string, str) else message.string[0]
        plain = re.sub(r"\{[^}]*\}", "", text)
        assert not message.id or HAN.search(plain)
        assert not message.id or not re.search("[A-Za-z]{2}", plain)


def catalogue(locale):
    from babel.messages.pofile import read_po

    path = files("orchard").joinpath("translations", locale, "LC_MESSAGES", "tasks.po")
    found = {}
    for message in read_po(path.open("rb")):
        key = message.id if isinstance(message.id, str) else message.id[0]
        text = message.string if isinstance(message.string, str) else message.string[-1]
        fields = {part[1].split(".")[0] for part in Formatter().parse(text) if part[1]}
        if key:
            found[key] = fields
    return found
