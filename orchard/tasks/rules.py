"""The citrus calendar: which task falls due when, for whom, and what may be done about it.

Every number that a grower acts on stands in data/calendar.toml with source and confidence.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from orchard.errors import FieldRefused, Refused

PLAN_DAYS = 60  # issue 2: tasks are planned 60 days ahead
SOON_DAYS = 7  # what falls due within a week is shown with today's tasks
UNDO_LASTS = timedelta(hours=24)  # ux.md 2: a tap may be taken back for 24 h
EVENT_DAYS = 3  # agronomy 3.1: notice is given 48-72 h ahead
DRAIN_DAYS = 1  # agronomy 2.3 PS: ditches are cleared within 24 h of the rain
SHIFT = "SHIFT"  # the switch of a town for the general elevation shift, not a row


class Kind(StrEnum):
    """How a row of the calendar becomes tasks."""

    DATED = "dated"
    REPEATING = "repeating"
    EVENT = "event"
    MANUAL = "manual"


class NotOpen(Refused):
    """The task was settled before; only a settled task's own tap may be repeated."""

    code = "tasks.not_open"


class UndoTooLate(Refused):
    """A tap can be taken back for 24 hours only."""

    code = "tasks.undo_too_late"


class OutsideLimits(FieldRefused):
    """A task can be put off to a day after today, until its window ends."""

    def __init__(self, last: date) -> None:
        super().__init__("to", "tasks.outside_limits", month=last.month, day=last.day)


class CannotSwitch(Refused):
    """The row waits for something that the product does not have yet."""

    code = "tasks.cannot_switch"


@dataclass(frozen=True)
class Window:
    """The days of a year in which a row is to be done, both ends included."""

    opens: tuple[int, int]
    closes: tuple[int, int]
    varieties: str

    def in_season(self, year: int) -> tuple[date, date]:
        """Return the window that opens in a year; it may close in the next."""
        over_new_year = self.closes < self.opens
        return date(year, *self.opens), date(year + over_new_year, *self.closes)


@dataclass(frozen=True)
class Row:
    """One line of the calendar."""

    code: str
    kind: Kind
    season: str
    windows: tuple[Window, ...]
    gate: str
    note: str
    source: str
    confidence: str
    harm: int
    steps: int
    trigger: str = ""
    every_days: tuple[int, int] = (0, 0)
    times: tuple[int, int] = (0, 0)
    shift: str = "general"
    late_days: int = 0
    threshold: int = 0
    always: bool = False

    @property
    def may_switch(self) -> bool:
        """Say whether a town can switch the row: not while it waits for the water balance."""
        return self.trigger != "balance" and self.kind != Kind.MANUAL

    @property
    def is_on(self) -> bool:
        """Say whether the row is on where nobody switched it: confidence L is off."""
        return self.may_switch and self.confidence != "L"

    @property
    def is_planned(self) -> bool:
        """Say whether dates alone make it a task."""
        return self.kind in (Kind.DATED, Kind.REPEATING)


@dataclass(frozen=True)
class Shift:
    """How many days later a row comes per 100 m above a height in metres."""

    per_100_m_x10: int
    above_m: int
    source: str
    confidence: str

    def days(self, elevation_m: int) -> int:
        """Return whole days, a half upwards; nothing at or below the height of reference."""
        return (max(elevation_m - self.above_m, 0) * self.per_100_m_x10 + 500) // 1000


@dataclass(frozen=True)
class Turn:
    """One dated task to be: do it from due_on on, on time until late_after."""

    code: str
    occurrence: str
    due_on: date
    late_after: date
    window_to: date
    harm: int
    level: int = 0


@dataclass(frozen=True)
class Calendar:
    """The rows with what they need to become dates."""

    version: str
    valid_from: date
    rows: dict[str, Row]
    shifts: dict[str, Shift]


@cache
def calendar() -> Calendar:
    """Return the calendar that ships with the product (data/calendar.toml)."""
    text = files("orchard.tasks").joinpath("data", "calendar.toml").read_text("utf-8")
    raw = tomllib.loads(text)
    return Calendar(
        version=raw["version"],
        valid_from=raw["valid_from"],
        rows={row["code"]: _row(row) for row in raw["row"]},
        shifts={name: _shift(shift) for name, shift in raw["shift"].items()},
    )


def _row(raw: dict[str, Any]) -> Row:
    windows = tuple(
        Window(_month_day(w["from"]), _month_day(w["to"]), w.get("varieties", "all"))
        for w in raw["windows"]
    )
    plain: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in raw.items()
        if name != "threshold_unit"
    }
    plain |= {"windows": windows, "kind": Kind(raw["kind"])}
    return Row(**plain)


def _shift(raw: dict[str, Any]) -> Shift:
    tenths = round(raw["days_per_100_m"] * 10)
    return Shift(tenths, raw["above_m"], raw["source"], raw["confidence"])


def _month_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)


def turns(row: Row, window: Window, year: int, shift_days: int = 0) -> Iterator[Turn]:
    """Yield the turns of a row in the season that opens in a year.

    A dated row is one turn, on time until its window ends. A repeating row comes at the longest
    interval of its source; a turn ends the day before the next one begins.
    """
    opens, closes = (day + timedelta(shift_days) for day in window.in_season(year))
    if row.kind == Kind.DATED:
        yield Turn(row.code, f"{year}-1", opens, closes, closes, row.harm)
        return
    every, most = timedelta(row.every_days[1]), row.times[1]
    due, number = opens, 1
    while due <= closes and (not most or number <= most):
        ends = closes if number == most else min(closes, due + every - timedelta(1))
        yield Turn(row.code, f"{year}-{number}", due, due, ends, row.harm)
        due, number = due + every, number + 1


def turns_between(
    row: Row, today: date, until: date, *, shift_days: int = 0, is_late_variety: bool = False
) -> Iterator[Turn]:
    """Yield the turns that can still be done today or fall due until a day.

    One whose time has begun before is due today: a plot registered in mid-window is not late.
    """
    for window in row.windows:
        if window.varieties not in ("all", "late" if is_late_variety else "other"):
            continue
        for year in range(today.year - 2, until.year + 1):
            for turn in turns(row, window, year, shift_days):
                if turn.window_to >= today and turn.due_on <= until:
                    yield _not_before(turn, today)


def turns_at(row: Row, today: date, until: date, fact: int) -> Iterator[Turn]:
    """Yield the turns for plots of one fact: twice their shift in days, plus 1 if late."""
    days, late = divmod(fact, 2)
    return turns_between(row, today, until, shift_days=days, is_late_variety=bool(late))


def codes_on(switched: Mapping[str, bool]) -> frozenset[str]:
    """Return the codes that are on in a town, given what it switched itself."""
    rows = {row.code: row.is_on for row in calendar().rows.values() if row.may_switch}
    return frozenset(c for c, is_on in {SHIFT: False, **rows}.items() if switched.get(c, is_on))


def _not_before(turn: Turn, today: date) -> Turn:
    if turn.due_on >= today:
        return turn
    return replace(turn, due_on=today, late_after=max(turn.late_after, today))


def frost_turn(row: Row, on: date, level: int | None, today: date) -> Turn | None:
    """Return the task for the night that ends on a day, due the day before it.

    Levels are those of decision 20: 0 notice, 1, 2, 3. None for a night that has begun, and
    for one that ends more than 3 days ahead (agronomy 3.1).
    """
    before = on - timedelta(1)
    if level is None or not today < on <= today + timedelta(EVENT_DAYS):
        return None
    harm = event_harm(row, level)
    return Turn(row.code, on.isoformat(), before, before, before, harm, level)


def event_harm(row: Row, level: int) -> int:
    """Return what being late costs at a level of frost: the row's own at the worst one, 3."""
    return row.harm - 3 + level if row.trigger == "frost" else row.harm


def rain_turn(row: Row, on: date, rain_mm: float, today: date) -> Turn | None:
    """Return the task for a day of heavy rain in the season, until the day after it.

    rain_mm: of the worst 24 hours that end on the day.
    """
    near = today <= on <= today + timedelta(EVENT_DAYS)
    if not near or rain_mm < row.threshold or not in_window(row, on):
        return None
    until = on + timedelta(DRAIN_DAYS)
    return Turn(row.code, on.isoformat(), on, until, until, row.harm)


def in_window(row: Row, on: date) -> bool:
    """Say whether a day lies in one of the row's windows."""
    seasons = [w.in_season(year) for w in row.windows for year in (on.year - 1, on.year)]
    return row.always or any(opens <= on <= closes for opens, closes in seasons)


def check_postponed_to(day: date, *, window_to: date, today: date) -> None:
    """Refuse a day that is not after today or is after the window."""
    if not today < day <= window_to:
        raise OutsideLimits(window_to)


def check_undo(settled_at: datetime, *, now: datetime) -> None:
    """Refuse to take back a tap that is older than 24 h."""
    if now - settled_at > UNDO_LASTS:
        raise UndoTooLate


def late_days(late_after: date, postponed_to: date | None, today: date) -> int:
    """Return how many days a task is late: 0 while it is on time."""
    return max((today - (postponed_to or late_after)).days, 0)
