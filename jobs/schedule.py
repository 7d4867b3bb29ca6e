"""The one table of everything that runs by itself: what each row of the timetable runs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from jobs import accounts, attendance, counts, photos, reminders, tasks, upkeep, wages, weather
from orchard.ledger import Run
from orchard.timetable import TIMETABLE, Slots


@dataclass(frozen=True)
class Scheduled(Slots):
    """One row: what runs, and when; see timetable.Times."""

    name: str
    run: Callable[[Run], dict[str, int]]
    every: timedelta
    start: timedelta = timedelta(0)
    after: tuple[str, ...] = ()


WORK = {
    "weather": weather.pull,
    "tasks": tasks.plan,
    "heat": attendance.look_ahead,
    "reminders": reminders.plan,
    "frost": reminders.warn,
    "messages": reminders.deliver,
    "upkeep": upkeep.nightly,
    "doors": accounts.purge,
    "id-numbers": wages.seal_again,
    "counts": counts.nightly,
    "photos": photos.draw,
    "photo-sweep": photos.sweep,
    "weather-retry": weather.retry,
}
SCHEDULE = tuple(
    Scheduled(row.name, WORK[row.name], row.every, row.start, row.after) for row in TIMETABLE
)


def named(name: str, schedule: tuple[Scheduled, ...] = SCHEDULE) -> Scheduled | None:
    """Return one row of the table."""
    return next((row for row in schedule if row.name == name), None)
