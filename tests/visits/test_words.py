"""Every code of a closed list has its words in both languages."""

import re

import pytest

from orchard import words
from orchard.visits import catalogue
from orchard.visits.rules import EventKind, Outcome, State, Why

IN_PARTS = {EventKind.CONFIRMED}  # told by two sentences
KEYS = [
    *(f"problem.{code}" for code in catalogue.problems()),
    *(f"diagnosis.{code}" for code in catalogue.diagnoses()),
    *(f"action.{code}" for code in catalogue.actions()),
    *(f"state.{state.value}" for state in State),
    *(f"outcome.{outcome.value}" for outcome in Outcome),
    *(f"why.{why.value}" for why in Why),
    *(f"event.{kind.value}" for kind in EventKind if kind not in IN_PARTS),
    *("event.confirmed_came", "event.confirmed_did_not_come"),
    *("photo_waiting", "photo_broken", "rate.face_1", "rate.face_2", "rate.face_3"),
]
PARTS = {"n": 2, "name": "宋学文", "day": "明天"}


@pytest.mark.parametrize("locale", words.LOCALES)
@pytest.mark.parametrize("key", KEYS)
def test_each_code_has_words(locale, key):
    assert words.text(locale, f"visits.{key}", **PARTS)


def test_sentences_for_growers_are_short():
    source = words.FOLDER / "zh_CN" / "LC_MESSAGES" / "visits.po"
    lines = source.read_text("utf-8").split('msgstr "')[2:]
    lengths = [len(re.sub(r"\{\w+\}", "", line.partition('"')[0])) for line in lines]
    assert max(lengths) <= 30
    assert sum(lengths) / len(lengths) <= 20
