"""What the JSON interface tells about visits."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from orchard.accounts.rules import Caller
from orchard.fields import Shape
from orchard.visits import queries
from orchard.visits.catalogue import diagnoses
from orchard.visits.figures import Figures
from orchard.visits.models import VisitEvent
from orchard.visits.queries import RequestLine
from orchard.visits.reports import Report
from orchard.visits.rules import Outcome, State


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


class VisitReassignedOut(Shape):
    """Who has a request now; the district reads no more of it."""

    id: UUID
    technician_id: UUID


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


class VisitDayOut(Shape):
    """One coming day of a technician's diary."""

    day: date
    is_off: bool
    visits: list[VisitRequestOut]


class VisitDiaryOut(Shape):
    """The coming days, and what waits to be put on one."""

    most_a_day: int
    days: list[VisitDayOut]
    waiting: list[VisitRequestOut]


class VisitChoiceOut(Shape):
    """One entry of a closed list."""

    code: str
    harm: int | None = None
    to_report: bool | None = None


class VisitChoicesOut(Shape):
    """A closed list."""

    choices: list[VisitChoiceOut]


class VisitFiguresOut(Shape):
    """What became of the requests of 12 months in one town."""

    town: str
    closed: int
    visited: int
    answered: int
    cancelled: int
    still_open: int
    adoption_checked: int
    applied: int
    partly: int
    not_applied: int
    disputed: int


class AllVisitFiguresOut(Shape):
    """The figures of each town that the caller serves."""

    towns: list[VisitFiguresOut]


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


def figures_out(found: Figures) -> VisitFiguresOut:
    """Tell the figures of one town."""
    return VisitFiguresOut(
        town=found.town_code,
        closed=found.closed,
        visited=found.of(State.VISITED),
        answered=found.of(State.ANSWERED),
        cancelled=found.of(State.CANCELLED),
        still_open=found.open,
        adoption_checked=found.checked,
        applied=found.took(Outcome.APPLIED),
        partly=found.took(Outcome.PARTLY),
        not_applied=found.took(Outcome.NOT),
        disputed=found.disputed,
    )
