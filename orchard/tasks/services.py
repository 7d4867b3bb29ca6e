"""What people do with tasks: one tap each, harmless when it is sent twice."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from orchard import clock, db
from orchard.accounts.rules import Caller, Role
from orchard.errors import Busy, NotVisible
from orchard.plots.queries import own_plot_for
from orchard.tasks import planning, rules
from orchard.tasks.models import (
    PRESCRIPTION,
    SKIP_REASONS,
    CalendarSwitch,
    Reason,
    Source,
    State,
    Task,
    TaskChange,
    TaskKey,
)
from orchard.tasks.switching import switch_version


def mark_done(session: Session, caller: Caller, key: TaskKey, *, now: datetime) -> Task:
    """Settle a task of the caller's own plot; the same tap twice is one."""
    task = _own_task(session, caller, key)
    if task.state != State.DONE:
        _change(session, task, caller, now, state=State.DONE, reason=None)
    return task


def undo(session: Session, caller: Caller, key: TaskKey, *, now: datetime) -> Task:
    """Take back what a person settled, within 24 hours."""
    task = _own_task(session, caller, key)
    if task.state == State.OPEN:
        return task
    if task.state == State.SKIPPED and task.reason not in SKIP_REASONS:
        raise rules.NotOpen
    rules.check_undo(task.changed_at or now, now=now)
    _change(session, task, caller, now, state=State.OPEN, reason=None)
    return task


def postpone(
    session: Session, caller: Caller, key: TaskKey, *, to: date, reason: Reason, now: datetime
) -> Task:
    """Put a task off to a later day in its window, with a reason."""
    task = _own_task(session, caller, key)
    if (task.state, task.postponed_to, task.reason) == (State.OPEN, to, reason):
        return task
    if task.state != State.OPEN:
        raise rules.NotOpen
    rules.check_postponed_to(to, window_to=task.window_to, today=clock.local(now).date())
    _change(session, task, caller, now, postponed_to=to, reason=reason)
    return task


def skip(session: Session, caller: Caller, key: TaskKey, *, reason: Reason, now: datetime) -> Task:
    """Leave a task undone for good, with a reason from the closed list."""
    task = _own_task(session, caller, key)
    if (task.state, task.reason) == (State.SKIPPED, reason):
        return task
    if task.state != State.OPEN:
        raise rules.NotOpen
    _change(session, task, caller, now, state=State.SKIPPED, reason=reason)
    return task


def prescribe(
    session: Session, key: TaskKey, *, due_on: date, late_after: date, window_to: date, harm: int
) -> None:
    """Put what a technician prescribed on a plot's list; written again it is one task."""
    task = Task(
        plot_id=key.plot_id,
        code=key.code,
        occurrence=key.occurrence,
        source=Source.TECHNICIAN,
        due_on=due_on,
        late_after=late_after,
        window_to=window_to,
        harm=harm,
    )
    db.insert_once(session, task)


def withdraw(session: Session, caller: Caller, key: TaskKey, *, now: datetime) -> None:
    """Take back what a technician prescribed, unless the grower has settled it."""
    task = session.get(Task, tuple(key), with_for_update=True)
    if task and task.state == State.OPEN:
        _change(session, task, caller, now, state=State.SKIPPED, reason=Reason.PLAN_CHANGED)


def prescription_key(plot_id: UUID, prescription_id: UUID) -> TaskKey:
    """Return the key of the task that a prescription became."""
    return TaskKey(plot_id, PRESCRIPTION, prescription_id.hex)


def _own_task(session: Session, caller: Caller, key: TaskKey) -> Task:
    own_plot_for(session, caller, key.plot_id)
    task = session.get(Task, tuple(key), with_for_update=True)
    if task is None:
        raise NotVisible
    return task


def _change(
    session: Session, task: Task, caller: Caller | None, now: datetime, **values: Any
) -> None:
    """Write the new values and the line of history that says what they replaced."""
    before = (task.state, task.postponed_to)
    by_id = caller.account_id if caller else None
    facts = {"changed_at": now, "changed_by_id": by_id, "version": task.version + 1}
    for name, value in (values | facts).items():
        setattr(task, name, value)
    session.add(task)
    session.add(
        TaskChange(
            plot_id=task.plot_id,
            code=task.code,
            occurrence=task.occurrence,
            version=task.version,
            at=now,
            by_id=by_id,
            state_from=before[0].value,
            state_to=task.state.value,
            postponed_from=before[1],
            postponed_to=task.postponed_to,
            reason=task.reason.value if task.reason else None,
        )
    )
    session.flush()


def switch(
    session: Session, caller: Caller, town: str, code: str, *, is_on: bool, now: datetime
) -> bool:
    """Switch a row of the calendar, or SHIFT, on or off in a town the technician serves.

    Its tasks are planned or withdrawn at once. Says whether anything changed.
    """
    if town not in caller.places(Role.TECHNICIAN):
        raise NotVisible
    row = rules.calendar().rows.get(code)
    if row is None and code != rules.SHIFT:
        raise NotVisible
    if row and not row.may_switch:
        raise rules.CannotSwitch
    version, was_on = switch_version(session, town, code)
    if was_on == is_on:
        return False
    turned = CalendarSwitch(
        town_code=town,
        code=code,
        version=version + 1,
        is_on=is_on,
        by_account_id=caller.account_id,
        at=now,
    )
    if not db.insert_once(session, turned):
        raise Busy
    planning.align_town(session, town, clock.local(now).date(), now=now)
    return True
