"""`orchard doctor` says what is wrong and what to do, and never breaks off."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import update
from sqlmodel import select

from orchard import clock, db, ledger, revision, schema, settings
from orchard.cli import main
from orchard.demo.sample import put_sample
from orchard.ledger import JobRun
from orchard.timetable import TIMETABLE
from orchard.weather.models import Forecast
from tests import make


def _doctor():
    done = CliRunner().invoke(main, ["doctor"])
    return done.exit_code, done.output


@pytest.fixture
def well(database):
    """A county with a plot, a fresh forecast and a job that just ran."""
    now = clock.now()
    with db.transaction() as session:
        make.plot(session, make.person(session))
        put_sample(session, today=clock.today(), now=now)
        run = ledger.claim_now(session, "tasks", by="test", now=now)
        ledger.finish(session, run, now=now, counts={})


def test_all_is_well(well):
    code, said = _doctor()
    assert code == 0, said
    assert [line[:3] for line in said.splitlines()] == ["ok "] * 6
    assert "password" not in said and ":orchard@" not in said


def test_an_empty_folder_is_told_to_upgrade(tmp_path):
    settings.use(settings.Settings(data_dir=tmp_path))
    code, said = _doctor()
    assert code == 1
    assert "BAD database" in said and "orchard db upgrade" in said
    assert not (tmp_path / "orchard.db").exists()
    db.dispose()
    settings.use(None)


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path):
    url = "postgresql+psycopg://orchard:s3cret-word@127.0.0.1:1/none"
    settings.use(settings.Settings(data_dir=tmp_path, database_url=url))
    code, said = _doctor()
    assert code == 1
    assert "does not answer" in said
    assert "s3cret-word" not in said
    db.dispose()
    settings.use(None)


def test_an_old_schema_is_told_to_upgrade(sqlite_database):
    schema.downgrade(revision.known()[-2])
    code, said = _doctor()
    assert code == 1
    assert "BAD schema" in said and "orchard db upgrade" in said


def test_an_old_forecast_and_a_missing_one_are_told_apart(well):
    with db.transaction() as session:
        row = session.exec(select(Forecast)).one()
        row.fetched_at = clock.now() - timedelta(hours=25)
        session.add(row)
    assert "the oldest is 25 h old; run `orchard jobs run weather`" in _doctor()[1]
    with db.transaction() as session:
        session.delete(session.exec(select(Forecast)).one())
    code, said = _doctor()
    assert code == 1
    assert "1 cells have none" in said


def test_silent_and_failed_jobs_are_told(well):
    now = clock.now()
    with db.transaction() as session:
        run = ledger.claim_now(session, "weather", by="test", now=now)
        ledger.finish(session, run, now=now, counts={}, error="Boom")
    code, said = _doctor()
    assert code == 1
    assert "1 failed in 24 h; see `orchard jobs list`" in said
    later = now + timedelta(hours=1)
    with clock.frozen_at(later):
        assert "start `orchard serve` or `orchard jobs work`" in _doctor()[1]


def test_jobs_left_behind_and_jobs_that_hang_are_named(well):
    now, old = clock.now(), timedelta(hours=9)
    with db.transaction() as session:
        session.execute(update(JobRun).values(started_at=now - timedelta(minutes=1)))
        left = TIMETABLE[0].newest_slot(now)
        run = ledger.claim(session, "tasks", left - old, by="test", now=now - old)
        assert ledger.beat(session, run, now=now)
    code, said = _doctor()
    assert code == 1
    assert "BAD scheduler" in said and "due and run by nobody: weather, frost" in said
    assert "running far too long: tasks; end and start `orchard serve`" in said


def test_a_setting_that_does_not_exist_is_named(well, monkeypatch):
    monkeypatch.setenv("ORCHARD_WETHER_URL", "http://127.0.0.1")
    code, said = _doctor()
    assert code == 1
    assert "no such setting: ORCHARD_WETHER_URL" in said
