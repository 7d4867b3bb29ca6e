"""Payments, the ledger and ID numbers as JSON: the same services as the pages."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import g
from pydantic import Field
from sqlmodel import col

from orchard import clock, db, units
from orchard.errors import FieldRefused
from orchard.fields import Shape
from orchard.wages import identity, ledger, paid, payments, rules
from orchard.wages.forms import IdNumberBody, PaymentBody, ProofForm
from orchard.wages.line_api import bp
from orchard.wages.models import Payment
from orchard.wages.paid import PaymentRow
from orchard.wages.shapes import LedgerOut, LineOut, ledger_out, line_out

__all__ = ["bp"]


class PaymentPath(Shape):
    """Which payment."""

    payment_id: UUID


class PersonPath(Shape):
    """Which person."""

    person_id: UUID


class PaymentsQuery(Shape):
    """Which payments, page by page."""

    person_id: UUID | None = None
    page: int = Field(default=1, ge=1, le=200)


class LedgerQuery(Shape):
    """Of which month; of this one unless given."""

    month: str = Field(default="", max_length=7, description="Such as 2026-11")


class PaymentOut(Shape):
    """Money that was handed over; amount: after what was held back of advances."""

    id: UUID
    employer_id: UUID
    person_id: UUID
    kind: str
    means: str
    proof: str = Field(description="The one that holds: given at once, or later")
    amount_yuan: str
    amount_fen: int
    deducted_yuan: str
    deducted_fen: int
    paid_on: date
    made_at: datetime


class SlipOut(PaymentOut):
    """A payment with the lines that it settled."""

    lines: list[LineOut]


class PaymentsOut(Shape):
    """One page of payments, the newest first."""

    payments: list[PaymentOut]
    page: int
    has_more: bool


class IdNumberOut(Shape):
    """A person's ID number as it may be shown, and what became of what was sent."""

    person_id: UUID
    masked: str | None
    handed_over: bool = Field(description="The number is another record's: the town looks at it")


@bp.get("/payments", endpoint="payments", responses={200: PaymentsOut})
def payment_list(query: PaymentsQuery) -> dict[str, Any]:
    """Return one page of the payments in sight: those to the caller, those of his employers."""
    of_person = [col(Payment.person_id) == query.person_id] if query.person_id else []
    with db.reading() as reading:
        rows = paid.payments(reading, paid.payment_in_hand(g.caller), *of_person, page=query.page)
    return PaymentsOut(
        payments=[PaymentOut(**_payment(row)) for row in rows[: paid.ROWS]],
        page=query.page,
        has_more=len(rows) > paid.ROWS,
    ).model_dump(mode="json")


@bp.get("/payments/<uuid:payment_id>", responses={200: SlipOut})
def payment(path: PaymentPath) -> dict[str, Any]:
    """Return one payment with the lines that it settled."""
    return _slip(path.payment_id)


@bp.post("/payments", responses={201: SlipOut})
def pay(body: PaymentBody) -> tuple[dict[str, Any], int]:
    """Settle wages or give an advance; the same id and content again is the first result."""
    handed = payments.HandedOver(
        body.id, body.employer_id, body.person_id, body.means, body.proof, body.paid_on
    )
    moment: dict[str, Any] = {"now": clock.now(), "today": clock.today()}
    with db.transaction() as writing:
        if body.kind == "advance":
            if body.amount_yuan is None:
                raise FieldRefused("amount_yuan", "web.form.missing")
            payments.give_advance(writing, g.caller, handed, body.amount_yuan, **moment)
        else:
            ids = frozenset(body.line_ids) if body.line_ids else None
            chosen = payments.Chosen(ids, body.until, body.amount_yuan)
            payments.settle(writing, g.caller, handed, chosen, **moment)
    return _slip(body.id), 201


@bp.post("/payments/<uuid:payment_id>/proof", responses={200: SlipOut})
def proof(path: PaymentPath, body: ProofForm) -> dict[str, Any]:
    """Add the proof of a payment that had none."""
    with db.transaction() as writing:
        payments.add_proof(writing, g.caller, path.payment_id, body.proof, now=clock.now())
    return _slip(path.payment_id)


@bp.get("/pay-ledger", endpoint="ledger", responses={200: LedgerOut})
def pay_ledger(query: LedgerQuery) -> dict[str, Any]:
    """Return the wages that the caller's employers paid in a month, ID numbers masked; audited."""
    first = rules.first_of_month(query.month, clock.today())
    last = rules.last_of_month(first)
    with db.transaction() as writing:
        found = ledger.told(writing, g.caller, first, last, now=clock.now())
        entries = [ledger_out(one) for one in found]
    return LedgerOut(
        month=f"{first:%Y-%m}", entries=entries, gaps=sum(one.gaps for one in found)
    ).model_dump(mode="json")


@bp.get("/people/<uuid:person_id>/id-number", responses={200: IdNumberOut})
def id_number(path: PersonPath) -> dict[str, Any]:
    """Return an ID number masked: one's own, or of somebody whom one's employer pays."""
    with db.reading() as reading:
        identity.may_hold(reading, g.caller, path.person_id)
        masked = identity.masked_id(reading, g.caller, path.person_id)
    return IdNumberOut(person_id=path.person_id, masked=masked, handed_over=False).model_dump(
        mode="json"
    )


@bp.put("/people/<uuid:person_id>/id-number", responses={200: IdNumberOut})
def write_id_number(path: PersonPath, body: IdNumberBody) -> dict[str, Any]:
    """Seal an ID number; the same again changes nothing."""
    with db.transaction() as writing:
        kept = identity.write_number(
            writing,
            g.caller,
            path.person_id,
            body.id_number,
            now=clock.now(),
            today=clock.today(),
            hand_over=body.hand_over,
        )
        masked = kept.masked if kept else identity.masked_id(writing, g.caller, path.person_id)
    return IdNumberOut(
        person_id=path.person_id, masked=masked, handed_over=kept is None
    ).model_dump(mode="json")


def _slip(payment_id: UUID) -> dict[str, Any]:
    with db.reading() as reading:
        row = paid.payment_for(reading, g.caller, payment_id)
        lines = paid.lines_of_payment(reading, payment_id)
    told = SlipOut(**_payment(row), lines=[line_out(line) for line, _ in lines])
    return told.model_dump(mode="json")


def _payment(row: PaymentRow) -> dict[str, Any]:
    names = ("id", "employer_id", "person_id", "kind", "means", "amount_fen", "paid_on", "made_at")
    return {
        **{name: getattr(row.payment, name) for name in names},
        "proof": row.proof,
        "amount_yuan": units.decimal_text(row.payment.amount_fen, 2),
        "deducted_fen": row.deducted_fen,
        "deducted_yuan": units.decimal_text(row.deducted_fen, 2),
    }
