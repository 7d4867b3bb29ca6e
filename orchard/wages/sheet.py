"""Days whose pay does not say what the attendance sheet says: ticked anew after the line."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import col

from orchard.attendance.models import Workday
from orchard.hiring.models import Hire
from orchard.hiring.rules import PayBasis
from orchard.wages.models import PayLine
from orchard.wages.rules import HALF_DAY_X100


def disagreeing(*where: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Select (first line, half days, employer) of such days, by a condition over days and hires.

    By the day the quantity is the sheet's; by quantity there is none on a day that was taken back.
    """
    half_days, root, line = col(Workday.half_days), aliased(PayLine), aliased(PayLine)
    quantity, is_by_day = func.sum(line.quantity_x100), col(root.basis) == PayBasis.DAY
    return (
        columns(col(root.id).label("line_id"), half_days, col(Hire.employer_id))
        .join(
            Workday, (col(root.hire_id) == Workday.hire_id) & (col(root.worked_on) == Workday.day)
        )
        .join(Hire, col(Hire.id) == root.hire_id)
        .join(line, (col(line.hire_id) == root.hire_id) & (col(line.worked_on) == root.worked_on))
        .where(col(root.corrects_id).is_(None), or_(is_by_day, half_days == 0), *where)
        .group_by(col(root.id), col(root.basis), half_days, col(Hire.employer_id))
        .having(
            or_(
                and_(is_by_day, quantity != half_days * HALF_DAY_X100),
                and_(~is_by_day, quantity != 0),
            )
        )
    )
