"""How old somebody is on a day, and from when on he may be hired, spray, or draws a pension."""

import calendar
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from orchard.accounts.rules import Sex


@dataclass(frozen=True)
class Step:
    """How the retirement age of one group rises: old age in years, then month by month."""

    old_years: int
    every: int
    cap: int


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("orchard.hiring").joinpath("data", "ages.toml").read_text("utf-8"))


def youngest() -> int:
    """Return from which age somebody may be hired, in years."""
    return int(_table()["hire"]["from_years"])


def youngest_for_toxic() -> int:
    """Return from which age somebody may do toxic work, in years."""
    return int(_table()["toxic"]["from_years"])


def age_on(born_on: date, day: date) -> int:
    """Return the whole years that somebody has lived on a day.

    Born on 29 February he is a year older on 1 March, as the years before have it.
    """
    before_birthday = (day.month, day.day) < (born_on.month, born_on.day)
    return day.year - born_on.year - before_birthday


def group_of(sex: Sex, women: str | None = None) -> str:
    """Return the retirement group; women: which group women fall in, else the parameter's."""
    if sex == Sex.MALE:
        return "man"
    return women or str(_table()["women"]["group"])


def step_of(group: str) -> Step:
    """Return how a group's retirement age rises."""
    return Step(**_table()["retirement"]["group"][group])


def retirement_month(born_on: date, group: str) -> tuple[int, int]:
    """Return (year, month) in which somebody reaches the staged retirement age.

    m months from January 2025 to the month of the old age: the age comes m // every + 1 months
    later, at most the cap; who was old enough before January 2025 keeps the old age.
    """
    step = step_of(group)
    start: date = _table()["retirement"]["from"]
    old = (born_on.year + step.old_years) * 12 + born_on.month - 1
    months = old - (start.year * 12 + start.month - 1)
    extra = 0 if months < 0 else min(step.cap, months // step.every + 1)
    year, month = divmod(old + extra, 12)
    return year, month + 1


def retires_on(born_on: date, group: str) -> date:
    """Return the day on which somebody reaches the staged retirement age."""
    year, month = retirement_month(born_on, group)
    return date(year, month, min(born_on.day, calendar.monthrange(year, month)[1]))


def is_over_age(born_on: date, sex: Sex, day: date, women: str | None = None) -> bool:
    """Say whether somebody has reached the retirement age on a day."""
    return day >= retires_on(born_on, group_of(sex, women))
