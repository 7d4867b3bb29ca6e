"""What may be typed or chosen about counts."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from orchard.counts.people import Measure
from orchard.counts.periods import FIRST_YEAR, LAST_YEAR
from orchard.fields import Input, LongLine, OptionalDay, OptionalId, wrong


def _known(day: date | None) -> date | None:
    if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise wrong("counts.day_out_of_range", first=FIRST_YEAR, last=LAST_YEAR)
    return day


KnownDay = Annotated[OptionalDay, AfterValidator(_known)]


class SpanForm(Input):
    """Which days: a month or season by its code, or a first and a last day."""

    period: str = Field(default="", max_length=7)
    first: KnownDay = Field(default=None, alias="from")
    last: KnownDay = Field(default=None, alias="to")


class OpenForm(Input):
    """Which figure is opened, and why."""

    id: UUID
    place: str = Field(max_length=12)
    period: str = Field(max_length=21, description="a month, a season, or two days with /")
    measure: Measure = Measure.PERSONS
    employer: OptionalId = None
    reason: Annotated[LongLine, Field(min_length=2)]


class SameForm(Input):
    """What the town says of two records that look like one person."""

    id: UUID
    person_id: UUID
    other_id: UUID
    is_same: Literal["yes", "no"]
