"""What the JSON interface tells about visits."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from orchard.accounts.rules import Caller
from orchard.fields import Shape
from orchard.tasks.models import Task
from orchard.visits import queries
from orchard.visits.catalogue import diagnoses
from orchard.visits.models import Prescription, VisitEvent
from orchard.visits.queries import RequestLine
from orchard.visits.reports import Report


class VisitRequestOut(Shape):
    """One request; names and phones as this caller may see them. The service is free."""

    id: UUID
    plot_id: UUID
    plot: str
    village: str
    holder: str
    holder_phone: str | None
    problem: str
    state: str
    asked_at: datetime
    asked_by: str
    asker_phone: str | None
    is_for_other: bool
    is_probable_double: bool
    technician: str | None
    technician_phone: str | None
    on_day: date | None
    version: int


class VisitRequestsOut(Shape):
    """Some requests."""

    requests: list[VisitRequestOut]
    has_more: bool


class VisitEventOut(Shape):
    """One thing that happened to a request."""

    n: int
    at: datetime
    kind: str
    by: str | None
    to: str | None
    on_day: date | None
    text: str


class VisitPhotoOut(Shape):
    """One photo; it can be fetched when it is ready."""

    id: UUID
    of: str
    state: str
    width: int | None
    height: int | None


class WholeVisitRequestOut(VisitRequestOut):
    """One request with its history and photos."""

    history: list[VisitEventOut]
    photos: list[VisitPhotoOut]


class VisitPrescriptionOut(Shape):
    """One prescription, the task that it became, and whether it was applied."""

    id: UUID
    action: str
    product: str
    due_on: date
    phi_days: int | None
    task: str | None
    outcome: str | None
    why: str | None


class VisitAdviceOut(Shape):
    """One prescription for an own plot that is still to be applied; days of its task."""

    id: UUID
    request_id: UUID
    plot_id: UUID
    plot: str
    action: str
    product: str
    phi_days: int | None
    task: str
    due_on: date
    late_after: date
    postponed_to: date | None


class AllVisitAdviceOut(Shape):
    """What is prescribed and still open, by the day it is due."""

    advice: list[VisitAdviceOut]


class VisitRecordOut(Shape):
    """What was found on a visit."""

    request_id: UUID
    visited_on: date
    found: str
    diagnosis: str
    to_report: bool
    prescriptions: list[VisitPrescriptionOut]
    adoption: str | None
    came: bool | None
    version: int


class VisitChoiceOut(Shape):
    """One entry of a closed list."""

    code: str
    harm: int | None = None
    to_report: bool | None = None


class VisitChoicesOut(Shape):
    """A closed list."""

    choices: list[VisitChoiceOut]


def request_out(line: RequestLine) -> VisitRequestOut:
    """Tell one request."""
    row = line.request
    return VisitRequestOut(
        id=row.id,
        plot_id=row.plot_id,
        plot=line.plot_name,
        village=line.village,
        holder=line.holder,
        holder_phone=line.holder_phone,
        problem=row.problem,
        state=row.state,
        asked_at=row.asked_at,
        asked_by=line.asked_by,
        asker_phone=line.asker_phone,
        is_for_other=line.is_for_other,
        is_probable_double=line.is_double,
        technician=line.technician,
        technician_phone=line.technician_phone,
        on_day=row.on_day,
        version=row.version,
    )


def advice_out(row: Prescription, task: Task, plot: str) -> VisitAdviceOut:
    """Tell one prescription that is still open."""
    return VisitAdviceOut(
        id=row.id,
        request_id=row.request_id,
        plot_id=task.plot_id,
        plot=plot,
        action=row.action,
        product=row.product,
        phi_days=row.phi_days,
        task=task.key.token,
        due_on=task.due_on,
        late_after=task.late_after,
        postponed_to=task.postponed_to,
    )


def event_out(
    caller: Caller,
    line: RequestLine,
    event: VisitEvent,
    name: str | None,
    person_id: Any,
    given: str | None,
) -> VisitEventOut:
    """Tell one event; names as this caller may see them."""
    return VisitEventOut(
        n=event.n,
        at=event.at,
        kind=event.kind,
        by=queries.shown_name(caller, line, event, name, person_id),
        to=given,
        on_day=event.on_day,
        text=event.text,
    )


def record_out(report: Report) -> VisitRecordOut:
    """Tell what was found, and what became of each prescription."""
    row = report.record
    known = diagnoses().get(row.diagnosis)
    return VisitRecordOut(
        request_id=row.request_id,
        visited_on=row.visited_on,
        found=row.found,
        diagnosis=row.diagnosis,
        to_report=known.report if known else False,
        prescriptions=[
            VisitPrescriptionOut(
                id=each.row.id,
                action=each.row.action,
                product=each.row.product,
                due_on=each.row.due_on,
                phi_days=each.row.phi_days,
                task=each.token,
                outcome=each.verdict,
                why=each.row.why,
            )
            for each in report.prescribed
        ],
        adoption=report.adoption,
        came=row.came,
        version=row.version,
    )
