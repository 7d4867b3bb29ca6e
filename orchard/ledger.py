"""Which due slot of which job is claimed by whom, and what came of it.

Any number of processes may run the jobs: a slot is claimed by one conditional statement in the
county's own database, and a claim without a heartbeat may be taken over. Taking over raises the
attempt number, and a write under an older number changes nothing (fencing).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import CursorResult, case, func, update
from sqlmodel import Field, Session, SQLModel, col, select

from orchard import db
from orchard.errors import OrchardError

TAKE_OVER_AFTER = timedelta(seconds=40)  # decision 24: a claim without a heartbeat for 40 s
HEARTBEAT_EVERY = timedelta(seconds=8)
MAX_ATTEMPTS = 5


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


class JobRun(SQLModel, table=True):
    """One due slot of one job."""

    __tablename__ = "job_run"
    __table_args__ = (db.table_info(),)

    job: str = Field(max_length=40, primary_key=True)
    slot: datetime = Field(primary_key=True)
    state: RunState = Field(sa_column=db.enum_column(RunState, index=True))
    attempt: int = 1
    claimed_by: str = Field(max_length=80)
    heartbeat_at: datetime
    started_at: datetime
    ended_at: datetime | None = None
    counts: str = Field(default="", max_length=400)
    error: str = Field(default="", max_length=400)


class Installation(SQLModel, table=True):
    """A fact about this county's database: what it is for, and since when."""

    __table_args__ = (db.table_info(),)

    key: str = Field(max_length=40, primary_key=True)
    value: str = Field(max_length=400)


class Fenced(OrchardError):
    """The run was taken over by another process; nothing more may be written under it."""

    code = "errors.fenced"


@dataclass(frozen=True)
class Run:
    """One attempt at one slot, in the hands of this process."""

    job: str
    slot: datetime
    attempt: int
    now: datetime

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Write under this attempt, or raise Fenced when it was taken over."""
        with db.transaction() as session:
            if not _touch(session, self, {"attempt": self.attempt}):
                raise Fenced
            yield session


def claim(
    session: Session, job: str, slot: datetime, *, by: str, now: datetime, force: bool = False
) -> Run | None:
    """Claim a slot, or take over one whose owner fell silent; None when it is not ours.

    force takes a slot that has already run, for `orchard jobs run`.
    """
    fresh = JobRun(
        job=job, slot=slot, state=RunState.RUNNING, claimed_by=by, heartbeat_at=now, started_at=now
    )
    if db.insert_once(session, fresh):
        return Run(job, slot, 1, now)
    silent = (
        col(JobRun.state) == RunState.RUNNING,
        col(JobRun.heartbeat_at) < now - TAKE_OVER_AFTER,
        col(JobRun.attempt) < MAX_ATTEMPTS,
    )
    free = (col(JobRun.state) != RunState.RUNNING,) if force else silent
    taken = session.execute(
        update(JobRun)
        .where(col(JobRun.job) == job, col(JobRun.slot) == slot, *free)
        .values(
            attempt=JobRun.attempt + 1,
            state=RunState.RUNNING,
            claimed_by=by,
            heartbeat_at=now,
            started_at=now,
            ended_at=None,
            error="",
        )
        .returning(col(JobRun.attempt))
    ).scalar_one_or_none()
    return Run(job, slot, taken, now) if taken else None


def beat(session: Session, run: Run, *, now: datetime) -> bool:
    """Say that the run is alive; False when it is no longer ours."""
    return _touch(session, run, {"heartbeat_at": now})


def finish(
    session: Session, run: Run, *, now: datetime, counts: dict[str, int], error: str = ""
) -> bool:
    """Close the run with what it did, or with the kind of error that ended it."""
    state = RunState.FAILED if error else RunState.DONE
    text = " ".join(f"{name}={value}" for name, value in counts.items())
    values = {"state": state, "ended_at": now, "counts": text[:400], "error": error[:400]}
    return _touch(session, run, values)


def _touch(session: Session, run: Run, values: dict[str, Any]) -> bool:
    done = session.execute(
        update(JobRun)
        .where(
            col(JobRun.job) == run.job,
            col(JobRun.slot) == run.slot,
            col(JobRun.attempt) == run.attempt,
            col(JobRun.state) == RunState.RUNNING,
        )
        .values(**values)
    )
    return cast(CursorResult[Any], done).rowcount == 1


def last_slots(session: Session) -> dict[str, datetime]:
    """Return the newest claimed slot of each job."""
    rows = session.exec(select(JobRun.job, func.max(JobRun.slot)).group_by(JobRun.job))
    return dict(rows.all())


def silent_runs(session: Session, *, now: datetime) -> list[tuple[str, datetime]]:
    """Return the slots whose owner fell silent, for taking over."""
    rows = session.exec(
        select(JobRun.job, JobRun.slot).where(
            col(JobRun.state) == RunState.RUNNING,
            col(JobRun.heartbeat_at) < now - TAKE_OVER_AFTER,
            col(JobRun.attempt) < MAX_ATTEMPTS,
        )
    )
    return list(rows.all())


def failed_since(session: Session, since: datetime) -> list[JobRun]:
    """Return the runs that ended in an error, newest first; given-up ones among them."""
    gone = (col(JobRun.state) == RunState.RUNNING) & (col(JobRun.attempt) >= MAX_ATTEMPTS)
    order = case((col(JobRun.state) == RunState.FAILED, 0), else_=1)
    rows = session.exec(
        select(JobRun)
        .where(((col(JobRun.state) == RunState.FAILED) | gone) & (col(JobRun.started_at) >= since))
        .order_by(order, col(JobRun.started_at).desc())
        .limit(20)
    )
    return list(rows.all())


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
