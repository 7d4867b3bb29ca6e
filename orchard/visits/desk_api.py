"""Visits as JSON for who works on requests. One blueprint with what askers use."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import g

from orchard import clock
from orchard.db import reading, transaction
from orchard.fields import Shape
from orchard.visits import catalogue, desk, diary, figures, recording, services
from orchard.visits.api import RequestPath, act, bp, told_record
from orchard.visits.forms import (
    AnswerVisitForm,
    DayOffBody,
    HandOverForm,
    VisitDayForm,
    VisitRecordBody,
)
from orchard.visits.shapes import (
    AllVisitFiguresOut,
    VisitDayOut,
    VisitDiaryOut,
    VisitReassignedOut,
    VisitRecordOut,
    VisitRequestOut,
    VisitRequestsOut,
    figures_out,
    request_out,
)

__all__ = ["bp"]


class DayPath(Shape):
    """Which day."""

    day: date


class PoolQuery(Shape):
    """Which part of the pool: what follows a request."""

    after: UUID | None = None


@bp.get("/visit-requests/pool", responses={200: VisitRequestsOut})
def pool(query: PoolQuery) -> dict[str, Any]:
    """Return what nobody took yet in the caller's towns, by risk and waiting time."""
    with reading() as session:
        lines, page = desk.pool(session, g.caller, after=query.after)
    told = [request_out(line) for line in lines]
    return VisitRequestsOut(requests=told, has_more=page.has_after).model_dump(mode="json")


@bp.post("/visit-requests/<uuid:request_id>/take", responses={200: VisitRequestOut})
def take(path: RequestPath) -> dict[str, Any]:
    """Take a request out of the pool; 422 when another technician was faster."""
    return act(path, services.take)


@bp.post("/visit-requests/<uuid:request_id>/schedule", responses={200: VisitRequestOut})
def schedule(path: RequestPath, body: VisitDayForm) -> dict[str, Any]:
    """Put an own request on a free day of the diary, or move it."""
    return act(path, diary.put_on_day, on_day=body.on_day)


@bp.post("/visit-requests/<uuid:request_id>/hand-over", responses={200: VisitRequestOut})
def hand_over(path: RequestPath, body: HandOverForm) -> dict[str, Any]:
    """Hand an own request over to another technician (account) of its town."""
    return act(path, services.hand_over, to=body.to)


@bp.post("/visit-requests/<uuid:request_id>/reassign", responses={200: VisitReassignedOut})
def reassign(path: RequestPath, body: HandOverForm) -> dict[str, Any]:
    """Give any open request of the district to a technician (account) of its town."""
    with transaction() as session:
        services.hand_over(session, g.caller, path.request_id, to=body.to, now=clock.now())
    return VisitReassignedOut(id=path.request_id, technician_id=body.to).model_dump(mode="json")


@bp.post("/visit-requests/<uuid:request_id>/answer", responses={200: VisitRequestOut})
def answer(path: RequestPath, body: AnswerVisitForm) -> dict[str, Any]:
    """Answer by phone or in writing; the request is closed."""
    return act(path, services.answer, text=body.text)


@bp.post("/visit-requests/<uuid:request_id>/nobody-there", responses={200: VisitRequestOut})
def nobody_there(path: RequestPath) -> dict[str, Any]:
    """Note that nobody was met on the day."""
    return act(path, services.nobody_there)


@bp.put("/visit-requests/<uuid:request_id>/record", responses={200: VisitRecordOut})
def put_record(path: RequestPath, body: VisitRecordBody) -> dict[str, Any]:
    """Write a visit down; with the version that was read, correct it within its days."""
    with transaction() as session:
        if body.version is None:
            recording.record(session, g.caller, path.request_id, body.facts(), now=clock.now())
        else:
            recording.correct(
                session,
                g.caller,
                path.request_id,
                body.facts(),
                version=body.version,
                now=clock.now(),
            )
    return told_record(path.request_id)


@bp.get("/visits/diary", endpoint="diary", responses={200: VisitDiaryOut})
def own_diary() -> dict[str, Any]:
    """Return the coming days of the technician's diary, and what waits to be put on one."""
    return _diary()


@bp.put("/visits/days-off/<day>", responses={200: VisitDiaryOut})
def day_off(path: DayPath, body: DayOffBody) -> dict[str, Any]:
    """Keep a day of the own diary free, or open it again."""
    with transaction() as session:
        diary.set_day_off(session, g.caller, path.day, is_off=body.is_off, now=clock.now())
    return _diary()


@bp.get("/visits/figures", endpoint="figures", responses={200: AllVisitFiguresOut})
def year_figures() -> dict[str, Any]:
    """Return what became of the requests of 12 months in the caller's towns."""
    with reading() as session:
        found = figures.figures(session, g.caller, clock.now())
    return AllVisitFiguresOut(towns=[figures_out(each) for each in found]).model_dump(mode="json")


def _diary() -> dict[str, Any]:
    today = clock.today()
    with reading() as session:
        week = desk.week(session, g.caller, today)
        off = desk.days_off(session, g.caller.account_id, today)
        waiting = desk.mine(session, g.caller)
    days = [
        VisitDayOut(day=day, is_off=day in off, visits=[request_out(line) for line in lines])
        for day, lines in week.items()
    ]
    return VisitDiaryOut(
        most_a_day=catalogue.service().visits_a_day,
        days=days,
        waiting=[request_out(line) for line in waiting],
    ).model_dump(mode="json")
