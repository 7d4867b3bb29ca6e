"""Pages of tasks: the list, one task and what may be done with it, how to do it, the calendar."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from orchard import clock
from orchard.accounts.rules import Role
from orchard.db import reading, transaction
from orchard.errors import FieldRefused, NotVisible
from orchard.places.queries import names
from orchard.tasks import naming, queries, rules, services, switching
from orchard.tasks.forms import PostponeForm, SkipForm, SwitchForm
from orchard.tasks.models import (
    POSTPONE_REASONS,
    PRESCRIPTION,
    SKIP_REASONS,
    State,
    Task,
    TaskKey,
)
from orchard.tasks.terms import solar_term_of
from orchard.web import parked
from orchard.web.forms import as_number, page_number, parse, refusal

bp = Blueprint("tasks", __name__)
STEPS_AHEAD = (1, 2, 3, 7)  # days offered for putting off, besides the last one in the window


@bp.get("/tasks")
def list() -> str:
    """Show the caller's own tasks of one state, page by page."""
    wanted = request.args.get("state", "open")
    state = State(wanted) if wanted in set(State) else State.OPEN
    page = page_number()
    with reading() as session:
        lines, has_more = queries.own_task_list(
            session, g.caller, state, page=page, today=clock.today(), now=clock.now()
        )
        given = naming.given_names(session, lines)
    return render_template(
        "tasks/list.html",
        lines=lines,
        given=given,
        has_more=has_more,
        page=page,
        state=state,
        states=State,
    )


@bp.get("/tasks/<token>")
def one(token: str) -> str:
    """Show one task, what may be done with it and what happened to it."""
    now = clock.now()
    with reading() as session:
        task, plot, is_own = queries.task_for(session, g.caller, _key(token))
        history = queries.history_of(session, task.key, as_number(request.args.get("before")))
        name = naming.name_key(session, task)
        age = queries.age_under(session, task, plot, now)
    today = clock.today()
    return render_template(
        "tasks/one.html",
        name=name,
        task=task,
        plot=plot,
        row=rules.calendar().rows.get(task.code),
        history=history,
        age=age,
        speaks=queries.speaks(task, age),
        term=solar_term_of(task.postponed_to or task.due_on),
        late=rules.late_days(task.late_after, task.postponed_to, today),
        is_own=is_own,
        may_act=is_own and task.state == State.OPEN,
        may_undo=is_own and queries.may_undo(task, now),
        may_postpone=task.window_to > today,
    )


@bp.post("/tasks/<token>/done")
def done(token: str) -> Response:
    """Settle a task by one tap."""
    return _tap(token, services.mark_done)


@bp.post("/tasks/<token>/undo")
def undo(token: str) -> Response:
    """Take back a tap."""
    return _tap(token, services.undo)


def _tap(token: str, act: Callable[..., Task]) -> Response:
    with transaction() as session:
        act(session, g.caller, _key(token), now=clock.now())
    before = urlsplit(request.referrer or "")
    here = before.path if before.netloc == request.host else None
    back = parked.inside(request.form.get("back")) or parked.inside(here)
    return redirect(back or url_for("tasks.one", token=token), code=303)


@bp.get("/tasks/<token>/postpone")
def postpone(token: str) -> str:
    """Ask for a day and a reason."""
    return _postpone_page(token, sent=parked.typed() or {})


@bp.post("/tasks/<token>/postpone")
def save_postponed(token: str) -> Response | tuple[str, int]:
    """Put a task off."""
    form, errors = parse(PostponeForm, request.form)
    if form is None:
        return _postpone_page(token, sent=request.form, errors=errors), 422
    try:
        with transaction() as session:
            services.postpone(
                session, g.caller, _key(token), to=form.to, reason=form.reason, now=clock.now()
            )
    except FieldRefused as no:
        return _postpone_page(token, sent=request.form, errors=refusal(no)), 422
    return redirect(url_for("tasks.one", token=token), code=303)


def _postpone_page(
    token: str, *, sent: Mapping[str, Any], errors: Mapping[str, str] | None = None
) -> str:
    task, name = _open_task(token)
    today = clock.today()
    days = {today + timedelta(ahead) for ahead in STEPS_AHEAD} | {task.window_to}
    return render_template(
        "tasks/postpone.html",
        task=task,
        name=name,
        days=sorted(day for day in days if today < day <= task.window_to),
        reasons=POSTPONE_REASONS,
        sent=sent,
        errors=errors or {},
    )


@bp.get("/tasks/<token>/skip")
def skip(token: str) -> str:
    """Ask why a task is left out."""
    return _skip_page(token, sent=parked.typed() or {})


@bp.post("/tasks/<token>/skip")
def save_skipped(token: str) -> Response | tuple[str, int]:
    """Leave a task out."""
    form, errors = parse(SkipForm, request.form)
    if form is None:
        return _skip_page(token, sent=request.form, errors=errors), 422
    with transaction() as session:
        services.skip(session, g.caller, _key(token), reason=form.reason, now=clock.now())
    return redirect(url_for("tasks.one", token=token), code=303)


def _skip_page(
    token: str, *, sent: Mapping[str, Any], errors: Mapping[str, str] | None = None
) -> str:
    task, name = _open_task(token)
    return render_template(
        "tasks/skip.html",
        task=task,
        name=name,
        reasons=SKIP_REASONS,
        sent=sent,
        errors=errors or {},
    )


def _open_task(token: str) -> tuple[Task, str]:
    """Return a task that the caller may settle, and the key of its name."""
    with reading() as session:
        task, _, is_own = queries.task_for(session, g.caller, _key(token))
        name = naming.name_key(session, task)
    if not is_own:
        raise NotVisible
    if task.state != State.OPEN:
        raise rules.NotOpen
    return task, name


@bp.get("/guide/<code>")
def guide(code: str) -> str | Response:
    """Show how to do one task of the calendar, with source and confidence."""
    if code == PRESCRIPTION:  # the room above tells what a technician prescribed
        return redirect(url_for("visits.advice"), code=303)
    row = rules.calendar().rows.get(code)
    if row is None:
        raise NotVisible
    task = _asked_for(TaskKey.parse(request.args.get("task", "")), code)
    before = parked.inside(request.args.get("back"))
    if before is None:
        before = url_for("tasks.one", token=task.key.token) if task else url_for("home.front")
    term = solar_term_of(clock.today())
    return render_template("tasks/guide.html", row=row, term=term, task=task, before=before)


def _asked_for(key: TaskKey | None, code: str) -> Task | None:
    """Return the open task that led to a guidance page, if the caller may settle it."""
    if key is None or key.code != code:
        return None
    with reading() as session:
        task, _, is_own = queries.task_for(session, g.caller, key)
    return task if is_own and task.state == State.OPEN else None


@bp.get("/calendar")
def calendar() -> str:
    """Show which rows of the calendar are on in a town, and who switched them."""
    return _calendar_page(request.args.get("town", ""))


@bp.post("/calendar/<town>/<code>")
def switch(town: str, code: str) -> Response | tuple[str, int]:
    """Switch one row of a town on or off; its tasks follow at once."""
    form, errors = parse(SwitchForm, request.form)
    if form is None:
        return _calendar_page(town, errors=errors), 422
    with transaction() as session:
        services.switch(session, g.caller, town, code, is_on=form.state == "on", now=clock.now())
    return redirect(url_for("tasks.calendar", town=town, changed=code), code=303)


def _calendar_page(asked: str, *, errors: Mapping[str, str] | None = None) -> str:
    towns = g.caller.places(Role.TECHNICIAN, Role.SECRETARY)
    if asked and asked not in towns:
        raise NotVisible
    town = asked or min(towns, default="")
    with reading() as session:
        switched = switching.switches(session).get(town, {})
        history = switching.switch_history(session, town)
        named = names(session, towns)
    return render_template(
        "tasks/calendar.html",
        calendar=rules.calendar(),
        on=rules.codes_on(switched),
        shift_code=rules.SHIFT,
        town=town,
        towns=sorted(named.items()),
        history=history,
        may_switch=town in g.caller.places(Role.TECHNICIAN),
        changed=request.args.get("changed", ""),
        errors=errors or {},
    )


def _key(token: str) -> TaskKey:
    key = TaskKey.parse(token)
    if key is None:
        raise NotVisible
    return key
