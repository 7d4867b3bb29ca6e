"""The one table of everything that runs by itself, in the county's local time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from jobs import accounts, attendance, counts, photos, reminders, tasks, upkeep, wages, weather
from orchard import clock
from orchard.ledger import Run

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def at(hour: int, minute: int) -> timedelta:
    """Return a time of day as the time since midnight."""
    return timedelta(hours=hour, minutes=minute)


@dataclass(frozen=True)
class Scheduled:
    """One row: what runs, how often, and since when each day.

    after names the rows whose newest slot must have ended first: what reads their results.
    """

    name: str
    run: Callable[[Run], dict[str, int]]
    every: timedelta
    start: timedelta = timedelta(0)
    after: tuple[str, ...] = ()

    def newest_slot(self, now: datetime) -> datetime:
        """Return the newest due slot that is not in the future."""
        local = clock.local(now).replace(tzinfo=None)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        if local - midnight < self.start:
            midnight -= DAY
        last = (min(local - midnight, DAY - timedelta.resolution) - self.start) // self.every
        return _moment(midnight + self.start + last * self.every)

    def next_slot(self, now: datetime) -> datetime:
        """Return the first slot after now; each day begins anew at start."""
        newest = clock.local(self.newest_slot(now)).replace(tzinfo=None)
        midnight = newest.replace(hour=0, minute=0, second=0, microsecond=0)
        return _moment(min(newest + self.every, midnight + DAY + self.start))


def _moment(local: datetime) -> datetime:
    """Return a local time of the county as a moment, whatever the host's zone is."""
    return local.replace(tzinfo=clock.zone()).astimezone(UTC)


SCHEDULE = (
    # Every three hours from 00:10 (decision 18); the 06:10 look comes before the day's plan.
    Scheduled("weather", weather.pull, every=at(3, 0), start=at(0, 10)),
    # After each look at the forecast; the 06:20 run stands before the morning's reminders.
    Scheduled("tasks", tasks.plan, every=at(3, 0), start=at(0, 20), after=("weather",)),
    # Before work begins, and by 18:00 for tomorrow's work (feature page, goal 4).
    Scheduled("heat", attendance.look_ahead, every=at(12, 0), start=at(5, 30), after=("weather",)),
    # Before growers leave for the hills, from the day's tasks (decision 23).
    Scheduled("reminders", reminders.plan, every=DAY, start=at(6, 30), after=("tasks",)),
    # What the newest forecasts say of the coming nights; only a rise is told.
    Scheduled("frost", reminders.warn, every=at(0, 10), start=at(0, 5)),
    # Asks every 5 minutes; reminders.rules.kinds_for keeps the night quiet.
    Scheduled("messages", reminders.deliver, every=at(0, 5)),
    # At the quietest hour: old lines go, and the database is checked.
    Scheduled("upkeep", upkeep.nightly, every=DAY, start=at(3, 40)),
    # Beside it: old tries at the doors, ended sessions, spent cards.
    Scheduled("doors", accounts.purge, every=DAY, start=at(3, 50)),
    # After a key was changed: no number is left that only the old one opens.
    Scheduled("id-numbers", wages.seal_again, every=DAY, start=at(4, 0)),
    # Before the office opens: are the kept counts still what the records say.
    Scheduled("counts", counts.nightly, every=DAY, start=at(4, 20)),
    # What phones sent is shown only after this; files of failed requests go at night.
    Scheduled("photos", photos.draw, every=MINUTE),
    Scheduled("photo-sweep", photos.sweep, every=DAY, start=at(4, 10)),
    # Only what failed and whose waiting is over, and the cells of new plots.
    Scheduled("weather-retry", weather.retry, every=MINUTE),
)


def named(name: str, schedule: tuple[Scheduled, ...] = SCHEDULE) -> Scheduled | None:
    """Return one row of the table."""
    return next((row for row in schedule if row.name == name), None)
