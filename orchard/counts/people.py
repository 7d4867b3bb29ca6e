"""Who stands behind a figure: masked, for the own town, after a reason, and written down."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import FromClause, Integer, Select, case, cast, func, select
from sqlmodel import Session, col

from orchard import db
from orchard.accounts.models import AuditLine, Person
from orchard.accounts.rules import Caller, Role, is_inside, masked_name, masked_phone
from orchard.counts import board, periods
from orchard.counts.periods import Period
from orchard.counts.queries import KEPT_HIRE
from orchard.counts.records import EMPLOYER, HIRE, given, lines
from orchard.counts.rules import NEVER, UNVERIFIED
from orchard.errors import Conflict, NotVisible
from orchard.paging import ROWS
from orchard.places.models import Place
from orchard.places.queries import names, within
from orchard.places.rules import LENGTHS, Level, short_name, town_of

ACTION = "counts.people"
OPEN_FOR = timedelta(minutes=30)  # as long as a secretary's session lives without use


class Measure(StrEnum):
    """Which figure is opened."""

    PERSONS = "persons"
    PERSON_WORKPLACES = "person_workplaces"
    HIRES = "hires"
    PERSON_DAYS = "person_days"
    FTE = "fte"
    LOCAL_VILLAGE = "local_village"
    LOCAL_TOWN = "local_town"
    LOCAL_DISTRICT = "local_district"
    LIFTED_OUT = "lifted_out"
    UNVERIFIED = "unverified"


LEVELS = {Measure.LOCAL_VILLAGE: 1, Measure.LOCAL_TOWN: 2, Measure.LOCAL_DISTRICT: 3}


@dataclass(frozen=True)
class Opened:
    """One figure: of a town or one of its villages, in a span, perhaps of one employer.

    period: the code of periods.span. The persons are those of the whole figure: whoever makes
    pairs, hires and days of work stands in it once.
    """

    place: str
    period: str
    measure: Measure = Measure.PERSONS
    employer_id: UUID | None = None

    @property
    def span(self) -> Period:
        """Return the days of the figure; raises UnknownPeriod."""
        return periods.span(self.period)

    @property
    def town(self) -> str:
        """Return the town in which the figure lies."""
        return town_of(self.place)

    @property
    def subject(self) -> str:
        """Return how the audit line names the figure."""
        return f"{self.period}:{self.measure}:{self.employer_id.hex if self.employer_id else ''}"

    @classmethod
    def of(cls, line: AuditLine) -> "Opened":
        """Return the figure that an audit line names."""
        period, measure, employer = line.subject.split(":")
        return cls(
            line.place_code or "", period, Measure(measure), UUID(employer) if employer else None
        )


@dataclass(frozen=True)
class PersonLine:
    """One person behind a figure, as the town sees him: no whole name or number."""

    name: str
    phone: str
    village: str
    employers: int
    hires: int
    half_days: int


def check(session: Session, caller: Caller, opened: Opened) -> str:
    """Return what a figure is about (a place or an employer); raises NotVisible.

    Status is opened for the whole town and a whole period only, and where its figure is shown: a
    smaller part may be hidden in the table, and few people are named by a list of them.
    """
    span = opened.span
    is_part = opened.employer_id is not None or len(opened.place) > LENGTHS[Level.TOWN]
    if not is_inside(opened.place, caller.places(Role.SECRETARY)):
        raise NotVisible
    if opened.measure == Measure.LIFTED_OUT and (
        is_part or span.is_free or board.hides_lifted(session, opened.place, span)
    ):
        raise NotVisible
    if opened.employer_id is None:
        name = session.scalar(select(col(Place.name)).where(col(Place.code) == opened.place))
    else:
        one = _lines(opened).limit(1).subquery()
        name = session.scalar(select(EMPLOYER.c.name).join(one, one.c.employer_id == EMPLOYER.c.id))
    if name is None:
        raise NotVisible
    return short_name(str(name))


def open_people(
    session: Session, caller: Caller, opened: Opened, *, id: UUID, reason: str, now: datetime
) -> UUID:
    """Write down who opens a figure and why; what is returned opens the list for a while."""
    check(session, caller, opened)
    line = AuditLine(
        id=id,
        at=now,
        account_id=caller.account_id,
        action=ACTION,
        subject=opened.subject,
        place_code=opened.place,
        reason=reason,
    )
    if not db.insert_once(session, line):
        first = session.get_one(AuditLine, id)
        if first.account_id != caller.account_id:
            raise NotVisible
        kept, sent = ((one.subject, one.place_code, one.reason) for one in (first, line))
        if kept != sent:
            raise Conflict({"reason": first.reason}, {"reason": reason})
    return id


def opened_by(session: Session, caller: Caller, ticket: UUID, *, now: datetime) -> Opened:
    """Return the figure that a caller opened lately, or raise NotVisible."""
    line = session.get(AuditLine, ticket)
    if line is None or line.action != ACTION or line.account_id != caller.account_id:
        raise NotVisible
    if now - line.at > OPEN_FOR:
        raise NotVisible
    return Opened.of(line)


def _lines(opened: Opened) -> Select[Any]:
    """Select what each hire adds to a figure: as it is kept, or of any days from the records."""
    if opened.span.is_free:
        here = within(HIRE.c.workplace_code, [opened.place])
        told = given([opened.span])
        line: FromClause = lines(1, here).params(told).subquery("line")
        found = select(line)
    else:
        line = KEPT_HIRE
        found = select(line).where(
            line.c.period == opened.period, within(line.c.workplace_code, [opened.place])
        )
    if opened.measure == Measure.UNVERIFIED:
        found = found.where(line.c.kind == UNVERIFIED)
    elif opened.employer_id is None:
        found = found.where(line.c.kind != UNVERIFIED)
    if opened.employer_id is not None:
        found = found.where(line.c.employer_id == opened.employer_id)
    return found


def people(
    session: Session,
    opened: Opened,
    *,
    number: int = 1,
) -> tuple[list[PersonLine], bool]:
    """Return one page of the persons behind a figure, and whether there are more.

    In no order that tells anything, and without ids: two lists joined by them would tell the
    figures that the tables hide.
    """
    each = _persons(opened).subquery()
    person = db.table_of(Person)
    statement = select(
        person.c.name,
        person.c.phone,
        person.c.village_code,
        each.c.employers,
        each.c.hires,
        each.c.half_days,
    ).join(each, each.c.person_id == person.c.id)
    here = statement.order_by(person.c.id).offset((number - 1) * ROWS).limit(ROWS + 1)
    rows = session.execute(here).all()
    homes = names(session, {row.village_code for row in rows if row.village_code})
    return [_line(row, homes) for row in rows[:ROWS]], len(rows) > ROWS


def _persons(opened: Opened) -> Select[Any]:
    kept = _lines(opened).subquery("lines").c
    statement = select(
        kept.person_id,
        func.count(kept.employer_id.distinct()).label("employers"),
        func.count().label("hires"),
        func.sum(kept.half_days).label("half_days"),
    ).group_by(kept.person_id)
    if opened.measure == Measure.LIFTED_OUT:
        return statement.having(func.max(cast(kept.is_lifted_out, Integer)) == 1)
    if opened.measure in LEVELS:
        near = func.min(case((kept.local_level == 0, NEVER), else_=kept.local_level))
        return statement.having(near <= LEVELS[opened.measure])
    return statement


def _line(row: Any, homes: dict[str, str]) -> PersonLine:
    return PersonLine(
        name=masked_name(row.name),
        phone=masked_phone(row.phone) if row.phone else "",
        village=short_name(homes.get(row.village_code or "", "")),
        employers=row.employers,
        hires=row.hires,
        half_days=row.half_days,
    )
