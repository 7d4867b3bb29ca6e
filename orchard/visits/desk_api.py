"""Visits as JSON for who works on requests. One blueprint with what askers use."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import g

from orchard import clock
from orchard.accounts.rules import Role
from orchard.db import reading, transaction
from orchard.fields import Shape
from orchard.visits import catalogue, desk, diary, figures, recording, reports, services
from orchard.visits.api import RequestPath, act, bp, told_record
from orchard.visits.desk_shapes import (
    AllVisitFiguresOut,
    DistrictVisitsOut,
    VisitDayOut,
    VisitDiaryOut,
    VisitReassignedOut,
    VisitRoundOut,
    VisitTechniciansOut,
    WaitingVisitsOut,
    district_out,
    figures_out,
    others_out,
)
from orchard.visits.forms import (
    AnswerVisitForm,
    DayOffBody,
    HandOverForm,
    VisitDayForm,
    VisitRecordBody,
)
from orchard.visits.shapes import (
    VisitRecordOut,
    VisitRequestOut,
    VisitRequestsOut,
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


@bp.get("/visit-requests/waiting", responses={200: WaitingVisitsOut})
def waiting() -> dict[str, Any]:
    """Return what nobody took for days: a secretary's towns masked, else how many."""
    with reading() as session:
        lines = desk.waiting_long(session, g.caller, clock.now())
    towns = g.caller.places(Role.SECRETARY)
    return WaitingVisitsOut(
        days=catalogue.service().waiting_long_days,
        count=len(lines),
        requests=[request_out(line) for line in lines if line.request.town_code in towns],
    ).model_dump(mode="json")


@bp.get("/visit-requests/district", responses={200: DistrictVisitsOut})
def district() -> dict[str, Any]:
    """Return the open requests of the district, and to whom each of them may be given."""
    with reading() as session:
        lines = desk.open_of_district(session, g.caller)
        towns = {line.request.town_code for line in lines}
        there = {code: desk.technicians_of(session, code) for code in towns}
    told = [district_out(line, there[line.request.town_code]) for line in lines]
    return DistrictVisitsOut(requests=told).model_dump(mode="json")


@bp.get("/visit-requests/<uuid:request_id>/technicians", responses={200: VisitTechniciansOut})
def technicians(path: RequestPath) -> dict[str, Any]:
    """Return to whom an own request may be handed over."""
    with reading() as session:
        line = desk.own_line(session, g.caller, path.request_id, clock.now())
        there = desk.technicians_of(session, line.request.town_code)
    others = others_out(there, g.caller.account_id)
    return VisitTechniciansOut(technicians=others).model_dump(mode="json")


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


@bp.get("/visits/round", endpoint="round", responses={200: VisitRoundOut})
def own_round() -> dict[str, Any]:
    """Return today's visits of the technician, what is left of days before, and the ratings."""
    today = clock.today()
    with reading() as session:
        stops = desk.round_of(session, g.caller, today)
        overdue = desk.overdue(session, g.caller, today)
        total, faces = reports.faces_of(session, g.caller.account_id)
    return VisitRoundOut(
        day=today,
        visits=[request_out(line) for line in stops],
        overdue=[request_out(line) for line in overdue],
        ratings=total,
        faces=faces,
    ).model_dump(mode="json")


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
