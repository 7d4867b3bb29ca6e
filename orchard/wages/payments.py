"""Settling wages (结清), advances (预支), and the proof of what was handed over."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session, col, func, select

from orchard import db, units
from orchard.accounts.rules import Caller
from orchard.errors import Conflict, FieldRefused, NotVisible, Refused
from orchard.hiring.models import Hire
from orchard.wages.models import (
    PayLine,
    Payment,
    PaymentDeduction,
    PaymentLine,
    PaymentProof,
)
from orchard.wages.paid import open_advances, payment_for
from orchard.wages.queries import is_unsettled
from orchard.wages.rules import (
    MOST_FEN,
    Means,
    PaymentKind,
    Proof,
    check_means,
    check_paid_on,
    check_proof,
    settle_fen,
)

FACTS = ("employer_id", "person_id", "kind", "means", "proof", "paid_on")


class NothingUnsettled(Refused):
    """Every line that was chosen is settled."""

    code = "wages.nothing_unsettled"


@dataclass(frozen=True)
class HandedOver:
    """Who paid whom when and how; means is checked here: goods are refused."""

    id: UUID
    employer_id: UUID
    person_id: UUID
    means: str
    proof: Proof
    paid_on: date


@dataclass(frozen=True)
class Chosen:
    """Which unsettled lines are settled: those named, or all up to a day; and the sum seen."""

    line_ids: frozenset[UUID] | None = None
    until: date | None = None
    seen_fen: int | None = None


def settle(
    session: Session,
    caller: Caller,
    paid: HandedOver,
    chosen: Chosen,
    *,
    now: datetime,
    today: date,
) -> Payment:
    """Settle a person's lines at one employer; open advances are held back, oldest first."""
    row = _row(session, caller, paid, PaymentKind.WAGES, now, today)
    first = _first(session, row)
    if first:
        return _same(session, first, row, chosen)
    advances = open_advances(session, paid.employer_id, paid.person_id, lock=True)
    lines = _chosen_lines(session, paid, chosen)
    check_paid_on(paid.paid_on, today, max(line.worked_on for line in lines))
    reckoning = settle_fen(
        (line.amount_fen for line in lines), [(one.id, left) for one, left in advances]
    )
    row.amount_fen = reckoning.pay_fen
    if chosen.seen_fen not in (None, row.amount_fen):
        raise Conflict(
            {"amount_yuan": units.decimal_text(row.amount_fen, 2)},
            {"amount_yuan": units.decimal_text(chosen.seen_fen or 0, 2)},
        )
    if not db.insert_once(session, row):
        return _same(session, session.get_one(Payment, row.id), row, chosen)
    _tie(session, row, lines)
    for advance_id, fen in reckoning.deducted:
        session.add(PaymentDeduction(advance_id=advance_id, payment_id=row.id, amount_fen=fen))
    session.flush()
    return row


def _chosen_lines(session: Session, paid: HandedOver, chosen: Chosen) -> list[PayLine]:
    until = [col(PayLine.worked_on) <= chosen.until] if chosen.until else []
    unsettled = session.exec(
        select(PayLine)
        .join(Hire, col(Hire.id) == PayLine.hire_id)
        .where(
            Hire.employer_id == paid.employer_id,
            Hire.person_id == paid.person_id,
            is_unsettled(),
            *until,
        )
    ).all()
    if chosen.line_ids is None:
        lines = list(unsettled)
    else:
        lines = [line for line in unsettled if line.id in chosen.line_ids]
        if len(lines) < len(chosen.line_ids):
            raise NothingUnsettled
    if not lines:
        raise NothingUnsettled
    return lines


def _tie(session: Session, payment: Payment, lines: list[PayLine]) -> None:
    """Mark the lines as settled; whoever was faster with one of them wins."""
    rows = [{"line_id": line.id, "payment_id": payment.id} for line in lines]
    db.insert_all_once(session, PaymentLine, rows)
    ours = session.exec(select(func.count()).where(col(PaymentLine.payment_id) == payment.id)).one()
    if ours < len(lines):
        raise Conflict({"lines": ours}, {"lines": len(lines)})


def give_advance(
    session: Session,
    caller: Caller,
    paid: HandedOver,
    amount_fen: int,
    *,
    now: datetime,
    today: date,
) -> Payment:
    """Pay a person something before it is settled; it is held back at the next settlement."""
    row = _row(session, caller, paid, PaymentKind.ADVANCE, now, today)
    if not 0 < amount_fen <= MOST_FEN:
        raise FieldRefused("amount_yuan", "wages.too_much")
    row.amount_fen = amount_fen
    if db.insert_once(session, row):
        return row
    first = session.get_one(Payment, row.id)
    if first.employer_id not in caller.employers:
        raise NotVisible
    return _same(session, first, row, Chosen(seen_fen=amount_fen))


def _row(
    session: Session,
    caller: Caller,
    paid: HandedOver,
    kind: PaymentKind,
    now: datetime,
    today: date,
) -> Payment:
    if paid.employer_id not in caller.employers:
        raise NotVisible
    hired = session.exec(
        select(Hire.id).where(
            Hire.employer_id == paid.employer_id, Hire.person_id == paid.person_id
        )
    ).first()
    if hired is None:
        raise NotVisible
    means = check_means(paid.means)
    check_paid_on(paid.paid_on, today)
    return Payment(
        id=paid.id,
        employer_id=paid.employer_id,
        person_id=paid.person_id,
        kind=kind,
        means=means,
        proof=check_proof(means, paid.proof),
        amount_fen=0,
        paid_on=paid.paid_on,
        made_at=now,
        made_by_id=caller.account_id,
    )


def _first(session: Session, row: Payment) -> Payment | None:
    first = session.get(Payment, row.id)
    if first is not None and first.employer_id != row.employer_id:
        raise NotVisible
    return first


def _same(session: Session, first: Payment, row: Payment, chosen: Chosen) -> Payment:
    """Answer a repeated payment: the first result, or 409 where the content differs."""
    settled = session.exec(
        select(PaymentLine.line_id).where(PaymentLine.payment_id == first.id)
    ).all()
    agrees = (
        all(getattr(first, name) == getattr(row, name) for name in FACTS)
        and chosen.seen_fen in (None, first.amount_fen)
        and chosen.line_ids in (None, frozenset(settled))
    )
    if not agrees:
        kept = {"amount_yuan": units.decimal_text(first.amount_fen, 2), "means": first.means.value}
        sent = {"means": row.means.value, "proof": row.proof.value}
        raise Conflict({**kept, "proof": first.proof.value}, sent)
    return first


def add_proof(
    session: Session, caller: Caller, payment_id: UUID, proof: Proof, *, now: datetime
) -> PaymentProof:
    """Add the proof of a payment that had none; the payment itself stays as it is."""
    found = payment_for(session, caller, payment_id)
    if found.payment.employer_id not in caller.employers:
        raise NotVisible
    if proof == Proof.MISSING:
        raise FieldRefused("proof", "web.form.enum")
    check_proof(Means(found.payment.means), proof)
    if found.payment.proof != Proof.MISSING:
        raise FieldRefused("proof", "wages.proof_there")
    row = PaymentProof(payment_id=payment_id, proof=proof, at=now, by_id=caller.account_id)
    if db.insert_once(session, row):
        return row
    first = session.get_one(PaymentProof, payment_id)
    if first.proof != proof:
        raise Conflict({"proof": first.proof.value}, {"proof": proof.value})
    return first
