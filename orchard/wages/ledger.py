"""The pay ledger (工资台账) of a month: the columns of the wage payment regulation, article 15."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func
from sqlalchemy import select as columns
from sqlmodel import Session, col

from orchard import units
from orchard.accounts.doors import check_proved
from orchard.accounts.models import Employer, Person
from orchard.accounts.rules import Caller
from orchard.accounts.services import audit
from orchard.errors import Refused
from orchard.hiring.models import Hire
from orchard.hiring.queries import is_known
from orchard.wages.identity import shown_to
from orchard.wages.models import (
    IdNumber,
    PayLine,
    Payment,
    PaymentDeduction,
    PaymentLine,
    PaymentProof,
)
from orchard.wages.rules import PaymentKind, Proof
from orchard.wages.sealing import unseal

MOST_ROWS = 5_000  # payments of a month in one ledger
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would calculate


class NotVerified(Refused):
    """Numbers leave in full only with an employer whom the town looked at."""

    code = "wages.ledger.not_verified"


class TooMany(Refused):
    """A ledger without its last payments would be a wrong one."""

    code = "wages.ledger.too_many"


@dataclass(frozen=True)
class Item:
    """What was due in one payment for one work: how much of it, and the money."""

    work: str
    basis: str
    days: int
    quantity_x100: int
    amount_fen: int


@dataclass(frozen=True)
class Entry:
    """One payment of wages with everything that the ledger has to say of it."""

    payment: Payment
    employer: str
    is_verified: bool
    person: Person
    phone: str | None  # of who is known to the employer
    number: IdNumber | None
    proof: Proof
    deducted_fen: int
    items: tuple[Item, ...]

    @property
    def due_fen(self) -> int:
        """Return what was due before anything was held back."""
        return sum(item.amount_fen for item in self.items)

    @property
    def gaps(self) -> int:
        """Return how many things are missing: the ID number, the proof."""
        no_proof = self.proof == Proof.MISSING and self.payment.amount_fen > 0
        return (self.number is None) + no_proof


def entries(session: Session, caller: Caller, first: date, last: date) -> list[Entry]:
    """Return the wages that the caller's employers paid between two days, in two queries.

    Raises TooMany rather than to leave payments out.
    """
    held = columns(func.coalesce(func.sum(PaymentDeduction.amount_fen), 0)).where(
        col(PaymentDeduction.payment_id) == Payment.id
    )
    rows = session.execute(
        columns(
            Payment,
            Employer,
            Person,
            is_known(col(Payment.person_id), col(Payment.employer_id)),
            IdNumber,
            func.coalesce(PaymentProof.proof, Payment.proof),
            held.scalar_subquery(),
        )
        .join(Employer, col(Employer.id) == Payment.employer_id)
        .join(Person, col(Person.id) == Payment.person_id)
        .outerjoin(
            IdNumber,
            and_(
                col(IdNumber.person_id) == Payment.person_id,
                shown_to(col(Payment.employer_id)),
            ),
        )
        .outerjoin(PaymentProof, col(PaymentProof.payment_id) == Payment.id)
        .where(*_paid(caller, first, last))
        .order_by(col(Payment.paid_on), col(Payment.id))
        .limit(MOST_ROWS + 1)
    ).all()
    if len(rows) > MOST_ROWS:
        raise TooMany(most=MOST_ROWS)
    items = _items(session, caller, first, last)
    return [
        Entry(
            payment=one,
            employer=employer.name,
            is_verified=employer.verified_at is not None,
            person=person,
            phone=person.phone if is_open else None,
            number=number,
            proof=Proof(proof),
            deducted_fen=int(fen),
            items=tuple(items[one.id]),
        )
        for one, employer, person, is_open, number, proof, fen in rows
    ]


def _paid(caller: Caller, first: date, last: date) -> list[Any]:
    return [
        col(Payment.employer_id).in_(caller.employers),
        col(Payment.kind) == PaymentKind.WAGES,
        col(Payment.paid_on).between(first, last),
    ]


def _items(
    session: Session, caller: Caller, first: date, last: date
) -> defaultdict[UUID, list[Item]]:
    rows = session.execute(
        columns(
            col(PaymentLine.payment_id),
            col(Hire.work),
            col(PayLine.basis),
            func.count(col(PayLine.worked_on).distinct()),
            func.sum(PayLine.quantity_x100),
            func.sum(PayLine.amount_fen),
        )
        .join(Payment, col(Payment.id) == PaymentLine.payment_id)
        .join(PayLine, col(PayLine.id) == PaymentLine.line_id)
        .join(Hire, col(Hire.id) == PayLine.hire_id)
        .where(*_paid(caller, first, last))
        .group_by(col(PaymentLine.payment_id), col(Hire.work), col(PayLine.basis))
        .order_by(col(Hire.work), col(PayLine.basis))
    )
    found: defaultdict[UUID, list[Item]] = defaultdict(list)
    for payment_id, work, basis, days, quantity, fen in rows:
        found[payment_id].append(Item(work, basis, days, int(quantity), int(fen)))
    return found


def open_numbers(
    session: Session, caller: Caller, found: Sequence[Entry], *, now: datetime
) -> dict[UUID, str]:
    """Return the ID numbers of a ledger in full, by person: after the secret, and audited.

    Raises NotVerified while the town has not looked at an employer, and NotProved where the
    secret was not given again lately in this session.
    """
    if not all(one.is_verified for one in found):
        raise NotVerified
    check_proved(session, caller.session_id, now=now)
    _audit(session, caller, found, "wages.ledger_exported", now)
    return {
        one.person.id: unseal(one.number.key_id, one.number.sealed, one.person.id)
        for one in found
        if one.number
    }


def told(
    session: Session, caller: Caller, first: date, last: date, *, now: datetime
) -> list[Entry]:
    """Return the wages of some days to a program, which cannot give a secret; audited.

    It reads no more than the page: the ID numbers masked. Raises TooMany as entries() does.
    """
    found = entries(session, caller, first, last)
    _audit(session, caller, found, "wages.ledger_told", now)
    return found


def _audit(
    session: Session, caller: Caller, found: Sequence[Entry], action: str, now: datetime
) -> None:
    """Write down whose ledger was handed out."""
    for employer_id in sorted({one.payment.employer_id for one in found}):
        audit(session, action, employer_id, now=now, by=caller.account_id)


def as_csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as a spreadsheet opens it; nothing in it is calculated."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([_still(cell) for cell in row] for row in rows)
    return "\ufeff" + text.getvalue()


def _still(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def grouped(number: str) -> str:
    """Return an ID number in its three parts: a spreadsheet takes 18 digits in one for a float."""
    return f"{number[:6]} {number[6:14]} {number[14:]}".strip()


def yuan(fen: int) -> str:
    """Return an amount as the ledger writes it: with both decimals, without commas."""
    return units.decimal_text(fen, 2)
