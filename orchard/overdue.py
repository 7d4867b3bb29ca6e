"""Which jobs are left behind and which hang: from the timetable and the ledger's lines alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from orchard import ledger
from orchard.ledger import HEARTBEAT_EVERY, TAKE_OVER_AFTER, JobRun, RunState
from orchard.timetable import TIMETABLE, Times

JOBS_SEEN_WITHIN = timedelta(minutes=15)  # three times the shortest regular job; J10
CLAIMED_WITHIN = 2 * HEARTBEAT_EVERY  # two pulses: who runs the jobs has looked by then
HANGS_AT_MOST = timedelta(hours=6)  # our own: twice what runs every three hours; nights are short


@dataclass(frozen=True)
class Overdue:
    """Names of jobs, due and run by nobody, and running for far too long; when one last began."""

    unclaimed: tuple[str, ...]
    hung: tuple[str, ...]
    begun: datetime | None

    def is_at_a_stand(self, now: datetime) -> bool:
        """Say whether nobody runs the jobs at all."""
        return self.begun is None or now - self.begun >= JOBS_SEEN_WITHIN


def overdue(session: Session, now: datetime) -> Overdue:
    """Return which jobs of this county are not done as they should be, in four queries."""
    standing = ledger.standing(session, {row.name: row.newest_slot(now) for row in TIMETABLE})
    last = ledger.last_runs(session, [row.name for row in TIMETABLE])
    at_work = ledger.at_work_before(session, now - CLAIMED_WITHIN)
    behind = left_behind(standing, last, at_work, now)
    begun = ledger.at_work_before(session, now)
    return Overdue((*silent(standing, now), *behind), tuple(hung(standing, now)), begun)


def left_behind(
    standing: Sequence[JobRun],
    last: Mapping[str, JobRun],
    at_work: datetime | None,
    now: datetime,
    timetable: Sequence[Times] = TIMETABLE,
) -> list[str]:
    """Return the jobs that are due and that whoever runs the jobs has passed over.

    at_work is when a job last began two pulses ago or earlier. What fell due before that and is
    still waiting was seen and not taken; before a process has been at work so long, nothing was.
    """
    if at_work is None or at_work < now - CLAIMED_WITHIN - JOBS_SEEN_WITHIN:
        return []
    running = {row.job for row in standing if row.state == RunState.RUNNING}
    newest = {(row.name, row.newest_slot(now)) for row in timetable}
    known = {row.job: row for row in standing if (row.job, row.slot) in newest}
    found = []
    for row in timetable:
        since = None if row.name in running else _due_since(row, known, running, last, now)
        if since and since <= at_work:
            found.append(row.name)
    return found


def _due_since(
    row: Times,
    known: Mapping[str, JobRun],
    running: set[str],
    last: Mapping[str, JobRun],
    now: datetime,
) -> datetime | None:
    """Return since when a job waits to be taken, or None when it does not."""
    if mine := known.get(row.name):
        return mine.next_try_at if mine.next_try_at and mine.next_try_at <= now else None
    if any(name in running or name not in known for name in row.after):
        return None
    newest, before = row.newest_slot(now), last.get(row.name)
    if before and before.slot < newest:
        missed = row.next_slot(before.slot)
    else:
        missed = row.newest_slot(newest - timedelta.resolution)
    held = [known[name].ended_at for name in row.after] + [before.ended_at if before else None]
    return max([missed, *(ended for ended in held if ended and ended <= now)])


def silent(standing: Sequence[JobRun], now: datetime) -> list[str]:
    """Return the jobs whose owner fell silent and that nobody has taken over yet."""
    return [
        row.job
        for row in standing
        if row.state == RunState.RUNNING and row.heartbeat_at < now - TAKE_OVER_AFTER
    ]


def hung(
    standing: Sequence[JobRun], now: datetime, timetable: Sequence[Times] = TIMETABLE
) -> list[str]:
    """Return the jobs that run for longer than any sound run does, beating or not."""
    every = {row.name: row.every for row in timetable}
    return [
        row.job
        for row in standing
        if row.state == RunState.RUNNING
        and now - row.started_at > hangs_after(every.get(row.job, HANGS_AT_MOST))
    ]


def hangs_after(every: timedelta) -> timedelta:
    """Return how long a run may take: twice its interval, never a few minutes, never a day.

    A county's first forecasts take the job of each minute several; a morning's reminders that
    hang must not be noticed only the day after tomorrow.
    """
    return min(max(2 * every, JOBS_SEEN_WITHIN), HANGS_AT_MOST)
