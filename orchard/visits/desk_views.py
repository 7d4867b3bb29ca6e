"""Pages of who works on requests: the pool, the round, the diary, the record.

One blueprint with the pages of who asks.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from orchard import clock
from orchard.accounts.rules import Role
from orchard.db import reading, transaction
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.ids import new_id
from orchard.visits import desk, diary, photos, queries, recording, reports, rules
from orchard.visits import services as visits
from orchard.visits.advice_views import bp
from orchard.visits.catalogue import actions, diagnoses, service
from orchard.visits.forms import AnswerVisitForm, DayOffForm, HandOverForm, RecordForm, VisitDayForm
from orchard.visits.rules import MINE, OPEN
from orchard.visits.views import Answer, sent_photo, tap, to_request
from orchard.web import parked
from orchard.web.forms import check_hidden, parse, refusal

__all__ = ["bp"]
ROWS = range(1, rules.MOST_PRESCRIPTIONS + 1)  # of prescriptions on the form


@bp.get("/requests")
def pool() -> str:
    """Show what nobody took yet in the town, by risk and waiting time."""
    after = request.args.get("after", type=UUID)
    with reading() as session:
        lines, page = desk.pool(session, g.caller, after=after)
    may_take = Role.TECHNICIAN in g.caller.roles
    return render_template(
        "visits/pool.html",
        lines=lines,
        page=page,
        may_take=may_take,
        long_days=service().waiting_long_days,
    )


@bp.post("/visits/<uuid:request_id>/take")
def take(request_id: UUID) -> Response:
    """Take a request: exactly one technician gets it."""
    return tap(request_id, visits.take)


@bp.get("/round")
def round() -> str:
    """Show today's visits by village, and what is left from days before."""
    today = clock.today()
    with reading() as session:
        stops = desk.round_of(session, g.caller, today)
        overdue = desk.overdue(session, g.caller, today)
        total, faces = reports.faces_of(session, g.caller.account_id)
    return render_template(
        "visits/round.html", stops=stops, overdue=overdue, total=total, faces=faces
    )


@bp.get("/schedule")
def schedule() -> str:
    """Show what waits for a day, and the coming days of the own diary."""
    return _schedule_page({})


def _schedule_page(errors: Mapping[str, str], wrong: UUID | None = None) -> str:
    today = clock.today()
    with reading() as session:
        waiting = desk.mine(session, g.caller)
        week = desk.week(session, g.caller, today)
        off = desk.days_off(session, g.caller.account_id, today)
    most = service().visits_a_day
    free = [day for day in week if day not in off and len(week[day]) < most]
    return render_template(
        "visits/schedule.html",
        waiting=waiting,
        week=week,
        off=off,
        free=free,
        most=most,
        errors=errors,
        wrong=wrong,
    )


@bp.post("/visits/<uuid:request_id>/schedule")
def put_on_day(request_id: UUID) -> Answer:
    """Put a visit on a day of the own diary, or move it to another."""
    form, errors = parse(VisitDayForm, request.form)
    if form is None:
        return _schedule_page(errors, request_id), 422
    try:
        with transaction() as session:
            diary.put_on_day(session, g.caller, request_id, form.on_day, now=clock.now())
    except FieldRefused as no:
        return _schedule_page(refusal(no), request_id), 422
    return redirect(url_for("visits.schedule"), code=303)


@bp.post("/schedule/day-off")
def day_off() -> Answer:
    """Keep a day of the own diary free, or open it again."""
    form, errors = parse(DayOffForm, request.form)
    if form is None:
        return _schedule_page(errors), 422
    try:
        with transaction() as session:
            is_off = form.state == "off"
            diary.set_day_off(session, g.caller, form.on_day, is_off=is_off, now=clock.now())
    except FieldRefused as no:
        return _schedule_page(refusal(no)), 422
    return redirect(url_for("visits.schedule"), code=303)


@bp.get("/visits/<uuid:request_id>/hand-over")
def check_hand_over(request_id: UUID) -> str:
    """Ask to whom a visit is handed over."""
    return _hand_over_page(request_id, {})


@bp.post("/visits/<uuid:request_id>/hand-over")
def hand_over(request_id: UUID) -> Answer:
    """Hand a visit over to another technician of the town."""
    form, errors = parse(HandOverForm, request.form)
    if form is None:
        return _hand_over_page(request_id, errors), 422
    try:
        return tap(request_id, visits.hand_over, to=form.to)
    except FieldRefused as no:
        return _hand_over_page(request_id, refusal(no)), 422


def _hand_over_page(request_id: UUID, errors: Mapping[str, str]) -> str:
    with reading() as session:
        line = desk.own_line(session, g.caller, request_id, clock.now())
        there = desk.technicians_of(session, line.request.town_code)
    others = [each for each in there if each[0] != g.caller.account_id]
    return render_template("visits/hand_over.html", line=line, others=others, errors=errors)


@bp.get("/visits/<uuid:request_id>/answer")
def check_answer(request_id: UUID) -> str:
    """Ask what is answered instead of a visit."""
    return _answer_page(request_id, parked.typed() or {}, {})


@bp.post("/visits/<uuid:request_id>/answer")
def answer(request_id: UUID) -> Answer:
    """Answer by phone or in writing; the request is closed."""
    form, errors = parse(AnswerVisitForm, request.form)
    if form is None:
        return _answer_page(request_id, request.form, errors), 422
    return tap(request_id, visits.answer, text=form.text)


def _answer_page(request_id: UUID, sent: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    with reading() as session:
        line = queries.line_for(session, g.caller, request_id, clock.now())
    if line.request.town_code not in g.caller.places(Role.TECHNICIAN):
        raise NotVisible
    rules.check_state(line.request.state, OPEN)
    return render_template("visits/answer.html", line=line, sent=sent, errors=errors)


@bp.post("/visits/<uuid:request_id>/nobody-there")
def nobody_there(request_id: UUID) -> Response:
    """Note that nobody was met."""
    return tap(request_id, visits.nobody_there)


@bp.get("/visits/<uuid:request_id>/record")
def record(request_id: UUID) -> str:
    """Show the form of a visit: empty, or with what stands to be corrected."""
    return _record_page(request_id, parked.typed(), {})


@bp.post("/visits/<uuid:request_id>/record")
def save_record(request_id: UUID) -> Answer:
    """Write a visit down, or correct it; the prescriptions become tasks at once."""
    form, errors = parse(RecordForm, request.form)
    check_hidden(errors)
    if form is None:
        return _record_page(request_id, request.form, errors), 422
    try:
        _save(request_id, form, sent_photo())
    except FieldRefused as no:
        return _record_page(request_id, request.form, refusal(no)), 422
    except Conflict as both:
        newest = {**request.form, "version": both.kept["version"]}
        return _record_page(request_id, newest, {}, conflict=both), 409
    return to_request(request_id)


def _save(request_id: UUID, form: RecordForm, data: bytes) -> None:
    now, facts = clock.now(), form.facts()
    with photos.kept_if_any(form.photo_id, data) as photo, transaction() as session:
        if form.version is None:
            recording.record(session, g.caller, request_id, facts, now=now)
        else:
            recording.correct(session, g.caller, request_id, facts, version=form.version, now=now)
        if photo:
            photos.add(session, g.caller, request_id, photo, now=now)


def _record_page(
    request_id: UUID,
    sent: Mapping[str, Any] | None,
    errors: Mapping[str, str],
    *,
    conflict: Conflict | None = None,
) -> str:
    today = clock.today()
    with reading() as session:
        line = queries.line_for(session, g.caller, request_id, clock.now())
        if line.request.technician_id != g.caller.account_id:
            raise NotVisible
        kept = reports.report_for(session, g.caller, line.request, clock.now())
    if kept is None:
        rules.check_state(line.request.state, MINE)
    first = {"photo_id": new_id(), **_stored(kept, today)}
    return render_template(
        "visits/record.html",
        line=line,
        is_correction=kept is not None,
        diagnoses=diagnoses().values(),
        actions=actions(),
        rows=ROWS,
        sent=sent if sent is not None else first,
        errors=errors,
        conflict=conflict,
        correct_days=service().correct_within_days,
    )


def _stored(kept: reports.Report | None, today: date) -> dict[str, Any]:
    """Return the fields of a record as the form names them; an empty row is due tomorrow."""
    stored: dict[str, Any] = {f"due_on_{n}": today + timedelta(1) for n in ROWS}
    if kept is None:
        return stored | {"visited_on": today}
    row = kept.record
    for name in ("visited_on", "found", "diagnosis", "version"):
        stored[name] = getattr(row, name)
    for number, each in enumerate(kept.prescribed, 1):
        for name in ("action", "product", "due_on", "phi_days"):
            value = getattr(each.row, name)
            stored[f"{name}_{number}"] = "" if value is None else value
    return stored
