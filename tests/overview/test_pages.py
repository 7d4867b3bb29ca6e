"""The office sees its own places, counts nobody twice, and never people of another town."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import select

from orchard import clock, db, ledger, words
from orchard.accounts.rules import Role
from orchard.overview.queries import ForecastState, Overview, overview
from orchard.overview.rules import hidden
from orchard.places.services import load_places
from orchard.plots.models import Plot
from orchard.timetable import TIMETABLE
from orchard.weather import rules
from orchard.weather.models import Forecast, WeatherAlarm
from orchard.weather.queries import cells_wanted
from tests import make
from tests.client import client
from tests.page import check_page, english_in
from tests.reminders.owing import task


@pytest.fixture
def cast(database):
    """Make a secretary, two growers with three plots here and a stranger with one in Dade."""
    with db.transaction() as session:
        _, token = make.signed_in(session, Role.SECRETARY)
        _, district = make.signed_in(session, Role.DISTRICT, place="500154")
        known = make.caller(session)
        alone = make.person(session, name="陈素芬")
        make.plot(session, known)
        make.plot(session, known, village_code="500154118200", name="河边地")
        make.plot(session, alone, name="后山", area_mu_x100=150)
        make.plot(session, make.person(session), village_code=make.OTHER_VILLAGE, name="金丝雀")
    with clock.frozen_at(make.NOW):
        yield {"secretary": token, "district": district}


def found(place, role):
    with db.reading() as session:
        return overview(session, make.visitor(role, place), today=clock.today(), now=make.NOW)


def test_a_secretary_sees_her_villages_and_counts_a_person_once(cast):
    result = found(make.ZHUXI, Role.SECRETARY)
    assert [(line.code, line.plots, line.growers) for line in result.lines] == [
        ("500154118200", 1, 1),
        ("500154118201", 2, 2),
    ]
    assert (result.total("plots"), result.growers, result.without_account) == (3, 2, 1)
    assert result.total("area_mu_x100") == 1350


def test_the_page_shows_nothing_of_another_town(cast):
    text = client(cast["secretary"]).get("/overview").text
    check_page(text)
    assert "竹溪村" in text
    assert "大德" not in text and "金丝雀" not in text


def test_the_district_sees_towns_and_no_town_with_few_growers(cast):
    text = client(cast["district"]).get("/overview").text
    check_page(text)
    assert "竹溪镇" in text and "大德镇" in text
    assert text.count('<td class="number">–</td>') == 8  # both: one alone is a subtraction


def test_a_grower_may_not_open_it(cast):
    with db.transaction() as session:
        _, token = make.signed_in(session)
    assert client(token).get("/overview").status_code == 403


def test_places_are_loaded_once(session):
    assert load_places(session, "500154") == 576


def put_forecasts(age):
    """Store a forecast of this age for every cell with a plot."""
    with db.transaction() as session:
        for cell, wanted in cells_wanted(session).items():
            session.add(
                Forecast(
                    cell=cell,
                    lat=wanted.lat,
                    lon=wanted.lon,
                    elevation_m=int(wanted.elevation_m),
                    fetched_at=make.NOW - age,
                    next_try_at=make.NOW,
                )
            )


@pytest.mark.parametrize(
    ("age", "is_grey", "says"),
    [
        (timedelta(hours=23, minutes=59), False, "最旧的一份是 昨天 08:11 的"),
        (timedelta(hours=25), True, "有的预报过了一天没更新，最旧的是 昨天 07:10 的"),
    ],
)
def test_an_old_forecast_is_told(cast, age, is_grey, says):
    put_forecasts(age)
    result = found(make.ZHUXI, Role.SECRETARY)
    assert (result.forecasts.without, result.is_grey(make.NOW)) == (0, is_grey)
    assert says in check_page(client(cast["secretary"]).get("/overview").text).text


def test_a_place_without_a_forecast_is_told_and_is_not_called_old(cast):
    result = found(make.ZHUXI, Role.SECRETARY)
    assert result.forecasts.without == 1
    assert not result.is_grey(make.NOW + timedelta(days=9))
    assert "1 个地方还没有预报" in client(cast["secretary"]).get("/overview").text


def test_late_tasks_are_counted_in_the_village_of_their_plot(cast):
    today = clock.today()
    with db.transaction() as session:
        plots = {plot.name: plot for plot in session.exec(select(Plot))}
        for name, days in (("后山", 1), ("后山", 40), ("河边地", 1), ("河边地", 0), ("金丝雀", 1)):
            late_after = today - timedelta(days=days)
            task(session, plots[name], late_after, f"T{days}", late_after=late_after)
    result = found(make.ZHUXI, Role.SECRETARY)
    assert {line.code: line.late_tasks for line in result.lines} == {
        "500154118200": 1,
        "500154118201": 2,
    }
    assert result.total("late_tasks") == 3
    page = check_page(client(cast["secretary"]).get("/overview").text)
    assert "晚了的农事 3 件" in " ".join(page.text.split())


def fail(job, *, hours=1, error="OperationalError"):
    """Note a run of a job that failed some hours ago."""
    began = make.NOW - timedelta(hours=hours)
    with db.transaction() as session:
        run = ledger.claim(session, job, began, by="test", now=began)
        ledger.finish(session, run, now=began, counts={}, error=error)


def test_a_failed_job_is_told_in_words(cast):
    fail("id-numbers")
    fail("messages", error=ledger.SILENT)
    fail("weather", hours=25)
    page = check_page(client(cast["secretary"]).get("/overview").text)
    assert "过去 24 小时有 2 次没完成。" in page.text
    assert "身份证号换新钥匙" in page.text and "出了错，请管服务器的人看日志。" in page.text
    assert "发消息" in page.text and "做到一半没有动静" in page.text
    assert "取天气预报" not in page.text


def sound(minutes, *but):
    """Note that each job did its newest slot some minutes ago; some of them have hung since."""
    for row in TIMETABLE:
        began = make.NOW - (timedelta(hours=7) if row.name in but else timedelta(minutes=minutes))
        with db.transaction() as session:
            run = ledger.claim(session, row.name, row.newest_slot(began), by="test", now=began)
            if row.name not in but:
                ledger.finish(session, run, now=began, counts={})


@pytest.mark.parametrize(
    ("minutes", "told"), [(0, "过去 24 小时都正常。"), (15, "自动任务停了"), (None, "自动任务停了")]
)
def test_jobs_that_stand_still_are_told(cast, minutes, told):
    if minutes is not None:
        sound(minutes)
    page = check_page(client(cast["secretary"]).get("/overview").text).text
    assert told in page
    assert ("自动任务停了" in page) is ("都正常" not in page)


def test_a_job_that_hangs_is_told_by_its_name(cast):
    sound(0, "tasks")
    page = check_page(client(cast["secretary"]).get("/overview").text).text
    assert "到时没做完：排农事" in page
    assert "都正常" not in page


def test_a_job_that_nobody_takes_is_told_by_its_name(cast):
    began = make.NOW - timedelta(minutes=1)
    for row in TIMETABLE:
        if row.name != "frost":
            with db.transaction() as session:
                run = ledger.claim(session, row.name, row.newest_slot(began), by="test", now=began)
                ledger.finish(session, run, now=began, counts={})
    page = check_page(client(cast["secretary"]).get("/overview").text).text
    assert "到时没做完：看霜冻 请管服务器的人看一看。" in page
    assert "出了错" not in page


def test_a_silent_job_that_exists_no_more_is_told_too(cast):
    sound(0)
    began = make.NOW - timedelta(minutes=5)
    with db.transaction() as session:
        ledger.claim(session, "gone", began, by="test", now=began)
    assert "别的自动任务" in check_page(client(cast["secretary"]).get("/overview").text).text


def test_a_failed_job_that_exists_no_more_is_told_too(cast):
    fail("gone")
    assert "别的自动任务" in check_page(client(cast["secretary"]).get("/overview").text).text


@pytest.mark.parametrize("locale", words.LOCALES)
def test_every_job_has_a_name(locale):
    named = [words.text(locale, f"overview.job_of.{row.name}") for row in TIMETABLE]
    assert len(set(named)) == len(TIMETABLE)


def test_no_english_is_left_on_the_chinese_page_when_all_goes_wrong(cast):
    put_forecasts(timedelta(hours=25))
    for row in TIMETABLE:
        fail(row.name)
    with db.transaction() as session:
        on = clock.local(make.NOW).date()
        session.add(WeatherAlarm(on=on, at=make.NOW, reason="tls", detail="SSLError"))
        session.execute(update(Forecast).values(failures=3, reason="transport", detail="X"))
    for role in ("secretary", "district"):
        assert english_in(client(cast[role]).get("/overview").text) == []


@pytest.mark.parametrize(("grey_h", "hours", "is_grey"), [(24, 23.9, 0), (24, 24, 1), (6, 6, 1)])
def test_a_forecast_is_grey_by_the_limit_beside_the_data(monkeypatch, grey_h, hours, is_grey):
    limits = replace(rules.age_limits(make.NOW.date()), grey_h=grey_h)
    monkeypatch.setattr(rules, "age_limits", lambda _: limits)
    state = ForecastState(make.NOW, make.NOW, 1, 0, "")
    result = Overview([], 0, 0, state, [], (), jobs_stand=False, by_town=False)
    assert result.is_grey(make.NOW + timedelta(hours=hours)) is bool(is_grey)


@pytest.mark.parametrize(
    ("persons", "gone"),
    [
        ({"a": 5, "b": 9}, set()),
        ({"a": 4, "b": 9, "c": 7}, {"a", "c"}),
        ({"a": 4, "b": 1, "c": 7}, {"a", "b"}),
        ({"a": 0, "b": 9}, set()),
        ({"a": 3}, {"a"}),
    ],
)
def test_one_hidden_town_hides_the_next_smallest_too(persons, gone):
    assert hidden(persons) == gone
