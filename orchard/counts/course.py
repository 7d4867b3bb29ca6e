"""How a period filled day by day: so that a running one stands beside as much of an earlier one.

The whole earlier period beside a few days of this one would say of every place that it fell.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, func, insert, or_, select
from sqlmodel import Session

from orchard import db
from orchard.counts import periods
from orchard.counts.models import PeriodCourse
from orchard.counts.periods import Period
from orchard.counts.queries import KEPT_HIRE
from orchard.counts.records import WORKDAY
from orchard.counts.rules import PLACE_DIGITS, UNVERIFIED

COURSE = db.table_of(PeriodCourse)
Course = dict[tuple[str, date], int]  # place and day: persons whose first work day there it is


@dataclass(frozen=True)
class Change:
    """Persons of a period beside those of an earlier one, both up to the same day of their course.

    until: the last day counted of the earlier one, None where only its whole is known.
    """

    this: Period
    earlier: Period
    now: int
    before: int
    is_running: bool
    until: date | None


def due(today: date) -> list[Period]:
    """Return the periods whose course is kept: the running ones and those they stand beside."""
    running = periods.periods_of(today)
    beside = (of(one) for one in running for of in (periods.before, periods.year_before))
    return [*running, *(one for one in beside if one)]


def found(session: Session, one: Period) -> Course:
    """Count from the records on which day each person first worked in a period, town and county."""
    course: Course = {(db.county(), one.first): 0}  # says that it was counted, also of nobody
    kept = KEPT_HIRE.c
    for digits in PLACE_DIGITS[:2]:
        place = func.substr(kept.workplace_code, 1, digits)
        worked = and_(
            WORKDAY.c.hire_id == kept.hire_id,
            WORKDAY.c.day.between(one.first, one.last),
            WORKDAY.c.half_days > 0,
        )
        first = (
            select(place.label("place"), func.min(WORKDAY.c.day).label("day"))
            .join_from(KEPT_HIRE, WORKDAY, worked)
            .where(kept.period == one.code, kept.kind != UNVERIFIED)
            .group_by(place, kept.person_id)
            .subquery()
        )
        key = first.c.place, first.c.day
        for code, day, count in session.execute(select(*key, func.count()).group_by(*key)):
            course[code, day] = int(count)
    return course


def kept(session: Session, one: Period) -> Course:
    """Return a period's course as it is kept."""
    names = COURSE.c.place_code, COURSE.c.day, COURSE.c.persons
    rows = session.execute(select(*names).where(COURSE.c.period == one.code))
    return {(code, day): count for code, day, count in rows}


def write(session: Session, one: Period, course: Course) -> None:
    """Keep a period's course anew."""
    session.execute(COURSE.delete().where(COURSE.c.period == one.code))
    rows = [
        {"period": one.code, "place_code": code, "day": day, "persons": count}
        for (code, day), count in sorted(course.items())
    ]
    session.execute(insert(COURSE), rows)


def forget(session: Session, today: date) -> None:
    """Throw away the courses that nothing stands beside any more."""
    codes = [one.code for one in due(today)]
    session.execute(COURSE.delete().where(COURSE.c.period.not_in(codes)))


def changes(
    session: Session,
    pairs: Iterable[tuple[Period, Period]],
    whole: Mapping[tuple[str, str], int],
    places: Collection[str],
    today: date,
) -> dict[str, list[Change]]:
    """Return for each place how periods that have begun stand beside earlier ones.

    whole: persons by period and place, as kept. One statement, however many places there are.
    """
    begun = [(this, earlier) for this, earlier in pairs if this.first <= today]
    days = {
        earlier.code: periods.same_day(this, earlier, today)
        for this, earlier in begun
        if today < this.last
    }
    so_far = _so_far(session, days, places) if days else {}
    found: dict[str, list[Change]] = {place: [] for place in places}
    for this, earlier in begun:
        is_running = earlier.code in days
        is_known = (earlier.code, db.county()) in so_far
        until = (days[earlier.code] if is_known else None) if is_running else earlier.last
        beside = so_far if is_running and is_known else whole
        for place in places:
            counted = whole.get((this.code, place), 0), beside.get((earlier.code, place), 0)
            found[place].append(Change(this, earlier, *counted, is_running, until))
    return found


def _so_far(
    session: Session, days: Mapping[str, date], places: Collection[str]
) -> dict[tuple[str, str], int]:
    """Return the persons of places in some periods up to a day of each."""
    asked: list[ColumnElement[bool]] = [
        and_(COURSE.c.period == code, COURSE.c.day <= day) for code, day in days.items()
    ]
    here = COURSE.c.place_code.in_(sorted({*places, db.county()}))
    key = COURSE.c.period, COURSE.c.place_code
    statement = select(*key, func.sum(COURSE.c.persons)).where(or_(*asked), here).group_by(*key)
    return {(code, place): int(count) for code, place, count in session.execute(statement)}
