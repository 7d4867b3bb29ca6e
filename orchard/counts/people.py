"""Who stands behind a figure: masked, for the own town, after a reason, and written down."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, case, cast, func, select
from sqlmodel import Session, col

from orchard import db, paging
from orchard.accounts.models import AuditLine, Person
from orchard.accounts.rules import Caller, Role, is_inside, masked_name, masked_phone
from orchard.counts import board, periods
from orchard.counts.queries import KEPT_HIRE
from orchard.counts.records import EMPLOYER
from orchard.counts.rules import NEVER, UNVERIFIED
from orchard.errors import Conflict, NotVisible
from orchard.places.models import Place
from orchard.places.queries import names, within
from orchard.places.rules import LENGTHS, Level, short_name, town_of

ACTION = "counts.people"
OPEN_FOR = timedelta(minutes=30)  # as long as a secretary's session lives without use


class Measure(StrEnum):
    """Which figure is opened."""

    PERSONS = "persons"
    LOCAL_VILLAGE = "local_village"
    LOCAL_TOWN = "local_town"
    LOCAL_DISTRICT = "local_district"
    LIFTED_OUT = "lifted_out"


LEVELS = {Measure.LOCAL_VILLAGE: 1, Measure.LOCAL_TOWN: 2, Measure.LOCAL_DISTRICT: 3}


@dataclass(frozen=True)
class Opened:
    """One figure: of a town or one of its villages, in a period, perhaps of one employer."""

    place: str
    period: str
    measure: Measure = Measure.PERSONS
    employer_id: UUID | None = None

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

    id: UUID
    name: str
    phone: str
    village: str
    employers: int
    half_days: int


def check(session: Session, caller: Caller, opened: Opened) -> str:
    """Return what a figure is about (a place or an employer); raises NotVisible.

    Status is opened for the whole town only, and where its figure is shown: a smaller part may
    be hidden in the table, and few people are named by a list of them.
    """
    span = periods.period(opened.period)
    is_part = opened.employer_id is not None or len(opened.place) > LENGTHS[Level.TOWN]
    if not is_inside(opened.place, caller.places(Role.SECRETARY)):
        raise NotVisible
    if opened.measure == Measure.LIFTED_OUT and (
        is_part or board.hides_lifted(session, opened.place, span)
    ):
        raise NotVisible
    if opened.employer_id is None:
        name = session.scalar(select(col(Place.name)).where(col(Place.code) == opened.place))
    else:
        name = session.scalar(
            select(EMPLOYER.c.name).where(
                EMPLOYER.c.id == opened.employer_id,
                select(KEPT_HIRE.c.hire_id).where(*_lines(opened)).exists(),
            )
        )
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


def _lines(opened: Opened) -> list[Any]:
    found: list[Any] = [
        KEPT_HIRE.c.period == opened.period,
        within(KEPT_HIRE.c.workplace_code, [opened.place]),
    ]
    if opened.employer_id is None:
        return [*found, KEPT_HIRE.c.kind != UNVERIFIED]
    return [*found, KEPT_HIRE.c.employer_id == opened.employer_id]


def people(
    session: Session,
    opened: Opened,
    *,
    after: UUID | None = None,
    before: UUID | None = None,
) -> tuple[list[PersonLine], paging.Page]:
    """Return one page of the persons behind a figure, in no order that tells anything."""
    each = _persons(opened).subquery()
    person = db.table_of(Person)
    statement = select(
        person.c.id,
        person.c.name,
        person.c.phone,
        person.c.village_code,
        each.c.employers,
        each.c.half_days,
    ).join(each, each.c.person_id == person.c.id)
    page = paging.page(
        session,
        statement,
        [person.c.id],
        after=[after] if after else None,
        before=[before] if before else None,
    )
    homes = names(session, {row.village_code for row in page.rows if row.village_code})
    return [_line(row, homes) for row in page.rows], page


def _persons(opened: Opened) -> Select[Any]:
    kept = KEPT_HIRE.c
    statement = (
        select(
            kept.person_id,
            func.count(kept.employer_id.distinct()).label("employers"),
            func.sum(kept.half_days).label("half_days"),
        )
        .where(*_lines(opened))
        .group_by(kept.person_id)
    )
    if opened.measure == Measure.LIFTED_OUT:
        return statement.having(func.max(cast(kept.is_lifted_out, Integer)) == 1)
    if opened.measure in LEVELS:
        near = func.min(case((kept.local_level == 0, NEVER), else_=kept.local_level))
        return statement.having(near <= LEVELS[opened.measure])
    return statement


def _line(row: Any, homes: dict[str, str]) -> PersonLine:
    return PersonLine(
        id=row.id,
        name=masked_name(row.name),
        phone=masked_phone(row.phone) if row.phone else "",
        village=short_name(homes.get(row.village_code or "", "")),
        employers=row.employers,
        half_days=row.half_days,
    )
