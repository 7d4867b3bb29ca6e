"""Rates, pay lines, payments, what workers answered, and ID numbers kept for the pay ledger."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary
from sqlmodel import Field, SQLModel

from orchard import db
from orchard.hiring.rules import PayBasis
from orchard.ids import new_id
from orchard.wages.rules import AnswerState, LineKind, Means, PaymentKind, Proof


class Rate(SQLModel, table=True):
    """What an employer pays for a unit of a work from a day on; the newest on a day holds."""

    __table_args__ = (
        CheckConstraint("rate_fen_x100 > 0", name="rate_positive"),
        Index("ix_rate_of_work", "employer_id", "work", "basis", "from_on"),
        db.table_info(),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    employer_id: UUID = Field(foreign_key="employer.id")
    work: str = Field(max_length=20)
    basis: PayBasis = Field(sa_column=db.enum_column(PayBasis))
    rate_fen_x100: int
    from_on: date
    made_at: datetime
    made_by_id: UUID | None = Field(default=None, foreign_key="account.id")


class PayLine(SQLModel, table=True):
    """Money owed for one day of one hire; never changed, corrected by a further line (工钱)."""

    __tablename__ = "pay_line"
    __table_args__ = (
        CheckConstraint("kind <> 'correction' OR corrects_id IS NOT NULL", name="corrects"),
        Index("ix_pay_line_hire", "hire_id", "worked_on"),
        db.table_info(),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    hire_id: UUID = Field(foreign_key="hire.id")
    worked_on: date
    kind: LineKind = Field(sa_column=db.enum_column(LineKind))
    basis: PayBasis = Field(sa_column=db.enum_column(PayBasis))
    quantity_x100: int
    rate_fen_x100: int
    amount_fen: int
    corrects_id: UUID | None = Field(default=None, foreign_key="pay_line.id", index=True)
    note: str = Field(default="", max_length=200)
    made_at: datetime
    made_by_id: UUID | None = Field(default=None, foreign_key="account.id")


class PayAnswer(SQLModel, table=True):
    """What was said to a pay line: confirmed, objected to, answered; one version after another."""

    __tablename__ = "pay_answer"
    __table_args__ = (db.table_info(),)

    line_id: UUID = Field(foreign_key="pay_line.id", primary_key=True)
    version: int = Field(primary_key=True)
    state: AnswerState = Field(sa_column=db.enum_column(AnswerState))
    note: str = Field(default="", max_length=200)
    at: datetime
    by_id: UUID | None = Field(default=None, foreign_key="account.id")


class Payment(SQLModel, table=True):
    """Money handed over to one person by one employer: wages or an advance (结清, 预支)."""

    __table_args__ = (
        CheckConstraint("amount_fen >= 0", name="amount_positive"),
        Index("ix_payment_person", "employer_id", "person_id", "paid_on"),
        db.table_info(),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    employer_id: UUID = Field(foreign_key="employer.id")
    person_id: UUID = Field(foreign_key="person.id", index=True)
    kind: PaymentKind = Field(sa_column=db.enum_column(PaymentKind))
    means: Means = Field(sa_column=db.enum_column(Means))
    proof: Proof = Field(sa_column=db.enum_column(Proof))
    amount_fen: int
    paid_on: date
    deducted_in_id: UUID | None = Field(default=None, foreign_key="payment.id", index=True)
    made_at: datetime
    made_by_id: UUID | None = Field(default=None, foreign_key="account.id")


class PaymentLine(SQLModel, table=True):
    """Which payment settled which pay line: a line is settled once."""

    __tablename__ = "payment_line"
    __table_args__ = (db.table_info(),)

    line_id: UUID = Field(foreign_key="pay_line.id", primary_key=True)
    payment_id: UUID = Field(foreign_key="payment.id", index=True)


class IdNumber(SQLModel, table=True):
    """A person's ID-card number, sealed; a keyed hash finds the same person (decision 9)."""

    __tablename__ = "id_number"
    __table_args__ = (db.table_info(),)

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    key_id: str = Field(max_length=20)
    sealed: bytes = Field(sa_type=LargeBinary)
    keyed_hash: str = Field(max_length=64, unique=True)
    masked: str = Field(max_length=18)
    written_at: datetime
    written_by_id: UUID | None = Field(default=None, foreign_key="account.id")
