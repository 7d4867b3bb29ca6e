"""Requests for a visit, what happened to them, what was found and prescribed, and photos."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from orchard import tables
from orchard.ids import new_id
from orchard.visits.rules import EventKind, Outcome, PhotoOf, PhotoState, State, Why


class VisitRequest(tables.Record, table=True):
    """One call for a technician to one plot (请农技员); the service is free.

    requested_by_id may be a cadre who asks for the grower. rank_at orders the pool by waiting time
    and risk. slot is the place in the technician's day and is there only while the request is
    scheduled. version counts the events.
    """

    __tablename__ = "visit_request"
    __table_args__ = (
        CheckConstraint(
            "(state = 'scheduled') = (slot IS NOT NULL) AND (slot IS NULL OR on_day IS NOT NULL)",
            name="slot_while_scheduled",
        ),
        CheckConstraint(
            "technician_id IS NOT NULL OR state = 'asked' OR state = 'cancelled'",
            name="somebody_took_it",
        ),
        Index("ix_visit_request_pool", "town_code", "state", "rank_at"),
        Index("ix_visit_request_plot", "plot_id", "problem", "asked_at"),
        Index(
            "uq_visit_request_diary",
            "technician_id",
            "on_day",
            "slot",
            unique=True,
            sqlite_where=text("slot IS NOT NULL"),
            postgresql_where=text("slot IS NOT NULL"),
        ),
        Index("ix_visit_request_technician", "technician_id", "state", "on_day"),
        tables.table_info(),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    plot_id: UUID = Field(foreign_key="plot.id")
    town_code: str = Field(max_length=9, foreign_key="place.code")
    requested_by_id: UUID = Field(foreign_key="account.id")
    problem: str = Field(max_length=20)
    rank_at: datetime
    asked_at: datetime
    state: State = Field(default=State.ASKED, sa_column=tables.enum_column(State))
    technician_id: UUID | None = Field(default=None, foreign_key="account.id")
    on_day: date | None = None
    slot: int | None = None
    version: int = 1


class VisitEvent(tables.Record, table=True):
    """One thing that happened to a request: never changed, seen by both sides."""

    __tablename__ = "visit_event"
    __table_args__ = (tables.table_info(),)

    request_id: UUID = Field(foreign_key="visit_request.id", primary_key=True)
    n: int = Field(primary_key=True)
    at: datetime
    kind: EventKind = Field(sa_column=tables.enum_column(EventKind))
    by_id: UUID | None = Field(default=None, foreign_key="account.id")
    on_day: date | None = None
    from_id: UUID | None = Field(default=None, foreign_key="account.id")
    to_id: UUID | None = Field(default=None, foreign_key="account.id")
    text: str = Field(default="", max_length=400)


class VisitRecord(tables.Record, table=True):
    """What a technician found on a visit, and what the grower says of it (上门记录)."""

    __tablename__ = "visit_record"
    __table_args__ = (
        CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 3", name="three_faces"),
        Index("ix_visit_record_by", "by_id"),
        tables.table_info(),
    )

    request_id: UUID = Field(foreign_key="visit_request.id", primary_key=True)
    by_id: UUID = Field(foreign_key="account.id")
    visited_on: date
    found: str = Field(max_length=400)
    diagnosis: str = Field(max_length=20)
    recorded_at: datetime
    version: int = 1
    came: bool | None = None
    confirmed_at: datetime | None = None
    rating: int | None = None
    rated_at: datetime | None = None


class VisitRecordChange(tables.Record, table=True):
    """One version of a record: what stood before and what after, as JSON."""

    __tablename__ = "visit_record_change"
    __table_args__ = (tables.table_info(),)

    request_id: UUID = Field(foreign_key="visit_record.request_id", primary_key=True)
    version: int = Field(primary_key=True)
    at: datetime
    by_id: UUID = Field(foreign_key="account.id")
    before: str = Field(max_length=4000)
    after: str = Field(max_length=4000)


class Prescription(tables.Record, table=True):
    """One dated piece of advice; its id is the occurrence of the task that it became."""

    __tablename__ = "prescription"
    __table_args__ = (
        UniqueConstraint("request_id", "n"),
        CheckConstraint("(outcome IS NULL) = (followed_at IS NULL)", name="whole_follow_up"),
        CheckConstraint("outcome <> 'not' OR why IS NOT NULL", name="not_for_reason"),
        CheckConstraint("why IS NULL OR outcome <> 'applied'", name="applied_without_reason"),
        tables.table_info(),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    request_id: UUID = Field(foreign_key="visit_request.id")
    n: int
    action: str = Field(max_length=20)
    product: str = Field(default="", max_length=80)
    due_on: date
    phi_days: int | None = None
    withdrawn_at: datetime | None = None
    outcome: Outcome | None = Field(
        default=None, sa_column=tables.enum_column(Outcome, nullable=True)
    )
    why: Why | None = Field(default=None, sa_column=tables.enum_column(Why, nullable=True))
    followed_at: datetime | None = None
    followed_by_id: UUID | None = Field(default=None, foreign_key="account.id")


class VisitPhoto(tables.Record, table=True):
    """A photo of a request or record; the file lies under the id in the data folder."""

    __tablename__ = "visit_photo"
    __table_args__ = (
        Index(
            "ix_visit_photo_waiting",
            "made_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        tables.table_info(),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    request_id: UUID = Field(foreign_key="visit_request.id", index=True)
    of: PhotoOf = Field(sa_column=tables.enum_column(PhotoOf))
    by_id: UUID = Field(foreign_key="account.id")
    state: PhotoState = Field(default=PhotoState.WAITING, sa_column=tables.enum_column(PhotoState))
    sha256: str = Field(max_length=64)
    made_at: datetime
    drawn_at: datetime | None = None
    width: int | None = None
    height: int | None = None


class VisitDayOff(tables.Record, table=True):
    """A day on which a technician takes no visits."""

    __tablename__ = "visit_day_off"
    __table_args__ = (tables.table_info(),)

    technician_id: UUID = Field(foreign_key="account.id", primary_key=True)
    day: date = Field(primary_key=True)
    at: datetime
