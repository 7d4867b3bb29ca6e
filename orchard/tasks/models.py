"""Tasks on plots, what was done with them, and which rows of the calendar a town has on."""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Enum, ForeignKeyConstraint
from sqlmodel import Field

from orchard import tables

PRESCRIPTION = "RX"  # code of the tasks that a technician prescribed (decision 25)
TOKEN = re.compile(r"([0-9a-f-]{36})\.([A-Z]{2,4}[0-9]?)\.([0-9a-f-]{1,36})", re.ASCII)


class State(StrEnum):
    """What became of a task."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"


class Source(StrEnum):
    """Who put a task on the list."""

    CALENDAR = "calendar"
    TECHNICIAN = "technician"
    EVENT = "event"


class Reason(StrEnum):
    """Why a task was not done as planned: a closed list, so that a town can count it."""

    RAIN = "rain"
    NO_HANDS = "no_hands"
    NO_MONEY = "no_money"
    NOT_NEEDED = "not_needed"
    OTHER = "other"
    SWITCHED_OFF = "switched_off"
    WINDOW_OVER = "window_over"
    FORECAST_CHANGED = "forecast_changed"
    PLAN_CHANGED = "plan_changed"


POSTPONE_REASONS = (Reason.RAIN, Reason.NO_HANDS, Reason.NO_MONEY, Reason.OTHER)
SKIP_REASONS = (
    Reason.RAIN,
    Reason.NO_HANDS,
    Reason.NO_MONEY,
    Reason.NOT_NEEDED,
    Reason.OTHER,
)
WITHDRAWN = (Reason.SWITCHED_OFF, Reason.FORECAST_CHANGED, Reason.PLAN_CHANGED)


def _one_of(column: str, kind: type[StrEnum]) -> str:
    """Return a check of a column's words, the first compared alone.

    A planning night writes a county's tasks at once; a plain IN costs a third of that time.
    """
    first, *rest = (f"'{member.value}'" for member in kind)
    return f"{column} = {first} OR {column} IN ({', '.join(rest)})"


def _words(kind: type[StrEnum], *, nullable: bool = False) -> Column[Any]:
    values = Enum(
        kind,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=False,
        validate_strings=True,
        length=20,
    )
    return Column(values, nullable=nullable)


class TaskKey(NamedTuple):
    """The natural key of a task."""

    plot_id: UUID
    code: str
    occurrence: str

    @property
    def token(self) -> str:
        """Return the key as it stands in an address."""
        return f"{self.plot_id}.{self.code}.{self.occurrence}"

    @classmethod
    def parse(cls, token: str) -> "TaskKey | None":
        """Return the key that an address names, or None for anything else."""
        found = TOKEN.fullmatch(token)
        try:
            return cls(UUID(found[1]), found[2], found[3]) if found else None
        except ValueError:
            return None


class Task(tables.Record, table=True):
    """One thing to do on one plot (农事).

    occurrence is season and turn ("2026-1") for a row of the calendar, the date for an event,
    the prescription's id for a technician's task. due_on is the first day to do it, late_after
    the last day on time, window_to the last day that it may be put off to. changed_at is empty
    while nothing has happened since it was planned.
    """

    __table_args__ = (
        CheckConstraint("due_on <= late_after AND late_after <= window_to", name="days_in_order"),
        CheckConstraint("state <> 'skipped' OR reason IS NOT NULL", name="skipped_for_reason"),
        CheckConstraint(_one_of("state", State), name="state"),
        CheckConstraint(_one_of("source", Source), name="source"),
        CheckConstraint(f"reason IS NULL OR {_one_of('reason', Reason)}", name="reason"),
        {**tables.table_info(), "sqlite_with_rowid": False},
    )

    plot_id: UUID = Field(foreign_key="plot.id", primary_key=True)
    code: str = Field(max_length=8, primary_key=True)
    occurrence: str = Field(max_length=36, primary_key=True)
    source: Source = Field(sa_column=_words(Source))
    state: State = Field(default=State.OPEN, sa_column=_words(State))
    due_on: date
    late_after: date
    window_to: date
    harm: int
    level: int = 0
    postponed_to: date | None = None
    reason: Reason | None = Field(default=None, sa_column=_words(Reason, nullable=True))
    changed_at: datetime | None = None
    changed_by_id: UUID | None = Field(default=None, foreign_key="account.id")
    version: int = 1

    @property
    def key(self) -> TaskKey:
        """Return the natural key."""
        return TaskKey(self.plot_id, self.code, self.occurrence)

    @property
    def prescription_id(self) -> UUID:
        """Return which prescription a technician's task came from."""
        return UUID(self.occurrence)


class TaskChange(tables.Record, table=True):
    """One thing that happened to a task: the version it made, who, when, from what to what."""

    __tablename__ = "task_change"
    __table_args__ = (
        ForeignKeyConstraint(
            ["plot_id", "code", "occurrence"], ["task.plot_id", "task.code", "task.occurrence"]
        ),
        tables.table_info(),
    )

    plot_id: UUID = Field(primary_key=True)
    code: str = Field(max_length=8, primary_key=True)
    occurrence: str = Field(max_length=36, primary_key=True)
    version: int = Field(primary_key=True)
    at: datetime
    by_id: UUID | None = Field(default=None, foreign_key="account.id")
    state_from: str = Field(max_length=20)
    state_to: str = Field(max_length=20)
    postponed_from: date | None = None
    postponed_to: date | None = None
    reason: str | None = Field(default=None, max_length=20)


class CalendarSwitch(tables.Record, table=True):
    """One turn of a town's switch for a row of the calendar; the newest version holds."""

    __tablename__ = "calendar_switch"
    __table_args__ = (tables.table_info(),)

    town_code: str = Field(max_length=9, foreign_key="place.code", primary_key=True)
    code: str = Field(max_length=8, primary_key=True)
    version: int = Field(primary_key=True)
    is_on: bool
    by_account_id: UUID | None = Field(default=None, foreign_key="account.id")
    at: datetime
