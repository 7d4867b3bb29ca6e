"""The pages of 点名: a crew's sheet of a day with its check, and the days of one person."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from orchard import clock, db
from orchard.accounts.queries import name_of
from orchard.attendance import queries, rules, services
from orchard.attendance.forms import DayForm, SheetForm
from orchard.attendance.queries import SheetView, Stored
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.hiring.queries import managed_hire_for
from orchard.web import parked
from orchard.web.forms import check_hidden, parse, refusal

bp = Blueprint("attendance", __name__)
Answer = Response | str | tuple[str, int]
DAY = timedelta(days=1)
WINDOW = 14  # days of one person on a page
EARLIEST = date(2000, 1, 1)


@bp.get("/attendance", endpoint="list")
def crew_list() -> Answer:
    """Show the crews and what of a day is saved; with one crew only, its sheet at once."""
    day = _day(request.args["day"]) if request.args.get("day") else clock.today()
    rules.check_day(day, clock.today())
    with db.reading() as reading:
        crews = queries.crew_lines(reading, g.caller, day)
        alone = queries.lone_lines(reading, g.caller, day)
    if len(crews) == 1 and not alone and "day" not in request.args:
        return redirect(url_for("attendance.sheet", crew_id=crews[0].crew_id, day=day), code=303)
    return render_template("attendance/list.html", day=day, crews=crews, alone=alone)


@bp.get("/attendance/<uuid:crew_id>/<day>")
def sheet(crew_id: UUID, day: str) -> str:
    """Show a sheet as it stands; ?all=1 shows everybody ticked and saves nothing."""
    view = _view(crew_id, day)
    typed = parked.typed()
    if typed:
        return _sheet_page(view, view.ticks_of(typed.getlist("whole"), typed.getlist("half")))
    stored = {row.hire.id: row.stored.half_days for row in view.rows}
    ticks = {row.hire.id: rules.WHOLE for row in view.open_rows} if request.args.get("all") else {}
    return _sheet_page(view, stored | ticks, is_saved="saved" in request.args)


@bp.post("/attendance/<uuid:crew_id>/<day>")
def save(crew_id: UUID, day: str) -> Answer:
    """Show what was ticked for a last look, go back to the ticks, or save them."""
    view = _view(crew_id, day)
    form, errors = parse(SheetForm, _sent())
    check_hidden(errors)
    ticks = view.ticks_of(request.form.getlist("whole"), request.form.getlist("half"))
    if form is None:
        return _sheet_page(view, ticks, errors=errors), 422
    if not view.holds({*form.whole, *form.half}):
        raise rules.NotOnSheet
    if form.step == "edit":
        return _sheet_page(view, ticks, version=form.version)
    if form.step == "check":
        return _check_page(view, ticks, form.version)
    said = {"reason": form.reason, "overrule": form.overrule}
    try:
        _save(view, ticks, form)
    except FieldRefused as no:
        return _check_page(view, ticks, form.version, said, errors=refusal(no)), 422
    except Conflict as error:
        version, both = error.kept["version"], _both(view, error)
        return _check_page(_view(crew_id, day), ticks, version, said, both=both), 409
    return redirect(url_for("attendance.sheet", crew_id=crew_id, day=day, saved=1), code=303)


def _save(view: SheetView, ticks: Mapping[UUID, int], form: SheetForm) -> None:
    now = clock.now()
    with db.transaction() as writing:
        if form.overrule:
            services.overrule_heat(
                writing, g.caller, view.crew.employer_id, view.day, form.overrule, now=now
            )
        services.save_sheet(
            writing,
            g.caller,
            view.crew.id,
            view.day,
            ticks,
            now=now,
            version=form.version,
            reason=form.reason,
        )


def _view(crew_id: UUID, day: str) -> SheetView:
    on = _day(day)
    with db.reading() as reading:
        view = queries.sheet_for(reading, g.caller, crew_id, on)
    rules.check_day(on, clock.today())
    return view


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotVisible from None
    if day < EARLIEST or day.isoformat() != text:
        raise NotVisible
    return day


def _sent() -> dict[str, Any]:
    """Return the form with all ticks of a name, not only the first."""
    ticks = {name: request.form.getlist(name) for name in ("whole", "half")}
    return {**request.form.to_dict(), **ticks}


def _sheet_page(
    view: SheetView,
    ticks: Mapping[UUID, int],
    *,
    version: int | None = None,
    is_saved: bool = False,
    errors: Mapping[str, str] | None = None,
) -> str:
    return render_template(
        "attendance/sheet.html",
        view=view,
        ticks=ticks,
        open=view.open_rows,
        version=view.version if version is None else version,
        is_saved=is_saved,
        came=view.counted(ticks),
        errors=errors or {},
        hours=(rules.most_hours(), rules.hottest_hours()),
        days=rules.correct_within(),
        before=view.day - DAY if view.day > EARLIEST else None,
        after=view.day + DAY if view.day < clock.today() else None,
    )


def _check_page(
    view: SheetView,
    ticks: Mapping[UUID, int],
    version: int,
    said: Mapping[str, str] | None = None,
    *,
    errors: Mapping[str, str] | None = None,
    both: list[tuple[str, int, int]] | None = None,
) -> str:
    pairs = [(row, row.stored.half_days, ticks.get(row.hire.id, 0)) for row in view.rows]
    changed = [pair for pair in pairs if pair[1] != pair[2]]
    raised = any(
        after == rules.WHOLE and before < after and rules.is_outdoor(row.hire.work)
        for row, before, after in changed
    )
    heat = view.heat
    limits = heat is not None and heat.rule == rules.HeatRule.SIX_HOURS
    return render_template(
        "attendance/check.html",
        view=view,
        count=view.counted(ticks),
        version=version,
        changed=changed if view.sheet else [],
        asks_reason=bool(changed) and rules.is_late(view.day, clock.today()),
        asks_overrule=limits and raised and heat is not None and heat.overruled_at is None,
        hours=rules.most_hours(),
        said=said or {},
        errors=errors or {},
        both=both or [],
    )


def _both(view: SheetView, error: Conflict) -> list[tuple[str, int, int]]:
    """Return (name, stored, sent) of whoever differs between the two versions."""
    kept, sent = error.kept["half_days"], error.sent["half_days"]
    names = [(str(row.hire.id), row.name) for row in view.rows]
    return [
        (name, kept.get(key, 0), sent.get(key, 0))
        for key, name in names
        if kept.get(key, 0) != sent.get(key, 0)
    ]


@bp.get("/attendance/hires/<uuid:hire_id>")
def days(hire_id: UUID) -> str:
    """Show two weeks of one person's days and what was corrected in them."""
    today = clock.today()
    with db.reading() as reading:
        hire = managed_hire_for(reading, g.caller, hire_id)
        last = min(today, hire.ended_on or today)
        asked = _day(request.args["to"]) if request.args.get("to") else last
        last = max(min(asked, last), hire.started_on)
        first = max(last - (WINDOW - 1) * DAY, hire.started_on)
        stored = {line.day: line for line in queries.days_of(reading, [hire_id], first, last)}
        changes = queries.changes_of(reading, hire_id)
        name = name_of(reading, hire.person_id)
    span = [last - back * DAY for back in range((last - first).days + 1)]
    end = min(today, hire.ended_on or today)
    return render_template(
        "attendance/days.html",
        hire=hire,
        name=name,
        lines=[(day, stored.get(day)) for day in span if day <= today],
        changes=changes,
        is_saved="saved" in request.args,
        before=first - DAY if first > hire.started_on else None,
        after=min(last + WINDOW * DAY, end) if last < end else None,
    )


@bp.get("/attendance/hires/<uuid:hire_id>/<day>")
def day(hire_id: UUID, day: str) -> str:
    """Show one day of one person, to be written or corrected."""
    return _day_page(hire_id, _day(day), parked.typed() or {})


@bp.post("/attendance/hires/<uuid:hire_id>/<day>")
def correct(hire_id: UUID, day: str) -> Answer:
    """Write or correct one day of one person."""
    on = _day(day)
    form, errors = parse(DayForm, request.form)
    check_hidden(errors)
    if form is None:
        return _day_page(hire_id, on, request.form, errors=errors), 422
    try:
        _put(hire_id, on, form)
    except FieldRefused as no:
        return _day_page(hire_id, on, request.form, errors=refusal(no)), 422
    except Conflict as error:
        newest = {**request.form.to_dict(), "version": error.kept["version"]}
        return _day_page(hire_id, on, newest, conflict=error), 409
    return redirect(url_for("attendance.days", hire_id=hire_id, to=day, saved=1), code=303)


def _put(hire_id: UUID, day: date, form: DayForm) -> None:
    now = clock.now()
    with db.transaction() as writing:
        hire = managed_hire_for(writing, g.caller, hire_id)
        if form.overrule:
            services.overrule_heat(writing, g.caller, hire.employer_id, day, form.overrule, now=now)
        services.put_workday(
            writing,
            g.caller,
            hire_id,
            day,
            form.half_days,
            now=now,
            version=form.version,
            reason=form.reason,
        )


def _day_page(
    hire_id: UUID,
    day: date,
    sent: Mapping[str, Any],
    *,
    errors: Mapping[str, str] | None = None,
    conflict: Conflict | None = None,
) -> str:
    today = clock.today()
    with db.reading() as reading:
        hire = managed_hire_for(reading, g.caller, hire_id)
        stored = queries.days_on(reading, [hire_id], day).get(hire_id, Stored())
        heat = queries.heat_of(reading, hire.employer_id, day)
        name = name_of(reading, hire.person_id)
    rules.check_day(day, today)
    rules.check_hired(day, hire.started_on, hire.ended_on)
    limits = heat is not None and heat.rule == rules.HeatRule.SIX_HOURS and not heat.overruled_at
    return render_template(
        "attendance/day.html",
        hire=hire,
        name=name,
        day=day,
        stored=stored,
        heat=heat if rules.is_outdoor(hire.work) else None,
        sent={"version": stored.version, **_first(stored), **sent},
        is_late=rules.is_late(day, today),
        asks_overrule=limits and rules.is_outdoor(hire.work),
        hours=(rules.most_hours(), rules.hottest_hours()),
        within=rules.correct_within(),
        errors=errors or {},
        conflict=conflict,
    )


def _first(stored: Stored) -> dict[str, int]:
    """Return what is chosen when the page opens: what is stored, and nothing before that."""
    return {"half_days": stored.half_days} if stored.version else {}
