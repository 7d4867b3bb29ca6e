"""What fell due for whom, and what is owed to whom over which channel."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from orchard import tables
from orchard.ids import new_id
from orchard.reminders.rules import Channel, Kind, Status


class ReminderDue(tables.Record, table=True):
    """One task that fell due on one date for one person; told_on is the morning that told it."""

    __tablename__ = "reminder_due"
    __table_args__ = (
        ForeignKeyConstraint(
            ["plot_id", "code", "occurrence"], ["task.plot_id", "task.code", "task.occurrence"]
        ),
        Index(
            "ix_reminder_due_untold",
            "person_id",
            "due_on",
            sqlite_where=text("told_on IS NULL"),
            postgresql_where=text("told_on IS NULL"),
        ),
        {**tables.table_info(), "sqlite_with_rowid": False},
    )

    plot_id: UUID = Field(primary_key=True)
    code: str = Field(max_length=8, primary_key=True)
    occurrence: str = Field(max_length=36, primary_key=True)
    due_on: date = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    told_on: date | None = None


def _part(name: str, column: str, where: str) -> Index:
    """Return an index over the few messages that the jobs look for among very many."""
    return Index(
        f"ix_message_{name}", column, sqlite_where=text(where), postgresql_where=text(where)
    )


class Message(tables.Record, table=True):
    """One thing to tell one person over one channel; the words are made when it is read.

    local_date is the morning, for frost the day on whose morning the night ends, for a visit its
    day. about names the change of which visit is told, '' for kinds of which a date has one. After
    useful_until it is not sent any more.
    """

    __table_args__ = (
        UniqueConstraint("person_id", "local_date", "kind", "about", "channel"),
        _part("owed", "useful_until", "status = 'owed'"),
        _part("failed", "local_date", "status = 'failed'"),
        _part("expired", "local_date", "status = 'expired'"),
        _part("frost", "local_date", "kind <> 'morning'"),
        tables.table_info(),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    local_date: date
    kind: Kind = Field(sa_column=tables.enum_column(Kind))
    about: str = Field(default="", max_length=40, sa_column_kwargs={"server_default": ""})
    channel: Channel = Field(sa_column=tables.enum_column(Channel))
    params: str = Field(default="{}", max_length=400)
    status: Status = Field(default=Status.OWED, sa_column=tables.enum_column(Status))
    made_at: datetime
    useful_until: datetime
    claimed_at: datetime | None = None
    sent_at: datetime | None = None
    tries: int = 0
    next_try_at: datetime | None = None
