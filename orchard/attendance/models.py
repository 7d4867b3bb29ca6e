"""Sheets, work days, what was corrected in them, and days too hot to work."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field

from orchard import tables
from orchard.attendance.rules import HeatRule
from orchard.ids import new_id


class Sheet(tables.Record, table=True):
    """One crew's sheet of one day, taken once however often it is sent (点名)."""

    __table_args__ = (UniqueConstraint("crew_id", "day"), tables.table_info())

    id: UUID = Field(default_factory=new_id, primary_key=True)
    employer_id: UUID = Field(foreign_key="employer.id", index=True)
    crew_id: UUID = Field(foreign_key="crew.id")
    day: date
    version: int = 1
    saved_at: datetime
    saved_by_id: UUID | None = Field(default=None, foreign_key="account.id")


class Workday(tables.Record, table=True):
    """What one hire worked on one date (出工): 2 a whole day, 1 half a day, 0 taken back."""

    __table_args__ = (
        CheckConstraint("half_days >= 0 AND half_days <= 2", name="half_days"),
        {**tables.table_info(), "sqlite_with_rowid": False},
    )

    hire_id: UUID = Field(foreign_key="hire.id", primary_key=True)
    day: date = Field(primary_key=True)
    half_days: int
    version: int = 1
    written_at: datetime
    written_by_id: UUID | None = Field(default=None, foreign_key="account.id")


class WorkdayChange(tables.Record, table=True):
    """One correction of a work day: the version it made, before and after; late ones say why."""

    __tablename__ = "workday_change"
    __table_args__ = (
        ForeignKeyConstraint(["hire_id", "day"], ["workday.hire_id", "workday.day"]),
        CheckConstraint("NOT is_late OR reason <> ''", name="late_for_reason"),
        tables.table_info(),
    )

    hire_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    version: int = Field(primary_key=True)
    half_days_before: int
    half_days_after: int
    is_late: bool
    reason: str = Field(default="", max_length=200)
    at: datetime
    by_id: UUID | None = Field(default=None, foreign_key="account.id")


class HeatDay(tables.Record, table=True):
    """A day on which heat stopped or shortened an employer's outdoor work (高温停工)."""

    __tablename__ = "heat_day"
    __table_args__ = (tables.table_info(),)

    employer_id: UUID = Field(foreign_key="employer.id", primary_key=True)
    day: date = Field(primary_key=True)
    rule: HeatRule = Field(sa_column=tables.enum_column(HeatRule))
    high_c: float
    overruled_at: datetime | None = None
    overruled_by_id: UUID | None = Field(default=None, foreign_key="account.id")
    reason: str = Field(default="", max_length=200)
