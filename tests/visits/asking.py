"""Makers of the visits room: a request on each step of its way, and what came of it."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, func, select

from orchard import clock
from orchard.accounts.rules import Caller, Role
from orchard.ids import new_id
from orchard.plots.models import Plot
from orchard.tasks.models import Task
from orchard.visits import diary, queries, recording, reports, services
from orchard.visits.models import Prescription, VisitEvent, VisitRecord, VisitRequest
from orchard.visits.recording import Advice, Found
from tests import make

TODAY = clock.local(make.NOW).date()
DAY = timedelta(days=1)
SPRAY = Advice("spray", TODAY + timedelta(2), "石硫合剂 0.8度", 30)
WATCH = Advice("watch", TODAY + timedelta(7))


def ask(
    session: Session,
    caller: Caller,
    plot: Plot,
    *,
    id: UUID | None = None,
    problem: str = "insects",
    now: datetime = make.NOW,
) -> VisitRequest:
    """Ask for a visit."""
    asked = id or new_id()
    return services.ask(session, caller, id=asked, plot_id=plot.id, problem=problem, now=now)


def technician(session: Session, place: str = make.ZHUXI, name: str = "周明清") -> Caller:
    """Make a technician of a town."""
    who = make.person(session, name=name)
    return make.caller(session, Role.TECHNICIAN, place=place, of=who)


def taken(session: Session, grower: Caller, expert: Caller, **values: Any) -> VisitRequest:
    """Make a request that a technician took."""
    request = ask(session, grower, make.plot(session, grower), **values)
    return services.take(session, expert, request.id, now=make.NOW)


def scheduled(
    session: Session, grower: Caller, expert: Caller, on_day: date = TODAY
) -> VisitRequest:
    """Make a request that is put on a day."""
    request = taken(session, grower, expert)
    return diary.put_on_day(session, expert, request.id, on_day, now=make.NOW)


def found(*advice: Advice, **values: Any) -> Found:
    """Say what was found."""
    told = {"visited_on": TODAY, "found": "叶背有红蜘蛛", "diagnosis": "red_mite", **values}
    return Found(**told, advice=advice or (SPRAY,))


def recorded(
    session: Session, grower: Caller, expert: Caller, *advice: Advice
) -> tuple[VisitRequest, VisitRecord]:
    """Make a visit that was written down."""
    request = scheduled(session, grower, expert)
    kept = recording.record(session, expert, request.id, found(*advice), now=make.NOW)
    return request, kept


def rows(session: Session) -> tuple[int, int]:
    """Return how many requests and events there are."""
    requests = session.exec(select(func.count()).select_from(VisitRequest)).one()
    return requests, session.exec(select(func.count()).select_from(VisitEvent)).one()


def kinds(session: Session, request_id: UUID) -> list[str]:
    """Return the kinds of a request's events, in their order."""
    return [event.kind.value for event, *_ in queries.history_of(session, request_id)]


def tasks_of(session: Session, request: VisitRequest) -> list[Task]:
    """Return the tasks of the plot of a request."""
    rows = session.exec(
        select(Task).where(Task.plot_id == request.plot_id).order_by(Task.due_on, Task.occurrence)
    )
    return list(rows)


def prescriptions(session: Session, request: VisitRequest) -> list[Prescription]:
    """Return what was prescribed and still stands."""
    return reports.prescriptions_of(session, request.id)
