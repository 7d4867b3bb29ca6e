"""Ages, notices, recognition, rates and levels by their numbers."""

from datetime import date

import pytest

from orchard import units, words
from orchard.accounts.rules import EmployerKind, Sex
from orchard.errors import FieldRefused
from orchard.hiring import ages, rules
from orchard.hiring.rules import Notice, PayBasis, RecognitionEventKind, Relation
from orchard.units import UnitError

DAY = date(2026, 11, 23)
WATCH, OK, OUT = (
    RecognitionEventKind.UNDER_WATCH,
    RecognitionEventKind.RECOGNISED,
    RecognitionEventKind.STRUCK_OFF,
)

VECTORS = [  # feature page 3.1
    ("man", "1964-12", "2024-12"),
    ("man", "1965-01", "2025-02"),
    ("man", "1965-05", "2025-07"),
    ("man", "1966-09", "2027-03"),
    ("man", "1976-09", "2039-09"),
    ("woman_50", "1975-03", "2025-05"),
    ("woman_50", "1984-11", "2039-11"),
    ("woman_55", "1970-01", "2025-02"),
]


@pytest.mark.parametrize(("group", "born", "retires"), VECTORS)
def test_the_retirement_month_is_the_one_of_the_staged_formula(group, born, retires):
    year, month = ages.retirement_month(date.fromisoformat(f"{born}-15"), group)
    assert f"{year}-{month:02d}" == retires


def test_nobody_retires_earlier_than_the_old_age_or_later_than_the_cap():
    for group, cap in (("man", 36), ("woman_55", 36), ("woman_50", 60)):
        old = ages.step_of(group).old_years
        before = 0
        for months in range(12 * 1950, 12 * 1995):
            born = date(months // 12, months % 12 + 1, 1)
            year, month = ages.retirement_month(born, group)
            extra = year * 12 + month - 1 - months - old * 12
            assert 0 <= extra <= cap
            assert extra >= before
            before = extra


def test_a_man_is_over_age_on_the_very_day_and_not_before():
    born = date(1966, 9, 24)
    assert not ages.is_over_age(born, Sex.MALE, date(2027, 3, 23))
    assert ages.is_over_age(born, Sex.MALE, date(2027, 3, 24))


def test_a_day_that_a_month_does_not_have_becomes_its_last():
    assert ages.retires_on(date(1964, 12, 31), "man") == date(2024, 12, 31)
    assert ages.retires_on(date(1965, 5, 31), "man") == date(2025, 7, 31)
    assert ages.retires_on(date(1965, 10, 31), "man") == date(2026, 1, 31)
    assert ages.retires_on(date(1966, 8, 31), "man") == date(2027, 1, 31)
    assert ages.retires_on(date(1975, 12, 31), "woman_50").day == 30


def test_womens_group_is_a_parameter():
    born = date(1974, 6, 1)
    assert ages.is_over_age(born, Sex.FEMALE, DAY, "woman_50")
    assert not ages.is_over_age(born, Sex.FEMALE, DAY, "woman_55")
    assert ages.group_of(Sex.FEMALE) == "woman_50"


def test_sixteen_on_the_day_may_be_hired_and_one_day_short_may_not():
    rules.check_age(date(2010, 11, 23), "picking", DAY)
    with pytest.raises(rules.TooYoung) as refused:
        rules.check_age(date(2010, 11, 24), "picking", DAY)
    assert refused.value.values == {"years": 16, "day": "2026-11-24"}
    assert refused.value.field == "born_on"


def test_born_on_a_leap_day_he_is_sixteen_on_the_first_of_march_of_a_common_year():
    born = date(2008, 2, 29)
    assert ages.age_on(born, date(2025, 2, 28)) == 16
    assert ages.age_on(born, date(2025, 3, 1)) == 17
    with pytest.raises(rules.TooYoung):
        rules.check_age(born, "picking", date(2024, 2, 28))
    rules.check_age(born, "picking", date(2024, 2, 29))


def test_under_eighteen_nobody_sprays_and_at_eighteen_he_may():
    with pytest.raises(rules.ToxicUnder18):
        rules.check_age(date(2008, 11, 24), "spraying", DAY)
    rules.check_age(date(2008, 11, 23), "spraying", DAY)
    rules.check_age(date(2008, 11, 24), "pruning", DAY)


@pytest.mark.parametrize("born", [None, date(2027, 1, 1)])
def test_without_a_birthday_or_with_one_to_come_nobody_is_hired(born):
    with pytest.raises(FieldRefused):
        rules.check_age(born, "picking", DAY)


@pytest.mark.parametrize(
    ("born", "sex", "relation", "told"),
    [
        (date(2009, 1, 1), Sex.MALE, Relation.SERVICE, [Notice.YOUNG]),
        (date(2008, 11, 23), Sex.MALE, Relation.SERVICE, []),
        (date(1990, 1, 1), None, Relation.SERVICE, [Notice.SEX_UNKNOWN]),
        (date(1960, 1, 1), Sex.MALE, Relation.SERVICE, [Notice.OVER_AGE]),
        (
            date(1960, 1, 1),
            Sex.MALE,
            Relation.LABOUR_CONTRACT,
            [Notice.OVER_AGE, Notice.CONTRACT_OVER_AGE],
        ),
        (date(1990, 1, 1), Sex.FEMALE, Relation.LABOUR_CONTRACT, []),
    ],
)
def test_the_age_on_the_day_of_hire_is_told(born, sex, relation, told):
    assert rules.age_notices(born, sex, relation, DAY) == told


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ([], []),
        ([date(2026, 11, 8)], [Notice.SAME_ENGAGEMENT]),  # 15 days before
        ([date(2026, 11, 7)], []),  # 16 days before: a new engagement
        ([date(2026, 11, 22), date(2025, 1, 1)], [Notice.SAME_ENGAGEMENT]),
        ([None], [Notice.STILL_RUNNING]),
        ([date(2026, 11, 23)], [Notice.STILL_RUNNING]),
    ],
)
def test_a_gap_of_more_than_fifteen_days_starts_a_new_engagement(ends, told):
    assert rules.gap_notices(ends, DAY) == told


@pytest.mark.parametrize(
    ("last", "kind", "on_day", "field"),
    [
        (None, OK, DAY, None),
        (None, WATCH, DAY, "kind"),
        ((DAY, OK), WATCH, DAY, None),
        ((DAY, OK), OK, DAY, "kind"),
        ((DAY, OK), OUT, date(2026, 11, 22), "on_day"),
        ((DAY, WATCH), OK, DAY, None),
        ((DAY, OUT), WATCH, DAY, "kind"),
        ((DAY, OUT), OK, DAY, None),
    ],
)
def test_a_step_of_recognition_follows_only_where_it_can(last, kind, on_day, field):
    if field is None:
        rules.check_step(kind, on_day, last)
        return
    with pytest.raises(FieldRefused) as refused:
        rules.check_step(kind, on_day, last)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("registered", "level"),
    [
        ("500154118201", 1),
        ("500154118202", 2),
        ("500154100201", 3),
        ("500154", 3),
        ("500101", 0),
        (rules.ELSEWHERE, 0),
        (None, 0),
        ("", 0),
    ],
)
def test_local_is_by_registered_place_against_the_place_of_work(registered, level):
    assert rules.local_level(registered, "500154118201") == level


def test_a_workplace_that_is_a_town_is_nobodys_own_village():
    assert rules.local_level("500154118201", "500154118") == 2


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("130", 1_300_000),
        ("０.15", 1_500),
        ("1,200.5元", 12_005_000),
        ("0.0001", 1),
        (" 130.00 ", 1_300_000),
    ],
)
def test_a_rate_is_kept_in_hundredths_of_a_fen(text, rate):
    assert rules.rate_from(text) == rate
    assert rules.rate_from(units.fen_x100_to_yuan(rate)) == rate


@pytest.mark.parametrize(
    "text", ["", "-1", "1e3", "0.00001", "一百三", "130 斤", "1.2.3", "9999999"]
)
def test_what_is_no_rate_is_refused(text):
    with pytest.raises(UnitError):
        rules.rate_from(text)


def test_eight_people_for_five_days_at_130_are_about_5200_yuan():
    assert rules.about_total_fen(8, 5, PayBasis.DAY, 1_300_000) == 520_000
    assert rules.about_total_fen(2, 1, PayBasis.HOUR, 200_000) == 32_000
    assert rules.about_total_fen(8, 5, PayBasis.JIN, 1_500) is None


def test_every_kind_of_work_has_its_words_and_one_is_toxic():
    for locale in words.LOCALES:
        for code in rules.works():
            assert words.text(locale, f"hiring.work.{code}")
    assert [one.code for one in rules.works().values() if one.toxic] == ["spraying"]


def test_a_workshop_is_offered_its_own_work_first_and_the_rest_last():
    assert [one.code for one in rules.works_for(EmployerKind.WORKSHOP)][:2] == [
        "sewing",
        "processing",
    ]
    assert rules.works_for(EmployerKind.HOUSEHOLD)[0].code == "picking"
    assert rules.works_for(EmployerKind.HOUSEHOLD)[-1].code == "other"
