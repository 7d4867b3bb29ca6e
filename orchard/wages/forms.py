"""What is typed about money: rates, quantities, payments, answers, ID numbers."""

from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from orchard import units
from orchard.fields import (
    AsNone,
    AsWhole,
    Day,
    Input,
    LongLine,
    OptionalDay,
    OptionalId,
    SeenVersion,
    wrong,
)
from orchard.hiring.rules import PayBasis, rate_from
from orchard.units import UnitError
from orchard.wages.rules import GOODS, AnswerState, Means, Objection, Proof


def _read(how: Callable[[str], int], code: str) -> Callable[[Any], int]:
    """Return a validator of a typed decimal; a number of JSON would not be exact."""

    def read(value: Any) -> int:
        if not isinstance(value, str):
            raise wrong(code)
        try:
            return how(value)
        except UnitError:
            raise wrong(code) from None

    return read


def _decimal(example: str, what: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "examples": [example], "description": what})


Yuan = Annotated[
    int,
    BeforeValidator(_read(units.yuan_to_fen, "wages.amount_typed")),
    _decimal("520.50", "A decimal of yuan with at most two places"),
]
RateYuan = Annotated[
    int,
    BeforeValidator(_read(rate_from, "wages.rate_typed")),
    _decimal("0.15", "A decimal of yuan a unit with at most four places"),
]
Quantity = Annotated[
    int,
    BeforeValidator(_read(units.typed_x100, "wages.quantity_typed")),
    _decimal("1000", "A decimal with at most two places"),
]
OptionalQuantity = Annotated[Quantity | None, AsNone]
OptionalRate = Annotated[RateYuan | None, AsNone]
SomeWords = Annotated[LongLine, Field(min_length=1)]
Seen = Annotated[Annotated[int, Field(ge=1, le=1_000_000)] | None, AsWhole]
Work = Annotated[str, StringConstraints(min_length=1, max_length=20)]
Typed = Annotated[str, StringConstraints(max_length=60)]

# How money was handed over and what proves it, as one choice on the page.
WAYS: dict[str, tuple[str, Proof]] = {
    "cash_signature": (Means.CASH, Proof.SIGNATURE),
    "bank_receipt": (Means.BANK, Proof.BANK_RECEIPT),
    "cash_missing": (Means.CASH, Proof.MISSING),
    "bank_missing": (Means.BANK, Proof.MISSING),
    "goods": (GOODS, Proof.MISSING),
}
Way = Literal["cash_signature", "bank_receipt", "cash_missing", "bank_missing", "goods"]
Handed = Literal["cash", "bank", "goods"]


class RateForm(Input):
    """What a unit of a work is paid from a day on."""

    id: UUID
    employer_id: UUID
    work: Work
    basis: PayBasis
    rate_yuan: RateYuan
    from_on: Day


class ReckonForm(Input):
    """Whose work days by the day become pay lines."""

    employer_id: UUID
    crew_id: OptionalId = None
    person_id: OptionalId = None
    from_on: OptionalDay = None
    to_on: OptionalDay = None


class SettleForm(Input):
    """The settlement that the page showed: all lines up to a day, and their sum."""

    id: UUID
    employer_id: UUID
    until: Day
    seen_fen: Annotated[int, Field(ge=0, le=10**13), AsWhole]
    way: Way
    paid_on: Day


class AdvanceForm(Input):
    """Money before the settlement."""

    id: UUID
    employer_id: UUID
    amount_yuan: Yuan
    way: Way
    paid_on: Day


class ProofForm(Input):
    """A proof that came later."""

    proof: Proof


class CorrectForm(Input):
    """What a day's pay should be; version: how many lines the page showed."""

    id: UUID
    version: SeenVersion
    quantity: Quantity
    rate_yuan: OptionalRate = None
    note: LongLine = ""


class ExplainForm(Input):
    """The employer's answer in words to the objection that the page showed."""

    version: SeenVersion
    answer: SomeWords


class ConfirmForm(Input):
    """The state that the page showed; lines: how many the day's pay had."""

    version: SeenVersion
    lines: Seen = None


class ObjectForm(Input):
    """What is wrong with a day's pay."""

    version: SeenVersion
    lines: Seen = None
    reason: Objection
    claimed: OptionalQuantity = None
    note: LongLine = ""


class IdNumberForm(Input):
    """An ID number; with hand_over a number that another record has goes to the town's list."""

    id_number: Typed
    hand_over: Literal["", "yes"] = ""


class LineBody(Input):
    """One day's pay of one hire; the id is made by the sender (UUID, version 7)."""

    id: UUID
    hire_id: UUID
    worked_on: Day
    quantity: OptionalQuantity = Field(
        default=None, description="Days, hours, jin or baskets; by the day it may be left out"
    )
    note: LongLine = ""


class LinesBody(Input):
    """Several days at once: all of them are written, or none."""

    lines: Annotated[list[LineBody], Field(min_length=1, max_length=500)]


class AnswerBody(Input):
    """What is said to a day's pay; version: the answer that was seen, 0 for none."""

    version: SeenVersion
    state: AnswerState
    reason: Objection | None = None
    claimed: OptionalQuantity = None
    note: LongLine = ""
    lines: Annotated[int, Field(ge=1, le=1_000_000, strict=True)] | None = Field(
        default=None, description="How many lines of the day were seen: 409 where there are more"
    )


class PaymentBody(Input):
    """Wages (all unsettled lines, those up to a day, or those named), or an advance."""

    id: UUID
    kind: Literal["wages", "advance"] = "wages"
    employer_id: UUID
    person_id: UUID
    means: Handed
    proof: Proof
    paid_on: Day
    amount_yuan: Annotated[Yuan | None, AsNone] = Field(
        default=None, description="Of wages: the sum that was seen; of an advance: needed"
    )
    until: OptionalDay = None
    line_ids: Annotated[list[UUID], Field(min_length=1, max_length=1000)] | None = None


class ReckonBody(ReckonForm):
    """Whose work days by the day become pay lines."""


class IdNumberBody(Input):
    """An ID number; hand_over: a pair with one number goes to the town's list."""

    id_number: Typed
    hand_over: Annotated[bool, Field(strict=True)] = False
