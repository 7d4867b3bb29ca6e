"""Rebuilding the kept counts from the records, and finding where the two have come apart."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Integer,
    Select,
    Uuid,
    case,
    cast,
    func,
    insert,
    literal,
    select,
    true,
)
from sqlmodel import Session

from orchard import clock
from orchard.counts import course
from orchard.counts.periods import Period, between
from orchard.counts.records import HIRE, WORKDAY, blocks, given, lines
from orchard.counts.rules import (
    KEPT,
    NEVER,
    NOBODY,
    PLACE_DIGITS,
    UNVERIFIED,
    Added,
    Line,
    Scope,
    difference,
)
from orchard.counts.services import KEPT_COUNT, KEPT_HIRE, LINES, add_figures, hold
from orchard.places.queries import within

COMPARED_FOR = timedelta(days=400)  # a year and its corrections are compared every night
AT_ONCE = 20_000  # lines of a period that are compared in one go


def periods_worked(session: Session) -> list[Period]:
    """Return every month and season in which anybody worked."""
    span = select(func.min(WORKDAY.c.day), func.max(WORKDAY.c.day))
    first, last = session.execute(span).one()
    return between(first, last) if first else []


def tonight(session: Session, today: date) -> list[Period]:
    """Return what is compared in one night: the last periods, and one older one in turn."""
    worked = periods_worked(session)
    since = today - COMPARED_FOR
    older = [one for one in worked if one.last < since]
    turn = [older[today.toordinal() % len(older)]] if older else []
    return [one for one in reversed(worked) if one.last >= since] + turn


def rebuild(session: Session, *, now: datetime) -> int:
    """Throw the kept counts away and make them anew, set by set; return how many figures."""
    session.execute(KEPT_HIRE.delete())
    session.execute(KEPT_COUNT.delete())
    made = 0
    for one in periods_worked(session):
        session.execute(insert(KEPT_HIRE).from_select(list(Line._fields), lines(1)), given([one]))
        figures = added(session, one)
        add_figures(session, figures, now=now)
        made += len(figures)
    for one in course.due(clock.local(now).date()):
        course.write(session, one, course.found(session, one))
    return made


def is_few(session: Session, one: Period) -> bool:
    """Say whether the lines of a period may be compared at once, and not town by town."""
    count = session.scalar(select(func.count()).where(KEPT_HIRE.c.period == one.code))
    return int(count or 0) <= AT_ONCE


def drifted(session: Session, one: Period, place: str) -> set[UUID]:
    """Return the persons of whom something else is kept than the records of a place say."""
    here = KEPT_HIRE.c.period == one.code, within(KEPT_HIRE.c.workplace_code, [place])
    kept = _by_hire(session, LINES.where(*here), {})
    true_ones = _by_hire(session, lines(1, within(HIRE.c.workplace_code, [place])), given([one]))
    wrong = {key for key in kept.keys() | true_ones.keys() if kept.get(key) != true_ones.get(key)}
    return {both[key].person_id for both in (kept, true_ones) for key in wrong if key in both}


def _by_hire(session: Session, statement: Select[Any], told: dict[str, Any]) -> dict[UUID, Line]:
    return {row.hire_id: Line(*row) for row in session.execute(statement, told)}


def wrong_figures(session: Session, one: Period) -> Added:
    """Return what must be added to a period's kept figures so that they fit its kept lines."""
    columns = [KEPT_COUNT.c[name] for name in (*Scope._fields, *KEPT)]
    rows = session.execute(select(*columns).where(KEPT_COUNT.c.period == one.code))
    kept: Added = {(one.code, Scope(*row[:3])): tuple(row[3:]) for row in rows}
    return difference(kept, added(session, one))


def repair_figures(session: Session, one: Period, *, now: datetime) -> int:
    """Put a period's kept figures right; say how many scopes were wrong."""
    hold(session, one.code, now=now)
    wrong = wrong_figures(session, one)
    add_figures(session, wrong, now=now)
    return len(wrong)


def added(session: Session, one: Period) -> Added:
    """Return what a period's kept lines add up to, by scope: contributions() as statements."""
    found: Added = {}
    for statement in _sums(one):
        for place, kind, employer_id, *figures in session.execute(statement):
            where = one.code, Scope(place, kind, employer_id)
            found[where] = tuple(map(int, figures[: len(KEPT)]))
    return found


def _sums(one: Period) -> Iterator[Select[Any]]:
    kept = KEPT_HIRE.c
    for digits in PLACE_DIGITS:
        yield _sum(one, digits, literal(""), literal(NOBODY, Uuid), kept.kind != UNVERIFIED)
        if digits < PLACE_DIGITS[-1]:
            yield _sum(one, digits, kept.kind, literal(NOBODY, Uuid), true())
            yield _sum(one, digits, kept.kind, kept.employer_id, true())


def _sum(one: Period, digits: int, kind: Any, employer: Any, inside: Any) -> Select[Any]:
    kept = KEPT_HIRE.c
    place = func.substr(kept.workplace_code, 1, digits)
    near = case((kept.local_level == 0, NEVER), else_=kept.local_level)
    lifted = case((kept.is_lifted_out, kept.employer_id))
    each = (
        select(
            place.label("place"),
            kind.label("kind"),
            employer.label("employer"),
            func.count(kept.employer_id.distinct()).label("workplaces"),
            func.count().label("hires"),
            func.sum(kept.half_days).label("half_days"),
            func.sum(kept.wages_fen).label("wages_fen"),
            func.max(cast(kept.is_lifted_out, Integer)).label("lifted"),
            func.count(lifted.distinct()).label("lifted_workplaces"),
            func.min(near).label("near"),
        )
        .where(kept.period == one.code, func.length(kept.workplace_code) >= digits, inside)
        .group_by(place, kept.person_id, *_grouped(kind, employer))
        .subquery("each")
    )
    key = each.c.place, each.c.kind, each.c.employer
    return select(*key, *blocks(each)).group_by(*key)


def _grouped(*parts: Any) -> list[Any]:
    """Return the parts that are columns: a constant is no group."""
    return [part for part in parts if isinstance(part, Column)]
