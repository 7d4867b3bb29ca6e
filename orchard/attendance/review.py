"""Who worked more than one day on one date: allowed, and listed for review (decision 26)."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, func
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from orchard.attendance import rules
from orchard.attendance.queries import DayLine, days_of
from orchard.hiring.models import Hire, SamePerson
from orchard.hiring.queries import counted_as
from orchard.places.queries import within


class OverFull(NamedTuple):
    """A person who worked more than a day on one date, over all employers."""

    person_id: UUID
    day: date
    half_days: int
    hire_ids: tuple[UUID, ...]


def over_full_days(
    session: Session, place_codes: Collection[str], first: date, last: date
) -> list[OverFull]:
    """Return who worked more than one day on a date, where one of the works lay in some places.

    Allowed, and listed for review (decision 26). Two records of one person count as one.
    """
    doubled = _hired_twice(session, place_codes, first, last)
    hires = session.execute(
        columns(col(Hire.id), counted_as(col(Hire.person_id)), col(Hire.workplace_code)).where(
            col(Hire.id).in_(doubled)
        )
    ).all()
    person_of = {hire_id: person_id for hire_id, person_id, _ in hires}
    here = {hire_id for hire_id, _, code in hires if code.startswith(tuple(place_codes))}
    days: dict[tuple[UUID, date], list[DayLine]] = {}
    for line in days_of(session, list(person_of), first, last):
        if line.half_days:
            days.setdefault((person_of[line.hire_id], line.day), []).append(line)
    return [
        OverFull(person_id, day, sum(line.half_days for line in lines), _hires(lines))
        for (person_id, day), lines in sorted(days.items(), key=lambda item: (item[0][1], item[0]))
        if sum(line.half_days for line in lines) > rules.FULL_HALF_DAYS
        and here & set(_hires(lines))
    ]


def _hires(lines: list[DayLine]) -> tuple[UUID, ...]:
    return tuple(line.hire_id for line in lines)


def _hired_twice(
    session: Session, place_codes: Collection[str], first: date, last: date
) -> set[UUID]:
    """Return hires that run beside another one of the same person, one of the two in the places."""
    one, other = aliased(Hire), aliased(Hire)
    until = func.coalesce(one.ended_on, last)
    beside = (
        columns(col(one.id), col(other.id))
        .join(
            other,
            and_(
                col(other.person_id) == one.person_id,
                col(other.id) != one.id,
                col(other.started_on) <= until,
                func.coalesce(other.ended_on, last) >= one.started_on,
            ),
        )
        .where(within(one.workplace_code, place_codes), col(one.started_on) <= last, until >= first)
    )
    found = {hire_id for pair in session.execute(beside) for hire_id in pair}
    same = columns(col(SamePerson.person_id), col(SamePerson.other_id))
    merged = {person_id for pair in session.execute(same) for person_id in pair}
    if merged:
        found |= set(session.exec(select(Hire.id).where(col(Hire.person_id).in_(merged))))
    return found
