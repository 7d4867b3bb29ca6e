"""Runs the schedule for every county: each slot once, whoever claims it.

APScheduler only rings the bell. What is late, missed, silent or to be tried again is read from
the county's own ledger, by a pulse that counts on no wall clock.
"""

import os
import signal
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from secrets import token_hex
from threading import Event, Lock, Thread
from time import monotonic

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from jobs.attempt import about, attempt
from jobs.due import Due, Watch, due_now, orphans
from jobs.schedule import SCHEDULE, Scheduled
from orchard import clock, db, ledger, logs, settings
from orchard.ledger import HEARTBEAT_EVERY, TAKE_OVER_AFTER, JobRun, Run

log = logs.get("jobs")
THREADS = 16  # jobs at once in one process, over all counties
JUMP = timedelta(minutes=1)  # a wall clock that strays this far from the steady one has jumped
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True)
class Pace:
    """How often a run beats and a process looks, when a run counts as silent, how stops wait.

    first_s: how long after its start a process takes its first look.
    """

    beat_s: float = HEARTBEAT_EVERY.total_seconds()
    silent_s: float = TAKE_OVER_AFTER.total_seconds()
    stop_s: float = 20.0
    first_s: float = 0.0


class SlotTrigger(BaseTrigger):  # type: ignore[misc]
    """Rings at the slots of one row, reckoned as the ledger reckons them."""

    def __init__(self, row: Scheduled) -> None:
        self.row = row

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """Return the next slot, whatever was missed."""
        return self.row.next_slot(now)


class Bell(BackgroundScheduler):  # type: ignore[misc]
    """APScheduler with an answer to whether its thread still lives."""

    @property
    def is_alive(self) -> bool:
        """Say whether the thread that rings is there."""
        return self._thread is not None and self._thread.is_alive()


class Runner:
    """The jobs of one process."""

    def __init__(self, schedule: Sequence[Scheduled] = SCHEDULE, pace: Pace | None = None) -> None:
        self.schedule = tuple(schedule)
        self.pace = pace or Pace()
        self.by = f"{socket.gethostname()[:40]}:{os.getpid()}:{token_hex(4)}"
        self._stopping = Event()
        self._lock = Lock()
        self._busy: set[tuple[str, str]] = set()
        self._active: dict[tuple[str, str], Run] = {}
        self._watch = Watch(self.pace.silent_s)
        self._clocks: tuple[datetime, float] | None = None
        self._pulse = Thread(target=self._pulses, name="pulse", daemon=True)
        self._bell = self._new_bell()

    def start(self) -> None:
        """Begin: what was missed while nobody ran runs at once, the newest slot only."""
        self._bell.start()
        self._pulse.start()

    def stop(self) -> bool:
        """Take nothing new and let what runs finish; say whether it did in time."""
        self._stopping.set()
        for run in list(self._active.values()):
            run.stopping.set()
        closing = Thread(target=self._bell.shutdown, daemon=True)
        closing.start()
        closing.join(self.pace.stop_s)
        return not closing.is_alive()

    def _new_bell(self) -> Bell:
        bell = Bell(
            timezone=clock.zone(),
            executors={"default": ThreadPoolExecutor(THREADS)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for county in settings.get().counties:
            for row in self.schedule:
                name = f"{county}:{row.name}"
                bell.add_job(self.tick, SlotTrigger(row), args=(county, row), id=name, name=name)
        return bell

    def _pulses(self) -> None:
        if self._stopping.wait(self.pace.first_s):
            return
        while True:
            self.pulse()
            if self._stopping.wait(self.pace.beat_s):
                return

    def pulse(self) -> None:
        """Look at the clocks, at the bell, and in every county at what is due."""
        if self._has_jumped():
            for job in self._bell.get_jobs():
                job.reschedule(job.trigger)
        if self._pulse.is_alive() and not self._bell.is_alive:
            log.error("scheduler_died", by=self.by)
            self._bell = self._new_bell()
            self._bell.start()
        for county in settings.get().counties:
            try:
                with db.in_county(county):
                    self._look(county)
            except Exception as error:  # noqa: BLE001 - one county never holds up the others
                log.error("look_failed", county=county, exc_info=error)

    def _has_jumped(self) -> bool:
        """Compare the wall clock with the steady one since the last look."""
        before, now = self._clocks, (clock.now(), monotonic())
        self._clocks = now
        if before is None:
            return False
        strayed = (now[0] - before[0]) - timedelta(seconds=now[1] - before[1])
        if abs(strayed) < JUMP:
            return False
        log.warning("clock_jumped", seconds=round(strayed.total_seconds()))
        return True

    def _look(self, county: str) -> None:
        rows = self._standing()
        self._watch.look(county, rows)
        is_silent = partial(self._watch.is_silent, county)
        for row in orphans(rows, self.schedule, is_silent):
            with db.transaction() as session:
                ledger.give_up(session, row, now=clock.now())
        for name in due_now(rows, self.schedule, clock.now(), is_silent):
            if (county, name) not in self._busy and not self._stopping.is_set():
                self._bell.modify_job(f"{county}:{name}", next_run_time=clock.now())

    def _standing(self) -> list[JobRun]:
        now = clock.now()
        newest = {row.name: row.newest_slot(now) for row in self.schedule}
        with db.reading() as session:
            return ledger.standing(session, newest)

    def tick(self, county: str, row: Scheduled) -> None:
        """Take what is due of one job in one county, if nobody else does, and run it."""
        key = county, row.name
        with self._lock:
            if self._stopping.is_set() or key in self._busy:
                return
            self._busy.add(key)
        try:
            with db.in_county(county):
                if self._run(key, row):
                    self._ring_followers(county, row)
        except Exception as error:  # noqa: BLE001 - the edge: the next tick tries again
            log.error("tick_failed", county=county, job=row.name, exc_info=error)
        finally:
            self._busy.discard(key)

    def _ring_followers(self, county: str, row: Scheduled) -> None:
        """Let the rows that wait for this one look at once instead of at the next pulse."""
        for each in self.schedule:
            if row.name in each.after and not self._stopping.is_set():
                self._bell.modify_job(f"{county}:{each.name}", next_run_time=clock.now())

    def _run(self, key: tuple[str, str], row: Scheduled) -> bool:
        run = self._take(key[0], row)
        if run is None:
            return False
        self._active[key] = run
        if self._stopping.is_set():
            run.stopping.set()
        try:
            attempt(row.run, run, beat_s=self.pace.beat_s)
        finally:
            del self._active[key]
        return True

    def _take(self, county: str, row: Scheduled) -> Run | None:
        is_silent = partial(self._watch.is_silent, county)
        now = clock.now()
        due = due_now(self._standing(), self.schedule, now, is_silent).get(row.name)
        if due is None or due.is_hopeless:
            return None
        run = self._claim(due, now)
        if run and run.attempt > 1:
            log.warning("job_taken", **about(run))
        return run

    def _claim(self, due: Due, now: datetime) -> Run | None:
        with db.transaction() as session:
            if due.seen is None:
                return ledger.claim(session, due.job, due.slot, by=self.by, now=now)
            return ledger.take_over(session, due.seen, by=self.by, now=now)


def hold_signals() -> None:
    """Keep stop signals for wait_for_stop(); to be called before any thread starts."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)


def wait_for_stop() -> None:
    """Wait until somebody asks this process to end."""
    signal.sigwait(STOP_SIGNALS)


def work(runner: Runner) -> None:
    """Run only the jobs until the process is told to end; what runs then finishes."""
    hold_signals()
    runner.start()
    log.info("started", by=runner.by)
    wait_for_stop()
    leave(runner.stop())


def leave(finished: bool) -> None:
    """End the process; a job that did not finish in time is rolled back and taken over."""
    log.info("stopped", finished=finished)
    if not finished:
        os._exit(0)
