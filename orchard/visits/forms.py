"""What may be tapped or typed about a visit; the JSON interface shares it."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints

from orchard.errors import FieldRefused
from orchard.fields import (
    AsNone,
    AsWhole,
    Day,
    Input,
    LongLine,
    OptionalDay,
    OptionalId,
    Version,
    blank_is_none,
    wrong,
)
from orchard.visits.recording import Advice, Found
from orchard.visits.rules import MOST_PRESCRIPTIONS, PHI_DAYS, Outcome, Why

Code = Annotated[str, StringConstraints(min_length=1, max_length=20)]
Words = Annotated[LongLine, Field(min_length=2)]
Product = Annotated[LongLine, Field(max_length=80)]
Phi = Annotated[Annotated[int, Field(ge=PHI_DAYS[0], le=PHI_DAYS[1])] | None, AsWhole]


def _chosen(plot_id: Any) -> Any:
    if blank_is_none(plot_id) is None:
        raise wrong("visits.plot_missing")
    return plot_id


class AskForm(Input):
    """Which plot, and what is wrong with it; the ids were made when the form was shown."""

    id: UUID
    plot_id: Annotated[UUID, BeforeValidator(_chosen)] = Field(None, validate_default=True)
    problem: Code
    photo_id: OptionalId = None


class VisitDayForm(Input):
    """The day of a visit."""

    on_day: Day


class DayOffForm(Input):
    """A day of the own diary, kept free or opened again."""

    on_day: Day
    state: Literal["off", "on"]


class HandOverForm(Input):
    """To which technician."""

    to: UUID


class AnswerVisitForm(Input):
    """What was answered instead of a visit."""

    text: Words


class AdviceForm(Input):
    """One prescription."""

    action: Code
    due_on: Day
    product: Product = ""
    phi_days: Phi = None


class VisitRecordBody(Input):
    """A visit as a program sends it; version only for a correction."""

    visited_on: Day
    found: LongLine = ""
    diagnosis: Code
    prescriptions: Annotated[list[AdviceForm], Field(max_length=MOST_PRESCRIPTIONS)] = []
    version: Version | None = None

    def facts(self) -> Found:
        """Return what is written down."""
        advice = tuple(Advice(**each.model_dump()) for each in self.prescriptions)
        return Found(self.visited_on, self.found, self.diagnosis, advice)


class RecordForm(Input):
    """A visit as the page sends it: three rows of which the empty ones are no prescription."""

    visited_on: Day
    found: LongLine = ""
    diagnosis: Code
    version: Annotated[Version | None, AsNone] = None
    photo_id: OptionalId = None
    action_1: Annotated[Code | None, AsNone] = None
    product_1: Product = ""
    due_on_1: OptionalDay = None
    phi_days_1: Phi = None
    action_2: Annotated[Code | None, AsNone] = None
    product_2: Product = ""
    due_on_2: OptionalDay = None
    phi_days_2: Phi = None
    action_3: Annotated[Code | None, AsNone] = None
    product_3: Product = ""
    due_on_3: OptionalDay = None
    phi_days_3: Phi = None

    def facts(self) -> Found:
        """Return what is written down."""
        rows = [self._row(number) for number in range(1, MOST_PRESCRIPTIONS + 1)]
        advice = tuple(row for row in rows if row)
        return Found(self.visited_on, self.found, self.diagnosis, advice)

    def _row(self, number: int) -> Advice | None:
        action, due_on = getattr(self, f"action_{number}"), getattr(self, f"due_on_{number}")
        if action is None:
            return None
        if due_on is None:
            raise FieldRefused(f"due_on_{number}", "web.form.missing")
        product, phi = getattr(self, f"product_{number}"), getattr(self, f"phi_days_{number}")
        return Advice(action, due_on, product, phi)


class ConfirmVisitForm(Input):
    """Whether the technician was there."""

    came: Literal["yes", "no"]


class RateVisitForm(Input):
    """One of three faces: 3 is good."""

    face: Annotated[int, Field(ge=1, le=3)]


class FollowUpForm(Input):
    """Whether a prescription was applied, and why not."""

    outcome: Outcome
    why: Annotated[Why | None, AsNone] = None


class AskVisitBody(Input):
    """A new request; the id is made by the sender (UUID, version 7). The service is free."""

    id: UUID
    plot_id: UUID
    problem: Code


class ConfirmVisitBody(Input):
    """Whether the technician was there."""

    came: bool = Field(strict=True)


class DayOffBody(Input):
    """Off or not."""

    is_off: bool = Field(strict=True)
