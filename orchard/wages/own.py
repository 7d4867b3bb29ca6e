"""What a worker sees above his month: days of work, days not reckoned yet, money he was paid."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from orchard.attendance.models import Workday
from orchard.hiring.models import Hire
from orchard.wages.models import Payment
from orchard.wages.owed import without_line
from orchard.wages.paid import ROWS, PaymentRow, held_of_advance, is_open_advance, payments
from orchard.wages.rules import PaymentKind


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


def handed_to(
    session: Session, person_id: UUID, first: date, last: date, slips: Collection[UUID]
) -> list[PaymentRow]:
    """Return what a person was paid between two days or by some slips, and his open advances."""
    here = or_(
        col(Payment.paid_on).between(first, last),
        col(Payment.id).in_(slips),
        is_open_advance(),
    )
    return payments(session, col(Payment.person_id) == person_id, here, most=ROWS)


def advances_left(session: Session, person_id: UUID, handed: Collection[PaymentRow]) -> int:
    """Return what is still to be held back of all advances of a person, in fen.

    handed: what handed_to() returned: all of them stand there, where the list was not cut.
    """
    if len(handed) < ROWS:
        advances = [row for row in handed if row.payment.kind == PaymentKind.ADVANCE]
        return sum(row.left_fen for row in advances)
    left = select(func.coalesce(func.sum(col(Payment.amount_fen) - held_of_advance()), 0))
    return int(session.exec(left.where(Payment.person_id == person_id, is_open_advance())).one())
