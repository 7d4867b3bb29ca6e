"""ID-card numbers: every row of the corpus as stated, and many generated ones."""

import csv
import random
from datetime import date, timedelta
from pathlib import Path

import pytest

from orchard.errors import FieldRefused
from orchard.fields import phone_or_none
from orchard.hiring.rules import ToxicUnder18, check_age
from orchard.wages import id_numbers

HERE = Path(__file__).parent.parent / "robust" / "corpora" / "idcard"
TODAY = date(2026, 11, 23)
OLD_ENOUGH = {"500154201011230009", "500154200811240008"}  # 16 on the day, and 17


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


CARDS = rows("idcards.csv")


def refusal(value: str, hired_on: date = TODAY) -> str | None:
    """Return the code of the refusal of a number on a day of hire, or None."""
    try:
        id_numbers.check_age(id_numbers.read(value, TODAY).born_on, hired_on)
    except FieldRefused as no:
        assert no.field == "id_number"
        return no.code
    return None


def test_the_corpus_is_whole():
    assert len(CARDS) == 105


@pytest.mark.parametrize("row", CARDS, ids=lambda row: ascii(row["value"]) or "empty")
def test_every_row_of_the_corpus_is_as_stated(row):
    value, expect = row["value"], row["expect"]
    if expect in ("valid", "normalise"):
        card = id_numbers.read(value, TODAY)
        assert len(card.number) == 18
        assert card.number == id_numbers.read(card.number, TODAY).number
        assert (card.number == value) == (expect == "valid")
    elif expect == "age-rule":
        assert refusal(value) == (None if value in OLD_ENOUGH else "wages.id.under_16")
    elif expect == "policy":
        assert refusal(value) in ("wages.id.other_document", "wages.id.old")
    else:
        assert refusal(value) == "wages.id.wrong"


def test_sixteen_and_seventeen_may_be_hired_but_not_spray():
    young = [id_numbers.read(value, TODAY).born_on for value in OLD_ENOUGH]
    for born_on in [*young, date(2008, 11, 24)]:
        with pytest.raises(ToxicUnder18):
            check_age(born_on, "spraying", TODAY)
        check_age(born_on, "picking", TODAY)
    check_age(date(2008, 11, 23), "spraying", TODAY)


def test_the_day_of_hire_decides_about_the_age():
    turned = "500154201011240004"
    assert refusal(turned, TODAY) == "wages.id.under_16"
    assert refusal(turned, TODAY + timedelta(days=1)) is None


def made(chance: random.Random) -> str:
    born = date(1920, 1, 1) + timedelta(days=chance.randrange(36_000))
    first = f"{chance.choice(('500154', '512222', '500234', '110101'))}{born:%Y%m%d}000"
    return first + id_numbers.check_digit(first)


def test_ten_thousand_right_numbers_are_accepted_and_masked():
    chance = random.Random(3)
    for _ in range(10_000):
        number = made(chance)
        card = id_numbers.read(number, TODAY)
        assert card.number == number
        assert card.masked == f"{number[:3]}{'*' * 11}{number[-4:]}"


def test_all_ten_wrong_check_digits_of_a_thousand_numbers_are_refused():
    chance = random.Random(4)
    refused = 0
    for _ in range(1_000):
        number = made(chance)
        wrong = [digit for digit in id_numbers.CHECK if digit != number[-1]]
        refused += sum(refusal(number[:17] + digit) is not None for digit in wrong)
    assert refused == 10_000


def test_swapped_neighbours_are_refused():
    chance = random.Random(5)
    tries = refused = 0
    for _ in range(1_000):
        number = made(chance)
        for place in range(17):
            if number[place] == number[place + 1]:
                continue
            swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
            tries += 1
            refused += refusal(swapped) is not None
    assert refused / tries >= 0.99


@pytest.mark.parametrize("row", rows("phones.csv"), ids=lambda row: ascii(row["value"]))
def test_every_phone_of_the_corpus_is_as_stated(row):
    stored, wanted = phone_or_none(row["value"]), row["expect"]
    if wanted == "invalid":
        assert stored is None
    elif wanted == "policy":  # a landline, a virtual operator, abroad: may be called
        assert stored is not None
    elif wanted == "normalise":
        assert stored == "+8613800138000"
    else:
        assert stored == f"+86{row['value']}"
