"""What is kept of the counts: a line for every hire and period, and the figures made of them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field

from orchard import tables
from orchard.counts.rules import Review


class PeriodHire(tables.Record, table=True):
    """What one hire adds to the counts of one period: a month ("2026-11") or season ("2026-AW").

    person_id is the person counted, after a town's decision on double records.
    """

    __tablename__ = "period_hire"
    __table_args__ = (
        Index("ix_period_hire_person", "period", "person_id"),
        Index("ix_period_hire_place", "period", "workplace_code", "person_id"),
        {**tables.table_info(), "sqlite_with_rowid": False},
    )

    period: str = Field(max_length=7, primary_key=True)
    hire_id: UUID = Field(foreign_key="hire.id", primary_key=True)
    person_id: UUID
    employer_id: UUID
    kind: str = Field(max_length=20)
    workplace_code: str = Field(max_length=12)
    half_days: int
    wages_fen: int = Field(sa_type=BigInteger)
    is_lifted_out: bool
    local_level: int


class PeriodCount(tables.Record, table=True):
    """The counts of one period and scope, kept by the transactions that write work days.

    kind is "" for all kinds together; employer_id is rules.NOBODY for all employers together.
    """

    __tablename__ = "period_count"
    __table_args__ = ({**tables.table_info(), "sqlite_with_rowid": False},)

    period: str = Field(max_length=7, primary_key=True)
    place_code: str = Field(max_length=12, primary_key=True)
    kind: str = Field(max_length=20, primary_key=True)
    employer_id: UUID = Field(primary_key=True)
    persons: int = 0
    person_workplaces: int = 0
    hires: int = 0
    half_days: int = 0
    wages_fen: int = Field(default=0, sa_type=BigInteger)
    lifted_out_persons: int = 0
    lifted_out_person_workplaces: int = 0
    local_village: int = 0
    local_town: int = 0
    local_district: int = 0
    changed_at: datetime


class PeriodCourse(tables.Record, table=True):
    """How many persons first worked in a period, at a place, on a day; counted every night."""

    __tablename__ = "period_course"
    __table_args__ = ({**tables.table_info(), "sqlite_with_rowid": False},)

    period: str = Field(max_length=7, primary_key=True)
    place_code: str = Field(max_length=9, primary_key=True)
    day: date = Field(primary_key=True)
    persons: int


class ReviewCount(tables.Record, table=True):
    """How many records of a town wait for a look, as last counted: at night and after a look."""

    __tablename__ = "review_count"
    __table_args__ = (
        CheckConstraint("waiting >= 0", name="waiting_not_negative"),
        {**tables.table_info(), "sqlite_with_rowid": False},
    )

    town_code: str = Field(max_length=9, primary_key=True)
    item: Review = Field(sa_column=tables.enum_column(Review, primary_key=True))
    waiting: int
    counted_at: datetime
