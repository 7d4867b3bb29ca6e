"""The one table of everything that runs by itself, in the county's local time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from jobs import weather
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
    # Only what failed and whose waiting is over, and the cells of new plots.
    Scheduled("weather-retry", weather.retry, every=MINUTE),
)


def named(name: str, schedule: tuple[Scheduled, ...] = SCHEDULE) -> Scheduled | None:
    """Return one row of the table."""
    return next((row for row in schedule if row.name == name), None)
