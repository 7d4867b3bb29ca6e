"""The table: slots in local time, whatever the host's zone, and what is due now."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from jobs import due
from jobs.due import Watch, due_now, orphans
from jobs.schedule import SCHEDULE, WORK, Scheduled, named
from orchard import clock
from orchard.ledger import JobRun, RunState
from orchard.timetable import DAY, TIMETABLE, at
from tests.jobs.processes import ROOT

MORNING = Scheduled("reminders", lambda _run: {}, every=DAY, start=at(6, 30), after=("tasks",))
PULL = Scheduled("weather", lambda _run: {}, every=at(3, 0), start=at(0, 10))
TASKS = Scheduled("tasks", lambda _run: {}, every=DAY, start=at(6, 20))


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


@pytest.mark.parametrize(
    ("row", "now", "newest", "following"),
    [
        (MORNING, "2026-11-23T06:29:59", "2026-11-22T06:30", "2026-11-23T06:30"),
        (MORNING, "2026-11-23T06:30:00", "2026-11-23T06:30", "2026-11-24T06:30"),
        (PULL, "2026-11-23T00:09:00", "2026-11-22T21:10", "2026-11-23T00:10"),
        (PULL, "2026-11-23T06:10:00", "2026-11-23T06:10", "2026-11-23T09:10"),
        (PULL, "2026-11-23T23:59:59.999999", "2026-11-23T21:10", "2026-11-24T00:10"),
        (MORNING, "2028-03-01T00:00:00", "2028-02-29T06:30", "2028-03-01T06:30"),
        (MORNING, "2026-03-08T12:00:00", "2026-03-08T06:30", "2026-03-09T06:30"),
    ],
)
def test_slots_are_reckoned_in_the_countys_time(row, now, newest, following):
    assert row.newest_slot(local(now)) == local(newest)
    assert row.next_slot(local(now)) == local(following)


def test_the_day_goes_from_forecast_to_tasks_to_reminders():
    hours = {
        row.name: clock.local(row.newest_slot(local("2026-11-23T06:30:00"))) for row in SCHEDULE
    }
    order = [hours[name].strftime("%H:%M") for name in ("weather", "tasks", "reminders")]
    assert order == ["06:10", "06:20", "06:30"]
    assert named("reminders").after == ("tasks",)
    assert named("tasks").after == ("weather",)


def test_every_row_has_a_name_of_its_own_and_stands_on_rows_that_exist():
    names = [row.name for row in SCHEDULE]
    assert len(names) == len(set(names))
    assert {name for row in SCHEDULE for name in row.after} <= set(names)


def test_what_runs_the_jobs_and_what_watches_them_read_one_timetable():
    assert list(WORK) == [row.name for row in TIMETABLE] == [row.name for row in SCHEDULE]


def test_the_table_loads_neither_pages_nor_scheduler():
    code = "import jobs.schedule, sys; print({'flask', 'apscheduler'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "set()"


NOW = local("2026-11-23T07:00:00").astimezone(UTC)


def line(row: Scheduled, state=RunState.DONE, **values) -> JobRun:
    kept = {"job": row.name, "slot": row.newest_slot(NOW), "state": state, "attempt": 1}
    moments = {"heartbeat_at": NOW, "started_at": NOW, "claimed_by": "x"}
    return JobRun(**{**kept, **moments, **values})


def names_due(*lines: JobRun, silent: bool = False) -> dict[str, int]:
    found = due_now(lines, (PULL, TASKS, MORNING), NOW, lambda _row: silent)
    return {name: item.seen.attempt if item.seen else 0 for name, item in found.items()}


def test_what_never_ran_is_due_in_the_order_of_the_table():
    assert names_due() == {"weather": 0, "tasks": 0}
    assert names_due(line(PULL), line(TASKS)) == {"reminders": 0}
    assert names_due(line(PULL), line(TASKS), line(MORNING)) == {}


def test_a_row_waits_for_the_rows_before_it_but_not_for_their_success():
    assert names_due(line(TASKS, RunState.RUNNING)) == {"weather": 0}
    assert names_due(line(TASKS, RunState.FAILED)) == {"weather": 0, "reminders": 0}


def test_a_running_job_is_left_alone_unless_it_is_silent():
    rows = line(PULL, RunState.RUNNING), line(TASKS), line(MORNING)
    assert names_due(*rows) == {}
    assert names_due(*rows, silent=True) == {"weather": 1}


def test_an_older_slot_that_runs_holds_the_newest_back():
    older = line(TASKS, RunState.RUNNING, slot=TASKS.newest_slot(NOW) - DAY)
    assert "tasks" not in names_due(line(PULL), older)
    assert names_due(line(PULL), older, silent=True)["tasks"] == 1


def test_a_failed_slot_is_due_when_its_waiting_is_over():
    for minutes, wanted in ((1, {}), (0, {"weather": 2}), (-5, {"weather": 2})):
        again = NOW + timedelta(minutes=minutes)
        failed = line(PULL, RunState.FAILED, attempt=2, next_try_at=again)
        assert names_due(failed, line(TASKS), line(MORNING)) == wanted


def test_a_silent_run_that_was_tried_often_or_belongs_to_no_job_is_an_orphan():
    often = line(PULL, RunState.RUNNING, attempt=5)
    gone = line(Scheduled("gone", lambda _run: {}, every=DAY), RunState.RUNNING)
    alive = line(TASKS, RunState.RUNNING)
    found = orphans([often, gone, alive], (PULL, TASKS), lambda row: row is not alive)
    assert found == [often, gone]
    assert orphans([often, gone, alive], (PULL, TASKS), lambda _row: False) == []


@pytest.fixture
def steady(monkeypatch):
    """A steady clock that the test moves."""
    now = [100.0]
    monkeypatch.setattr(due, "monotonic", lambda: now[0])
    return now


def test_silence_is_counted_from_the_last_beat_that_was_seen(steady):
    watch, row = Watch(40.0), line(PULL, RunState.RUNNING)
    assert not watch.is_silent("500154", row)
    watch.look("500154", [row])
    steady[0] += 39
    row.beats += 1
    watch.look("500154", [row])
    steady[0] += 40
    assert not watch.is_silent("500154", row)
    steady[0] += 0.1
    assert watch.is_silent("500154", row)
    assert not watch.is_silent("500101", row)


def test_a_beat_after_the_last_look_is_no_silence(steady):
    watch, row = Watch(40.0), line(PULL, RunState.RUNNING)
    watch.look("500154", [row])
    steady[0] += 60
    row.beats += 1
    assert not watch.is_silent("500154", row)
