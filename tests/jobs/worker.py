"""A process of its own with a short schedule: `worker.py KIND BEAT_S SILENT_S STOP_S`.

It says what it does on its output, one line each, and waits in mid-job for a byte of its input.
"""

import os
import sys
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.exc import DBAPIError
from sqlmodel import delete

from jobs.by_hand import run_now
from jobs.runner import Pace, Runner, hold_signals, wait_for_stop, work
from jobs.schedule import SCHEDULE, Scheduled, named
from orchard import clock, db, ledger
from orchard.cli import serve
from orchard.ledger import Fenced, Run
from orchard.logs import set_up
from orchard.reminders.models import Message, ReminderDue
from orchard.reminders.rules import Channel
from orchard.timetable import DAY
from tests.reminders.owing import local, outbox

OFTEN = timedelta(seconds=0.5)


def say(*words: object) -> None:
    """Write one whole line at once."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def quick(run: Run) -> dict[str, int]:
    """Write one fact under the run and say so."""
    _write(run)
    say("ran", run.job, run.slot.isoformat(), run.attempt)
    return {"written": 1}


def held(run: Run) -> dict[str, int]:
    """Stand still in mid-job until told to go on, then write."""
    say("began", run.attempt)
    os.read(0, 1)
    try:
        _write(run)
    except Fenced:
        say("fenced", run.attempt)
        raise
    say("wrote", run.attempt)
    return {"written": 1}


def inside(run: Run) -> dict[str, int]:
    """Stand still inside a transaction, holding the row of the run."""
    try:
        with run.transaction() as session:
            ledger.note(session, "inside", str(run.attempt))
            say("began", run.attempt)
            os.read(0, 1)
            ledger.note(session, "more", str(run.attempt))
    except (DBAPIError, Fenced):
        say("lost", run.attempt)
        raise
    say("wrote", run.attempt)
    return {}


def _write(run: Run) -> None:
    key = f"{run.job} {run.slot:%d %H:%M:%S.%f}"
    with run.transaction() as session:
        ledger.note(session, key, ledger.fact(session, key) + str(run.attempt))


def answer_held(_environ: object, start: Callable[..., object]) -> list[bytes]:
    """Answer a request only after being told to go on."""
    say("asked")
    os.read(0, 1)
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "300000")])
    return [b"x" * 300_000]


QUICK = (Scheduled("one", quick, every=OFTEN), Scheduled("two", quick, every=2 * OFTEN))
INSIDE = (Scheduled("inside", inside, every=DAY),)
HELD = (Scheduled("held", held, every=DAY),)


def tell_zones() -> None:
    """Run a day's reminders at four hours of it, and say what lies in the outbox each time."""
    for hour, minute in ((0, 45), (6, 45), (7, 45), (23, 45)):
        with db.transaction() as session:
            for table in (Message, ReminderDue, ledger.JobRun):
                session.exec(delete(table))
        now = local(hour=hour, minute=minute)
        with clock.frozen_at(now):
            for name in ("reminders", "frost", "messages"):
                assert run_now(named(name))
        for channel in Channel:
            for m in outbox(channel=channel):
                kept = (m.local_date, m.person_id, m.kind, m.params, m.useful_until, m.sent_at)
                say(f"{hour:02}:{minute}", *kept, channel.value, m.status.value)
        for row in SCHEDULE:
            say("slot", row.name, row.newest_slot(now), row.next_slot(now))


def main(kind: str, *pace_s: str) -> None:
    """Work until told to stop."""
    set_up()
    db.STUCK_S = 1.5
    pace = Pace(*map(float, pace_s))
    if kind == "zones":
        tell_zones()
        return
    if kind == "serve":
        hold_signals()
        server = serve.Server(answer_held, "127.0.0.1", 0, 4)
        server.start()
        say("listening", server.address)
        jobs = Runner(HELD, pace)
        jobs.start()
        wait_for_stop()
        say("stopping")
        serve.stop(server, jobs, wait_s=pace.stop_s)
    else:
        work(Runner({"quick": QUICK, "held": HELD, "inside": INSIDE}[kind], pace))
    db.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
