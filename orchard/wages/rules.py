"""Money in fen, how it is reckoned, and which answer may follow which."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID

from orchard.errors import FieldRefused, NotVisible, Refused

# Bounds against slips of the finger, not of law; all fit into the columns (source: own, L).
QUANTITY_X100 = (1, 9_999_999)  # 0.01 to 99,999.99 days, hours, jin or baskets on one date
RATE_FEN_X100 = (1, 100_000_000)  # 0.0001 to 10,000 yuan a unit
MOST_FEN = 100_000_000  # 1,000,000 yuan in one line, advance
WHOLE_DAY_X100 = 100
HALF_DAY_X100 = 50
FIRST_MONTH = date(2000, 1, 1)  # that can be asked for


class LineKind(StrEnum):
    """Why a pay line was written."""

    EARNED = "earned"
    CORRECTION = "correction"


class AnswerState(StrEnum):
    """What stands last under a pay line."""

    CONFIRMED = "confirmed"
    OBJECTED = "objected"
    ANSWERED = "answered"


class Objection(StrEnum):
    """What a worker says is wrong with a line."""

    QUANTITY = "quantity"
    RATE = "rate"
    DAY = "day"
    NOT_ME = "not_me"
    NOT_RECEIVED = "not_received"  # only of a day that is shown as paid
    OTHER = "other"


class PaymentKind(StrEnum):
    """What was handed over."""

    WAGES = "wages"
    ADVANCE = "advance"


class Means(StrEnum):
    """How it was handed over; goods are refused by law and never stored."""

    CASH = "cash"
    BANK = "bank"


class Proof(StrEnum):
    """What proves a payment."""

    BANK_RECEIPT = "bank_receipt"
    SIGNATURE = "signature"
    MISSING = "missing"


GOODS = "goods"  # offered in the form so that the law can be told
# From which answer to which; None: nobody has answered yet. The worker confirms and objects,
# the employer answers an objection, or a confirmed line that he corrected afterwards.
NEXT: dict[AnswerState | None, frozenset[AnswerState]] = {
    None: frozenset({AnswerState.CONFIRMED, AnswerState.OBJECTED}),
    AnswerState.CONFIRMED: frozenset({AnswerState.OBJECTED, AnswerState.ANSWERED}),
    AnswerState.OBJECTED: frozenset({AnswerState.CONFIRMED, AnswerState.ANSWERED}),
    AnswerState.ANSWERED: frozenset({AnswerState.CONFIRMED, AnswerState.OBJECTED}),
}


class NothingToPay(Refused):
    """The lines add up to less than nothing: corrections wait for the next wages."""

    code = "wages.nothing_to_pay"


class NotNow(Refused):
    """An answer that may not follow the one that stands."""

    code = "wages.not_now"


class RateLike(Protocol):
    """What is needed of a rate to choose among several."""

    from_on: date
    id: UUID


AnyRate = TypeVar("AnyRate", bound=RateLike)


def amount_fen(quantity_x100: int, rate_fen_x100: int) -> int:
    """Return what a quantity earns at a rate, rounded half up to the fen; neither is negative."""
    return (quantity_x100 * rate_fen_x100 + 5_000) // 10_000


def day_quantity_x100(half_days: int) -> int:
    """Return what a day rate is paid for: hundredths of a day."""
    return half_days * HALF_DAY_X100


def half_days_of(quantity_x100: int) -> int:
    """Return the half days of a quantity; only 0, half a day and a whole day can be worked."""
    if quantity_x100 not in (0, HALF_DAY_X100, WHOLE_DAY_X100):
        raise FieldRefused("quantity", "wages.half_or_whole")
    return quantity_x100 // HALF_DAY_X100


def check_line(quantity_x100: int, rate_fen_x100: int) -> int:
    """Return a line's amount, or refuse what can only be a slip of the finger."""
    if not QUANTITY_X100[0] <= quantity_x100 <= QUANTITY_X100[1]:
        raise FieldRefused("quantity", "wages.quantity_range")
    amount = amount_fen(quantity_x100, rate_fen_x100)
    if amount > MOST_FEN:
        raise FieldRefused("quantity", "wages.too_much")
    return amount


def rate_on(rates: Iterable[AnyRate], day: date) -> AnyRate | None:
    """Return the rate that holds on a day: the newest from_on, of several the last made."""
    due = [rate for rate in rates if rate.from_on <= day]
    return max(due, key=lambda rate: (rate.from_on, rate.id), default=None)


def check_means(means: str) -> Means:
    """Return how it was paid; goods are refused (wage payment regulation, article 11)."""
    if means == GOODS:
        raise FieldRefused("means", "wages.goods")
    return Means(means)


def check_proof(means: Means, proof: Proof) -> Proof:
    """Return what proves a payment: cash has no bank receipt."""
    if means == Means.CASH and proof == Proof.BANK_RECEIPT:
        raise FieldRefused("proof", "wages.no_receipt_for_cash")
    return proof


def check_paid_on(paid_on: date, today: date, last_worked_on: date | None = None) -> None:
    """Refuse a payment that lies in the future, or wages paid before they were earned."""
    if paid_on > today:
        raise FieldRefused("paid_on", "wages.paid_later")
    if last_worked_on and paid_on < last_worked_on:
        raise FieldRefused("paid_on", "wages.paid_before")


def check_next(before: AnswerState | None, state: AnswerState) -> None:
    """Refuse an answer that may not follow the one that stands."""
    if state not in NEXT[before]:
        raise NotNow


def first_of_month(text: str, today: date) -> date:
    """Return the first day of a month such as 2026-11, of this one for ''; else NotVisible."""
    try:
        first = date.fromisoformat(f"{text}-01") if text else today.replace(day=1)
    except ValueError:
        raise NotVisible from None
    if not FIRST_MONTH <= first <= today or text not in ("", f"{first:%Y-%m}"):
        raise NotVisible
    return first


def last_of_month(first: date) -> date:
    """Return the last day of the month of a day."""
    return first.replace(day=monthrange(first.year, first.month)[1])


@dataclass(frozen=True)
class Reckoning:
    """What is handed over: the lines' sum, and how much of which advance is held back."""

    lines_fen: int
    deducted: tuple[tuple[UUID, int], ...]

    @property
    def deducted_fen(self) -> int:
        """Return what is held back in all."""
        return sum(fen for _, fen in self.deducted)

    @property
    def pay_fen(self) -> int:
        """Return what is handed over."""
        return self.lines_fen - self.deducted_fen


def settle_fen(amounts_fen: Iterable[int], advances: Sequence[tuple[UUID, int]]) -> Reckoning:
    """Take the open advances, oldest first, from the lines' sum; never more than there is."""
    lines = sum(amounts_fen)
    if lines < 0:
        raise NothingToPay
    left, deducted = lines, []
    for advance_id, open_fen in advances:
        part = min(open_fen, left)
        if part:
            deducted.append((advance_id, part))
            left -= part
    return Reckoning(lines, tuple(deducted))
