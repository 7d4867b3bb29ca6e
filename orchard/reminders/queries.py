"""Reads over what is due and what is owed; the words of a message in the reader's language."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, bindparam, case, func, union
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from orchard import db, words
from orchard.accounts.models import Account, Grant, Person
from orchard.accounts.rules import Caller, Role
from orchard.places.queries import within
from orchard.plots.models import Plot
from orchard.reminders.models import Message, ReminderDue
from orchard.reminders.rules import (
    FROST,
    NAMED_TASKS,
    Channel,
    Kind,
    Status,
    first_owed,
    morning_ends,
)
from orchard.visits.models import VisitRequest
from orchard.visits.sight import in_sight

SHOWN = 50  # messages on a person's page


@dataclass(frozen=True)
class ToTell:
    """A message that does not exist yet."""

    person_id: UUID
    on: date
    kind: Kind
    params: Mapping[str, Any]
    useful_until: datetime
    about: str = ""


def untold(session: Session, day: date) -> Iterator[ToTell]:
    """Return the morning of each person who has an account and has not been told today.

    Counts what fell due since the last 48 h, in one query; services.drop_settled came before.
    """
    rows = session.execute(_untold(day))
    for person_id, lines in groupby(rows, key=lambda row: row[0]):
        yield ToTell(person_id, day, Kind.MORNING, _morning(list(lines)), morning_ends(day))


def _untold(day: date) -> Any:
    """Select person, code, tasks and earlier ones; people are looked at after the counting."""
    earlier = case((col(ReminderDue.due_on) < day, 1), else_=0)
    person_id, code = col(ReminderDue.person_id), col(ReminderDue.code)
    owed = (
        sa.select(person_id, code, func.count().label("n"), func.sum(earlier).label("missed"))
        .where(*is_owed(day))
        .group_by(person_id, code)
        .subquery()
    )
    told = sa.select(col(Message.id)).where(
        col(Message.person_id) == owed.c.person_id,
        col(Message.local_date) == day,
        col(Message.kind) == Kind.MORNING,
    )
    return (
        sa.select(owed)
        .join(Account, col(Account.person_id) == owed.c.person_id)
        .where(col(Account.disabled_at).is_(None), ~told.exists())
        .order_by(owed.c.person_id, owed.c.code)
    )


def is_owed(day: date) -> tuple[ColumnElement[bool], ...]:
    """Say in SQL that a due reminder belongs into the message of a day."""
    due_on = col(ReminderDue.due_on)
    return due_on >= first_owed(day), due_on <= day, col(ReminderDue.told_on).is_(None)


def _morning(lines: list[Any]) -> dict[str, Any]:
    """Return what a morning's message says: how many, which, how many from the days before."""
    lines.sort(key=lambda line: (-line[2], line[1]))
    return {
        "n": sum(line[2] for line in lines),
        "codes": [line[1] for line in lines[:NAMED_TASKS]],
        "kinds": len(lines),
        "missed": sum(line[3] for line in lines),
    }


def holders(session: Session, cells: Collection[str]) -> list[tuple[str, UUID]]:
    """Return (cell, person with an account) of the plots in some cells, in one query."""
    grower = (
        select(Plot.cell, Plot.grower_id)
        .join(Account, col(Account.person_id) == Plot.grower_id)
        .where(*_standing(cells))
    )
    manager = (
        select(Plot.cell, Account.person_id)
        .join(Grant, col(Grant.employer_id) == Plot.employer_id)
        .join(Account, col(Account.id) == Grant.account_id)
        .where(*_standing(cells), *is_managing())
    )
    return [(cell, person_id) for cell, person_id in session.execute(union(grower, manager))]


def _standing(cells: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    here, alive = col(Plot.cell).in_(cells), col(Plot.ended_at).is_(None)
    return here, alive, col(Account.disabled_at).is_(None)


def is_managing() -> tuple[ColumnElement[bool], ...]:
    """Say in SQL that a grant makes its account a manager now."""
    return col(Grant.role) == Role.MANAGER, col(Grant.ended_at).is_(None)


def has_status(status: Status) -> ColumnElement[bool]:
    """Say in SQL what became of a message, written out so that the partial indexes serve."""
    column: Any = col(Message.status)
    is_it: ColumnElement[bool] = column == sa.literal(status, column.type, literal_execute=True)
    return is_it


def frost_told(session: Session, nights: Iterable[date]) -> dict[tuple[UUID, date], int]:
    """Return the highest frost level that each person was told for each night."""
    rows = session.execute(
        sa.select(col(Message.person_id), col(Message.local_date), col(Message.kind)).where(
            col(Message.local_date).in_(set(nights)), sa.text("kind <> 'morning'")
        )
    )
    told: dict[tuple[UUID, date], int] = {}
    for person_id, night, kind in rows:
        key = person_id, night
        told[key] = max(told.get(key, 0), kind.frost_level)
    return told


def messages_for(session: Session, person_id: UUID) -> list[Message]:
    """Return a person's newest messages, in one query."""
    return list(session.exec(_own(person_id).limit(SHOWN)).all())


class Told(NamedTuple):
    """What a message said: all that its words need."""

    id: UUID
    kind: Kind
    params: str
    local_date: date


def newest_for(session: Session, person_id: UUID, day: date) -> Told | None:
    """Return the message of a person's morning, if there is one."""
    found = db.rows(session, _MORNING, {"person_id": person_id, "day": day})
    return Told(*found[0]) if found else None


def newest_about(session: Session, person_id: UUID, kind: Kind, about: str) -> Told | None:
    """Return the newest message of a kind that a person has about something."""
    row = session.execute(
        sa.select(_M.id, _M.kind, _M.params, _M.local_date)
        .where(
            _M.person_id == person_id,
            _M.kind == kind,
            _M.about.startswith(about, autoescape=True),
            _M.channel == Channel.PAGE,
        )
        .order_by(_M.made_at.desc(), _M.id.desc())
        .limit(1)
    ).first()
    return Told(*row) if row else None


def visit_of(message: Message) -> UUID | None:
    """Return the request for a visit that a message is about."""
    return UUID(message.about.partition(".")[0]) if message.kind == Kind.VISIT else None


def open_visits(session: Session, caller: Caller, messages: list[Message]) -> set[UUID]:
    """Return the requests that messages are about and that their reader may still open."""
    wanted = {visit for message in messages if (visit := visit_of(message))}
    if not wanted:
        return set()
    found = select(VisitRequest.id).join(Plot, col(Plot.id) == VisitRequest.plot_id)
    return set(session.exec(found.where(col(VisitRequest.id).in_(wanted), in_sight(caller))))


def _own(person_id: UUID) -> SelectOfScalar[Message]:
    return (
        select(Message)
        .where(
            Message.person_id == person_id,
            Message.channel == Channel.PAGE,
            Message.status != Status.EXPIRED,
        )
        .order_by(
            col(Message.made_at).desc(), col(Message.local_date).desc(), col(Message.id).desc()
        )
    )


# Built once: it runs on every morning page. A person has one such message at most.
_M = db.table_of(Message).c
_MORNING = sa.select(_M.id, _M.kind, _M.params, _M.local_date).where(
    _M.person_id == bindparam("person_id"),
    _M.local_date == bindparam("day"),
    _M.kind == Kind.MORNING,
    _M.channel == Channel.PAGE,
    _M.status != Status.EXPIRED,
)


def text_of(message: Message | Told, locale: str) -> str:
    """Return what a message says, in the reader's language."""
    params = json.loads(message.params)
    if message.kind == Kind.VISIT:
        return _visit_text(message.local_date, params, locale)
    if message.kind in FROST:
        day = _day(message.local_date, locale)
        level = words.text(locale, f"weather.{message.kind}")
        low = round(params["low_c"])
        return words.text(locale, "reminders.frost", day=day, low=low, level=level)
    names = [f"tasks.name.{code}" for code in params["codes"]]
    known = [words.text(locale, name) for name in names if words.knows(name)]
    some = "_more" if params["kinds"] > len(known) else ""
    what = words.text(locale, "reminders.and").join(known)
    key = f"reminders.morning{some}" if known else "reminders.morning_count"
    said = words.text(locale, key, n=params["n"], what=what)
    if params["missed"]:
        said += words.text(locale, "reminders.missed", n=params["missed"])
    return said


def undelivered(session: Session, codes: Collection[str], since: date) -> list[Any]:
    """Return the messages of people of some towns that never arrived, newest first."""
    rows = session.execute(
        sa.select(
            col(Person.village_code), col(Person.name), col(Message.local_date), col(Message.kind)
        )
        .join(Person, col(Person.id) == Message.person_id)
        .where(
            has_status(Status.FAILED),
            col(Message.local_date) >= since,
            within(Person.village_code, codes),
        )
        .order_by(col(Message.local_date).desc(), col(Person.village_code), col(Person.name))
        .limit(SHOWN)
    )
    return list(rows.all())


def without_account(session: Session, codes: Collection[str], day: date) -> list[Any]:
    """Return the people of some towns for whom tasks fell due and whom no message can reach."""
    who = col(Person.village_code), col(Person.name)
    rows = session.execute(
        sa.select(*who, func.count().label("tasks"))
        .join(ReminderDue, col(ReminderDue.person_id) == Person.id)
        .outerjoin(Account, col(Account.person_id) == Person.id)
        .where(*is_owed(day), within(Person.village_code, codes), col(Account.id).is_(None))
        .group_by(col(Person.id), *who)
        .order_by(*who)
        .limit(SHOWN)
    )
    return list(rows.all())


def _visit_text(day: date, params: Mapping[str, Any], locale: str) -> str:
    """Return who comes on which day, or that nobody does; a visit is free, and that is said."""
    values = {**params, "day": _day(day, locale), "weekday": words.weekday(locale, day)}
    if "was" in params:
        values["was"] = _day(date.fromisoformat(params["was"]), locale)
    told = words.text(locale, f"reminders.visit.{params['what']}", **values)
    return told + words.text(locale, "reminders.visit.free")


def _day(day: date, locale: str) -> str:
    return words.text(locale, "web.day", month=day.month, day=day.day)
