"""When each job is due, in the county's local time: for what runs the jobs and what watches them.

`jobs/schedule.py` says what each of these rows runs.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from orchard import clock

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def at(hour: int, minute: int) -> timedelta:
    """Return a time of day as the time since midnight."""
    return timedelta(hours=hour, minutes=minute)


class Slots:
    """The slots of a row that says how often and since when each day."""

    every: timedelta
    start: timedelta

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


@dataclass(frozen=True)
class Times(Slots):
    """One row: how often, and since when each day.

    after names the rows whose newest slot must have ended first: what reads their results.
    """

    name: str
    every: timedelta
    start: timedelta = timedelta(0)
    after: tuple[str, ...] = ()


TIMETABLE = (
    # Every three hours from 00:10 (decision 18); the 06:10 look comes before the day's plan.
    Times("weather", every=at(3, 0), start=at(0, 10)),
    # After each look at the forecast; the 06:20 run stands before the morning's reminders.
    Times("tasks", every=at(3, 0), start=at(0, 20), after=("weather",)),
    # Before work begins, and by 18:00 for tomorrow's work (feature page, goal 4).
    Times("heat", every=at(12, 0), start=at(5, 30), after=("weather",)),
    # Before growers leave for the hills, from the day's tasks (decision 23).
    Times("reminders", every=DAY, start=at(6, 30), after=("tasks",)),
    # What the newest forecasts say of the coming nights; only a rise is told.
    Times("frost", every=at(0, 10), start=at(0, 5)),
    # Asks every 5 minutes; reminders.rules.kinds_for keeps the night quiet.
    Times("messages", every=at(0, 5)),
    # At the quietest hour: old lines go, and the database is checked.
    Times("upkeep", every=DAY, start=at(3, 40)),
    # Beside it: old tries at the doors, ended sessions, spent cards.
    Times("doors", every=DAY, start=at(3, 50)),
    # After a key was changed: no number is left that only the old one opens.
    Times("id-numbers", every=DAY, start=at(4, 0)),
    # Before the office opens: are the kept counts still what the records say.
    Times("counts", every=DAY, start=at(4, 20)),
    # What phones sent is shown only after this; files of failed requests go at night.
    Times("photos", every=MINUTE),
    Times("photo-sweep", every=DAY, start=at(4, 10)),
    # Only what failed and whose waiting is over, and the cells of new plots.
    Times("weather-retry", every=MINUTE),
)
