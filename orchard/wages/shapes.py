"""What the JSON interface tells about rates, pay lines and the ledger."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field
from sqlmodel import Session

from orchard import units
from orchard.accounts.rules import masked_name
from orchard.fields import Shape
from orchard.wages import queries
from orchard.wages.ledger import Entry, Item
from orchard.wages.models import PayAnswer, PayLine, Rate
from orchard.wages.queries import DayPay

HIDDEN_NAME = "masked for the town's office"


class RateOut(Shape):
    """What a unit of a work is paid from a day on."""

    id: UUID
    employer_id: UUID
    work: str
    basis: str
    rate_yuan: str
    from_on: date


class RatesOut(Shape):
    """Rates, the oldest first."""

    rates: list[RateOut]


class LineOut(Shape):
    """One pay line; a correction carries the differences, and the rate that holds after it."""

    id: UUID
    hire_id: UUID
    worked_on: date
    kind: str
    basis: str
    quantity: str
    rate_yuan: str
    amount_yuan: str
    amount_fen: int
    corrects_id: UUID | None
    note: str
    made_at: datetime


class LinesOut(Shape):
    """Pay lines by day."""

    lines: list[LineOut]
    has_before: bool = False
    has_after: bool = False


class AnswerOut(Shape):
    """One thing that was said to a day's pay."""

    version: int
    state: str
    reason: str | None
    claimed: str | None
    note: str
    correction_id: UUID | None
    at: datetime


class PayDayOut(Shape):
    """What is owed for one day of one hire in all."""

    id: UUID = Field(description="Of the day's first line")
    hire_id: UUID
    worked_on: date
    person: str = Field(description=HIDDEN_NAME)
    employer: str
    work: str
    quantity: str
    rate_yuan: str
    amount_yuan: str
    amount_fen: int
    unsettled_yuan: str
    unsettled_fen: int
    is_settled: bool
    lines: list[LineOut]
    version: int = Field(description="How many lines: the version a correction is made of")
    state: str | None
    answers: list[AnswerOut] = Field(description="The newest, the oldest of them first")
    has_more: bool = Field(description="There are earlier answers: before the first's version")


class PayDaysOut(Shape):
    """Days whose pay is disputed."""

    days: list[PayDayOut]


class ReckonedOut(Shape):
    """What became of the work days."""

    lines: int
    corrections: int
    days_without_rate: int


class LedgerItemOut(Shape):
    """What was due in one payment for one work."""

    work: str
    basis: str
    days: int
    quantity: str
    amount_yuan: str
    amount_fen: int


class LedgerEntryOut(Shape):
    """One payment of wages with what the ledger says of it."""

    payment_id: UUID
    employer_id: UUID
    employer: str
    is_verified: bool = Field(description="The town looked at the employer")
    person_id: UUID
    person: str
    phone: str | None = Field(description="Of who is known to the employer")
    id_number: str | None = Field(description="Masked; in full only in the page's file")
    paid_on: date
    items: list[LedgerItemOut]
    due_yuan: str
    due_fen: int
    deducted_yuan: str
    deducted_fen: int
    amount_yuan: str
    amount_fen: int
    means: str
    proof: str
    gaps: int = Field(description="How many things are missing: the ID number, the proof")


class LedgerOut(Shape):
    """The pay ledger of a month, by the day of payment."""

    month: str
    entries: list[LedgerEntryOut]
    gaps: int


def rate_out(rate: Rate) -> RateOut:
    """Return a rate as it is told."""
    return RateOut(
        id=rate.id,
        employer_id=rate.employer_id,
        work=rate.work,
        basis=rate.basis,
        rate_yuan=units.decimal_text(rate.rate_fen_x100, 4),
        from_on=rate.from_on,
    )


def line_out(line: PayLine) -> LineOut:
    """Return a pay line as it is told."""
    same = ("id", "hire_id", "worked_on", "kind", "basis", "amount_fen", "corrects_id", "note")
    return LineOut(
        **{name: getattr(line, name) for name in (*same, "made_at")},
        quantity=units.decimal_text(line.quantity_x100, 2),
        rate_yuan=units.decimal_text(line.rate_fen_x100, 4),
        amount_yuan=units.decimal_text(line.amount_fen, 2),
    )


def answer_out(said: PayAnswer) -> AnswerOut:
    names = ("version", "state", "reason", "note", "correction_id", "at")
    claimed = None if said.claimed_x100 is None else units.decimal_text(said.claimed_x100, 2)
    return AnswerOut(**{name: getattr(said, name) for name in names}, claimed=claimed)


def day_out(
    session: Session, day: DayPay, *, is_masked: bool = False, before: int | None = None
) -> PayDayOut:
    said = queries.answers_of(session, day.root.id, before)
    return PayDayOut(
        id=day.root.id,
        hire_id=day.root.hire_id,
        worked_on=day.root.worked_on,
        person=masked_name(day.person) if is_masked else day.person,
        employer=day.employer,
        work=day.work,
        quantity=units.decimal_text(day.quantity_x100, 2),
        rate_yuan=units.decimal_text(day.rate_fen_x100, 4),
        amount_yuan=units.decimal_text(day.amount_fen, 2),
        amount_fen=day.amount_fen,
        unsettled_yuan=units.decimal_text(day.unsettled_fen, 2),
        unsettled_fen=day.unsettled_fen,
        is_settled=day.is_settled,
        lines=[line_out(line) for line in day.lines],
        version=len(day.lines),
        state=day.state,
        answers=[answer_out(one) for one in reversed(said.rows)],
        has_more=said.earlier is not None,
    )


def ledger_out(one: Entry) -> LedgerEntryOut:
    """Return an entry of the ledger as it is told: the ID number masked."""
    payment = one.payment
    same = ("employer_id", "person_id", "paid_on", "amount_fen", "means")
    return LedgerEntryOut(
        **{name: getattr(payment, name) for name in same},
        payment_id=payment.id,
        employer=one.employer,
        is_verified=one.is_verified,
        person=one.person.name,
        phone=one.phone,
        id_number=one.number.masked if one.number else None,
        items=[_item(item) for item in one.items],
        due_yuan=units.decimal_text(one.due_fen, 2),
        due_fen=one.due_fen,
        deducted_yuan=units.decimal_text(one.deducted_fen, 2),
        deducted_fen=one.deducted_fen,
        amount_yuan=units.decimal_text(payment.amount_fen, 2),
        proof=one.proof,
        gaps=one.gaps,
    )


def _item(item: Item) -> LedgerItemOut:
    return LedgerItemOut(
        work=item.work,
        basis=item.basis,
        days=item.days,
        quantity=units.decimal_text(item.quantity_x100, 2),
        amount_yuan=units.decimal_text(item.amount_fen, 2),
        amount_fen=item.amount_fen,
    )
