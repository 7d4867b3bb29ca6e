"""When a day may be ticked, corrected, and when heat forbids it."""

import tomllib
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from orchard.errors import FieldRefused, Refused
from orchard.weather.rules import heat_level, heat_limits

NONE, HALF, WHOLE = 0, 1, 2  # half days
DAYS = {"none": NONE, "half": HALF, "whole": WHOLE}
FULL_HALF_DAYS = 2  # more than this on one date is looked at (decision 26)
LISTED = timedelta(days=60)  # how far back a list of days goes unless asked otherwise


class HeatRule(StrEnum):
    """What the heat of a day does to outdoor work (feature page N12)."""

    STOP = "stop"
    SIX_HOURS = "six_hours"
    SHORTEN = "shorten"


BY_LEVEL = {1: HeatRule.SHORTEN, 2: HeatRule.SIX_HOURS, 3: HeatRule.STOP}


class FutureDay(Refused):
    """Nobody has worked tomorrow yet."""

    code = "attendance.future_day"


class OutsideHire(Refused):
    """The person was not hired on that day."""

    code = "attendance.outside_hire"


class NotOnSheet(Refused):
    """A ticked person is not, or no longer, on this crew's sheet of the day."""

    code = "attendance.not_on_sheet"


class TooHot(Refused):
    """At 40 degrees outdoor work stops; such a day cannot be ticked."""

    code = "attendance.too_hot"


class NotHot(Refused):
    """There is no limit of six hours to overrule on that day."""

    code = "attendance.not_hot"


@cache
def _table() -> dict[str, Any]:
    folder = files("orchard.attendance").joinpath("data")
    return tomllib.loads(folder.joinpath("rules.toml").read_text("utf-8"))


def correct_within() -> int:
    """Return for how many days after a work day it is corrected without a reason."""
    return int(_table()["correct"]["within_days"])


def most_hours() -> int:
    """Return how many hours a day may have between 37 and 40 degrees."""
    return int(_table()["heat"]["most_hours"])


def hottest_hours() -> int:
    """Return how many hours around the hottest are free of outdoor work."""
    return int(_table()["heat"]["hottest_hours"])


def is_outdoor(work: str) -> bool:
    """Say whether the heat rules hold for a kind of work."""
    return work not in _table()["heat"]["indoors"]


def is_late(day: date, today: date) -> bool:
    """Say whether a day lies so far back that writing it is a correction with a reason."""
    return (today - day).days > correct_within()


def check_day(day: date, today: date) -> None:
    """Raise FutureDay for a day that has not come."""
    if day > today:
        raise FutureDay


def check_hired(day: date, started_on: date, ended_on: date | None) -> None:
    """Raise OutsideHire for a day before a hire began or after it ended."""
    if day < started_on or (ended_on is not None and day > ended_on):
        raise OutsideHire


def check_reason(day: date, today: date, reason: str) -> None:
    """Raise where a late correction does not say why."""
    if is_late(day, today) and not reason:
        raise FieldRefused("reason", "attendance.reason_needed", days=correct_within())


def heat_rule(high_c: float | None, on: date) -> HeatRule | None:
    """Return what a day's highest temperature does to outdoor work; None for nothing."""
    level = heat_level(high_c, heat_limits(on))
    return BY_LEVEL[level] if level else None


def check_heat(
    rule: HeatRule | None, *, before: int, after: int, overruled: bool, high_c: float
) -> None:
    """Raise where heat forbids to raise one outdoor work day from before to after half days.

    A stopped day cannot be ticked at all. At most six hours: a whole day has more, so it needs
    somebody who overruled the limit and said why. What is lowered or stays is never refused.
    """
    if after <= before or rule in (None, HeatRule.SHORTEN):
        return
    if rule == HeatRule.STOP:
        raise TooHot(high=round(high_c))
    if after == WHOLE and not overruled:
        raise FieldRefused("overrule", "attendance.overrule_needed", hours=most_hours())
