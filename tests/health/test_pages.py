"""/healthz, /readyz and /metrics tell the truth about database, forecasts and jobs."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlmodel import col

from orchard import clock, db, ledger
from orchard.ledger import JobRun, RunState
from orchard.timetable import TIMETABLE
from orchard.weather import rules
from orchard.weather.models import Forecast
from tests import make
from tests.client import client


@pytest.fixture
def county(database):
    """Make a plot, its forecast and the runs of a process that takes every slot."""
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
        for row in TIMETABLE:
            take(session, row)
    with clock.frozen_at(make.NOW):
        yield plot


def take(session, row):
    """Claim the newest slot of a row a minute ago or when it was due, and end the run."""
    slot = row.newest_slot(make.NOW)
    began = min(slot, make.NOW - timedelta(minutes=1))
    run = ledger.claim(session, row.name, slot, by="test", now=began)
    ledger.finish(session, run, now=began, counts={})


def change(session, job, **values):
    """Change the line of a job's only run."""
    session.execute(update(JobRun).where(col(JobRun.job) == job).values(**values))


def forget(*jobs):
    with db.transaction() as session:
        session.execute(delete(JobRun).where(col(JobRun.job).in_(jobs)))


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


def test_the_limit_is_the_one_beside_the_data(county, monkeypatch):
    limits = replace(rules.age_limits(make.NOW.date()), stressed_h=0.25, grey_h=0.5)
    monkeypatch.setattr(rules, "age_limits", lambda _: limits)
    assert ready()[0] == 503


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
    forget("tasks")
    with db.transaction() as session:
        ledger.claim(session, "tasks", make.NOW, by="dead", now=make.NOW - timedelta(seconds=41))
    status, facts = ready()
    assert (status, facts["jobs"]["unclaimed_due_runs"]) == (503, 1)


def test_jobs_that_nobody_takes_while_others_run_are_not_ready(county):
    forget("weather", "frost", "upkeep")
    status, facts = ready()
    assert (status, facts["jobs"]["ok"]) == (503, False)
    assert (facts["jobs"]["unclaimed_due_runs"], facts["jobs"]["hung_runs"]) == (3, 0)
    assert f'orchard_unclaimed_runs{{county="500154"}} {3.0}' in client().get("/metrics").text


def test_a_job_that_hangs_is_not_ready_although_its_heart_beats(county):
    began = make.NOW - timedelta(hours=9)
    forget("reminders")
    with db.transaction() as session:
        beats = {"started_at": began, "heartbeat_at": make.NOW, "ended_at": None}
        change(session, "tasks", state=RunState.RUNNING, **beats)
    status, facts = ready()
    assert (status, facts["jobs"]["ok"]) == (503, False)
    assert (facts["jobs"]["unclaimed_due_runs"], facts["jobs"]["hung_runs"]) == (0, 1)
    assert f'orchard_hung_runs{{county="500154"}} {1.0}' in client().get("/metrics").text


def test_a_process_that_has_just_begun_is_given_its_time(county):
    """It was off for three days, and has taken two jobs so far."""
    with db.transaction() as session:
        for row in TIMETABLE:
            change(session, row.name, slot=row.newest_slot(make.NOW - timedelta(days=3)))
        session.execute(update(JobRun).values(started_at=make.NOW - timedelta(days=3)))
        for job in ("messages", "photos"):
            run = ledger.claim(session, job, make.NOW, by="begun", now=make.NOW)
            ledger.finish(session, run, now=make.NOW, counts={})
    assert ready()[0] == 200
    with clock.frozen_at(make.NOW + timedelta(seconds=15)):
        assert ready()[0] == 200
    with clock.frozen_at(make.NOW + timedelta(seconds=16)):
        status, facts = ready()
    assert (status, facts["jobs"]["unclaimed_due_runs"]) == (503, 8)


def test_a_run_by_hand_is_no_process_that_leaves_the_others_behind(county):
    forget(*(row.name for row in TIMETABLE))
    with db.transaction() as session:
        run = ledger.claim_now(
            session, "weather", by="by hand:1", now=make.NOW - timedelta(minutes=5)
        )
        ledger.finish(session, run, now=make.NOW, counts={})
    status, facts = ready()
    assert (status, facts["jobs"]["unclaimed_due_runs"]) == (503, 0)  # but nobody runs the jobs


def test_metrics_are_for_this_machine_only(county):
    assert "orchard_plots" in client().get("/metrics").text
    assert client().get("/metrics", environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 404
    assert client().get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
