"""Verbs that write: what fell due, what is owed, who sends it, what came of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, delete, func, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from orchard import clock, db
from orchard.accounts.models import Account, Grant
from orchard.ids import new_id
from orchard.plots.models import Plot
from orchard.reminders.models import Message, ReminderDue
from orchard.reminders.queries import ToTell, has_status, is_managing, is_owed
from orchard.reminders.rules import (
    CHANNELS,
    CLAIM_LASTS,
    Channel,
    Kind,
    Status,
    first_owed,
    kinds_for,
    next_try_at,
)
from orchard.tasks.models import State, Task
from orchard.tasks.queries import stands
from orchard.weather.rules import silent_before

DUE = cast(Any, ReminderDue).__table__


@dataclass(frozen=True)
class Parcel:
    """One claimed message, as a channel gets it; the id is the key of a repeated delivery."""

    id: UUID
    person_id: UUID
    kind: Kind
    channel: Channel
    params: str
    tries: int
    claimed_at: datetime


def plan_dues(session: Session, day: date, *, now: datetime) -> None:
    """Write one row per open task that is due, its due date and each person who works the plot.

    People without an account are among them: they are listed for their town. What only a silent
    forecast asked for is not due.
    """
    grower = _due(day, now).add_columns(Plot.grower_id).where(col(Plot.grower_id).is_not(None))
    manager = (
        _due(day, now)
        .add_columns(Account.person_id)
        .join(Grant, col(Grant.employer_id) == Plot.employer_id)
        .join(Account, col(Account.id) == Grant.account_id)
        .where(*is_managing(), col(Account.disabled_at).is_(None))
        .distinct()
    )
    kind = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    names = ["plot_id", "code", "occurrence", "due_on", "person_id"]
    for chosen in (grower, manager):
        rows = kind(DUE).from_select(names, chosen, include_defaults=False)
        session.execute(rows.on_conflict_do_nothing())


def _due(day: date, now: datetime) -> Any:
    """Select the key and date of the open tasks that wait since a day, with their plots."""
    put_off = col(Task.postponed_to)
    return (
        select(
            Task.plot_id, Task.code, Task.occurrence, func.coalesce(Task.postponed_to, Task.due_on)
        )
        .join(Plot, col(Plot.id) == Task.plot_id)
        .where(
            Task.state == State.OPEN,
            col(Task.due_on) <= day,
            or_(put_off.is_(None), put_off <= day),
            stands(silent_before(now)),
            col(Plot.ended_at).is_(None),
        )
    )


def drop_settled(session: Session, day: date, *, now: datetime) -> None:
    """Delete what nobody was told of and what is not to be done on its date any more."""
    waits_for = func.coalesce(Task.postponed_to, Task.due_on)
    still = select(Task.plot_id).where(
        Task.plot_id == ReminderDue.plot_id,
        Task.code == ReminderDue.code,
        Task.occurrence == ReminderDue.occurrence,
        waits_for == ReminderDue.due_on,
        Task.state == State.OPEN,
        stands(silent_before(now)),
    )
    session.execute(delete(ReminderDue).where(*is_owed(day), ~still.exists()))


def merge_unsent(session: Session, day: date) -> None:
    """Take back the mornings of the last 48 h that no channel sent, for the next one to tell."""
    recent = first_owed(day)
    unsent = select(Message.id).where(
        has_status(Status.EXPIRED), Message.local_date >= recent, Message.local_date < day
    )
    if session.exec(unsent.limit(1)).first() is None:
        return
    lost = select(Message.id).where(
        Message.person_id == ReminderDue.person_id,
        Message.local_date == ReminderDue.told_on,
        Message.kind == Kind.MORNING,
        Message.status == Status.EXPIRED,
    )
    session.execute(
        update(ReminderDue)
        .where(
            col(ReminderDue.due_on) >= recent,
            col(ReminderDue.told_on) < day,
            lost.exists(),
        )
        .values(told_on=None)
    )
    other = aliased(Message)
    twin = select(other.id).where(
        other.person_id == Message.person_id,
        other.local_date == Message.local_date,
        other.kind == Message.kind,
        other.status == Status.EXPIRED,
    )
    session.execute(
        update(Message)
        .where(
            col(Message.local_date) >= recent,
            col(Message.local_date) < day,
            col(Message.kind) == Kind.MORNING,
            col(Message.channel) == Channel.PAGE,
            twin.exists(),
        )
        .values(status=Status.EXPIRED)
    )


def tell(session: Session, told: Sequence[ToTell], *, now: datetime) -> None:
    """Write messages: on the page at once, owed on every other channel."""
    rows = [_row(each, channel, now) for each in told for channel in CHANNELS]
    db.insert_all_once(session, Message, rows)
    mornings = [each for each in told if each.kind == Kind.MORNING]
    if mornings:
        day = mornings[0].on
        people = [each.person_id for each in mornings]
        session.execute(
            update(ReminderDue)
            .where(*is_owed(day), col(ReminderDue.person_id).in_(people))
            .values(told_on=day)
        )


def _row(told: ToTell, channel: Channel, now: datetime) -> dict[str, Any]:
    on_page = channel == Channel.PAGE
    return {
        "id": new_id(),
        "person_id": told.person_id,
        "local_date": told.on,
        "kind": told.kind,
        "about": told.about,
        "channel": channel,
        "params": json.dumps(told.params, ensure_ascii=False, separators=(",", ":")),
        "status": Status.SENT if on_page else Status.OWED,
        "made_at": now,
        "useful_until": told.useful_until.replace(tzinfo=clock.zone()).astimezone(UTC),
        "sent_at": now if on_page else None,
        "tries": 0,
    }


def take_back(session: Session, kind: Kind, about: str) -> None:
    """Delete what is told about something and has left over no channel yet, also from the page."""
    unsent = (
        has_status(Status.OWED),
        col(Message.kind) == kind,
        col(Message.about).startswith(about, autoescape=True),
        col(Message.claimed_at).is_(None),
    )
    gone = delete(Message).where(*unsent).returning(col(Message.person_id), col(Message.about))
    rows = session.execute(gone).all()
    if rows:
        on_page = (
            col(Message.person_id).in_({person_id for person_id, _ in rows}),
            col(Message.about).in_({told for _, told in rows}),
            col(Message.channel) == Channel.PAGE,
        )
        session.execute(delete(Message).where(*on_page))


def expire(session: Session, *, now: datetime) -> int:
    """Give up what is of no use any more; a morning's tasks go into the next one."""
    old = update(Message).where(
        has_status(Status.OWED), col(Message.useful_until) <= now, _is_free(now)
    )
    return _count(session, old.values(status=Status.EXPIRED))


def claim_messages(session: Session, *, now: datetime, limit: int = 100) -> list[Parcel]:
    """Mark owed messages as ours, the oldest first, and return them.

    Two workers never get the same one. A claim left by a crash is free again after CLAIM_LASTS.
    """
    hour = clock.local(now).time()
    owed = (
        has_status(Status.OWED),
        col(Message.useful_until) > now,
        col(Message.kind).in_(kinds_for(hour)),
        or_(col(Message.next_try_at).is_(None), col(Message.next_try_at) <= now),
        _is_free(now),
    )
    chosen = select(Message.id).where(*owed).order_by(col(Message.made_at), col(Message.id))
    claim = (
        update(Message)
        .where(col(Message.id).in_(chosen.limit(limit)), *owed)
        .values(claimed_at=now)
        .returning(
            col(Message.id),
            col(Message.person_id),
            col(Message.kind),
            col(Message.channel),
            col(Message.params),
            col(Message.tries),
        )
    )
    return [Parcel(**row._mapping, claimed_at=now) for row in session.execute(claim)]


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(col(Message.claimed_at).is_(None), col(Message.claimed_at) < now - CLAIM_LASTS)


def mark_sent(session: Session, parcel: Parcel, *, now: datetime) -> bool:
    """Note that a message is out; False when the claim was no longer ours."""
    return _settle(session, parcel, status=Status.SENT, sent_at=now)


def mark_failed(session: Session, parcel: Parcel, *, now: datetime, for_good: bool) -> bool:
    """Note a failed try: owed again later, or failed for good and shown to the town's staff."""
    tries = parcel.tries + 1
    again = None if for_good else next_try_at(tries, now)
    status = Status.OWED if again else Status.FAILED
    return _settle(session, parcel, status=status, tries=tries, next_try_at=again)


def give_back(session: Session, parcels: Sequence[Parcel]) -> None:
    """Free the claims of messages that were not tried, when the process is told to end."""
    for parcel in parcels:
        _settle(session, parcel)


def _settle(session: Session, parcel: Parcel, **values: Any) -> bool:
    mine = (
        col(Message.id) == parcel.id,
        col(Message.status) == Status.OWED,
        col(Message.claimed_at) == parcel.claimed_at,
    )
    return _count(session, update(Message).where(*mine).values(claimed_at=None, **values)) == 1


def old_messages(session: Session, before: date, limit: int = 5000) -> list[UUID]:
    """Return some messages of long ago, looked for while nobody has to wait."""
    old = select(Message.id).where(Message.local_date < before).limit(limit)
    return list(session.exec(old).all())


def forget_messages(session: Session, ids: Sequence[UUID]) -> None:
    """Delete messages."""
    session.execute(delete(Message).where(col(Message.id).in_(ids)))


def forget_dues(session: Session, before: date) -> int:
    """Delete the due rows of long ago."""
    return _count(session, delete(ReminderDue).where(col(ReminderDue.due_on) < before))


def _count(session: Session, statement: Any) -> int:
    return cast(CursorResult[Any], session.execute(statement)).rowcount
