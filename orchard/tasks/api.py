"""Tasks and the calendar as JSON: the same services as the pages."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from flask import g
from flask_openapi3 import Tag
from pydantic import Field
from sqlmodel import Session

from orchard import clock
from orchard.accounts.rules import Role
from orchard.db import reading, transaction
from orchard.errors import NotVisible
from orchard.fields import Shape
from orchard.paging import MOST_PAGES
from orchard.plots.models import Plot
from orchard.tasks import queries, rules, services, switching
from orchard.tasks.forms import PostponeForm, SkipForm
from orchard.tasks.models import State, Task, TaskKey
from orchard.web.interface import Interface

bp = Interface("api_tasks", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="tasks")])


class TaskPath(Shape):
    """Which task."""

    token: str = Field(max_length=90, description="plot id, code and occurrence, with dots between")


class TasksQuery(Shape):
    """Which tasks."""

    state: Literal["open", "done", "skipped"] = "open"
    page: int = Field(default=1, ge=1, le=MOST_PAGES)


class TaskOut(Shape):
    """One task; dates are local days."""

    key: str
    plot_id: UUID
    code: str
    occurrence: str
    source: str
    state: str
    due_on: date
    late_after: date
    window_to: date
    postponed_to: date | None
    late_days: int
    harm: int
    level: int | None = Field(
        description="null where no forecast asks for an open or withdrawn task"
    )
    reason: str | None
    changed_at: datetime | None


class TasksOut(Shape):
    """One page of the caller's own tasks."""

    tasks: list[TaskOut]
    page: int
    has_more: bool


class TownQuery(Shape):
    """Which town; the only one that the caller serves unless given."""

    town: str = Field(default="", max_length=9)


class SwitchPath(Shape):
    """Which row of which town."""

    town: str = Field(max_length=9)
    code: str = Field(max_length=8)


class SwitchBody(Shape):
    """On or off."""

    is_on: bool = Field(strict=True)


class RowOut(Shape):
    """One row of the calendar as it stands in a town."""

    code: str
    kind: str
    windows: list[str]
    every_days: list[int]
    gate: str
    note: str
    source: str
    confidence: str
    harm: int
    may_switch: bool
    is_on: bool


class CalendarOut(Shape):
    """The calendar of a town; windows hold at 400 m and below."""

    town: str
    version: str
    valid_from: date
    shift_is_on: bool
    rows: list[RowOut]


@bp.get("/tasks", responses={200: TasksOut})
def list(query: TasksQuery) -> dict[str, Any]:
    """Return the caller's own tasks of one state, page by page."""
    with reading() as session:
        lines, has_more = queries.own_task_list(
            session,
            g.caller,
            State(query.state),
            page=query.page,
            today=clock.today(),
            now=clock.now(),
        )
    told = [_out(line, line.late_days, speaks=queries.speaks(line, None)) for line in lines]
    return TasksOut(tasks=told, page=query.page, has_more=has_more).model_dump(mode="json")


@bp.get("/tasks/<token>", responses={200: TaskOut})
def one(path: TaskPath) -> dict[str, Any]:
    """Return one task."""
    with reading() as session:
        task, plot, _ = queries.task_for(session, g.caller, _key(path.token))
        return _task(session, task, plot)


@bp.post("/tasks/<token>/done", responses={200: TaskOut})
def done(path: TaskPath) -> dict[str, Any]:
    """Settle a task; sending it twice is harmless."""
    return _act(path.token, services.mark_done)


@bp.post("/tasks/<token>/undo", responses={200: TaskOut})
def undo(path: TaskPath) -> dict[str, Any]:
    """Take back what was settled in the last 24 hours."""
    return _act(path.token, services.undo)


@bp.post("/tasks/<token>/postpone", responses={200: TaskOut})
def postpone(path: TaskPath, body: PostponeForm) -> dict[str, Any]:
    """Put a task off to a later day in its window."""
    return _act(path.token, services.postpone, to=body.to, reason=body.reason)


@bp.post("/tasks/<token>/skip", responses={200: TaskOut})
def skip(path: TaskPath, body: SkipForm) -> dict[str, Any]:
    """Leave a task out, with a reason."""
    return _act(path.token, services.skip, reason=body.reason)


def _act(token: str, act: Callable[..., Task], **values: Any) -> dict[str, Any]:
    with transaction() as session:
        task = act(session, g.caller, _key(token), now=clock.now(), **values)
        return _task(session, task, session.get_one(Plot, task.plot_id))


@bp.get("/calendar", responses={200: CalendarOut})
def calendar(query: TownQuery) -> dict[str, Any]:
    """Return which rows of the calendar are on in a town that the caller serves."""
    towns = g.caller.places(Role.TECHNICIAN, Role.SECRETARY)
    town = query.town or min(towns, default="")
    if town not in towns:
        raise NotVisible
    return _calendar(town)


@bp.put("/calendar/<town>/<code>", responses={200: CalendarOut})
def switch(path: SwitchPath, body: SwitchBody) -> dict[str, Any]:
    """Switch a row (or SHIFT) on or off in a town that the technician serves."""
    with transaction() as session:
        services.switch(session, g.caller, path.town, path.code, is_on=body.is_on, now=clock.now())
    return _calendar(path.town)


def _calendar(town: str) -> dict[str, Any]:
    with reading() as session:
        on = rules.codes_on(switching.switches(session).get(town, {}))
    kept = rules.calendar()
    return CalendarOut(
        town=town,
        version=kept.version,
        valid_from=kept.valid_from,
        shift_is_on=rules.SHIFT in on,
        rows=[_row(row, row.code in on) for row in kept.rows.values()],
    ).model_dump(mode="json")


def _row(row: rules.Row, is_on: bool) -> RowOut:
    windows = [
        f"{w.opens[0]:02}-{w.opens[1]:02}/{w.closes[0]:02}-{w.closes[1]:02} {w.varieties}"
        for w in row.windows
    ]
    names = ("code", "gate", "note", "source", "confidence", "harm", "may_switch")
    plain = {name: getattr(row, name) for name in names}
    every = [days for days in row.every_days if days]
    return RowOut(**plain, kind=row.kind, windows=windows, every_days=every, is_on=is_on)


def _task(session: Session, task: Task, plot: Plot) -> dict[str, Any]:
    is_open = task.state == State.OPEN
    age = queries.age_under(session, task, plot, clock.now()) if is_open else None
    today = clock.today()
    late = rules.late_days(task.late_after, task.postponed_to, today) if is_open else 0
    return _out(task, late, speaks=queries.speaks(task, age)).model_dump(mode="json")


def _out(task: Task | queries.TaskLine, late_days: int, *, speaks: bool) -> TaskOut:
    names = TaskOut.model_fields.keys() - {"key", "late_days", "level"}
    plain = {name: getattr(task, name) for name in names}
    key = TaskKey(task.plot_id, task.code, task.occurrence)
    level = task.level if speaks else None
    return TaskOut(**plain, key=key.token, late_days=late_days, level=level)


def _key(token: str) -> TaskKey:
    key = TaskKey.parse(token)
    if key is None:
        raise NotVisible
    return key
