"""What waits for the town's look before a figure is passed on: never corrected by machine."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import Session, col

from orchard.accounts.models import Employer, Person
from orchard.accounts.rules import Caller, EmployerKind, Held, Role, masked_name
from orchard.attendance.models import Workday
from orchard.attendance.review import over_full_days
from orchard.counts.models import ReviewCount
from orchard.counts.periods import season_of
from orchard.counts.rules import NOBODY, Review
from orchard.hiring.doubles import Pair, in_town, pairs, undecided
from orchard.hiring.models import Hire, RecognitionEvent
from orchard.hiring.rules import RecognitionEventKind
from orchard.places.queries import within
from orchard.wages.identity import clashes, missing_numbers, without_number

MOST = 50  # rows shown of each list; the number says how many there are


@dataclass(frozen=True)
class Item:
    """One record that waits: whom it is about, where, and when."""

    name: str
    employer: str = ""
    day: date | None = None
    half_days: int = 0
    people: int = 0
    id: UUID | None = None


@dataclass(frozen=True)
class Waiting:
    """One list of the page: how many wait, and the first of them."""

    item: Review
    count: int
    items: tuple[Item, ...] = ()
    pairs: tuple[Pair, ...] = ()


def waiting(session: Session, town: str, today: date) -> list[Waiting]:
    """Return everything that waits in a town, of this season; people are masked."""
    return [find(session, town, today) for find in FINDERS.values()]


def note(session: Session, town: str, found: list[Waiting], *, now: datetime) -> int:
    """Keep how much waits in a town, for its page; return the sum."""
    for one in found:
        row = session.get(ReviewCount, (town, one.item), with_for_update=True)
        row = row or ReviewCount(town_code=town, item=one.item, waiting=0, counted_at=now)
        row.waiting, row.counted_at = one.count, now
        session.add(row)
    session.flush()
    return sum(one.count for one in found)


def count_waiting(session: Session, town: str, today: date, *, now: datetime) -> int:
    """Count what waits in a town and keep the numbers for its page; return their sum."""
    return note(session, town, waiting(session, town, today), now=now)


def _over_full(session: Session, town: str, today: date) -> Waiting:
    found = over_full_days(session, [town], season_of(today).first, today)
    shown = found[:MOST]
    people = _names(session, Person, {one.person_id for one in shown})
    hires = {hire for one in shown for hire in one.hire_ids}
    by = dict(
        session.execute(
            select(col(Hire.id), col(Employer.name))
            .join(Employer, col(Employer.id) == Hire.employer_id)
            .where(col(Hire.id).in_(hires))
        ).all()
    )
    items = (
        Item(
            masked_name(people[one.person_id]),
            "、".join(sorted({by[hire] for hire in one.hire_ids})),
            one.day,
            one.half_days,
        )
        for one in shown
    )
    return Waiting(Review.OVER_FULL, len(found), tuple(items))


def _doubles(session: Session, town: str, today: date) -> Waiting:
    count, found = pairs(session, eye_of(town), MOST)
    return Waiting(Review.DOUBLES, count, pairs=tuple(found))


def _id_clashes(session: Session, town: str, today: date) -> Waiting:
    eye = eye_of(town)
    found = undecided(session, eye, clashes(session, in_town(eye)), "id_number")
    return Waiting(Review.ID_CLASH, len(found), pairs=tuple(found[:MOST]))


def eye_of(town: str) -> Caller:
    """Return who sees what a town's secretary sees, for counts that no person asks for."""
    return Caller(NOBODY, NOBODY, None, "", (Held(Role.SECRETARY, town, None),))


def _missing_ids(session: Session, town: str, today: date) -> Waiting:
    hires = _worked_here(town, today)
    people = func.count(col(Hire.person_id).distinct())
    rows = session.execute(
        select(col(Employer.id), col(Employer.name), people)
        .join(Hire, col(Hire.employer_id) == Employer.id)
        .join(Person, col(Person.id) == Hire.person_id)
        .where(hires, without_number(hires))
        .group_by(col(Employer.id), col(Employer.name))
        .order_by(people.desc(), col(Employer.id))
        .limit(MOST)
    )
    items = tuple(Item("", name, people=count, id=id) for id, name, count in rows)
    return Waiting(Review.MISSING_ID, missing_numbers(session, hires), items)


def _worked_here(town: str, today: date) -> ColumnElement[bool]:
    """Say in SQL which hires of a town have a work day in this season."""
    first = season_of(today).first
    day = select(col(Workday.day)).where(
        col(Workday.hire_id) == Hire.id,
        col(Workday.day).between(first, today),
        col(Workday.half_days) > 0,
    )
    return within(Hire.workplace_code, [town]) & day.exists()


def _unknown_homes(session: Session, town: str, today: date) -> Waiting:
    here = _worked_here(town, today) & col(Hire.registered_code).is_(None)
    rows = session.execute(
        select(col(Hire.id), col(Person.name), col(Employer.name), col(Hire.started_on))
        .join(Person, col(Person.id) == Hire.person_id)
        .join(Employer, col(Employer.id) == Hire.employer_id)
        .where(here)
        .order_by(col(Hire.started_on), col(Hire.id))
        .limit(MOST)
    )
    items = tuple(Item(masked_name(name), by, day, id=id) for id, name, by, day in rows)
    count = session.scalar(select(func.count()).select_from(Hire).where(here))
    return Waiting(Review.UNKNOWN_HOME, int(count or 0), items)


def _unverified(session: Session, town: str, today: date) -> Waiting:
    here = (
        within(Employer.village_code, [town]),
        col(Employer.kind) == EmployerKind.HOUSEHOLD,
        col(Employer.verified_at).is_(None),
    )
    rows = session.execute(
        select(col(Employer.id), col(Employer.name))
        .where(*here)
        .order_by(col(Employer.id))
        .limit(MOST)
    )
    items = tuple(Item("", name, id=id) for id, name in rows)
    count = session.scalar(select(func.count()).select_from(Employer).where(*here))
    return Waiting(Review.UNVERIFIED, int(count or 0), items)


def _unrecognised(session: Session, town: str, today: date) -> Waiting:
    """Return the workshops in which people worked on a day without recognition."""
    newest = (
        select(col(RecognitionEvent.kind))
        .where(
            col(RecognitionEvent.employer_id) == Hire.employer_id,
            col(RecognitionEvent.on_day) <= Workday.day,
        )
        .order_by(col(RecognitionEvent.on_day).desc(), col(RecognitionEvent.at).desc())
        .limit(1)
        .scalar_subquery()
    )
    people = func.count(col(Hire.person_id).distinct())
    rows = session.execute(
        select(col(Employer.id), col(Employer.name), people)
        .join(Hire, col(Hire.employer_id) == Employer.id)
        .join(Workday, col(Workday.hire_id) == Hire.id)
        .where(
            col(Employer.kind) == EmployerKind.WORKSHOP,
            within(Hire.workplace_code, [town]),
            col(Workday.day).between(season_of(today).first, today),
            col(Workday.half_days) > 0,
            or_(newest.is_(None), newest == RecognitionEventKind.STRUCK_OFF),
        )
        .group_by(col(Employer.id), col(Employer.name))
        .order_by(people.desc(), col(Employer.id))
    ).all()
    items = tuple(Item("", name, people=count, id=id) for id, name, count in rows[:MOST])
    return Waiting(Review.UNRECOGNISED, len(rows), items)


def _names(session: Session, model: Any, ids: set[UUID]) -> dict[UUID, str]:
    return dict(session.execute(select(model.id, model.name).where(model.id.in_(ids))).all())


FINDERS: dict[Review, Callable[[Session, str, date], Waiting]] = {
    Review.OVER_FULL: _over_full,
    Review.DOUBLES: _doubles,
    Review.ID_CLASH: _id_clashes,
    Review.MISSING_ID: _missing_ids,
    Review.UNKNOWN_HOME: _unknown_homes,
    Review.UNVERIFIED: _unverified,
    Review.UNRECOGNISED: _unrecognised,
}
