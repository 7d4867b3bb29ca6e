"""Makers for reminders: tasks that fall due, jobs run at a moment, what lies in the outbox."""

import json
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from jobs.by_hand import run_now
from jobs.schedule import named
from orchard import clock, db
from orchard.plots.models import Plot
from orchard.reminders.models import Message, ReminderDue
from orchard.reminders.rules import Channel, Kind, Status
from orchard.tasks.models import Source, State, Task
from tests import make

DAY = date(2026, 11, 23)


def local(day: date = DAY, hour: int = 6, minute: int = 30) -> datetime:
    """Return a local time of a day as a moment."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=clock.ZONE)


def task(
    session: Session, plot: Plot, due_on: date = DAY, code: str = "QY1", **values: Any
) -> Task:
    """Make an open task of the calendar that falls due on a day."""
    made = Task(
        **{
            "plot_id": plot.id,
            "code": code,
            "occurrence": f"{due_on.year}-{due_on.timetuple().tm_yday}",
            "source": Source.CALENDAR,
            "state": State.OPEN,
            "due_on": due_on,
            "late_after": due_on + timedelta(days=10),
            "window_to": due_on + timedelta(days=20),
            "harm": 50,
            **values,
        }
    )
    session.add(made)
    session.flush()
    return made


def run(name: str, now: datetime) -> None:
    """Run one job of the schedule by hand while the clock stands."""
    row = named(name)
    assert row
    with clock.frozen_at(now):
        assert run_now(row), name


def outbox(person_id: UUID | None = None, channel: Channel = Channel.LOG) -> list[Message]:
    """Return the messages of one channel, oldest first."""
    with db.reading() as session:
        chosen = select(Message).where(Message.channel == channel)
        if person_id:
            chosen = chosen.where(Message.person_id == person_id)
        return list(session.exec(chosen.order_by(col(Message.local_date), col(Message.kind))).all())


def said(message: Message) -> dict[str, Any]:
    """Return what a message says."""
    return dict(json.loads(message.params))


def dues() -> list[ReminderDue]:
    """Return every due row by date."""
    with db.reading() as session:
        return list(session.exec(select(ReminderDue).order_by(col(ReminderDue.due_on))).all())


def owe(session: Session, count: int, kind: Kind = Kind.MORNING, **values: Any) -> list[Message]:
    """Make messages that wait to be sent."""
    made = [
        Message(
            **{
                "person_id": make.person(session).id,
                "local_date": DAY,
                "kind": kind,
                "channel": Channel.LOG,
                "params": '{"n":1,"codes":["QY1"],"kinds":1,"missed":0}',
                "status": Status.OWED,
                "made_at": make.NOW + timedelta(seconds=place),
                "useful_until": local(hour=21, minute=0),
                **values,
            }
        )
        for place in range(count)
    ]
    session.add_all(made)
    session.flush()
    return made
