"""The table of solar terms against the library it was made with."""

from datetime import date, timedelta

import pytest
from lunar_python import Solar

from orchard.tasks.terms import _term_dates, solar_term_of

CHINESE = (
    "小寒 大寒 立春 雨水 惊蛰 春分 清明 谷雨 立夏 小满 芒种 夏至 "
    "小暑 大暑 立秋 处暑 白露 秋分 寒露 霜降 立冬 小雪 大雪 冬至"
)
KEYS = (
    "xiaohan dahan lichun yushui jingzhe chunfen qingming guyu lixia xiaoman mangzhong xiazhi "
    "xiaoshu dashu liqiu chushu bailu qiufen hanlu shuangjiang lidong xiaoxue daxue dongzhi"
)
NAMES = dict(zip(CHINESE.split(), KEYS.split(), strict=True))


def term_in_library(on):
    return Solar.fromYmd(on.year, on.month, on.day).getLunar().getJieQi()


THIS_YEAR = 2026
YEARS = [THIS_YEAR, *(pytest.param(n, marks=pytest.mark.campaign) for n in range(2024, 2033))]


@pytest.mark.parametrize("year", YEARS)
def test_every_date_of_a_year_agrees_with_the_library(year):
    table = {day: name for day, name in _term_dates() if day.year == year}
    days = (date(year, 1, 1) + timedelta(n) for n in range(366))
    named = ((day, term_in_library(day)) for day in days if day.year == year)
    said = {day: NAMES[name] for day, name in named if name}
    assert len(table) == 24
    assert table == said


@pytest.mark.parametrize(
    ("on", "name", "day"),
    [
        (date(2026, 11, 24), "xiaoxue", 3),
        (date(2026, 2, 18), "yushui", 1),
        (date(2026, 6, 5), "mangzhong", 1),
        (date(2027, 1, 1), "dongzhi", 11),
        (date(2028, 2, 29), "yushui", 11),
    ],
)
def test_a_date_has_its_term_and_the_day_in_it(on, name, day):
    assert solar_term_of(on) == (name, day)


@pytest.mark.parametrize("on", [date(2024, 1, 5), date(2033, 1, 1)])
def test_outside_the_table_nothing_is_said(on):
    assert solar_term_of(on) is None
