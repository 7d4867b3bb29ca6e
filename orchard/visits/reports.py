"""Reads over records: what was found, what became of each prescription, photos, ratings."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select as columns
from sqlmodel import Session, col, func, select

from orchard.accounts.rules import Caller
from orchard.errors import NotVisible
from orchard.plots.models import Plot
from orchard.plots.queries import is_own
from orchard.tasks.models import PRESCRIPTION, SKIP_REASONS, Task, TaskKey
from orchard.tasks.models import State as TaskState
from orchard.visits import queries, rules, sight
from orchard.visits.catalogue import service
from orchard.visits.models import (
    Prescription,
    VisitPhoto,
    VisitRecord,
    VisitRecordChange,
    VisitRequest,
)
from orchard.visits.rules import Outcome, PhotoState

MOST_EARLIER = 5  # earlier visits of a plot that are shown beside a new one
MOST_ADVICE = 60  # open prescriptions of one person on one page


@dataclass(frozen=True)
class Prescribed:
    """A prescription, the task that it became, and whether it was applied."""

    row: Prescription
    task: Task | None
    verdict: Outcome | None

    @property
    def token(self) -> str | None:
        """Return the task's key as it stands in an address."""
        return self.task.key.token if self.task else None


@dataclass(frozen=True)
class Report:
    """What was found on a visit and what was prescribed."""

    record: VisitRecord
    prescribed: list[Prescribed]
    changes: list[VisitRecordChange]
    adoption: Outcome | None


def report_for(
    session: Session, caller: Caller, request: VisitRequest, now: datetime
) -> Report | None:
    """Return the report of a request in sight; None when there is none, or not for this reader."""
    record = session.get(VisitRecord, request.id)
    if record is None or not sight.may_read_report(session, caller, request, now):
        return None
    rows = prescriptions_of(session, request.id)
    found = _with_tasks(session, request.plot_id, rows)
    changes = session.exec(
        select(VisitRecordChange)
        .where(VisitRecordChange.request_id == request.id, col(VisitRecordChange.version) > 1)
        .order_by(col(VisitRecordChange.version))
    )
    adopted = rules.adoption([each.verdict for each in found])
    return Report(record, found, list(changes), adopted)


def prescriptions_of(session: Session, request_id: UUID) -> list[Prescription]:
    """Return the prescriptions of a request that stand, in their order."""
    rows = session.exec(
        select(Prescription)
        .where(Prescription.request_id == request_id, col(Prescription.withdrawn_at).is_(None))
        .order_by(col(Prescription.n))
    )
    return list(rows)


def _with_tasks(
    session: Session, plot_id: UUID, rows: Collection[Prescription]
) -> list[Prescribed]:
    wanted = [row.id.hex for row in rows]
    found = session.exec(
        select(Task).where(
            Task.plot_id == plot_id,
            Task.code == PRESCRIPTION,
            col(Task.occurrence).in_(wanted),
        )
    )
    tasks = {task.occurrence: task for task in found}
    return [_prescribed(row, tasks.get(row.id.hex)) for row in rows]


def _prescribed(row: Prescription, task: Task | None) -> Prescribed:
    state = task.state if task else TaskState.OPEN
    verdict = rules.verdict(
        row.outcome,
        row.followed_at,
        is_done=state == TaskState.DONE,
        is_left_out=task is not None and state == TaskState.SKIPPED and task.reason in SKIP_REASONS,
        settled_at=task.changed_at if task else None,
    )
    return Prescribed(row, task, verdict)


def own_advice(session: Session, caller: Caller) -> list[tuple[Prescription, Task, str]]:
    """Return what is prescribed for the caller's own plots and still open, with the plot's name."""
    rows = session.execute(
        columns(Task, col(Plot.name))
        .join(Plot, col(Plot.id) == Task.plot_id)
        .where(
            sight.held_by(caller),
            col(Plot.ended_at).is_(None),
            col(Task.code) == PRESCRIPTION,
            col(Task.state) == TaskState.OPEN,
        )
        .order_by(col(Task.due_on), col(Task.occurrence))
        .limit(MOST_ADVICE)
    ).all()
    known = session.exec(
        select(Prescription).where(
            col(Prescription.id).in_([UUID(task.occurrence) for task, _ in rows])
        )
    )
    by_id = {row.id.hex: row for row in known}
    return [(by_id[task.occurrence], task, name) for task, name in rows]


def earlier_on_plot(
    session: Session, caller: Caller, request_id: UUID, now: datetime
) -> list[tuple[date, str]]:
    """Return when and with which diagnosis the plot of an own visit was visited before.

    Who is sent to a plot has to know what was found there, also by others (decision 1).
    """
    plot = queries.plot_of_visit(session, caller, request_id, now)
    rows = session.exec(
        select(col(VisitRecord.visited_on), VisitRecord.diagnosis)
        .join(VisitRequest, col(VisitRequest.id) == VisitRecord.request_id)
        .where(VisitRequest.plot_id == plot.id, VisitRequest.id != request_id)
        .order_by(col(VisitRecord.visited_on).desc(), col(VisitRecord.request_id))
        .limit(MOST_EARLIER)
    )
    return list(rows.all())


def task_of(session: Session, key: TaskKey) -> Task | None:
    """Return the task that a prescription became."""
    return session.get(Task, tuple(key))


def prescription_for(
    session: Session, caller: Caller, prescription_id: UUID, now: datetime
) -> tuple[Prescribed, VisitRequest, bool]:
    """Return a prescription, its request and whether it is the caller's own to apply."""
    row = session.get(Prescription, prescription_id)
    if row is None:
        raise NotVisible
    request = queries.request_for(session, caller, row.request_id)
    if not sight.may_read_report(session, caller, request, now):
        raise NotVisible
    plot = session.get_one(Plot, request.plot_id)
    return _with_tasks(session, plot.id, [row])[0], request, is_own(caller, plot)


def task_names(session: Session, occurrences: Collection[str]) -> dict[str, str]:
    """Return the keys of the names of tasks that were prescribed, by occurrence."""
    rows = session.exec(
        select(Prescription.id, Prescription.action).where(
            col(Prescription.id).in_([UUID(occurrence) for occurrence in occurrences])
        )
    )
    return {id_.hex: f"visits.action.{action}" for id_, action in rows}


def photos_of(
    session: Session, caller: Caller, request: VisitRequest, now: datetime
) -> list[VisitPhoto]:
    """Return the photos of a request for who may see them, oldest first."""
    if not sight.sees_report(session, caller, request, now):
        return []
    rows = session.exec(
        select(VisitPhoto)
        .where(VisitPhoto.request_id == request.id)
        .order_by(col(VisitPhoto.made_at), col(VisitPhoto.id))
    )
    return list(rows)


def photo_for(session: Session, caller: Caller, photo_id: UUID, now: datetime) -> VisitPhoto:
    """Return one photo that is drawn and in sight, or raise NotVisible."""
    found = session.exec(
        select(VisitPhoto)
        .join(VisitRequest, col(VisitRequest.id) == VisitPhoto.request_id)
        .join(Plot, col(Plot.id) == VisitRequest.plot_id)
        .where(
            VisitPhoto.id == photo_id,
            VisitPhoto.state == PhotoState.READY,
            sight.report_in_sight(caller, now),
        )
    ).one_or_none()
    if found is None:
        raise NotVisible
    return found


def faces_of(session: Session, technician_id: UUID) -> tuple[int, dict[int, int] | None]:
    """Return how many ratings a technician has, and how many of each face when they are enough.

    Below that number nobody could be sure not to be recognised.
    """
    rows = session.exec(
        select(VisitRecord.rating, func.count())
        .where(VisitRecord.by_id == technician_id, col(VisitRecord.rating).is_not(None))
        .group_by(col(VisitRecord.rating))
    )
    faces = {face: count for face, count in rows if face}
    total = sum(faces.values())
    return total, faces if total >= service().faces_from else None
