"""Forecasts become tasks, follow the next forecast, and fall silent when they are old."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlmodel import select

from orchard.accounts.rules import Role
from orchard.tasks import events, services
from orchard.tasks.models import Reason, Source, State, Task
from orchard.weather.digest import Alert, Day, Digest, digest_of
from tests import make
from tests.weather.test_digest import week

TODAY = date(2026, 11, 23)
JUNE = date(2026, 6, 1)
TOMORROW, NEXT = TODAY + timedelta(1), TODAY + timedelta(2)


def night(on, level):
    begins = datetime.combine(on, time(4))
    return Alert("frost", level, on, begins, begins + timedelta(hours=3), -1.0, 3)


def day(on, rain_mm, rain_24h_mm=None):
    return Day(on, 10.0, 20.0, "rain", rain_mm, None, True, None, True, "", "", rain_24h_mm)


def digest(*alerts, days=(), hours_old=0):
    return Digest(tuple(days), alerts, 183, make.NOW - timedelta(hours=hours_old))


def run(session, plot, found, today=TODAY):
    counts = events.plan_events(session, today, {plot.cell: found}, now=make.NOW)
    session.expire_all()
    return counts


def tasks(session, plot):
    ours = select(Task).where(Task.plot_id == plot.id, Task.source == Source.EVENT)
    return session.exec(ours.order_by(Task.occurrence)).all()


@pytest.fixture
def plot(session):
    return make.plot(session, make.person(session))


def test_a_frost_night_becomes_a_task_for_the_day_before(session, plot):
    run(session, plot, digest(night(NEXT, 2)))
    (task,) = tasks(session, plot)
    assert (task.code, task.occurrence, task.due_on) == ("FD", "2026-11-25", TOMORROW)
    assert (task.source, task.level, task.harm) == (Source.EVENT, 2, 99)


def test_only_the_plots_of_the_cell_are_told(session, plot):
    high = make.plot(session, make.person(session), elevation_m=700)
    run(session, plot, digest(night(NEXT, 1)))
    assert high.cell != plot.cell
    assert not tasks(session, high)


def test_a_second_look_at_the_same_forecast_changes_nothing(session, plot):
    run(session, plot, digest(night(NEXT, 1)))
    assert run(session, plot, digest(night(NEXT, 1))) == {"new": 0, "withdrawn": 0, "changed": 0}
    assert tasks(session, plot)[0].version == 1


def test_a_colder_forecast_raises_the_level(session, plot):
    run(session, plot, digest(night(NEXT, 0)))
    assert run(session, plot, digest(night(NEXT, 3)))["changed"] == 1
    (task,) = tasks(session, plot)
    assert (task.level, task.harm, task.version) == (3, 100, 2)


def test_a_milder_forecast_takes_the_task_back_and_a_cold_one_brings_it_again(session, plot):
    run(session, plot, digest(night(NEXT, 1)))
    assert run(session, plot, digest())["withdrawn"] == 1
    assert tasks(session, plot)[0].reason == Reason.FORECAST_CHANGED
    run(session, plot, digest(night(NEXT, 1)))
    assert tasks(session, plot)[0].state == State.OPEN


def test_what_a_grower_settled_stays_settled(session):
    grower = make.caller(session)
    plot = make.plot(session, grower)
    run(session, plot, digest(night(NEXT, 1)))
    services.mark_done(session, grower, tasks(session, plot)[0].key, now=make.NOW)
    run(session, plot, digest())
    run(session, plot, digest(night(NEXT, 3)))
    (task,) = tasks(session, plot)
    assert (task.state, task.level) == (State.DONE, 1)


def test_from_72_hours_on_what_an_old_forecast_asked_for_is_withdrawn(session, plot):
    run(session, plot, digest(night(NEXT, 2), hours_old=71))
    assert tasks(session, plot)[0].state == State.OPEN
    run(session, plot, digest(night(NEXT, 3), night(TOMORROW, 3), hours_old=72))
    (task,) = tasks(session, plot)
    assert (task.level, task.state) == (2, State.SKIPPED)
    assert task.reason == Reason.FORECAST_CHANGED
    run(session, plot, digest(night(NEXT, 3)))
    (task,) = tasks(session, plot)
    assert (task.level, task.state, task.reason) == (3, State.OPEN, None)


def test_a_cell_without_a_forecast_loses_its_tasks(session, plot):
    run(session, plot, digest(night(NEXT, 1)))
    events.plan_events(session, TODAY, {}, now=make.NOW)
    session.expire_all()
    assert tasks(session, plot)[0].state == State.SKIPPED


def test_a_silent_forecast_takes_back_the_ditches_too(session, plot):
    rain = [day(JUNE + timedelta(1), 60.0)]
    run(session, plot, digest(days=rain), today=JUNE)
    run(session, plot, digest(days=rain, hours_old=72), today=JUNE)
    assert tasks(session, plot)[0].state == State.SKIPPED


def test_the_night_that_has_passed_is_left_to_the_plan(session, plot):
    run(session, plot, digest(night(NEXT, 1)))
    run(session, plot, digest(), today=NEXT)
    assert tasks(session, plot)[0].state == State.OPEN


def test_heavy_rain_in_the_season_asks_for_ditches(session, plot):
    run(session, plot, digest(days=[day(JUNE, 50.0), day(JUNE + timedelta(1), 49.0)]), today=JUNE)
    (task,) = tasks(session, plot)
    assert (task.code, task.due_on, task.window_to) == ("PS", JUNE, JUNE + timedelta(1))


def rained(*hours):
    """Return the rain of a week from the first of June on, mm by hour."""
    return digest_of(replace(week(precipitation=dict(hours)), first=JUNE), 300).days


@pytest.mark.parametrize(
    ("hours", "due"),
    [
        (((22, 30.0), (25, 30.0)), [2]),  # over midnight: no day alone has 50 mm
        (((24, 30.0), (47, 20.0)), [2]),
        (((24, 30.0), (48, 30.0)), []),  # 25 hours
        (((20, 60.0), (26, 20.0)), [1]),  # one night's rain is one task
        (((20, 60.0), (26, 55.0)), [1, 2]),
        (((22, 30.0), (25, None), (26, 30.0)), []),  # unknown is no alarm
    ],
)
def test_heavy_rain_is_counted_over_24_hours_and_not_by_the_calendar(session, plot, hours, due):
    run(session, plot, digest(days=rained(*hours)), today=JUNE)
    assert [task.due_on.day for task in tasks(session, plot)] == due


def test_rain_before_midnight_keeps_the_task_when_the_day_has_come(session, plot):
    run(session, plot, digest(days=rained((22, 30.0), (25, 30.0))), today=JUNE)
    later = [day(JUNE + timedelta(1), 30.0, 30.0)]
    run(session, plot, digest(days=later), today=JUNE + timedelta(1))
    assert tasks(session, plot)[0].state == State.OPEN


def test_rain_of_today_is_taken_back_by_a_dry_forecast_of_today(session, plot):
    run(session, plot, digest(days=[day(JUNE, 60.0, 60.0)]), today=JUNE)
    run(session, plot, digest(days=[day(JUNE, 0.0, 0.0)]), today=JUNE)
    assert tasks(session, plot)[0].reason == Reason.FORECAST_CHANGED
    run(session, plot, digest(days=[day(JUNE, None, None)]), today=JUNE)
    assert tasks(session, plot)[0].state == State.SKIPPED  # unknown does not open it again


def test_rain_that_is_taken_back_the_day_before_is_no_task(session, plot):
    run(session, plot, digest(days=rained((22, 30.0), (25, 30.0))), today=JUNE)
    run(session, plot, digest(days=rained((22, 30.0))), today=JUNE)
    assert tasks(session, plot)[0].reason == Reason.FORECAST_CHANGED


def test_an_unknown_amount_of_rain_is_no_task(session, plot):
    run(session, plot, digest(days=[day(JUNE, None)]), today=JUNE)
    assert not tasks(session, plot)


def test_a_town_that_switched_frost_off_is_left_alone(session, plot):
    technician = make.caller(session, Role.TECHNICIAN)
    run(session, plot, digest(night(NEXT, 1)))
    services.switch(session, technician, make.ZHUXI, "FD", is_on=False, now=make.NOW)
    run(session, plot, digest(night(NEXT, 3), night(TOMORROW, 3)))
    (task,) = tasks(session, plot)
    assert (task.state, task.reason) == (State.SKIPPED, Reason.SWITCHED_OFF)
    services.switch(session, technician, make.ZHUXI, "FD", is_on=True, now=make.NOW)
    run(session, plot, digest(night(NEXT, 3)))
    assert tasks(session, plot)[0].state == State.OPEN
