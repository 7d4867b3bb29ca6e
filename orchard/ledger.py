"""Which due slot of which job is claimed by whom, and what came of it.

Any number of processes may run the jobs: a slot is claimed by one conditional statement in the
county's own database, and a claim whose owner fell silent may be taken over. Taking over raises
the attempt number, and a write under an older number changes nothing (fencing).
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Event
from typing import Any, cast

from sqlalchemy import CursorResult, Index, delete, func, or_, text, update
from sqlmodel import Field, Session, col, select

from orchard import clock, db, tables, turns
from orchard.errors import OrchardError, Refused

TAKE_OVER_AFTER = timedelta(seconds=40)  # decision 24: a claim without a heartbeat for 40 s
HEARTBEAT_EVERY = timedelta(seconds=8)
MAX_ATTEMPTS = 5
SILENT = "silent"  # what ended a run whose owner was heard of no more
BY_HAND = "by hand"  # how the name of an owner begins who runs one job only
RETRY_WAITS = (1, 5, 15, 60)  # minutes until a failed slot is tried again, as in decision 18


class RunState(StrEnum):
    """What became of a claimed slot."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Purpose(StrEnum):
    """What an installation is for; a frozen clock is refused on a real one."""

    REAL = "real"
    DEMO = "demo"
    TEST = "test"


class JobRun(tables.Record, table=True):
    """One due slot of one job. The database itself lets no job run twice at the same time."""

    __tablename__ = "job_run"
    __table_args__ = (
        Index(
            "uq_job_run_running",
            "job",
            unique=True,
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
        tables.table_info(),
    )

    job: str = Field(max_length=40, primary_key=True)
    slot: datetime = Field(primary_key=True)
    state: RunState = Field(sa_column=tables.enum_column(RunState, index=True))
    attempt: int = 1
    beats: int = 0
    claimed_by: str = Field(max_length=80)
    heartbeat_at: datetime
    started_at: datetime
    ended_at: datetime | None = None
    next_try_at: datetime | None = None
    counts: str = Field(default="", max_length=400)
    error: str = Field(default="", max_length=400)


class Installation(tables.Record, table=True):
    """A fact about this county's database: what it is for, and since when."""

    __table_args__ = (tables.table_info(),)

    key: str = Field(max_length=40, primary_key=True)
    value: str = Field(max_length=400)


class Fenced(OrchardError):
    """The run was taken over by another process; nothing more may be written under it."""

    code = "errors.fenced"


class FrozenClock(Refused):
    """ORCHARD_NOW is set, and this database is neither a demonstration nor a test."""

    code = "errors.frozen_clock"


@dataclass(frozen=True)
class Run:
    """One attempt at one slot, in the hands of this process.

    A job that takes long looks at stopping, and then ends early with what it has.
    """

    job: str
    slot: datetime
    attempt: int
    now: datetime
    stopping: Event = field(default_factory=Event, compare=False, repr=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Write under this attempt, or raise Fenced when it was taken over."""
        turns.pages.make_way()
        with db.transaction() as session:
            if not beat(session, self, now=clock.now()):
                raise Fenced
            yield session

    def check(self) -> None:
        """Raise Fenced when the run was taken over: asked before anything leaves the house."""
        with db.reading() as session:
            held = select(JobRun.job).where(*_held_by(self))
            if session.exec(held).first() is None:
                raise Fenced


def claim(session: Session, job: str, slot: datetime, *, by: str, now: datetime) -> Run | None:
    """Claim a slot; None when it was claimed before or the job is running for another slot."""
    fresh = JobRun(
        job=job, slot=slot, state=RunState.RUNNING, claimed_by=by, heartbeat_at=now, started_at=now
    )
    return Run(job, slot, 1, now) if db.insert_once(session, fresh) else None


def claim_now(session: Session, job: str, *, by: str, now: datetime) -> Run | None:
    """Claim a slot of its own for a run by hand; None while the job is running."""
    same = select(func.count()).where(
        JobRun.job == job, JobRun.slot >= now, JobRun.slot < now + timedelta(milliseconds=1)
    )
    slot = now + timedelta(microseconds=session.exec(same).one())
    return claim(session, job, slot, by=by, now=now)


def take_over(session: Session, seen: JobRun, *, by: str, now: datetime) -> Run | None:
    """Try a slot again whose owner fell silent or failed, exactly as it was seen."""
    taken = session.execute(
        update(JobRun)
        .where(*_as_seen(seen), col(JobRun.attempt) < MAX_ATTEMPTS)
        .values(
            attempt=seen.attempt + 1,
            beats=0,
            state=RunState.RUNNING,
            claimed_by=by,
            heartbeat_at=now,
            started_at=now,
            ended_at=None,
            next_try_at=None,
            error="",
        )
    )
    won = cast(CursorResult[Any], taken).rowcount == 1
    return Run(seen.job, seen.slot, seen.attempt + 1, now) if won else None


def give_up(session: Session, seen: JobRun, *, now: datetime) -> bool:
    """Close a silent run that was tried often enough, or whose job exists no more."""
    values = {"state": RunState.FAILED, "ended_at": now, "error": SILENT}
    done = session.execute(update(JobRun).where(*_as_seen(seen)).values(**values))
    return cast(CursorResult[Any], done).rowcount == 1


def _as_seen(seen: JobRun) -> tuple[Any, ...]:
    return (
        col(JobRun.job) == seen.job,
        col(JobRun.slot) == seen.slot,
        col(JobRun.state) == seen.state,
        col(JobRun.attempt) == seen.attempt,
        col(JobRun.beats) == seen.beats,
    )


def beat(session: Session, run: Run, *, now: datetime) -> bool:
    """Say that the run is alive; False when it is no longer ours."""
    return _touch(session, run, {"heartbeat_at": now, "beats": JobRun.beats + 1})


def finish(
    session: Session, run: Run, *, now: datetime, counts: Mapping[str, int], error: str = ""
) -> bool:
    """Close the run with what it did, or with the kind of error that ended it."""
    state = RunState.FAILED if error else RunState.DONE
    again = now + timedelta(minutes=RETRY_WAITS[min(run.attempt, len(RETRY_WAITS)) - 1])
    may_retry = bool(error) and run.attempt < MAX_ATTEMPTS
    text_of = " ".join(f"{name}={value}" for name, value in counts.items())
    ended = {"state": state, "ended_at": now, "next_try_at": again if may_retry else None}
    return _touch(session, run, {**ended, "counts": text_of[:400], "error": error[:400]})


def _touch(session: Session, run: Run, values: dict[str, Any]) -> bool:
    done = session.execute(update(JobRun).where(*_held_by(run)).values(**values))
    return cast(CursorResult[Any], done).rowcount == 1


def _held_by(run: Run) -> tuple[Any, ...]:
    return (
        col(JobRun.job) == run.job,
        col(JobRun.slot) == run.slot,
        col(JobRun.attempt) == run.attempt,
        col(JobRun.state) == RunState.RUNNING,
    )


def standing(session: Session, newest: Mapping[str, datetime]) -> list[JobRun]:
    """Return what runs, and what is known of the newest slot of each job."""
    slots = [(col(JobRun.job) == job) & (col(JobRun.slot) == at) for job, at in newest.items()]
    rows = session.exec(select(JobRun).where(or_(col(JobRun.state) == RunState.RUNNING, *slots)))
    return list(rows.all())


def last_runs(session: Session, jobs: Collection[str]) -> dict[str, JobRun]:
    """Return the run of each job that began last."""
    newest = (
        select(JobRun.job, func.max(JobRun.started_at).label("at"))
        .where(col(JobRun.job).in_(jobs))
        .group_by(JobRun.job)
        .subquery()
    )
    same = (col(JobRun.job) == newest.c.job) & (col(JobRun.started_at) == newest.c.at)
    return {row.job: row for row in session.exec(select(JobRun).join(newest, same))}


def at_work_before(session: Session, moment: datetime) -> datetime | None:
    """Return when a process that runs the jobs last began one, at a moment or before it."""
    by_hand = col(JobRun.claimed_by).startswith(BY_HAND)
    began = select(func.max(JobRun.started_at)).where(col(JobRun.started_at) <= moment, ~by_hand)
    return session.exec(began).one()


def failed_since(session: Session, since: datetime) -> list[JobRun]:
    """Return the runs that ended in an error, newest first; given-up ones among them."""
    rows = session.exec(
        select(JobRun)
        .where(col(JobRun.state) == RunState.FAILED, col(JobRun.started_at) >= since)
        .order_by(col(JobRun.started_at).desc())
        .limit(20)
    )
    return list(rows.all())


def newest_before(session: Session, run: Run) -> datetime | None:
    """Return when the last other run began: a purge trusts the clock only if that agrees."""
    others = (col(JobRun.job) != run.job) | (col(JobRun.slot) != run.slot)
    return session.exec(select(func.max(JobRun.started_at)).where(others)).one()


def forget(session: Session, before: datetime) -> int:
    """Delete the lines of runs that ended long ago."""
    old = delete(JobRun).where(
        col(JobRun.state) != RunState.RUNNING, col(JobRun.started_at) < before
    )
    return cast(CursorResult[Any], session.execute(old)).rowcount


def fact(session: Session, key: str, default: str = "") -> str:
    """Return one fact about this installation."""
    found = session.get(Installation, key)
    return found.value if found else default


def note(session: Session, key: str, value: str) -> None:
    """Write one fact about this installation."""
    found = session.get(Installation, key, with_for_update=True)
    if found:
        found.value = value
        session.add(found)
    else:
        session.add(Installation(key=key, value=value))
    session.flush()


def require_may_freeze(session: Session) -> None:
    """Raise FrozenClock unless this is a demonstration or test, where time may stand still."""
    if fact(session, "purpose") not in (Purpose.DEMO, Purpose.TEST):
        raise FrozenClock
