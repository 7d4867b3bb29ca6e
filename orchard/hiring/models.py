"""Openings, rosters, crews, hires, what people answered, and what a town keeps of a person."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from orchard import tables
from orchard.hiring.rules import (
    ApplicationState,
    HireEventKind,
    PayBasis,
    RecognitionEventKind,
    Relation,
    StatusKind,
)
from orchard.ids import new_id


class RecognitionEvent(tables.Record, table=True):
    """One step of a workshop's recognition (认定): recognised, under watch, struck off."""

    __tablename__ = "recognition_event"
    __table_args__ = (tables.table_info(),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    employer_id: UUID = Field(foreign_key="employer.id", index=True)
    kind: RecognitionEventKind = Field(sa_column=tables.enum_column(RecognitionEventKind))
    on_day: date
    by_id: UUID | None = Field(default=None, foreign_key="account.id")
    at: datetime


class Opening(tables.Record, table=True):
    """Work that an employer offers (招工)."""

    __table_args__ = (
        CheckConstraint("people > 0", name="people_positive"),
        CheckConstraint("days > 0", name="days_positive"),
        CheckConstraint("rate_fen_x100 > 0", name="rate_positive"),
        Index("ix_opening_list", "workplace_code", "first_day", "id"),
        tables.table_info(),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    employer_id: UUID = Field(foreign_key="employer.id", index=True)
    work: str = Field(max_length=20)
    workplace_code: str = Field(foreign_key="place.code")
    people: int
    first_day: date
    days: int
    last_day: date
    basis: PayBasis = Field(sa_column=tables.enum_column(PayBasis))
    rate_fen_x100: int
    note: str = Field(default="", max_length=200)
    version: int = 1
    made_at: datetime
    made_by_id: UUID | None = Field(default=None, foreign_key="account.id")
    closed_at: datetime | None = None
    hidden_at: datetime | None = None


class Application(tables.Record, table=True):
    """A worker who wants to come to an opening (我要去)."""

    __tablename__ = "application"
    __table_args__ = (tables.table_info(),)

    opening_id: UUID = Field(foreign_key="opening.id", primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", primary_key=True, index=True)
    state: ApplicationState = Field(sa_column=tables.enum_column(ApplicationState))
    at: datetime
    changed_at: datetime


class Roster(tables.Record, table=True):
    """One person whom an employer knows (花名册): registered by him, or hired once.

    registered_code: as Hire.registered_code, as the employer last heard it.
    """

    __table_args__ = (tables.table_info(),)

    employer_id: UUID = Field(foreign_key="employer.id", primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", primary_key=True, index=True)
    registered_code: str | None = Field(default=None, max_length=12)
    is_linked: bool = False  # others had registered him: phone hidden until he agrees
    at: datetime
    by_id: UUID | None = Field(default=None, foreign_key="account.id")


class Crew(tables.Record, table=True):
    """People of one employer who are ticked on one sheet (班组)."""

    __table_args__ = (tables.table_info(),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    employer_id: UUID = Field(foreign_key="employer.id", index=True)
    name: str = Field(max_length=40)
    made_at: datetime
    made_by_id: UUID | None = Field(default=None, foreign_key="account.id")
    ended_at: datetime | None = None


class Hire(tables.Record, table=True):
    """One person hired by one employer for one stretch of work (用工).

    registered_code is where the person was registered on the day of hire: a village's 12 digits,
    another district's 6, rules.ELSEWHERE for an unknown one outside, None when nobody asked yet.
    """

    __table_args__ = (
        CheckConstraint("ended_on IS NULL OR ended_on >= started_on", name="days_in_order"),
        # All that a count needs of a place's hires: it reads no row of the table for them.
        Index(
            "ix_hire_counted",
            *("workplace_code", "started_on", "ended_on"),
            *("id", "person_id", "employer_id", "registered_code"),
        ),
        Index("ix_hire_sheet", "employer_id", "crew_id", "started_on"),
        Index("ix_hire_person", "person_id", "started_on"),
        tables.table_info(),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    employer_id: UUID = Field(foreign_key="employer.id")
    crew_id: UUID | None = Field(default=None, foreign_key="crew.id")
    opening_id: UUID | None = Field(default=None, foreign_key="opening.id", index=True)
    work: str = Field(max_length=20)
    workplace_code: str = Field(foreign_key="place.code")
    registered_code: str | None = Field(default=None, max_length=12)
    relation: Relation = Field(sa_column=tables.enum_column(Relation))
    basis: PayBasis = Field(sa_column=tables.enum_column(PayBasis))
    started_on: date
    ended_on: date | None = None
    terms: str = Field(default="", max_length=200)
    version: int = 1
    made_at: datetime
    made_by_id: UUID | None = Field(default=None, foreign_key="account.id")


class HireEvent(tables.Record, table=True):
    """One thing that happened to a hire: made, confirmed, objected to, changed, ended.

    facts: what stood after it, as JSON; empty where it changed nothing.
    """

    __tablename__ = "hire_event"
    __table_args__ = (tables.table_info(),)

    hire_id: UUID = Field(foreign_key="hire.id", primary_key=True)
    version: int = Field(primary_key=True)
    kind: HireEventKind = Field(sa_column=tables.enum_column(HireEventKind))
    at: datetime
    by_id: UUID | None = Field(default=None, foreign_key="account.id")
    note: str = Field(default="", max_length=200)
    facts: str = Field(default="", max_length=2000)


class StatusPeriod(tables.Record, table=True):
    """When a person was registered as lifted out of poverty or monitored (decision 17).

    Read by the person and, audited, by the own town only.
    """

    __tablename__ = "status_period"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="days_in_order"),
        Index("ix_status_period_person", "person_id", "from_on"),
        tables.table_info(),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    kind: StatusKind = Field(sa_column=tables.enum_column(StatusKind))
    from_on: date
    until_on: date | None = None
    by_id: UUID | None = Field(default=None, foreign_key="account.id")
    at: datetime


class SamePerson(tables.Record, table=True):
    """Which record a person's double counts as, made of the decisions in force.

    A person without a row counts as himself; other_id never has a row of its own.
    """

    __tablename__ = "same_person"
    __table_args__ = (tables.table_info(),)

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    other_id: UUID = Field(foreign_key="person.id", index=True)


class SamePersonDecision(tables.Record, table=True):
    """What a secretary said about two records that look like one person; never a machine's.

    The newest about a pair holds; first_id is the smaller of the two ids.
    """

    __tablename__ = "same_person_decision"
    __table_args__ = (
        Index("ix_same_person_decision_pair", "first_id", "second_id"),
        tables.table_info(),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    first_id: UUID = Field(foreign_key="person.id")
    second_id: UUID = Field(foreign_key="person.id", index=True)
    is_same: bool
    by_id: UUID | None = Field(default=None, foreign_key="account.id")
    at: datetime
