"""How the plan puts tasks on plots: set-based, and harmless when it runs again.

One statement joins all plots of the towns whose calendar is the same with the turns that can
come due; what a plot's dates depend on is compared as one number (queries.plot_facts).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    CTE,
    ColumnElement,
    CursorResult,
    Result,
    String,
    Table,
    bindparam,
    func,
    insert,
    literal,
    not_,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from orchard import clock
from orchard.places.queries import within
from orchard.places.rules import town_of
from orchard.plots.models import Plot
from orchard.tasks import rules
from orchard.tasks.dates import plot_facts, turn_table
from orchard.tasks.models import WITHDRAWN, Reason, Source, State, Task, TaskChange
from orchard.tasks.switching import switches

TASK = cast(Table, cast(Any, Task).__table__)
CHANGE = cast(Table, cast(Any, TaskChange).__table__)
MOST_TURNS = 2000  # turns in one statement: SQLite takes 32,766 values, a turn is eight
COUNTED = {"preserve_rowcount": True}
MOVED = ("state", "reason", "due_on", "late_after", "window_to")
COPIED = ("code", "occurrence", "due_on", "late_after", "window_to", "harm", "level")


def plan(session: Session, today: date, *, days: int = rules.PLAN_DAYS) -> int:
    """Put every turn of the calendar that falls due in the coming days on its plots, once."""
    until = today + timedelta(days)
    return sum(_plan_group(session, group, today, until) for group in groups(session))


def close_over(session: Session, today: date, *, now: datetime) -> int:
    """Close the open tasks whose time is over; a technician's own stay until they are settled."""
    closed = 0
    kept = {row.code: row.late_days for row in rules.calendar().rows.values()}
    for days in sorted(set(kept.values())):
        codes = [code for code, late in kept.items() if late == days]
        over = (
            TASK.c.due_on < today,
            TASK.c.window_to < today - timedelta(days),
            TASK.c.code.in_(codes),
            TASK.c.source != Source.TECHNICIAN,
            TASK.c.state == State.OPEN,
        )
        closed += change_all(session, over, now, state=State.SKIPPED, reason=Reason.WINDOW_OVER)
    return closed


class Group(NamedTuple):
    """The plots of towns whose calendar is the same, and the codes that are on there."""

    codes: frozenset[str]
    plots: ColumnElement[bool]


def groups(session: Session) -> list[Group]:
    """Return the towns of the county by calendar: those that switched nothing are one group."""
    switched = switches(session)
    towns: dict[frozenset[str], list[str]] = {}
    for town, own in switched.items():
        towns.setdefault(rules.codes_on(own), []).append(town)
    groups = [Group(codes, _in_towns(members)) for codes, members in towns.items()]
    rest = not_(within(Plot.village_code, switched)) if switched else true()
    return [*groups, Group(rules.codes_on({}), rest & col(Plot.ended_at).is_(None))]


def _in_towns(towns: list[str]) -> ColumnElement[bool]:
    return within(Plot.village_code, towns) & col(Plot.ended_at).is_(None)


def _plan_group(session: Session, group: Group, today: date, until: date) -> int:
    """Insert the turns of one group: what a plot's dates depend on is compared as one number."""
    planned = 0
    for fly in (False, True):
        rows = [
            row
            for row in rules.calendar().rows.values()
            if row.is_planned and row.code in group.codes and (row.shift == "fly") == fly
        ]
        fact = plot_facts(general=rules.SHIFT in group.codes, fly=fly)
        facts = session.scalars(select(fact).where(group.plots).distinct()).all() if rows else []
        turns = [
            (number, turn)
            for number in facts
            for row in rows
            for turn in rules.turns_at(row, today, until, number)
        ]
        for start in range(0, len(turns), MOST_TURNS):
            table = turn_table(turns[start : start + MOST_TURNS])
            where = (fact == table.c.fact) & group.plots
            planned += insert_turns(session, table, where, Source.CALENDAR)
    return planned


def insert_turns(session: Session, turns: CTE, where: ColumnElement[bool], source: Source) -> int:
    """Join plots with turns and insert what is not there yet; the second time inserts nothing."""
    values = {"source": source, "state": State.OPEN, "version": 1}
    chosen = select(
        Plot.id,
        *(turns.c[name] for name in COPIED),
        *(literal(value, TASK.c[name].type) for name, value in values.items()),
    ).where(where)
    # In a subquery, because SQLite's driver counts no rows of a statement that begins with WITH.
    # By plot, so that the rows arrive in the order of their key: more than twice as fast.
    inner = chosen.subquery()
    kind = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    rows = kind(TASK).from_select(
        ["plot_id", *COPIED, *values],
        inner.select().where(true()).order_by(inner.c.id),
        include_defaults=False,
    )
    done = session.execute(rows.on_conflict_do_nothing(), execution_options=COUNTED)
    return _count(done)


def change_all(
    session: Session, where: Sequence[ColumnElement[bool]], now: datetime, **values: Any
) -> int:
    """Change every task that fits, each with its line of history; nobody in person did it."""
    line = {
        **{name: TASK.c[name] for name in ("plot_id", "code", "occurrence")},
        "version": TASK.c.version + 1,
        "at": literal(now, TASK.c.changed_at.type),
        "state_from": TASK.c.state,
        "state_to": literal(values["state"].value),
        "postponed_from": TASK.c.postponed_to,
        "postponed_to": TASK.c.postponed_to,
        "reason": literal(values["reason"] and values["reason"].value, String()),
    }
    if session.get_bind().dialect.name != "sqlite":
        # Held from the line of history to the change, so that no tap comes between the two.
        held = select(TASK.c.version).where(*where).with_for_update().subquery()
        session.scalar(select(func.count()).select_from(held))
    session.execute(insert(CHANGE).from_select(list(line), select(*line.values()).where(*where)))
    facts = {"changed_at": now, "changed_by_id": None, "version": TASK.c.version + 1}
    return _count(session.execute(update(TASK).where(*where).values(**values, **facts)))


def _count(result: Result[Any]) -> int:
    return cast(CursorResult[Any], result).rowcount


def plan_plot(session: Session, plot: Plot, today: date, *, now: datetime) -> int:
    """Plan one plot that was just registered or corrected, and return how many tasks are new.

    What no longer fits its variety or elevation is withdrawn, what comes later is dated anew.
    """
    return _align(session, town_of(plot.village_code), col(Plot.id) == plot.id, today, now)


def plan_changed(session: Session, plot: Plot, today: date) -> None:
    """Follow a change of a plot in its own transaction (hung into plots.services.after_change)."""
    plan_plot(session, plot, today, now=clock.now())


def align_town(session: Session, town: str, today: date, *, now: datetime) -> int:
    """Bring the tasks of a town to what its technician has on, and return how many are new."""
    return _align(session, town, true(), today, now)


def _align(
    session: Session, town: str, only: ColumnElement[bool], today: date, now: datetime
) -> int:
    group = Group(rules.codes_on(switches(session).get(town, {})), _in_towns([town]) & only)
    planned = _plan_group(session, group, today, today + timedelta(rules.PLAN_DAYS))
    changes: list[tuple[Any, dict[str, Any]]] = []
    wanted: dict[tuple[int, int], dict[tuple[str, str], rules.Turn]] = {}
    for row in session.execute(_standing(group, today)):
        facts = (row.general, row.fly)
        if facts not in wanted:
            wanted[facts] = _wanted(group, today, *facts)
        change = _difference(row, group, wanted[facts], today)
        if change:
            changes.append((row, change))
    _change_each(session, changes, now)
    return planned


def _standing(group: Group, today: date) -> Any:
    """Select the planned tasks that a change of the calendar or the plot can touch."""
    is_general = rules.SHIFT in group.codes
    withdrawn = (TASK.c.state == State.SKIPPED) & TASK.c.reason.in_(WITHDRAWN)
    return (
        select(  # type: ignore[call-overload]
            TASK,
            plot_facts(general=is_general, fly=False).label("general"),
            plot_facts(general=is_general, fly=True).label("fly"),
        )
        .join(Plot, col(Plot.id) == TASK.c.plot_id)
        .where(
            group.plots,
            TASK.c.source != Source.TECHNICIAN,
            TASK.c.window_to >= today,
            (TASK.c.state == State.OPEN) | withdrawn,
        )
        .with_for_update(of=TASK)
    )


def _wanted(group: Group, today: date, general: int, fly: int) -> dict[tuple[str, str], rules.Turn]:
    until = today + timedelta(2 * rules.PLAN_DAYS)
    rows = [rules.calendar().rows[code] for code in group.codes - {rules.SHIFT}]
    turns = (
        turn
        for row in rows
        if row.is_planned
        for turn in rules.turns_at(row, today, until, fly if row.shift == "fly" else general)
    )
    return {(turn.code, turn.occurrence): turn for turn in turns}


def _difference(
    row: Any, group: Group, wanted: dict[tuple[str, str], rules.Turn], today: date
) -> dict[str, Any] | None:
    """Return what has to change in one task, or None when it stands as it should."""
    if row.source == Source.EVENT and row.code in group.codes:
        return None
    turn = wanted.get((row.code, row.occurrence))
    if turn is None:
        why = Reason.PLAN_CHANGED if row.code in group.codes else Reason.SWITCHED_OFF
        is_open = row.state == State.OPEN
        return {"state": State.SKIPPED, "reason": why} if is_open else None
    dates = {name: getattr(turn, name) for name in ("due_on", "late_after", "window_to")}
    if row.state == State.SKIPPED:
        return {"state": State.OPEN, "reason": None, **dates}
    is_movable = row.postponed_to is None and row.due_on > today
    is_same = dates == {name: getattr(row, name) for name in dates}
    return dates if is_movable and not is_same else None


def _change_each(
    session: Session, changes: list[tuple[Any, dict[str, Any]]], now: datetime
) -> None:
    """Change tasks one by one in two statements, each with its line of history."""
    if not changes:
        return
    key = ("plot_id", "code", "occurrence")
    lines, rows = [], []
    for row, change in changes:
        new = {name: change.get(name, getattr(row, name)) for name in MOVED}
        which = {name: getattr(row, name) for name in key}
        facts = {"version": row.version + 1, "changed_at": now, "changed_by_id": None}
        rows.append({f"in_{name}": value for name, value in (which | new | facts).items()})
        line = {
            "version": row.version + 1,
            "at": now,
            "state_from": row.state.value,
            "state_to": new["state"].value,
            "postponed_from": row.postponed_to,
            "postponed_to": row.postponed_to,
            "reason": new["reason"] and new["reason"].value,
        }
        lines.append(which | line)
    session.execute(insert(CHANGE), lines)
    moved: dict[str, Any] = {name: bindparam(f"in_{name}") for name in (*MOVED, *facts)}
    where = (TASK.c[name] == bindparam(f"in_{name}") for name in key)
    session.connection().execute(update(TASK).where(*where).values(**moved), rows)
