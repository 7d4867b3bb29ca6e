"""Reads over rates, pay lines and payments; the scope of a look-up is the permission."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from orchard.accounts.models import Employer, Person
from orchard.accounts.rules import Caller, Role
from orchard.attendance.models import Workday
from orchard.errors import NotVisible
from orchard.hiring.models import Hire
from orchard.hiring.rules import PayBasis
from orchard.paging import History, newest
from orchard.wages.models import PayAnswer, PayLine, PaymentLine, Rate
from orchard.wages.rules import AnswerState, day_quantity_x100

Rates = dict[tuple[UUID, str, PayBasis], list[Rate]]
MOST_HIRES = 500  # looked up together


def managed_hires(session: Session, caller: Caller, ids: Collection[UUID]) -> dict[UUID, Hire]:
    """Return hires of the employers that the caller manages, or raise NotVisible."""
    wanted = sorted(ids)
    found: dict[UUID, Hire] = {}
    for start in range(0, len(wanted), MOST_HIRES):
        part = wanted[start : start + MOST_HIRES]
        rows = session.exec(
            select(Hire).where(col(Hire.id).in_(part), col(Hire.employer_id).in_(caller.employers))
        )
        found |= {hire.id: hire for hire in rows}
    if len(found) < len(wanted):
        raise NotVisible
    return found


def employers_of(session: Session, caller: Caller) -> list[tuple[UUID, str]]:
    """Return the employers that the caller manages, by name."""
    rows = session.exec(
        select(Employer.id, Employer.name)
        .where(col(Employer.id).in_(caller.employers))
        .order_by(Employer.name, col(Employer.id))
    )
    return list(rows.all())


def rates_of(session: Session, employer_ids: Collection[UUID]) -> Rates:
    """Return what some employers pay, by employer, work and basis; the oldest first."""
    found: Rates = defaultdict(list)
    rows = session.exec(
        select(Rate)
        .where(col(Rate.employer_id).in_(employer_ids))
        .order_by(col(Rate.from_on), col(Rate.id))
    )
    for rate in rows:
        found[rate.employer_id, rate.work, rate.basis].append(rate)
    return dict(found)


def in_hand(caller: Caller) -> ColumnElement[bool]:
    """Say in SQL whose pay the caller sees: his own as a worker, his employers' as a manager."""
    ways: list[ColumnElement[bool]] = []
    if Role.WORKER in caller.roles:
        ways.append(col(Hire.person_id) == caller.person_id)
    if caller.employers or not ways:
        ways.append(col(Hire.employer_id).in_(caller.employers))
    return or_(*ways)


def lines_in_hand(caller: Caller) -> Select[*tuple[Any, ...]]:
    """Select the pay lines that the caller sees."""
    return columns(PayLine).join(Hire, col(Hire.id) == PayLine.hire_id).where(in_hand(caller))


def edge(session: Session, caller: Caller, line_id: UUID) -> tuple[date, UUID]:
    """Return where a line in sight stands in the list, or raise NotVisible."""
    found = session.execute(lines_in_hand(caller).where(col(PayLine.id) == line_id)).first()
    if found is None:
        raise NotVisible
    return found[0].worked_on, found[0].id


def line_for(session: Session, caller: Caller, line_id: UUID) -> tuple[PayLine, Hire]:
    """Return a day's first line and its hire, also for a correction's id, or NotVisible."""
    row = session.execute(
        columns(PayLine, Hire)
        .join(Hire, col(Hire.id) == PayLine.hire_id)
        .where(col(PayLine.id) == line_id, in_hand(caller))
    ).one_or_none()
    if row is None:
        raise NotVisible
    line, hire = row
    root = line if line.corrects_id is None else session.get_one(PayLine, line.corrects_id)
    return root, hire


@dataclass(frozen=True)
class DayPay:
    """What is owed for one day of one hire: its first line, its corrections, what was answered."""

    lines: tuple[PayLine, ...]
    paid_in: tuple[UUID | None, ...]
    answer: PayAnswer | None
    person_id: UUID
    person: str
    employer: str
    work: str
    half_days: int | None  # on the sheet as it stands; None: it was never on one

    @property
    def root(self) -> PayLine:
        """Return the line that the others correct."""
        return self.lines[0]

    @property
    def quantity_x100(self) -> int:
        """Return the quantity that is paid."""
        return sum(line.quantity_x100 for line in self.lines)

    @property
    def rate_fen_x100(self) -> int:
        """Return the rate that holds after the last correction."""
        return self.lines[-1].rate_fen_x100

    @property
    def amount_fen(self) -> int:
        """Return what is owed for the day in all."""
        return sum(line.amount_fen for line in self.lines)

    @property
    def unsettled_fen(self) -> int:
        """Return what is not settled of it; less than nothing when too much was paid."""
        pairs = zip(self.lines, self.paid_in, strict=True)
        return sum(line.amount_fen for line, payment in pairs if payment is None)

    @property
    def is_settled(self) -> bool:
        """Say whether each of its lines is settled."""
        return all(self.paid_in)

    @property
    def sheet(self) -> str | None:
        """Return how the sheet disagrees: absent, changed, not_counted, or None where it agrees."""
        if self.half_days is None:
            return None
        if not self.half_days:
            return "absent" if self.quantity_x100 else None
        if self.root.basis == PayBasis.DAY:
            return None if self.quantity_x100 == day_quantity_x100(self.half_days) else "changed"
        return None if self.quantity_x100 else "not_counted"

    @property
    def is_retaken(self) -> bool:
        """Say whether the next reckoning corrects it: as sheet.disagreeing() says in SQL."""
        return self.sheet in ("absent", "changed")

    @property
    def state(self) -> AnswerState | None:
        """Return what stands last under it."""
        return self.answer.state if self.answer else None

    @property
    def version(self) -> int:
        """Return how many answers there are."""
        return self.answer.version if self.answer else 0


def day_pays(session: Session, *where: ColumnElement[bool], most: int = 400) -> list[DayPay]:
    """Return the pay of the days that a condition over lines and hires finds, the newest first."""
    root = func.coalesce(PayLine.corrects_id, PayLine.id)
    rows = session.execute(
        columns(
            PayLine,
            col(PaymentLine.payment_id),
            col(Hire.person_id),
            col(Person.name),
            col(Employer.name),
            col(Hire.work),
            col(Workday.half_days),
        )
        .join(Hire, col(Hire.id) == PayLine.hire_id)
        .outerjoin(
            Workday,
            (col(Workday.hire_id) == PayLine.hire_id) & (col(Workday.day) == PayLine.worked_on),
        )
        .join(Person, col(Person.id) == Hire.person_id)
        .join(Employer, col(Employer.id) == Hire.employer_id)
        .outerjoin(PaymentLine, col(PaymentLine.line_id) == PayLine.id)
        .where(*where)
        .order_by(
            col(PayLine.worked_on).desc(),
            root,
            col(PayLine.corrects_id).is_not(None),
            col(PayLine.made_at),
            col(PayLine.id),
        )
        .limit(most + 1)
    ).all()
    grouped: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row[0].corrects_id or row[0].id].append(row)
    if len(rows) > most and len(grouped) > 1:
        grouped.popitem()  # perhaps cut in two
    whole = {key: part for key, part in grouped.items() if part[0][0].corrects_id is None}
    answers = newest_answers(session, whole)
    return [_day(part, answers.get(key)) for key, part in whole.items()]


def _day(rows: Sequence[Any], answer: PayAnswer | None) -> DayPay:
    lines, payments = tuple(row[0] for row in rows), tuple(row[1] for row in rows)
    return DayPay(lines, payments, answer, *rows[0][2:])


def newest_answers(session: Session, line_ids: Collection[UUID]) -> dict[UUID, PayAnswer]:
    """Return what stands last under each of some lines."""
    rows = session.exec(
        select(PayAnswer)
        .where(col(PayAnswer.line_id).in_(line_ids))
        .order_by(col(PayAnswer.version))
        .execution_options(populate_existing=True)
    )
    return {answer.line_id: answer for answer in rows}


def answers_of(session: Session, line_id: UUID, before: int | None = None) -> History:
    """Return what was said to a line before some version, the newest first."""
    answers = columns(PayAnswer).where(col(PayAnswer.line_id) == line_id)
    found = newest(session, answers, col(PayAnswer.version), before=before)
    return History([answer for (answer,) in found.rows], found.earlier)


def day_pay_for(session: Session, caller: Caller, line_id: UUID) -> DayPay:
    """Return the pay of a day in sight, by the id of one of its lines, or raise NotVisible."""
    root, _ = line_for(session, caller, line_id)
    return day_pays(session, of_root(root.id))[0]


def managed_day_for(session: Session, caller: Caller, line_id: UUID) -> DayPay:
    """Return the pay of a day at an employer that the caller manages, or raise NotVisible."""
    root, hire = line_for(session, caller, line_id)
    if hire.employer_id not in caller.employers:
        raise NotVisible
    return day_pays(session, of_root(root.id))[0]


def of_root(root_id: UUID) -> ColumnElement[bool]:
    """Say in SQL which lines belong to a day's first line."""
    return or_(col(PayLine.id) == root_id, col(PayLine.corrects_id) == root_id)


def is_unsettled() -> ColumnElement[bool]:
    """Say in SQL whether no payment has settled a line."""
    paid = columns(col(PaymentLine.line_id)).where(col(PaymentLine.line_id) == PayLine.id)
    return ~paid.exists()


def is_open_day() -> ColumnElement[bool]:
    """Say in SQL whether a line belongs to a day that has a line no payment has settled."""
    other = aliased(PayLine)
    paid = columns(col(PaymentLine.line_id)).where(col(PaymentLine.line_id) == other.id)
    same = (col(other.hire_id) == PayLine.hire_id) & (col(other.worked_on) == PayLine.worked_on)
    return columns(col(other.id)).where(same, ~paid.exists()).exists()


def lines_of(session: Session, hire_ids: Iterable[UUID], first: date, last: date) -> list[PayLine]:
    """Return the lines of some hires between two days, the oldest first, for rooms above."""
    rows = session.exec(
        select(PayLine)
        .where(
            col(PayLine.hire_id).in_(list(hire_ids)), col(PayLine.worked_on).between(first, last)
        )
        .order_by(col(PayLine.worked_on), col(PayLine.hire_id), col(PayLine.id))
    )
    return list(rows.all())
