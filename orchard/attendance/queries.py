"""Reads over sheets and work days: each page and each person's days in few looks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, bindparam, func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from orchard import db
from orchard.accounts.models import Account, Employer, Person
from orchard.accounts.rules import Caller
from orchard.attendance import rules
from orchard.attendance.models import HeatDay, Sheet, Workday, WorkdayChange
from orchard.errors import NotVisible
from orchard.hiring.models import Crew, Hire
from orchard.hiring.queries import hires_on, runs_on

MOST_LONE = 50  # people without a crew whom the first page lists
_W = db.table_of(Workday).c
# Built once: building a statement takes longer than SQLite needs to answer it.
_DAYS_ON = columns(_W.hire_id, _W.half_days, _W.version).where(
    _W.hire_id.in_(bindparam("hires", expanding=True)), _W.day == bindparam("day")
)
_DAYS_OF = (
    columns(_W.hire_id, _W.day, _W.half_days, _W.version)
    .where(
        _W.hire_id.in_(bindparam("hires", expanding=True)),
        _W.day.between(bindparam("first"), bindparam("last")),
    )
    .order_by(_W.day, _W.hire_id)
)


class Stored(NamedTuple):
    """What is stored of one hire's day; version 0 for nothing."""

    half_days: int = rules.NONE
    version: int = 0


class DayLine(NamedTuple):
    """One work day of one hire; version over 1 means that it was corrected."""

    hire_id: UUID
    day: date
    half_days: int
    version: int


@dataclass(frozen=True)
class Row:
    """One person of a sheet."""

    hire: Hire
    name: str
    stored: Stored

    @property
    def tail(self) -> str:
        """Return the end of the hire's id: short, so that thirty of them fit in a form."""
        return self.hire.id.hex[-12:]


@dataclass(frozen=True)
class Count:
    """Who came for the whole day, for half of it, and who did not."""

    whole: list[Row]
    half: list[Row]
    absent: list[Row]

    @property
    def half_days(self) -> int:
        """Return the sum that goes into the counts."""
        return rules.WHOLE * len(self.whole) + rules.HALF * len(self.half)


@dataclass(frozen=True)
class SheetView:
    """A crew's sheet of a day as it stands."""

    crew: Crew
    day: date
    rows: list[Row]
    sheet: Sheet | None
    heat: HeatDay | None

    @property
    def version(self) -> int:
        """Return a number that rises with each change of the sheet or one of its days."""
        return seen_version(self.sheet, [row.stored for row in self.rows])

    @property
    def open_rows(self) -> list[Row]:
        """Return the rows that may be ticked: on a stopped day indoor work and what stands."""
        if self.heat is None or self.heat.rule != rules.HeatRule.STOP:
            return self.rows
        return [
            row for row in self.rows if row.stored.half_days or not rules.is_outdoor(row.hire.work)
        ]

    def holds(self, tails: set[str]) -> bool:
        """Say whether every tick stands for somebody on this sheet."""
        return tails <= {row.tail for row in self.rows}

    def ticks_of(self, whole: Collection[str], half: Collection[str]) -> dict[UUID, int]:
        """Return half days by hire: half where half is ticked, whole where only the name is."""
        ticks = {row.hire.id: rules.WHOLE for row in self.rows if row.tail in whole}
        return ticks | {row.hire.id: rules.HALF for row in self.rows if row.tail in half}

    def counted(self, ticks: Mapping[UUID, int]) -> Count:
        """Return the rows by what was ticked, each in the order of the sheet."""
        rows: dict[int, list[Row]] = {rules.WHOLE: [], rules.HALF: [], rules.NONE: []}
        for row in self.rows:
            rows[ticks.get(row.hire.id, rules.NONE)].append(row)
        return Count(rows[rules.WHOLE], rows[rules.HALF], rows[rules.NONE])


def seen_version(sheet: Sheet | None, days: Collection[Stored]) -> int:
    """Return the version of a sheet with its days: single days are corrected beside it."""
    return (sheet.version if sheet else 0) + sum(day.version for day in days)


def days_on(session: Session, hire_ids: Collection[UUID], day: date) -> dict[UUID, Stored]:
    """Return what is stored of one day for some hires."""
    rows = session.execute(_DAYS_ON, {"hires": list(hire_ids), "day": day})
    return {hire_id: Stored(half_days, version) for hire_id, half_days, version in rows}


def days_of(session: Session, hire_ids: Collection[UUID], first: date, last: date) -> list[DayLine]:
    """Return the work days of some hires between two dates, the oldest first."""
    asked = {"hires": list(hire_ids), "first": first, "last": last}
    return [DayLine(*row) for row in session.execute(_DAYS_OF, asked)]


def sheet_for(session: Session, caller: Caller, crew_id: UUID, day: date) -> SheetView:
    """Return a sheet of an employer that the caller manages, or raise NotVisible."""
    found = session.exec(
        select(Crew, Sheet, HeatDay)
        .outerjoin(Sheet, and_(col(Sheet.crew_id) == Crew.id, col(Sheet.day) == day))
        .outerjoin(
            HeatDay,
            and_(col(HeatDay.employer_id) == Crew.employer_id, col(HeatDay.day) == day),
        )
        .where(Crew.id == crew_id, col(Crew.employer_id).in_(caller.employers))
    ).one_or_none()
    if found is None:
        raise NotVisible
    crew, sheet, heat = found
    hired = hires_on(session, crew.employer_id, crew.id, day)
    stored = days_on(session, [hire.id for hire, _ in hired], day)
    rows = [Row(hire, name, stored.get(hire.id, Stored())) for hire, name in hired]
    return SheetView(crew, day, rows, sheet, heat)


class CrewLine(NamedTuple):
    """One crew on the first page: when its sheet of the day was saved, if it was."""

    crew_id: UUID
    name: str
    employer: str
    saved_at: datetime | None


def crew_lines(session: Session, caller: Caller, day: date) -> list[CrewLine]:
    """Return the caller's crews with the state of their sheets on a day."""
    rows = session.execute(
        columns(col(Crew.id), col(Crew.name), col(Employer.name), col(Sheet.saved_at))
        .join(Employer, col(Employer.id) == Crew.employer_id)
        .outerjoin(Sheet, and_(col(Sheet.crew_id) == Crew.id, col(Sheet.day) == day))
        .where(col(Crew.employer_id).in_(caller.employers), col(Crew.ended_at).is_(None))
        .order_by(col(Employer.name), col(Crew.name), col(Crew.id))
    )
    return [CrewLine(*row) for row in rows]


class LoneLine(NamedTuple):
    """One person without a crew, ticked on a page of his own."""

    hire_id: UUID
    name: str
    half_days: int | None


def lone_lines(session: Session, caller: Caller, day: date) -> list[LoneLine]:
    """Return who is hired on a day outside any crew, by name."""
    rows = session.execute(
        columns(col(Hire.id), col(Person.name), col(Workday.half_days))
        .join(Person, col(Person.id) == Hire.person_id)
        .outerjoin(Workday, and_(col(Workday.hire_id) == Hire.id, col(Workday.day) == day))
        .where(
            col(Hire.employer_id).in_(caller.employers), col(Hire.crew_id).is_(None), runs_on(day)
        )
        .order_by(col(Person.name), col(Hire.id))
        .limit(MOST_LONE)
    )
    return [LoneLine(*row) for row in rows]


def heat_of(session: Session, employer_id: UUID, day: date) -> HeatDay | None:
    """Return what heat does to an employer's outdoor work on a day."""
    return session.get(HeatDay, (employer_id, day))


class ChangeLine(NamedTuple):
    """One correction of a work day as people read it."""

    day: date
    before: int
    after: int
    is_late: bool
    reason: str
    at: datetime
    by: str | None


def changes_of(session: Session, hire_id: UUID, most: int = 50) -> list[ChangeLine]:
    """Return the corrections of a hire's work days, the newest first."""
    change = WorkdayChange
    rows = session.execute(
        columns(
            col(change.day),
            col(change.half_days_before),
            col(change.half_days_after),
            col(change.is_late),
            col(change.reason),
            col(change.at),
            col(Person.name),
        )
        .outerjoin(Account, col(Account.id) == change.by_id)
        .outerjoin(Person, col(Person.id) == Account.person_id)
        .where(col(change.hire_id) == hire_id)
        .order_by(col(change.at).desc(), col(change.day).desc(), col(change.version).desc())
        .limit(most)
    )
    return [ChangeLine(*row) for row in rows]


def worked_between(session: Session, hire_id: UUID) -> tuple[date, date] | None:
    """Return the first and last day on which a hire was worked, or None."""
    first, last = session.execute(
        columns(func.min(Workday.day), func.max(Workday.day)).where(
            col(Workday.hire_id) == hire_id, col(Workday.half_days) > 0
        )
    ).one()
    return (first, last) if first else None
