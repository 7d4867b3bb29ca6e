"""Tomorrow's heat is written the evening before, from the forecast of where people work."""

from datetime import date, datetime, timedelta

import pytest
from sqlmodel import select

from orchard import clock, db
from orchard.attendance import heat
from orchard.attendance.models import HeatDay
from orchard.attendance.rules import HeatRule
from orchard.places.models import Place
from orchard.places.rules import cell_of
from orchard.weather.digest import Day, Digest
from orchard.weather.models import Forecast
from orchard.weather.stored import to_text
from tests import make

EVENING = datetime(2026, 11, 23, 17, 30, tzinfo=clock.ZONE)
TOMORROW = date(2026, 11, 24)


def forecast(session, cell, high, *, age=timedelta(hours=2), on=TOMORROW):
    day = Day(on, 20.0, high, "clear", 0.0, None, True, None, True, "", "")
    session.merge(
        Forecast(
            cell=cell,
            lat=31.1,
            lon=108.3,
            elevation_m=183,
            fetched_at=EVENING - age,
            digest=to_text(Digest((day,), (), 183)),
        )
    )
    session.flush()


def look(session):
    return heat.look_ahead(session, TOMORROW, now=EVENING)


def found(session):
    rows = session.exec(select(HeatDay).order_by(HeatDay.employer_id))
    return [(row.employer_id, row.rule, row.high_c) for row in rows]


@pytest.fixture
def firm(session):
    """Return a firm with a plot in the village where somebody picks for it."""
    made = make.employer(session)
    make.hire(session, made)
    return made


def test_the_forecast_of_the_own_plots_decides(session, firm):
    plot = make.plot(session, firm)
    make.plot(session, make.person(session), cell="1:1:1")
    forecast(session, plot.cell, 40.0)
    forecast(session, "1:1:1", 30.0)
    assert look(session) == {"employers": 1, "hot": 1, "cooler": 0}
    assert found(session) == [(firm.id, HeatRule.STOP, 40.0)]


def test_without_an_own_plot_those_of_the_village_stand_in_and_the_hottest_counts(session, firm):
    for cell, high in (("1:1:1", 36.0), ("1:1:2", 37.5)):
        make.plot(session, make.person(session), cell=cell)
        forecast(session, cell, high)
    look(session)
    assert found(session) == [(firm.id, HeatRule.SIX_HOURS, 37.5)]


def test_without_any_plot_the_towns_point_stands_in(session, firm):
    town = session.get_one(Place, make.ZHUXI)
    forecast(session, cell_of(town.lat, town.lon, town.elevation_m), 35.0)
    look(session)
    assert found(session) == [(firm.id, HeatRule.SHORTEN, 35.0)]


def test_indoor_work_ended_hires_and_cool_days_make_no_heat_day(session):
    town = session.get_one(Place, make.ZHUXI)
    cell = cell_of(town.lat, town.lon, town.elevation_m)
    forecast(session, cell, 41.0)
    make.hire(session, make.employer(session), work="sewing")
    make.hire(session, make.employer(session), ended_on=date(2026, 11, 23))
    assert look(session) == {"employers": 0, "hot": 0, "cooler": 0}
    make.hire(session, make.employer(session))
    forecast(session, cell, 34.9)
    assert look(session) == {"employers": 1, "hot": 0, "cooler": 0}
    assert found(session) == []


def test_a_newer_forecast_changes_or_strikes_out_and_an_old_one_says_nothing(session, firm):
    plot = make.plot(session, firm)
    forecast(session, plot.cell, 41.0)
    look(session)
    forecast(session, plot.cell, 38.0)
    assert look(session) == look(session)
    assert found(session) == [(firm.id, HeatRule.SIX_HOURS, 38.0)]
    forecast(session, plot.cell, 20.0, age=timedelta(hours=73))
    assert look(session)["employers"] == 0
    assert found(session) == [(firm.id, HeatRule.SIX_HOURS, 38.0)]
    forecast(session, plot.cell, 20.0)
    assert look(session)["cooler"] == 1
    assert found(session) == []


def test_what_was_overruled_stays_on_record(session, firm):
    plot = make.plot(session, firm)
    row = {"employer_id": firm.id, "day": TOMORROW, "rule": HeatRule.SIX_HOURS, "high_c": 38.0}
    session.add(HeatDay(**row, overruled_at=EVENING, reason="抢收"))
    forecast(session, plot.cell, 20.0)
    assert look(session)["cooler"] == 0
    assert session.get(HeatDay, (firm.id, TOMORROW)).reason == "抢收"


def test_before_noon_the_day_that_begins_is_looked_at_too():
    morning = EVENING.replace(hour=5)
    assert heat.days_ahead(morning) == [date(2026, 11, 23), TOMORROW]
    assert heat.days_ahead(EVENING) == [TOMORROW]


def test_the_job_of_the_evening_writes_tomorrows_heat_and_is_harmless_twice(database):
    from jobs.by_hand import run_now
    from jobs.schedule import named

    with db.transaction() as session:
        firm = make.employer(session)
        make.hire(session, firm)
        plot = make.plot(session, firm)
        forecast(session, plot.cell, 41.0)
    row = named("heat")
    assert row is not None
    slot = clock.local(row.next_slot(EVENING - timedelta(hours=1)))
    assert (slot.hour, slot.minute) <= (18, 0)
    with clock.frozen_at(EVENING):
        assert run_now(row) and run_now(row)
    with db.reading() as session:
        assert found(session) == [(firm.id, HeatRule.STOP, 41.0)]
