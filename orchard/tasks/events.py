"""How a forecast puts tasks on plots, and takes them off again."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, not_, true
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from orchard.places.queries import within
from orchard.plots.models import Plot
from orchard.tasks import rules
from orchard.tasks.dates import turn_table
from orchard.tasks.models import WITHDRAWN, Reason, Source, State
from orchard.tasks.planning import MOST_TURNS, TASK, change_all, groups, insert_turns
from orchard.tasks.switching import switches
from orchard.weather.digest import Day, Digest

Said = Mapping[str, list[rules.Turn]]


def plan_events(
    session: Session, today: date, digests: Mapping[str, Digest], *, now: datetime
) -> dict[str, int]:
    """Turn the forecasts of cells into tasks, and withdraw those that a forecast took back.

    A cell without a forecast, or with one too old for advice, has nothing said of it: its tasks
    are withdrawn as well (decision 19), and reopen when a forecast says so again.
    """
    said = {
        cell: list(_turns_of(digest, today))
        for cell, digest in digests.items()
        if digest.age(now).advises
    }
    new = 0
    for group in groups(session):
        turns = [(c, t) for c, several in said.items() for t in several if t.code in group.codes]
        for start in range(0, len(turns), MOST_TURNS):
            table = turn_table(turns[start : start + MOST_TURNS], by_cell=True)
            where = (col(Plot.cell) == table.c.fact) & group.plots
            new += insert_turns(session, table, where, Source.EVENT)
    wet = {cell for cell in said if _rains_on(digests[cell], today)}
    return {"new": new, **_follow(session, said, wet, today, now)}


def _rains_on(digest: Digest, today: date) -> bool:
    """Say whether the day may have rain at all; an unknown amount may be some."""
    return any(day.on == today and day.rain_mm != 0 for day in digest.days)


def _turns_of(digest: Digest, today: date) -> Iterator[rules.Turn]:
    for row in rules.calendar().rows.values():
        turns: list[rules.Turn | None] = []
        if row.trigger == "frost":
            nights = [alert for alert in digest.alerts if alert.kind == "frost"]
            turns = [rules.frost_turn(row, night.on, night.level, today) for night in nights]
        elif row.trigger == "rain":
            rain = _heavy(row, digest.days)
            turns = [rules.rain_turn(row, on, mm, today) for on, mm in rain]
        yield from (turn for turn in turns if turn)


def _heavy(row: rules.Row, days: Iterable[Day]) -> Iterator[tuple[date, float]]:
    """Yield each day with its rain, mm, in the worst 24 hours that end on it.

    After a day of heavy rain only the day's own counts: one night's rain is one task.
    """
    was_heavy = False
    for day in days:
        own = day.rain_mm or 0
        mm = own if was_heavy else max(own, day.rain_24h_mm or 0)
        was_heavy = mm >= row.threshold
        yield day.on, mm


def _follow(
    session: Session, said: Said, wet: Set[str], today: date, now: datetime
) -> dict[str, int]:
    """Bring the event tasks of the coming days to what the newest forecasts say.

    wet: cells with rain today, where the rain before midnight may make up what is missing: a
    forecast begins at midnight.
    """
    counts = {"withdrawn": 0, "changed": 0}
    own = switches(session)
    for row in rules.calendar().rows.values():
        if row.trigger not in ("frost", "rain"):
            continue
        off = [town for town in own if row.code not in rules.codes_on(own[town])]
        is_on = not_(within(Plot.village_code, off)) if off else true()
        kept = wet if row.trigger == "rain" else frozenset[str]()
        found = _to_change(session, said, row.code, today, kept)
        for (occurrence, level), cells in found.items():
            this = (
                TASK.c.code == row.code,
                TASK.c.occurrence == occurrence,
                TASK.c.source == Source.EVENT,
                TASK.c.due_on >= today,
            )
            if level is None:
                here = (*this, TASK.c.state == State.OPEN, _on_cells(cells, true()))
                gone = {"state": State.SKIPPED, "reason": Reason.FORECAST_CHANGED}
                counts["withdrawn"] += change_all(session, here, now, **gone)
                continue
            here = (*this, _is_other(level), _on_cells(cells, is_on))
            facts = {"level": level, "harm": rules.event_harm(row, level)}
            opened = {"state": State.OPEN, "reason": None, **facts}
            counts["changed"] += change_all(session, here, now, **opened)
    return counts


def _to_change(
    session: Session, said: Said, code: str, today: date, kept: Set[str]
) -> dict[tuple[str, int | None], set[str]]:
    """Return the cells whose tasks differ from their forecast, by day and level it says now.

    kept: cells where today's task stays although nothing is said of it any more.
    """
    levels = {
        (cell, turn.occurrence): turn.level
        for cell, turns in said.items()
        for turn in turns
        if turn.code == code
    }
    found: dict[tuple[str, int | None], set[str]] = {}
    for cell, occurrence, state, level in session.execute(_standing(code, today)):
        new = levels.get((cell, occurrence))
        if new is None and cell in kept and occurrence == today.isoformat():
            continue
        is_open = state == State.OPEN
        if new != level if is_open else new is not None:
            found.setdefault((occurrence, new), set()).add(cell)
    return found


def _standing(code: str, today: date) -> Select[Any]:
    """Select what the event tasks of the coming days stand at, cell by cell."""
    withdrawn = (TASK.c.state == State.SKIPPED) & TASK.c.reason.in_(WITHDRAWN)
    return (
        columns(col(Plot.cell), TASK.c.occurrence, TASK.c.state, TASK.c.level)
        .join(TASK, TASK.c.plot_id == col(Plot.id))
        .where(
            TASK.c.code == code,
            TASK.c.occurrence >= today.isoformat(),
            TASK.c.source == Source.EVENT,
            TASK.c.due_on >= today,
            (TASK.c.state == State.OPEN) | withdrawn,
        )
        .distinct()
    )


def _is_other(level: int) -> ColumnElement[bool]:
    """Say in SQL that a task is open at another level, or was withdrawn by the plan."""
    is_open = (TASK.c.state == State.OPEN) & (TASK.c.level != level)
    return is_open | ((TASK.c.state == State.SKIPPED) & TASK.c.reason.in_(WITHDRAWN))


def _on_cells(cells: Collection[str], where: ColumnElement[bool]) -> ColumnElement[bool]:
    return TASK.c.plot_id.in_(select(Plot.id).where(col(Plot.cell).in_(cells), where))
