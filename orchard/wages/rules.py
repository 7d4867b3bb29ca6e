"""Money in fen, how it is reckoned, and which answer may follow which."""

from enum import StrEnum


class LineKind(StrEnum):
    """Why a pay line was written."""

    EARNED = "earned"
    CORRECTION = "correction"


class AnswerState(StrEnum):
    """What stands last under a pay line."""

    CONFIRMED = "confirmed"
    OBJECTED = "objected"
    ANSWERED = "answered"


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
