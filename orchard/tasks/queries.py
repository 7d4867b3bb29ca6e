"""Reads over tasks and the calendar of a town; the scope of a look-up is the permission."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    bindparam,
    case,
    func,
    literal_column,
)
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from orchard import db
from orchard.accounts.models import Account, Person
from orchard.accounts.rules import Caller
from orchard.errors import NotVisible
from orchard.paging import History, newest
from orchard.plots.models import Plot
from orchard.plots.queries import OWN, OWN_OR_MANAGED, own_plots, own_values, plots_visible_to
from orchard.tasks import rules
from orchard.tasks.models import (
    SKIP_REASONS,
    WITHDRAWN,
    Source,
    State,
    Task,
    TaskChange,
    TaskKey,
)
from orchard.weather.models import Forecast
from orchard.weather.queries import age_of_cell
from orchard.weather.rules import Age, silent_before

PAGE_ROWS = 50
_T, _P, _F = (db.table_of(model).c for model in (Task, Plot, Forecast))
_LINE = (
    _T.plot_id,
    _T.code,
    _T.occurrence,
    _T.source,
    _T.state,
    _T.due_on,
    _T.late_after,
    _T.window_to,
    _T.postponed_to,
    _T.harm,
    _T.level,
    _T.reason,
    _T.changed_at,
)


class TaskLine(NamedTuple):
    """What a list shows of one task."""

    plot_id: UUID
    code: str
    occurrence: str
    source: Source
    state: State
    due_on: date
    late_after: date
    window_to: date
    postponed_to: date | None
    harm: int
    level: int
    reason: str | None
    changed_at: datetime | None
    plot_name: str = ""
    late_days: int = 0
    is_due: bool = False

    @property
    def token(self) -> str:
        """Return the key as it stands in an address."""
        return TaskKey(self.plot_id, self.code, self.occurrence).token

    @property
    def do_on(self) -> date:
        """Return the day that the task waits for: the one it was put off to, or the first."""
        return self.postponed_to or self.due_on

    @property
    def chip(self) -> str:
        """Return the kind of the mark that a list shows: late, due, or nothing yet."""
        return "late" if self.late_days else "due" if self.is_due else ""


def is_late(today: date) -> ColumnElement[bool]:
    """Say in SQL that an open task is late."""
    limit = func.coalesce(Task.postponed_to, Task.late_after)
    return (col(Task.state) == State.OPEN) & (limit < today)


def by_a_person() -> ColumnElement[bool]:
    """Say in SQL that a person, not the plan, settled a task."""
    by_hand: list[ColumnElement[Any]] = [
        literal_column(f"'{reason.value}'") for reason in SKIP_REASONS
    ]
    skipped = (_T.state == State.SKIPPED) & _T.reason.in_(by_hand)
    return (_T.state == State.DONE) | skipped


def stands(silent: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Say in SQL that a task needs no forecast, or that its cell has one that may still advise.

    silent: weather.rules.silent_before(), so that pages and reminders fall silent at that moment
    (decision 19) and not with the next run of a job.
    """
    advised = (
        columns(_P.id)
        .join(db.table_of(Forecast), _F.cell == _P.cell)
        .where(_P.id == _T.plot_id, _F.fetched_at > silent)
        .correlate(db.table_of(Task))
    )
    return (_T.source != Source.EVENT) | advised.exists()


# Built once: building them on each page takes longer than the database does.
_LIMIT = func.coalesce(_T.postponed_to, _T.late_after)
_DO_ON = func.coalesce(_T.postponed_to, _T.due_on)
_TODAY, _UNTIL = bindparam("today", type_=Date), bindparam("until", type_=Date)
_STANDS = stands(bindparam("silent", type_=_F.fetched_at.type))
_NEAR = (_T.state == State.OPEN) & (_DO_ON <= _UNTIL) & _STANDS
_IS_LATE = _LIMIT < _TODAY
# Late ones first, the most harmful before the longest; then what is due; then what is near, by day.
_BY_URGENCY = (
    case((_IS_LATE, 0), (_DO_ON <= _TODAY, 1), else_=2),
    case((_IS_LATE, -_T.harm), else_=0),
    case((_IS_LATE, _LIMIT), else_=_DO_ON),
    -_T.harm,
    _T.code,
    _T.plot_id,
    _T.occurrence,
)
_NEWEST_FIRST = (_T.changed_at.desc(), _T.code, _T.plot_id, _T.occurrence)
_SETTLED = (_T.changed_at >= bindparam("since", type_=_T.changed_at.type)) & by_a_person()
_OPEN = (
    columns(*_LINE)
    .where(_T.plot_id.in_(bindparam("plot_ids", expanding=True)), _NEAR)
    .order_by(*_BY_URGENCY)
)
_MORNING = {
    manages: columns(*_LINE)
    .where(
        _T.plot_id.in_(columns(_P.id).where(OWN_OR_MANAGED if manages else OWN)), _NEAR | _SETTLED
    )
    .order_by(*_BY_URGENCY)
    for manages in (False, True)
}


def open_tasks_for(
    session: Session, plot_ids: Collection[UUID], today: date, now: datetime
) -> list[TaskLine]:
    """Return what is late, due or due within a week on some plots, in one query.

    Late ones come first, the most harmful before the longest; then what is due, then what is
    near, by day.
    """
    wanted = _near(today, now) | {"plot_ids": list(plot_ids)}
    return [_line(row, today) for row in session.execute(_OPEN, wanted)]


def tasks_of_a_morning(
    session: Session, caller: Caller, today: date, now: datetime
) -> tuple[list[TaskLine], list[TaskLine]]:
    """Return what is open on the caller's own plots and those that he manages, in the order of
    open_tasks_for(), and what may be undone, newest first; in one query.
    """
    wanted = own_values(caller) | _near(today, now) | {"since": now - rules.UNDO_LASTS}
    rows = db.rows(session, _MORNING[bool(caller.employers)], wanted)
    lines = [_line(row, today) for row in rows]
    waiting = [line for line in lines if line.state == State.OPEN]
    settled = [line for line in lines if line.state != State.OPEN]
    settled.sort(key=lambda line: line.changed_at or now, reverse=True)
    return waiting, settled


def _near(today: date, now: datetime) -> dict[str, Any]:
    """Return the values that _NEAR asks for."""
    until = today + timedelta(rules.SOON_DAYS)
    return {"today": today, "until": until, "silent": silent_before(now)}


def may_undo(task: Task, now: datetime) -> bool:
    """Say whether a task was settled by a person in the last 24 hours."""
    by_hand = task.state == State.DONE or task.reason in SKIP_REASONS
    settled = task.state != State.OPEN and by_hand and task.changed_at is not None
    return settled and now - (task.changed_at or now) <= rules.UNDO_LASTS


def _line(row: Any, today: date) -> TaskLine:
    line = TaskLine(*row)
    if line.state is not State.OPEN:
        return line
    late = rules.late_days(line.late_after, line.postponed_to, today)
    is_due = bool(late) or line.do_on <= today
    return line._replace(late_days=late, is_due=is_due) if is_due else line


def own_task_list(
    session: Session, caller: Caller, state: State, *, page: int, today: date, now: datetime
) -> tuple[list[TaskLine], bool]:
    """Return one page of the caller's own tasks in a state, and whether there are more.

    Open ones in the order of open_tasks_for(), settled ones newest first.
    """
    order: tuple[Any, ...] = _NEWEST_FIRST
    chosen, wanted = _T.state == state, {}
    if state == State.OPEN:
        chosen, order = chosen & _STANDS, _BY_URGENCY
        wanted = {"today": today, "silent": silent_before(now)}
    mine = own_plots(caller).with_only_columns(col(Plot.id), col(Plot.name)).subquery()
    rows = session.execute(
        columns(*_LINE, mine.c.name.label("plot_name"))
        .join(mine, mine.c.id == _T.plot_id)
        .where(chosen)
        .order_by(*order)
        .offset((page - 1) * PAGE_ROWS)
        .limit(PAGE_ROWS + 1),
        wanted,
    ).all()
    return [_line(row, today) for row in rows[:PAGE_ROWS]], len(rows) > PAGE_ROWS


def task_for(session: Session, caller: Caller, key: TaskKey) -> tuple[Task, Plot, bool]:
    """Return a task, its plot and whether the caller works it; NotVisible for strangers."""
    mine = own_plots(caller).where(Plot.id == key.plot_id)
    plot = session.exec(mine).one_or_none()
    is_own = plot is not None
    if plot is None:
        seen = plots_visible_to(caller).where(Plot.id == key.plot_id)
        plot = session.exec(seen).one_or_none()
    task = session.get(Task, tuple(key)) if plot else None
    if task is None or plot is None:
        raise NotVisible
    return task, plot, is_own


def age_under(session: Session, task: Task, plot: Plot, now: datetime) -> Age | None:
    """Return the age of the forecast that a task stands on; None for one that needs none."""
    return age_of_cell(session, plot.cell, now) if task.source == Source.EVENT else None


def speaks(task: Task | TaskLine, age: Age | None) -> bool:
    """Say whether the level of a task still holds: its forecast asks for it, and may advise.

    age: of that forecast; None where it does not matter, as for what is settled.
    """
    if task.source != Source.EVENT:
        return True
    return task.reason not in WITHDRAWN and (age is None or age.advises)


def history_of(session: Session, key: TaskKey, before: int | None = None) -> History:
    """Return what happened to a task and who did it (None: the plan), newest first."""
    changes = (
        select(TaskChange, Person.name)
        .outerjoin(Account, col(Account.id) == TaskChange.by_id)
        .outerjoin(Person, col(Person.id) == Account.person_id)
        .where(
            TaskChange.plot_id == key.plot_id,
            TaskChange.code == key.code,
            TaskChange.occurrence == key.occurrence,
        )
    )
    return newest(session, changes, col(TaskChange.version), before=before)
