"""The runner: catches up once, survives jumps and a dead bell, and no county holds up another."""

import threading
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic

import pytest
from sqlmodel import select
from structlog.testing import capture_logs

from jobs import runner as module
from jobs.runner import Pace, Runner
from jobs.schedule import SCHEDULE, Scheduled, named
from orchard import clock, db, ledger, settings
from orchard.ledger import JobRun, RunState
from orchard.reminders.models import ReminderDue
from orchard.reminders.rules import Status
from orchard.timetable import DAY, at
from tests import make
from tests.engines import slow_on
from tests.reminders.owing import DAY as MONDAY
from tests.reminders.owing import local, outbox, said, task

COUNTY = "500154"
BACK = MONDAY + timedelta(days=3)


def settle(schedule=SCHEDULE) -> list[str]:
    """Run all that is due now, as a process that has just started would, and say in what order."""
    runner, ran = Runner(schedule), []

    def noted(row: Scheduled) -> Scheduled:
        def work(run):
            ran.append(row.name)
            return row.run(run)

        return Scheduled(row.name, work, row.every, row.start, row.after)

    for _ in range(3):
        for row in schedule:
            runner.tick(COUNTY, noted(row))
    return ran


@pytest.fixture
def no_weather(database):
    """A database whose weather server does not answer."""
    chosen = settings.get().model_copy(update={"weather_url": "http://127.0.0.1:9"})
    settings.use(chosen)
    return database


@slow_on("postgres")
def test_off_for_three_days_over_due_times_owes_the_last_48_hours_once(no_weather):
    with clock.frozen_at(local()), db.transaction() as session:
        who = make.caller(session)
        plot = make.plot(session, who)
        for ahead in range(-1, 4):
            task(session, plot, MONDAY + timedelta(days=ahead), code="CG")
    with clock.frozen_at(local(MONDAY, hour=7, minute=1)):
        settle()
    (first,) = outbox(who.person_id)
    assert first.status == Status.SENT
    with clock.frozen_at(local(BACK, hour=12, minute=0)):
        ran = settle()
        again = settle()
    assert sorted(ran) == sorted(row.name for row in SCHEDULE)
    assert again == []
    before, merged = outbox(who.person_id)
    assert (before.id, merged.local_date, merged.status) == (first.id, BACK, Status.SENT)
    told = [row for row in said(merged)["codes"] if row == "CG"]
    assert told == ["CG"]
    with db.reading() as session:
        rows = session.exec(select(ReminderDue).where(ReminderDue.code == "CG"))
        days = {row.due_on: row.told_on for row in rows}
    assert days == {
        MONDAY - DAY: MONDAY,
        MONDAY: MONDAY,
        MONDAY + DAY: BACK,
        MONDAY + 2 * DAY: BACK,
        BACK: BACK,
    }


def test_off_for_a_week_leaves_what_is_older_than_48_hours_to_the_page(no_weather):
    with clock.frozen_at(local()), db.transaction() as session:
        who = make.caller(session)
        plot = make.plot(session, who)
        for ahead in range(8):
            task(session, plot, MONDAY + timedelta(days=ahead), code="CG")
    end = MONDAY + timedelta(days=7)
    rows = tuple(row for row in SCHEDULE if row.name in ("reminders", "messages"))
    rows = tuple(Scheduled(row.name, row.run, row.every, row.start) for row in rows)
    with clock.frozen_at(local(end, hour=12, minute=0)):
        settle(rows)
    (message,) = outbox(who.person_id)
    assert said(message) == {"n": 3, "codes": ["CG"], "kinds": 1, "missed": 2}
    with db.reading() as session:
        assert len(session.exec(select(ReminderDue)).all()) == 8


def test_what_started_before_dawn_is_told_once_in_the_morning(no_weather):
    rows = tuple(
        Scheduled(name, named(name).run, named(name).every, named(name).start)
        for name in ("reminders", "messages")
    )
    with db.transaction() as session:
        who = make.caller(session)
        plot = make.plot(session, who)
        for back in range(3):
            task(session, plot, MONDAY - timedelta(days=back), code="CG")
    for hour, minute in ((3, 0), (6, 30), (7, 0), (7, 5)):
        with clock.frozen_at(local(MONDAY, hour=hour, minute=minute)):
            settle(rows)
    sent = [message for message in outbox(who.person_id) if message.status == Status.SENT]
    assert [(m.local_date, said(m)["n"]) for m in sent] == [(MONDAY, 3)]


def test_a_slot_missed_many_times_runs_once(database):
    ran = []
    row = Scheduled("weather", lambda run: ran.append(run.slot) or {}, every=at(3, 0))
    for day, hour in ((MONDAY, 5), (MONDAY + timedelta(days=9), 22)):
        with clock.frozen_at(local(day, hour=hour)):
            settle((row,))
    assert ran == [local(MONDAY, 3, 0), local(MONDAY + timedelta(days=9), 21, 0)]


def test_a_clock_that_jumps_back_and_forth_runs_no_slot_twice_and_misses_none(database):
    ran = []
    row = Scheduled("messages", lambda run: ran.append(run.slot) or {}, every=at(0, 5))
    start = local(hour=12, minute=2)
    moments = [start + timedelta(hours=hours) for hours in (0, -2, 2, 24, 720, 24.1, 24.2)]
    for moment in [*moments, clock.local(start).replace(year=1970)]:
        with clock.frozen_at(moment):
            settle((row,))
    assert len(ran) == len(set(ran)) == 8


def test_a_clock_jump_is_logged_and_the_bell_is_set_anew(database):
    runner = Runner(SCHEDULE)
    runner._bell.start(paused=True)
    far = clock.now() + timedelta(days=40)
    for job in runner._bell.get_jobs():
        job.modify(next_run_time=far)
    with capture_logs() as lines:
        for moment in (local(hour=12), local(hour=12), local(hour=10)):
            with clock.frozen_at(moment):
                runner.pulse()
    runner._bell.shutdown()
    jumps = [line["seconds"] for line in lines if line["event"] == "clock_jumped"]
    assert jumps == [-7200]


def test_after_a_jump_every_row_rings_at_its_next_slot(database):
    runner = Runner((Scheduled("held", lambda _run: {}, every=DAY),))
    runner._bell.start(paused=True)
    with clock.frozen_at(local(hour=12)), db.transaction() as session:
        slot = runner.schedule[0].newest_slot(clock.now())
        ledger.claim(session, "held", slot, by="another", now=clock.now())
    (job,) = runner._bell.get_jobs()
    job.modify(next_run_time=clock.now() + timedelta(days=40))
    for hour in (12, 10):
        with clock.frozen_at(local(hour=hour)):
            runner.pulse()
    (job,) = runner._bell.get_jobs()
    assert job.next_run_time < clock.now() + timedelta(days=2)
    runner._bell.shutdown()


@contextmanager
def running(schedule, **pace):
    """Run a schedule in this process."""
    runner = Runner(schedule, Pace(**{"beat_s": 0.05, "silent_s": 4.0, **pace}))
    runner.start()
    try:
        yield runner
    finally:
        assert runner.stop()


def test_a_dead_bell_is_noticed_and_replaced(database):
    ran = threading.Semaphore(0)
    row = Scheduled("often", lambda _run: ran.release() or {}, every=timedelta(seconds=0.2))
    with capture_logs() as lines, running((row,)) as runner:
        assert ran.acquire(timeout=20)
        first = runner._bell
        first.state = 0  # its loop ends, as if the thread had died
        first._event.set()
        first._thread.join(20)
        until = monotonic() + 20
        while runner._bell is first:
            assert monotonic() < until
        for _ in range(3):
            assert ran.acquire(timeout=20)
    assert "scheduler_died" in [line["event"] for line in lines]


def test_a_slow_job_does_not_overlap_itself_and_holds_up_no_other(database):
    inside, most, go, other = [], [], threading.Event(), threading.Semaphore(0)

    def slow(run):
        inside.append(run.slot)
        most.append(len(inside))
        assert go.wait(20)
        inside.remove(run.slot)
        return {}

    often = timedelta(seconds=0.2)
    rows = (
        Scheduled("slow", slow, every=often),
        Scheduled("other", lambda _run: other.release() or {}, every=often),
    )
    with running(rows), running(rows):
        for _ in range(5):
            assert other.acquire(timeout=20)
        go.set()
        for _ in range(3):
            assert other.acquire(timeout=20)
    assert set(most) == {1}


def test_what_waits_for_a_job_runs_as_soon_as_that_has_ended(database):
    ran, done = [], threading.Semaphore(0)

    def note(run):
        ran.append(run.job)
        done.release()
        return {}

    first = Scheduled("first", note, every=DAY)
    second = Scheduled("second", note, every=DAY, after=("first",))
    with running((second, first), beat_s=60.0):
        for _ in range(2):
            assert done.acquire(timeout=20)
    assert ran == ["first", "second"]


def test_a_job_that_raises_is_tried_again_and_ends_no_other(database, monkeypatch):
    monkeypatch.setattr(ledger, "RETRY_WAITS", (0, 0, 0, 0))
    tries, done = threading.Semaphore(0), threading.Semaphore(0)

    def broken(run):
        tries.release()
        if run.attempt < 3:
            raise ZeroDivisionError
        done.release()
        return {}

    with running((Scheduled("broken", broken, every=DAY),)):
        assert done.acquire(timeout=20)
    with db.reading() as session:
        (row,) = session.exec(select(JobRun)).all()
    assert (row.state, row.attempt) == (RunState.DONE, 3)


def test_a_broken_county_holds_up_no_other(sqlite_database):
    folder = sqlite_database.parent
    sqlite_database.rename(folder / "orchard-500154.db")
    (folder / "orchard-500101.db").write_bytes(b"no database at all" * 100)
    settings.use(settings.get().model_copy(update={"counties": ("500101", "500154")}))
    ran = threading.Semaphore(0)

    def work(_run):
        assert db.county() == "500154"
        ran.release()
        return {}

    with capture_logs() as lines, running((Scheduled("often", work, every=at(0, 1)),)):
        assert ran.acquire(timeout=20)
    events = {(line["event"], line.get("county")) for line in lines}
    assert ("look_failed", "500101") in events
    assert ("job_done", "500154") in events


def test_the_pace_is_that_of_decision_24():
    pace = Pace()
    assert (pace.silent_s, pace.stop_s) == (40.0, 20.0)
    assert pace.silent_s + 2 * pace.beat_s < 60
    assert len(SCHEDULE) <= module.THREADS
