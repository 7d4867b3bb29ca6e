"""Makers of the visits room: a request on each step of its way."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from orchard import clock
from orchard.accounts.rules import Caller, Role
from orchard.ids import new_id
from orchard.plots.models import Plot
from orchard.visits import diary, recording, services
from orchard.visits.models import VisitRecord, VisitRequest
from orchard.visits.recording import Advice, Found
from tests import make

TODAY = clock.local(make.NOW).date()
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
