"""What a worker sees above his month: days of work, money, and days that are not reckoned yet."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from orchard.attendance.models import Workday
from orchard.hiring.models import Hire
from orchard.wages.owed import without_line


@dataclass(frozen=True)
class Month:
    """The work days of a month: half days in all, and those without a pay line."""

    half_days: int
    open_days: tuple[tuple[date, int, str], ...]

    @property
    def quantity_x100(self) -> int:
        """Return the days of work in hundredths."""
        return self.half_days * 50


def month_of(session: Session, person_id: UUID, first: date, last: date) -> Month:
    """Return a person's work days between two dates, for all who employ him."""
    rows = session.exec(
        select(col(Workday.day), col(Workday.half_days), col(Hire.work), without_line())
        .join(Hire, col(Hire.id) == Workday.hire_id)
        .where(Hire.person_id == person_id, col(Workday.day).between(first, last))
        .order_by(col(Workday.day).desc())
    ).all()
    still_open = tuple((day, half, work) for day, half, work, is_open in rows if is_open)
    return Month(sum(half for _, half, _, _ in rows), still_open)
