"""Helpers of the attendance tests: a crew that is hired, and what is stored of its days."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from orchard import db
from orchard.accounts.models import Employer
from orchard.accounts.rules import Caller, Role
from orchard.attendance import services
from orchard.attendance.models import Sheet, Workday, WorkdayChange
from orchard.hiring.models import Crew, Hire
from tests import make

TODAY = date(2026, 11, 23)
NAMES = "张秀英 李国富 陈素芬 王德全 刘永兴 杨桂芳 黄天福 周玉珍"


@dataclass
class Hired:
    """A manager, his crew and its hires by name."""

    caller: Caller
    firm: Employer
    crew: Crew
    hires: list[Hire]

    def ticks(self, *half_days: int) -> dict[UUID, int]:
        """Return half days for the hires in order."""
        return {hire.id: n for hire, n in zip(self.hires, half_days, strict=False)}


def hired(session: Session, people: int = 3, **values: Any) -> Hired:
    """Make a manager with a crew of hired people."""
    firm = make.employer(session)
    crew = make.crew(session, firm)
    hires = [
        make.hire(session, firm, make.worker(session, name=name), crew_id=crew.id, **values)
        for name in (NAMES.split() * 8)[:people]
    ]
    return Hired(make.caller(session, Role.MANAGER, employer_id=firm.id), firm, crew, hires)


def save(session: Session, here: Hired, *half_days: int, day: date = TODAY, **values: Any) -> Sheet:
    """Save a sheet as its manager."""
    ticks = here.ticks(*half_days)
    given = {"now": make.NOW, **values}
    return services.save_sheet(session, here.caller, here.crew.id, day, ticks, **given)


def stored(session: Session, day: date = TODAY) -> list[tuple[int, int]]:
    """Return (half days, version) of every work day of a date, by hire."""
    rows = session.exec(
        select(Workday.half_days, Workday.version)
        .where(Workday.day == day)
        .order_by(col(Workday.hire_id))
    )
    return list(rows.all())


def changes(session: Session) -> list[tuple[int, int, bool, str]]:
    """Return (before, after, is late, reason) of every correction, by hire and version."""
    rows = session.exec(
        select(
            WorkdayChange.half_days_before,
            WorkdayChange.half_days_after,
            WorkdayChange.is_late,
            WorkdayChange.reason,
        ).order_by(col(WorkdayChange.hire_id), col(WorkdayChange.version))
    )
    return list(rows.all())


def written() -> list[Any]:
    """Return everything of this room that is committed, to prove that a refusal wrote nothing."""
    with db.reading() as session:
        tables = [db.table_of(model) for model in (Sheet, Workday, WorkdayChange)]
        return [sorted(map(repr, session.execute(table.select()))) for table in tables]
