"""A running period stands beside as much of an earlier one, up to the same day of its course."""

from datetime import UTC, date, datetime
from random import Random

import pytest
from sqlmodel import select

from orchard import clock, db
from orchard.counts import board, comparing, course, periods
from orchard.counts.models import PeriodCourse
from orchard.counts.queries import Asked, recount
from tests import make
from tests.client import client
from tests.counts import county
from tests.counts.town import SEASON, page_of, tick
from tests.engines import slow_on
from tests.jobs import night
from tests.page import check_page


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "earlier", "today", "until"),
    [
        ("2026-11", "2026-10", date(2026, 11, 3), date(2026, 10, 3)),
        ("2026-03", "2026-02", date(2026, 3, 30), date(2026, 2, 28)),
        ("2026-02", "2026-01", date(2026, 2, 27), date(2026, 1, 27)),
        ("2026-AW", "2026-SS", date(2026, 11, 23), date(2026, 5, 23)),
        ("2026-AW", "2026-SS", date(2026, 12, 31), date(2026, 6, 30)),
        ("2026-AW", "2025-AW", date(2027, 1, 15), date(2026, 1, 15)),
        ("2027-AW", "2026-AW", date(2028, 2, 28), date(2027, 2, 28)),
        ("2026-SS", "2025-AW", date(2026, 8, 31), date(2026, 2, 28)),
    ],
)
def test_the_same_day_of_the_course_is_the_same_day_of_the_same_month_of_it(
    code, earlier, today, until
):
    assert periods.same_day(periods.period(code), periods.period(earlier), today) == until


@pytest.mark.parametrize("seed", range(3))
def test_a_course_is_what_a_recount_up_to_each_day_says(session, seed):
    county.fill(session, Random(3000 + seed))
    comparing.rebuild(session, now=noon(date(2027, 3, 3)))
    for code in ("2027-03", "2027-02", "2026-AW", "2026-03"):
        one = periods.period(code)
        kept = course.kept(session, one)
        assert kept == course.found(session, one)
        for place in (db.county(), make.ZHUXI, make.DADE):
            for day in (one.first, date(2027, 2, 14), date(2027, 3, 3), one.last):
                if one.first <= day <= one.last:
                    so_far = sum(n for (at, on), n in kept.items() if at == place and on <= day)
                    asked = Asked(place, one.first, day)
                    assert so_far == recount(session, asked).total.persons, (code, place, day)


@pytest.fixture
def years(town):
    """Work before: of October 5 people by the 20th and 9 in all; 7 and 10 in the season of 2025."""
    with db.transaction() as session:
        for count, first, day in (
            (5, 0, date(2026, 10, 20)),
            (4, 5, date(2026, 10, 28)),
            (7, 0, date(2025, 11, 20)),
            (3, 7, date(2026, 1, 5)),
        ):
            for person in town.people[first : first + count]:
                hire = make.hire(session, town.firms[0], person, started_on=day)
                tick(session, [hire.id], day)
        day, apart = date(2026, 10, 20), make.worker(session, name="另算的")
        tick(session, [make.hire(session, town.firms[2], apart, started_on=day).id], day)
    return town


@slow_on("postgres")
def test_a_running_month_and_season_stand_beside_as_much_of_the_earlier_ones(years):
    text = page_of(years)
    assert "2026年11月还没完，到今天务工 12 人。2026年10月整段 9 人。" in text
    assert "多 3 人" not in text  # nothing was counted by day yet: no difference is told
    night.run("counts")
    text = check_page(page_of(years)).text
    assert "2026年11月到今天务工 12 人，2026年10月到10月23日 5 人： 多 7 人" in text
    assert "2026 秋冬季到今天务工 12 人，2026 春夏季到5月23日 0 人： 多 12 人" in text


@slow_on("postgres")
def test_on_the_third_and_on_the_last_day_of_a_month(years):
    night.run("counts")
    town, month = make.ZHUXI, periods.month_of(date(2026, 11, 1))
    for today, before, until, is_running in (
        (date(2026, 11, 3), 0, date(2026, 10, 3), True),
        (date(2026, 11, 29), 9, date(2026, 10, 29), True),
        (date(2026, 11, 30), 9, date(2026, 10, 31), False),
        (date(2026, 12, 7), 9, date(2026, 10, 31), False),
    ):
        with db.reading() as session:
            (one,) = board.town_board(session, town, month, today).changes
        assert (one.now, one.before) == (12, before), today
        assert (one.until, one.is_running) == (until, is_running), today
    with db.reading() as session:
        assert board.town_board(session, town, month, date(2026, 10, 31)).changes == ()


@slow_on("postgres")
def test_the_district_sees_the_year_before_up_to_the_same_day(years):
    browser = client(years.tokens["district"])
    page = check_page(browser.get("/counts").text)
    assert "2026 秋冬季还没完，先不和上一年整段比。" in page.text
    assert "上一年整段 10 人" in page.text and "相差" not in page.text
    night.run("counts")
    text = browser.get("/counts").text
    page = check_page(text)
    assert "上一年到11月23日 7 人" in page.text and "相差" in page.text
    zhuxi = next(part for part in text.split("<tr>") if "竹溪镇" in part)
    assert '<td class="number">7</td><td class="number">+5</td>' in zhuxi
    with clock.frozen_at(noon(date(2027, 2, 28))), db.reading() as session:
        whole = board.district_board(session, "500154", periods.period(SEASON), clock.today())
    assert (whole.change.before, whole.change.is_running) == (10, False)


def test_only_the_courses_that_something_stands_beside_are_kept(years):
    night.run("counts")
    with db.transaction() as session:
        session.add(PeriodCourse(period="2020-01", place_code="500154", day=make.NOW, persons=1))
    night.run("counts")
    with db.reading() as session:
        codes = set(session.exec(select(PeriodCourse.period)).all())
    assert codes == {"2026-11", "2026-10", "2025-11", "2026-AW", "2026-SS", "2025-AW"}
