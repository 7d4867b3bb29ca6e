"""Months and seasons: the periods for which counts are kept."""

import re
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from orchard.errors import Refused

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
SEASON = re.compile(r"(\d{4})-([A-Z]{2})", re.ASCII)
BETWEEN = "/"  # as ISO 8601 writes a span of two days
ONE = timedelta(1)
FIRST_YEAR, LAST_YEAR = 2000, 2099  # of a period or day that may be asked for


class UnknownPeriod(Refused):
    """The text names neither a month nor a season."""

    code = "counts.unknown_period"


@dataclass(frozen=True)
class Period:
    """One month ("2026-11") or season ("2026-AW"), with its first and last day.

    Or any days ("2026-11-20/2026-11-26"), of which no counts are kept.
    """

    code: str
    first: date
    last: date

    @property
    def is_season(self) -> bool:
        """Say whether it is a season."""
        return self.code[-1].isalpha()

    @property
    def is_free(self) -> bool:
        """Say whether it is any days, neither a month nor a season."""
        return BETWEEN in self.code


@cache
def seasons() -> dict[int, str]:
    """Return the code of each season by its first month (data/seasons.toml)."""
    text = files("orchard.counts").joinpath("data/seasons.toml").read_text("utf-8")
    return {row["first_month"]: row["code"] for row in tomllib.loads(text)["season"]}


def month_of(day: date) -> Period:
    """Return the month of a day."""
    first = day.replace(day=1)
    return Period(f"{day:%Y-%m}", first, _months_on(first, 1) - ONE)


def season_of(day: date) -> Period:
    """Return the season of a day; one that passes the new year bears the old year."""
    begun = [month for month in seasons() if month <= day.month]
    month = max(begun or seasons())
    first = date(day.year if begun else day.year - 1, month, 1)
    following = min((later - month - 1) % 12 + 1 for later in seasons())
    return Period(f"{first.year}-{seasons()[month]}", first, _months_on(first, following) - ONE)


def _months_on(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def periods_of(day: date) -> tuple[Period, Period]:
    """Return the month and the season in which a day counts."""
    return month_of(day), season_of(day)


def period(code: str) -> Period:
    """Return the period of a code; raises UnknownPeriod."""
    months = {name: month for month, name in seasons().items()}
    month, season = MONTH.fullmatch(code), SEASON.fullmatch(code)
    if month and FIRST_YEAR <= int(month[1]) <= LAST_YEAR:
        return month_of(date(int(month[1]), int(month[2]), 1))
    if season and season[2] in months and FIRST_YEAR <= int(season[1]) <= LAST_YEAR:
        return season_of(date(int(season[1]), months[season[2]], 1))
    raise UnknownPeriod


def days(first: date, last: date) -> Period:
    """Return any days as a period."""
    return Period(f"{first}{BETWEEN}{last}", first, last)


def span(code: str) -> Period:
    """Return the period or the days of a code; raises UnknownPeriod."""
    if BETWEEN not in code:
        return period(code)
    try:
        first, last = map(date.fromisoformat, code.split(BETWEEN))
    except ValueError:
        raise UnknownPeriod from None
    if not FIRST_YEAR <= first.year <= last.year <= LAST_YEAR or first > last:
        raise UnknownPeriod
    return days(first, last)


def before(one: Period) -> Period:
    """Return the period of the same kind that ended the day before."""
    day = one.first - ONE
    return season_of(day) if one.is_season else month_of(day)


def year_before(one: Period) -> Period | None:
    """Return the same period of the year before; None before the first that may be asked for."""
    if int(one.code[:4]) <= FIRST_YEAR:
        return None
    return period(f"{int(one.code[:4]) - 1}{one.code[4:]}")


def same_day(one: Period, earlier: Period, today: date) -> date:
    """Return the day of an earlier period's course that is like today in a running one's.

    It is the same day of the same month of the course, or that month's last where it is shorter.
    """
    months = 12 * (today.year - one.first.year) + today.month - one.first.month
    first = _months_on(earlier.first, months)
    last = _months_on(first, 1) - ONE
    return min(first + ONE * (today.day - 1), last, earlier.last)


def between(first: date, last: date) -> list[Period]:
    """Return every month and season that has a day in a span, months first."""
    found: dict[str, Period] = {}
    for of in (month_of, season_of):
        day = first
        while day <= last:
            one = of(day)
            found[one.code] = one
            day = one.last + ONE
    return list(found.values())


def exactly(first: date, last: date) -> Period | None:
    """Return the period that a span is, or None."""
    return next((one for one in periods_of(first) if (one.first, one.last) == (first, last)), None)
