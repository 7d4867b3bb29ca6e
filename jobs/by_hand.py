"""`orchard jobs run NAME`: one job now, in this thread, in the county in force."""

import os
from secrets import token_hex
from threading import Event
from time import monotonic

from jobs.attempt import attempt
from jobs.due import Watch
from jobs.schedule import Scheduled
from orchard import clock, db, ledger
from orchard.errors import Refused
from orchard.ledger import BY_HAND, HEARTBEAT_EVERY, TAKE_OVER_AFTER, JobRun, Run, RunState

LOOK_EVERY_S = 0.5
WAIT_S = 600.0


class StillRunning(Refused):
    """The job is running somewhere else and did not end while we waited."""

    code = "errors.still_running"


def run_now(row: Scheduled) -> bool:
    """Run a job whatever slot has run; say whether it did its work.

    Waits while it is running elsewhere; one whose owner fell silent meanwhile is closed.
    """
    watch, until = Watch(TAKE_OVER_AFTER.total_seconds()), monotonic() + WAIT_S
    while (run := _claim(row)) is None:
        if monotonic() > until:
            raise StillRunning(job=row.name)
        _close_silent(row, watch)
        Event().wait(LOOK_EVERY_S)
    return attempt(row.run, run, beat_s=HEARTBEAT_EVERY.total_seconds())


def _claim(row: Scheduled) -> Run | None:
    by = f"{BY_HAND}:{os.getpid()}:{token_hex(4)}"
    with db.transaction() as session:
        return ledger.claim_now(session, row.name, by=by, now=clock.now())


def _close_silent(row: Scheduled, watch: Watch) -> None:
    with db.reading() as session:
        rows = [each for each in ledger.standing(session, {}) if each.job == row.name]
    watch.look(db.county(), rows)
    for each in rows:
        if _is_dead(each, watch):
            with db.transaction() as session:
                ledger.give_up(session, each, now=clock.now())


def _is_dead(row: JobRun, watch: Watch) -> bool:
    return row.state == RunState.RUNNING and watch.is_silent(db.county(), row)
