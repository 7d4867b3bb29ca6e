"""Reads over payments: what was handed over, what of it is still to be held back, its proof."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from orchard.accounts.models import Account, Employer, Person
from orchard.accounts.rules import Caller, Role
from orchard.errors import NotVisible
from orchard.hiring.models import Hire
from orchard.wages.identity import shown_to
from orchard.wages.models import (
    IdNumber,
    PayLine,
    Payment,
    PaymentDeduction,
    PaymentLine,
    PaymentProof,
)
from orchard.wages.queries import is_unsettled
from orchard.wages.rules import PaymentKind, Proof
from orchard.wages.sheet import disagreeing

ROWS = 50  # of a page


def open_advances(
    session: Session, employer_id: UUID, person_id: UUID, *, lock: bool = False
) -> list[tuple[Payment, int]]:
    """Return a person's advances with what is still to be held back, the oldest first."""
    advances = session.exec(
        _locked(
            select(Payment)
            .where(
                Payment.employer_id == employer_id,
                Payment.person_id == person_id,
                Payment.kind == PaymentKind.ADVANCE,
            )
            .order_by(col(Payment.paid_on), col(Payment.id)),
            lock,
        )
    ).all()
    if not advances:
        return []
    held = dict(
        session.execute(
            columns(col(PaymentDeduction.advance_id), func.sum(PaymentDeduction.amount_fen))
            .where(col(PaymentDeduction.advance_id).in_([one.id for one in advances]))
            .group_by(col(PaymentDeduction.advance_id))
        ).all()
    )
    left = [(one, one.amount_fen - int(held.get(one.id, 0))) for one in advances]
    return [(one, fen) for one, fen in left if fen]


def _locked(statement: Any, lock: bool) -> Any:
    return statement.with_for_update() if lock else statement


class Owed(NamedTuple):
    """What is not settled of a person's pay at one employer: how much, of how many days."""

    fen: int = 0
    days: int = 0
    until: date | None = None


@dataclass(frozen=True)
class Paid:
    """A person and an employer who pays or paid him; others: the caller's further ones."""

    person: Person
    number: str | None  # of his ID card, masked
    employer_id: UUID
    employer: str
    owed: Owed
    retaken: int  # days whose pay does not say what the sheet says
    others: tuple[tuple[UUID, str], ...]


def paid_person(
    session: Session, caller: Caller, person_id: UUID, employer_id: UUID | None
) -> Paid:
    """Return a person whom the caller's employers hired, at the last one or the one asked for.

    Raises NotVisible for anybody else, as if there were none.
    """
    number = columns(col(IdNumber.masked)).where(
        col(IdNumber.person_id) == Person.id, shown_to(col(Employer.id))
    )
    owed = _owed_by_employer(person_id).subquery()
    retaken = disagreeing(col(Hire.person_id) == person_id).subquery()
    here = columns(func.count()).where(retaken.c.employer_id == Employer.id)
    rows = session.execute(
        columns(
            Person,
            col(Employer.id),
            col(Employer.name),
            number.scalar_subquery(),
            here.scalar_subquery(),
            *owed.c,
        )
        .join(Hire, col(Hire.person_id) == Person.id)
        .join(Employer, col(Employer.id) == Hire.employer_id)
        .outerjoin(owed, owed.c.employer_id == Employer.id)
        .where(col(Person.id) == person_id, col(Hire.employer_id).in_(caller.employers))
        .group_by(col(Person.id), col(Employer.id), col(Employer.name), *owed.c)
        .order_by(func.max(Hire.started_on).desc(), col(Employer.id))
    ).all()
    chosen = next((row for row in rows if employer_id in (None, row[1])), None)
    if chosen is None:
        raise NotVisible
    others = tuple((row[1], row[2]) for row in rows if row[1] != chosen[1])
    person, at, name, masked, again, _, fen, days, until = chosen
    return Paid(person, masked, at, name, Owed(int(fen or 0), days or 0, until), again, others)


def _owed_by_employer(person_id: UUID) -> Select[*tuple[Any, ...]]:
    """Select what each employer owes a person, of all days, however many they are."""
    return (
        columns(
            col(Hire.employer_id),
            func.sum(PayLine.amount_fen).label("fen"),
            func.count(col(PayLine.worked_on).distinct()).label("days"),
            func.max(PayLine.worked_on).label("until"),
        )
        .join(Hire, col(Hire.id) == PayLine.hire_id)
        .where(col(Hire.person_id) == person_id, is_unsettled())
        .group_by(col(Hire.employer_id))
    )


class PaymentRow(NamedTuple):
    """One payment as it is shown."""

    payment: Payment
    proof: Proof
    person: str
    employer: str
    deducted_fen: int  # of advances, by wages
    held_fen: int  # of this advance, by later wages
    phone: str | None  # of who noted it

    @property
    def left_fen(self) -> int:
        """Return what of an advance is still to be held back."""
        return self.payment.amount_fen - self.held_fen


def held_of_advance() -> ColumnElement[int]:
    """Return in SQL how much of an advance, a payment, was held back."""
    deducted = columns(func.coalesce(func.sum(PaymentDeduction.amount_fen), 0))
    return deducted.where(col(PaymentDeduction.advance_id) == Payment.id).scalar_subquery()


def is_open_advance() -> ColumnElement[bool]:
    """Say in SQL whether something of an advance is still to be held back."""
    return (col(Payment.kind) == PaymentKind.ADVANCE) & (
        col(Payment.amount_fen) > held_of_advance()
    )


def payments(
    session: Session, *where: ColumnElement[bool], most: int = ROWS + 1, page: int = 1
) -> list[PaymentRow]:
    """Return payments that a condition finds, the newest first, with the proof that holds."""
    held = (
        columns(func.coalesce(func.sum(PaymentDeduction.amount_fen), 0))
        .where(col(PaymentDeduction.payment_id) == Payment.id)
        .scalar_subquery()
    )
    rows = session.execute(
        columns(
            Payment,
            func.coalesce(PaymentProof.proof, Payment.proof),
            col(Person.name),
            col(Employer.name),
            held,
            held_of_advance(),
            col(Account.phone),
        )
        .join(Person, col(Person.id) == Payment.person_id)
        .join(Employer, col(Employer.id) == Payment.employer_id)
        .outerjoin(Account, col(Account.id) == Payment.made_by_id)
        .outerjoin(PaymentProof, col(PaymentProof.payment_id) == Payment.id)
        .where(*where)
        .order_by(col(Payment.paid_on).desc(), col(Payment.id).desc())
        .offset((page - 1) * ROWS)
        .limit(most)
    )
    return [
        PaymentRow(one, Proof(proof), person, employer, int(fen), int(back), phone)
        for one, proof, person, employer, fen, back, phone in rows
    ]


def payment_in_hand(caller: Caller) -> ColumnElement[bool]:
    """Say in SQL which payments the caller sees: those to him, those of his employers."""
    own = col(Payment.person_id) == caller.person_id
    managed = col(Payment.employer_id).in_(caller.employers)
    return or_(own, managed) if Role.WORKER in caller.roles else managed


def payment_for(session: Session, caller: Caller, payment_id: UUID) -> PaymentRow:
    """Return one payment in sight, or raise NotVisible."""
    found = payments(session, col(Payment.id) == payment_id, payment_in_hand(caller))
    if not found:
        raise NotVisible
    return found[0]


def lines_of_payment(session: Session, payment_id: UUID) -> list[tuple[PayLine, str]]:
    """Return the lines that a payment settled, by day, with the work."""
    rows = session.execute(
        columns(PayLine, col(Hire.work))
        .join(PaymentLine, col(PaymentLine.line_id) == PayLine.id)
        .join(Hire, col(Hire.id) == PayLine.hire_id)
        .where(col(PaymentLine.payment_id) == payment_id)
        .order_by(col(PayLine.worked_on), col(PayLine.made_at), col(PayLine.id))
    )
    return [(line, work) for line, work in rows]
