"""Planning a county's tasks beside one statement that joins plots with templates."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

from sqlmodel import delete

from orchard import clock, db
from orchard.bench import county
from orchard.bench.figures import Target, mid, told
from orchard.reminders.models import Message, ReminderDue
from orchard.tasks import planning
from orchard.tasks.models import Task, TaskChange

TEMPLATES, TODAY = 20, 320  # day of the year
RATIO = 3.0  # issue 2
TABLES = (
    "CREATE TABLE plot (id INTEGER PRIMARY KEY, variety INTEGER, height INTEGER)",
    "CREATE TABLE template (id INTEGER PRIMARY KEY, variety INTEGER, opens INTEGER,"
    " closes INTEGER, every INTEGER, above INTEGER)",
    "CREATE TABLE done (plot INTEGER, template INTEGER, day INTEGER, PRIMARY KEY (plot, template))",
    "CREATE TABLE due (plot INTEGER, template INTEGER, day INTEGER, state TEXT,"
    " PRIMARY KEY (plot, template, day))",
)
PLAN = """INSERT INTO due SELECT plot.id, template.id,
 coalesce(done.day + template.every, template.opens), 'open'
 FROM template
 JOIN plot ON (template.variety = -1 OR template.variety = plot.variety)
  AND plot.height >= template.above
 LEFT JOIN done ON done.plot = plot.id AND done.template = template.id
 WHERE :today BETWEEN template.opens AND template.closes
  AND coalesce(done.day + template.every, template.opens) <= :today
 ON CONFLICT DO NOTHING"""


def run(work: Path, *, plots: int, rounds: int, remind: Callable[[], bool]) -> dict[str, Any]:
    """Plan 60 days for all plots as the job does, and the limit's statement, by turns."""
    county.build(work / "county", plots)
    limit = _limit_database(work / "limit.db", plots)
    ours, least, rows, limit_rows = [], [], 0, 0
    for _ in range(rounds):
        _forget()
        seconds, rows = _plan()
        ours.append(seconds)
        seconds, limit_rows = _plan_limit(limit)
        least.append(seconds)
    again_s, again = _plan()
    begun = perf_counter()
    remind()
    reminders_s = perf_counter() - begun
    limit.close()
    ratio = mid(ours, 4) / mid(least, 4)
    a_row = (mid(ours, 6) / max(rows, 1)) / (mid(least, 6) / max(limit_rows, 1))
    facts = {
        "plots": plots,
        "rows": rows,
        "ours_s": mid(ours, 3),
        "again_s": round(again_s, 3),
        "again_rows": again,
        "reminders_s": round(reminders_s, 3),
        "limit_candidates": plots * TEMPLATES,
        "limit_rows": limit_rows,
        "limit_s": mid(least, 3),
        "ratio": round(ratio, 2),
        "ratio_a_row": round(a_row, 2),
    }
    targets = [
        Target("seconds beside the limit", facts["ratio"], most=RATIO),
        Target("rows that a second pass adds", again, most=0),
    ]
    return told("tasks", facts, targets)


def _plan() -> tuple[float, int]:
    begun = perf_counter()
    with db.transaction() as session:
        planned = planning.plan(session, clock.today())
    return perf_counter() - begun, planned


def _forget() -> None:
    with db.transaction() as session:
        for model in (Message, ReminderDue, TaskChange, Task):
            session.execute(delete(model))


def _limit_database(path: Path, plots: int) -> sqlite3.Connection:
    """Return a database with the limit's plots, templates and what was done."""
    rng = Random(11)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    for statement in TABLES:
        connection.execute(statement)
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO plot VALUES (?, ?, ?)",
        ((number, rng.randrange(6), rng.randrange(150, 900)) for number in range(plots)),
    )
    connection.executemany("INSERT INTO template VALUES (?, ?, ?, ?, ?, ?)", _templates(rng))
    connection.executemany(
        "INSERT INTO done VALUES (?, ?, ?)",
        (
            (plot, template, rng.randrange(200, TODAY))
            for plot in range(plots)
            for template in range(TEMPLATES)
            if rng.random() < 0.6
        ),
    )
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    return connection


def _templates(rng: Random) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = []
    for number in range(TEMPLATES):
        variety = rng.choice([-1, -1, *range(6)])
        opens = rng.randrange(1, 330)
        closes = min(365, opens + rng.randrange(20, 200))
        every, above = rng.choice([7, 10, 15, 30, 60]), rng.choice([0, 0, 300, 500])
        found.append((number, variety, opens, closes, every, above))
    return found


def _plan_limit(connection: sqlite3.Connection) -> tuple[float, int]:
    connection.execute("DELETE FROM due")
    begun = perf_counter()
    connection.execute("BEGIN")
    planned = connection.execute(PLAN, {"today": TODAY}).rowcount
    connection.execute("COMMIT")
    return perf_counter() - begun, planned
