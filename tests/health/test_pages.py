"""/healthz, /readyz and /metrics tell the truth about database, forecasts and jobs."""

from datetime import timedelta

import pytest

from orchard import clock, db, ledger
from orchard.weather.models import Forecast
from tests import make
from tests.client import client


@pytest.fixture
def county(database):
    """Make a plot, its forecast and a job run of a minute ago."""
    with db.transaction() as session:
        plot = make.plot(session, make.person(session))
        session.add(
            Forecast(
                cell=plot.cell,
                lat=plot.cell_lat,
                lon=plot.cell_lon,
                elevation_m=plot.cell_elevation_m,
                fetched_at=make.NOW - timedelta(hours=1),
                next_try_at=make.NOW,
            )
        )
        run = ledger.claim(
            session, "messages", make.NOW, by="test", now=make.NOW - timedelta(minutes=1)
        )
        ledger.finish(session, run, now=make.NOW, counts={})
    with clock.frozen_at(make.NOW):
        yield plot


def ready():
    answer = client().get("/readyz")
    return answer.status_code, answer.json["counties"]["500154"]


def test_alive_when_the_database_answers(county):
    answer = client().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_ready_when_everything_is_fine(county):
    status, facts = ready()
    assert status == 200
    assert facts["forecasts"]["oldest_s"] == 3600


@pytest.mark.parametrize(("hours", "status"), [(23.9, 200), (24, 503)])
def test_a_forecast_of_a_day_is_not_ready(county, hours, status):
    with db.transaction() as session:
        kept = session.get(Forecast, county.cell)
        kept.fetched_at = make.NOW - timedelta(hours=hours)
        session.add(kept)
    assert ready()[0] == status


def test_a_plot_without_any_forecast_is_not_ready(county):
    with db.transaction() as session:
        make.plot(session, make.person(session), cell="1:1:1")
    status, facts = ready()
    assert (status, facts["forecasts"]["cells_without"]) == (503, 1)


def test_jobs_that_stand_still_are_not_ready(county):
    with clock.frozen_at(make.NOW + timedelta(minutes=15)):
        status, facts = ready()
    assert (status, facts["jobs"]["ok"]) == (503, False)


def test_a_run_whose_owner_fell_silent_is_not_ready(county):
    with db.transaction() as session:
        ledger.claim(session, "tasks", make.NOW, by="dead", now=make.NOW - timedelta(seconds=41))
    status, facts = ready()
    assert (status, facts["jobs"]["unclaimed_due_runs"]) == (503, 1)


def test_metrics_are_for_this_machine_only(county):
    assert "orchard_plots" in client().get("/metrics").text
    assert client().get("/metrics", environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 404
    assert client().get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
