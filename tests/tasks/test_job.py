"""The job: calendar and forecasts together, and nothing when it runs again."""

from datetime import timedelta

from sqlmodel import select

from jobs import tasks
from orchard import db
from orchard.ledger import claim, finish
from orchard.tasks.models import Reason, Task
from orchard.weather.digest import Digest
from orchard.weather.models import Forecast
from orchard.weather.stored import to_text
from tests import make
from tests.tasks.test_events import NEXT, night


def run(slot):
    with db.transaction() as session:
        held = claim(session, "tasks", slot, by="test", now=slot)
    counts = tasks.plan(held)
    with db.transaction() as session:
        finish(session, held, now=slot, counts=counts)
    return counts


def rows():
    with db.reading() as session:
        return {(t.code, t.occurrence): t for t in session.exec(select(Task)).all()}


def forecast(session, plot, *alerts, at=make.NOW):
    text = to_text(Digest((), alerts, 183))
    session.add(
        Forecast(
            cell=plot.cell,
            lat=plot.cell_lat,
            lon=plot.cell_lon,
            elevation_m=plot.cell_elevation_m,
            fetched_at=at,
            digest=text,
        )
    )


def test_one_run_plans_calendar_and_frost_and_a_second_adds_nothing(database):
    with db.transaction() as session:
        plot = make.plot(session, make.person(session), variety="navel")
        forecast(session, plot, night(NEXT, 1))
    first = run(make.NOW)
    assert (first["planned"], first["new"]) == (5, 1)
    assert set(run(make.NOW + timedelta(hours=3)).values()) == {0}
    assert ("FD", "2026-11-25") in rows()


def test_a_run_on_a_later_day_closes_what_is_over(database):
    with db.transaction() as session:
        make.plot(session, make.person(session), variety="navel")
    run(make.NOW)
    assert run(make.NOW + timedelta(days=1))["closed"] == 1
    assert rows()["DSY2", "2026-15"].reason == Reason.WINDOW_OVER


def test_a_forecast_that_cannot_be_read_holds_up_no_other_cell(database):
    with db.transaction() as session:
        plot = make.plot(session, make.person(session), variety="navel")
        high = make.plot(session, make.person(session), variety="navel", elevation_m=900)
        forecast(session, plot, night(NEXT, 1))
        forecast(session, high, night(NEXT, 1))
    assert run(make.NOW)["new"] == 2
    with db.transaction() as session:
        session.get(Forecast, high.cell).digest = '{"v":1,"days":[["2026-11-2'
    later = run(make.NOW + timedelta(days=1))
    assert (later["closed"], later["withdrawn"]) == (2, 1)


def test_a_county_without_plots_is_planned_too(database):
    assert run(make.NOW) == {"closed": 0, "planned": 0, "new": 0, "withdrawn": 0, "changed": 0}
