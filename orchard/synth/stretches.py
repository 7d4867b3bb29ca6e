"""Invented stretches of hired work: how long, which days of it, when in the year, at what work."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random

PATTERNS = 2_000  # stretches that are drawn from, so that no chance is asked for each day
LONGEST = 90  # days that a stretch spans
COMES, HALF = 0.86, 0.08  # chance of working on a day of a stretch, and of only half of it
# Work by month, the whole year about 12: picking of late citrus runs from November to March.
BY_MONTH = (1.7, 1.1, 1.2, 0.8, 0.6, 0.6, 0.7, 0.6, 0.7, 0.9, 1.6, 1.9)
WORKS = {
    1: ("picking", "packing", "carrying"),
    2: ("picking", "pruning"),
    3: ("picking", "pruning"),
    4: ("pruning", "spraying"),
    5: ("spraying", "fertilising"),
    6: ("thinning", "weeding"),
    7: ("thinning", "weeding"),
    8: ("weeding", "spraying"),
    9: ("weeding", "fertilising"),
    10: ("picking", "weeding"),
    11: ("picking", "packing", "carrying"),
    12: ("picking", "packing", "carrying"),
}


@dataclass(frozen=True)
class Stretch:
    """Days worked, counted from the first one: (days later, half days)."""

    days: tuple[tuple[int, int], ...]


def stretches(rng: Random) -> list[Stretch]:
    """Return stretches of work, most of one or two weeks, about 12 work days in the mean."""
    return [_stretch(rng) for _ in range(PATTERNS)]


def _stretch(rng: Random) -> Stretch:
    wanted = min(max(int(rng.lognormvariate(2.2, 0.8)), 1), LONGEST)
    days = [(0, _half_days(rng))]
    later = 0
    while len(days) < wanted and later < LONGEST:
        later += 1
        if rng.random() < COMES:
            days.append((later, _half_days(rng)))
    return Stretch(tuple(days))


def _half_days(rng: Random) -> int:
    return 1 if rng.random() < HALF else 2


class Days:
    """The days on which work begins, more of them in the months of picking."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last
        count = (last - first).days + 1
        self.all = [first + timedelta(number) for number in range(count)]
        self.texts = [day.isoformat() for day in self.all]
        self._weights = list(accumulate(BY_MONTH[day.month - 1] for day in self.all))

    def draw(self, rng: Random) -> int:
        """Return the number of a day."""
        at = bisect_right(self._weights, rng.random() * self._weights[-1])
        return min(at, len(self.all) - 1)


class Weighted:
    """Draws numbers whose weights fall as a power of their rank, which is shuffled or not."""

    def __init__(self, rng: Random, count: int, power: float, *, shuffled: bool) -> None:
        weights = [(rank + 1) ** -power for rank in range(count)]
        if shuffled:
            rng.shuffle(weights)
        self._sums = list(accumulate(weights))

    def draw(self, rng: Random) -> int:
        """Return a number from 0 on."""
        at = bisect_right(self._sums, rng.random() * self._sums[-1])
        return min(at, len(self._sums) - 1)
