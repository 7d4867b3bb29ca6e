"""Rates, pay lines, payments, what workers answered, and ID numbers kept for the pay ledger.

Only IdNumber is ever changed: everything about money is a further row.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, text
from sqlmodel import Field

from orchard import tables
from orchard.hiring.rules import PayBasis
from orchard.ids import new_id
from orchard.wages.rules import AnswerState, LineKind, Means, Objection, PaymentKind, Proof


class Rate(tables.Record, table=True):
    """What an employer pays for a unit of a work from a day on; the newest on a day holds."""

    __table_args__ = (
        CheckConstraint("rate_fen_x100 > 0", name="rate_positive"),
        Index("ix_rate_of_work", "employer_id", "work", "basis", "from_on"),
        tables.table_info(),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    employer_id: UUID = Field(foreign_key="employer.id")
    work: str = Field(max_length=20)
    basis: PayBasis = Field(sa_column=tables.enum_column(PayBasis))
    rate_fen_x100: int
    from_on: date
    made_at: datetime
    made_by_id: UUID | None = Field(default=None, foreign_key="account.id")


class PayLine(tables.Record, table=True):
    """Money owed for one day of one hire (工钱); never changed, corrected by a further line.

    A correction carries the differences of quantity and amount, and the rate that holds after it:
    so the lines of a day add up to what is owed for it, to the fen.
    """

    __tablename__ = "pay_line"
    __table_args__ = (
        CheckConstraint("(kind = 'correction') = (corrects_id IS NOT NULL)", name="corrects"),
        CheckConstraint("kind <> 'correction' OR note <> ''", name="correction_says_why"),
        Index("ix_pay_line_hire", "hire_id", "worked_on"),
        Index(
            "uq_pay_line_earned",
            "hire_id",
            "worked_on",
            unique=True,
            sqlite_where=text("corrects_id IS NULL"),
            postgresql_where=text("corrects_id IS NULL"),
        ),
        tables.table_info(),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    hire_id: UUID = Field(foreign_key="hire.id")
    worked_on: date
    kind: LineKind = Field(sa_column=tables.enum_column(LineKind))
    basis: PayBasis = Field(sa_column=tables.enum_column(PayBasis))
    quantity_x100: int
    rate_fen_x100: int
    amount_fen: int = Field(sa_type=BigInteger)
    corrects_id: UUID | None = Field(default=None, foreign_key="pay_line.id", index=True)
    note: str = Field(default="", max_length=200)
    made_at: datetime
    made_by_id: UUID | None = Field(default=None, foreign_key="account.id")


class PayAnswer(tables.Record, table=True):
    """What was said to a day's pay: confirmed, objected to, answered; version after version."""

    __tablename__ = "pay_answer"
    __table_args__ = (
        CheckConstraint("(state = 'objected') = (reason IS NOT NULL)", name="objected_for_reason"),
        Index(
            "ix_pay_answer_objected",
            "line_id",
            sqlite_where=text("state = 'objected'"),
            postgresql_where=text("state = 'objected'"),
        ),
        tables.table_info(),
    )

    line_id: UUID = Field(foreign_key="pay_line.id", primary_key=True)
    version: int = Field(primary_key=True)
    state: AnswerState = Field(sa_column=tables.enum_column(AnswerState))
    reason: Objection | None = Field(
        default=None, sa_column=tables.enum_column(Objection, nullable=True)
    )
    claimed_x100: int | None = None
    correction_id: UUID | None = Field(default=None, foreign_key="pay_line.id")
    note: str = Field(default="", max_length=200)
    at: datetime
    by_id: UUID | None = Field(default=None, foreign_key="account.id")


class Payment(tables.Record, table=True):
    """Money handed over to one person by one employer: wages or an advance (结清, 预支)."""

    __table_args__ = (
        CheckConstraint("amount_fen >= 0", name="amount_positive"),
        Index("ix_payment_person", "employer_id", "person_id", "paid_on"),
        Index(
            "ix_payment_unproved",
            "employer_id",
            sqlite_where=text("proof = 'missing'"),
            postgresql_where=text("proof = 'missing'"),
        ),
        tables.table_info(),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    employer_id: UUID = Field(foreign_key="employer.id")
    person_id: UUID = Field(foreign_key="person.id", index=True)
    kind: PaymentKind = Field(sa_column=tables.enum_column(PaymentKind))
    means: Means = Field(sa_column=tables.enum_column(Means))
    proof: Proof = Field(sa_column=tables.enum_column(Proof))
    amount_fen: int = Field(sa_type=BigInteger)
    paid_on: date
    made_at: datetime
    made_by_id: UUID | None = Field(default=None, foreign_key="account.id")


class PaymentLine(tables.Record, table=True):
    """Which payment settled which pay line: a line is settled once."""

    __tablename__ = "payment_line"
    __table_args__ = (tables.table_info(),)

    line_id: UUID = Field(foreign_key="pay_line.id", primary_key=True)
    payment_id: UUID = Field(foreign_key="payment.id", index=True)


class PaymentDeduction(tables.Record, table=True):
    """How much of an advance one payment of wages held back."""

    __tablename__ = "payment_deduction"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        tables.table_info(),
    )

    advance_id: UUID = Field(foreign_key="payment.id", primary_key=True)
    payment_id: UUID = Field(foreign_key="payment.id", primary_key=True, index=True)
    amount_fen: int = Field(sa_type=BigInteger)


class PaymentProof(tables.Record, table=True):
    """The proof of a payment that came after it (补凭证); given once."""

    __tablename__ = "payment_proof"
    __table_args__ = (
        CheckConstraint("proof <> 'missing'", name="proof_there"),
        tables.table_info(),
    )

    payment_id: UUID = Field(foreign_key="payment.id", primary_key=True)
    proof: Proof = Field(sa_column=tables.enum_column(Proof))
    at: datetime
    by_id: UUID | None = Field(default=None, foreign_key="account.id")


class IdNumber(tables.Record, table=True):
    """A person's ID-card number, sealed; a keyed hash finds the same person (decision 9)."""

    __tablename__ = "id_number"
    __table_args__ = (tables.table_info(),)

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    key_id: str = Field(max_length=20)
    sealed: bytes = Field(sa_type=LargeBinary)
    keyed_hash: str = Field(max_length=64, unique=True)
    masked: str = Field(max_length=18)
    version: int = 1
    written_at: datetime
    written_by_id: UUID | None = Field(default=None, foreign_key="account.id")


class IdClash(tables.Record, table=True):
    """Two records with one ID number, handed to the town to look at; the number is not in it."""

    __tablename__ = "id_clash"
    __table_args__ = (tables.table_info(),)

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    other_id: UUID = Field(foreign_key="person.id", primary_key=True, index=True)
    at: datetime
    by_id: UUID | None = Field(default=None, foreign_key="account.id")
