"""What is owed and what is missing, by person, employer and town: lists and numbers of pages."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal_column, or_
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from orchard.accounts.models import Employer, Person
from orchard.accounts.rules import Caller, Role
from orchard.attendance.models import Workday
from orchard.hiring.models import Crew, Hire
from orchard.hiring.rules import PayBasis
from orchard.places.queries import within
from orchard.wages.identity import without_number
from orchard.wages.models import IdNumber, PayAnswer, PayLine, Payment, PaymentProof
from orchard.wages.queries import DayPay, day_pays, is_unsettled
from orchard.wages.rules import AnswerState, Proof

ROWS = 50  # of a page
MOST_DISPUTED = 100
MOST_OPEN_DAYS = 120


def of_towns(codes: Collection[str]) -> ColumnElement[bool]:
    """Say in SQL which hires work in some places."""
    return within(Hire.workplace_code, codes)


class Payee(NamedTuple):
    """One person at one employer: what is not settled of his pay."""

    person_id: UUID
    name: str
    employer_id: UUID
    employer: str
    unsettled_fen: int
    lines: int
    has_number: bool


def payees(session: Session, caller: Caller, *, page: int = 1) -> tuple[list[Payee], bool]:
    """Return who is or was paid by the caller's employers, the most unsettled first."""
    fen, lines = _unsettled()
    rows = session.execute(
        columns(
            col(Person.id),
            col(Person.name),
            col(Employer.id),
            col(Employer.name),
            fen,
            lines,
            func.count(col(IdNumber.person_id)),
        )
        .select_from(Hire)
        .join(Person, col(Person.id) == Hire.person_id)
        .join(Employer, col(Employer.id) == Hire.employer_id)
        .outerjoin(PayLine, (col(PayLine.hire_id) == Hire.id) & is_unsettled())
        .outerjoin(IdNumber, col(IdNumber.person_id) == Hire.person_id)
        .where(col(Hire.employer_id).in_(caller.employers))
        .group_by(col(Person.id), col(Person.name), col(Employer.id), col(Employer.name))
        .order_by(fen.desc(), col(Person.name), col(Person.id), col(Employer.id))
        .offset((page - 1) * ROWS)
        .limit(ROWS + 1)
    ).all()
    found = [Payee._make((*row[:4], int(row[4]), row[5], bool(row[6]))) for row in rows]
    return found[:ROWS], len(found) > ROWS


def _unsettled() -> tuple[ColumnElement[int], ColumnElement[int]]:
    return func.coalesce(func.sum(PayLine.amount_fen), 0), func.count(col(PayLine.id))


@dataclass(frozen=True)
class Sums:
    """The numbers above the list: what is owed, and what is missing."""

    unsettled_fen: int
    unsettled_people: int
    disputed: int
    missing_proof: int
    missing_numbers: int
    days_to_reckon: int
    days_to_weigh: int


def sums_of(session: Session, caller: Caller) -> Sums:
    """Return the numbers of the caller's employers, in one query."""
    mine = col(Hire.employer_id).in_(caller.employers)
    fen, _ = _unsettled()
    owed = columns(fen, func.count(col(Hire.person_id).distinct())).select_from(PayLine)
    owed = owed.join(Hire, col(Hire.id) == PayLine.hire_id).where(mine, is_unsettled())
    days = columns(func.count()).select_from(Workday).where(mine, without_line())
    days = days.join(Hire, col(Hire.id) == Workday.hire_id)
    counted = owed.subquery()
    row = session.execute(
        columns(
            counted,
            _disputed_lines(mine).scalar_subquery(),
            _without_proof(col(Payment.employer_id).in_(caller.employers)).scalar_subquery(),
            columns(func.count(col(Person.id))).where(without_number(mine)).scalar_subquery(),
            days.where(col(Hire.basis) == PayBasis.DAY).scalar_subquery(),
            days.where(col(Hire.basis) != PayBasis.DAY).scalar_subquery(),
        )
    ).one()
    return Sums(*(int(number) for number in row))


def without_line() -> ColumnElement[bool]:
    """Say in SQL which work days have no pay line yet."""
    line = columns(col(PayLine.id)).where(
        col(PayLine.hire_id) == Workday.hire_id, col(PayLine.worked_on) == Workday.day
    )
    return (col(Workday.half_days) > 0) & ~line.exists()


def objected() -> Select[*tuple[Any, ...]]:
    """Select the first lines of days whose objection is not answered yet; an index holds them.

    The state is written out: with a parameter no database knows that the index fits.
    """
    newer = aliased(PayAnswer)
    said = col(newer.line_id) == PayAnswer.line_id
    later = columns(col(newer.line_id)).where(said, col(newer.version) > PayAnswer.version)
    return columns(col(PayAnswer.line_id)).where(
        col(PayAnswer.state) == literal_column(f"'{AnswerState.OBJECTED}'"), ~later.exists()
    )


def _disputed_lines(hires: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    asked = columns(func.count()).select_from(PayLine)
    return asked.join(Hire, col(Hire.id) == PayLine.hire_id).where(
        hires, col(PayLine.id).in_(objected())
    )


def disputed(session: Session, caller: Caller, codes: Collection[str]) -> list[DayPay]:
    """Return the disputed days in the towns that the caller serves as secretary."""
    own = [code for code in codes if code in caller.places(Role.SECRETARY)]
    return day_pays(session, of_towns(own), _of_disputed(), most=MOST_DISPUTED)


def disputed_of_manager(session: Session, caller: Caller) -> list[DayPay]:
    """Return the disputed days of the caller's employers, to be answered."""
    mine = col(Hire.employer_id).in_(caller.employers)
    return day_pays(session, mine, _of_disputed(), most=MOST_DISPUTED)


def _of_disputed() -> ColumnElement[bool]:
    """Say in SQL which lines belong to a disputed day: the answer hangs on its first line."""
    return or_(col(PayLine.id).in_(objected()), col(PayLine.corrects_id).in_(objected()))


def _without_proof(payments: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return columns(func.count()).select_from(Payment).where(payments, no_proof())


def no_proof() -> ColumnElement[bool]:
    """Say in SQL which payments of some money have no proof."""
    later = columns(col(PaymentProof.payment_id)).where(col(PaymentProof.payment_id) == Payment.id)
    return (
        (col(Payment.proof) == literal_column(f"'{Proof.MISSING}'"))
        & (col(Payment.amount_fen) > 0)
        & ~later.exists()
    )


class OpenDay(NamedTuple):
    """One work day without a line: by the day it waits for the button, else for a quantity."""

    hire_id: UUID
    day: date
    half_days: int
    basis: PayBasis
    work: str
    person_id: UUID
    name: str


def open_days(
    session: Session,
    caller: Caller,
    *,
    day: date | None = None,
    crew_id: UUID | None = None,
    person_id: UUID | None = None,
) -> list[OpenDay]:
    """Return the work days by quantity without a line: of a date, a crew, or a person."""
    limits = [
        (day, col(Workday.day) == day),
        (crew_id, col(Hire.crew_id) == crew_id),
        (person_id, col(Hire.person_id) == person_id),
    ]
    rows = session.execute(
        columns(
            col(Workday.hire_id),
            col(Workday.day),
            col(Workday.half_days),
            col(Hire.basis),
            col(Hire.work),
            col(Person.id),
            col(Person.name),
        )
        .join(Hire, col(Hire.id) == Workday.hire_id)
        .join(Person, col(Person.id) == Hire.person_id)
        .where(
            col(Hire.employer_id).in_(caller.employers),
            col(Hire.basis) != PayBasis.DAY,
            without_line(),
            *(limit for given, limit in limits if given),
        )
        .order_by(col(Workday.day), col(Person.name), col(Workday.hire_id))
        .limit(MOST_OPEN_DAYS)
    )
    return [OpenDay(*row) for row in rows]


def crews_of(session: Session, caller: Caller) -> list[tuple[UUID, str]]:
    """Return the running crews of the caller's employers, for a choice."""
    rows = session.exec(
        select(Crew.id, Crew.name)
        .where(col(Crew.employer_id).in_(caller.employers), col(Crew.ended_at).is_(None))
        .order_by(Crew.name, col(Crew.id))
    )
    return list(rows.all())
