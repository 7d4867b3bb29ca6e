"""What is ticked and said on a sheet, and of one day of one person."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from orchard.fields import AsWhole, Input, LongLine, SeenVersion

Tail = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12}$")]
MOST_PEOPLE = 500


class SheetForm(Input):
    """Who came, by the ends of their hires' ids: for the whole day, or for half of it."""

    step: Literal["check", "edit", "save"] = "check"
    whole: Annotated[tuple[Tail, ...], Field(max_length=MOST_PEOPLE)] = ()
    half: Annotated[tuple[Tail, ...], Field(max_length=MOST_PEOPLE)] = ()
    version: SeenVersion
    reason: LongLine = ""
    overrule: LongLine = ""


class DayForm(Input):
    """One day of one person."""

    half_days: Annotated[Literal[0, 1, 2], AsWhole]
    version: SeenVersion
    reason: LongLine = ""
    overrule: LongLine = ""


class DayBody(Input):
    """One day of one hire: half_days (0 to 2) or day (whole, half, none), not both."""

    half_days: Annotated[int, Field(ge=0, le=2, strict=True)] | None = None
    day: Literal["whole", "half", "none"] | None = None
    version: SeenVersion = 0
    reason: LongLine = ""
    overrule: LongLine = ""


class TickBody(Input):
    """One person of a sheet."""

    hire_id: UUID
    half_days: Annotated[int, Field(ge=0, le=2, strict=True)]


class SheetBody(Input):
    """A whole sheet: whoever is not named did not come."""

    people: Annotated[list[TickBody], Field(max_length=MOST_PEOPLE)]
    version: SeenVersion = 0
    reason: LongLine = ""
    overrule: LongLine = ""
