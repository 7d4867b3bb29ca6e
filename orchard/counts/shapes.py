"""What the interface tells of what stands behind the counts, and what it is asked."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from orchard.counts.people import Measure
from orchard.counts.rules import Review
from orchard.fields import Shape
from orchard.paging import MOST_PAGES


class DefinitionOut(Shape):
    """What one figure means; part_of: the figure that it is a part of, or empty."""

    code: str
    indicator: str
    version: int
    rule: str
    part_of: str


class DefinitionsOut(Shape):
    """What all figures mean, as of one version."""

    version: str
    valid_from: date
    definitions: list[DefinitionOut]


class BoardQuery(Shape):
    """Which month or season; without one the season of today."""

    period: str = Field(default="", max_length=7)


class TownQuery(BoardQuery):
    """Which of the caller's towns; without one the first."""

    place: str = Field(default="", max_length=9)


class CountChangeOut(Shape):
    """Persons of a period beside an earlier one up to the day `until` of it.

    until is null where only the whole earlier period is known: a running one is not compared then.
    """

    period: str
    earlier: str
    persons: int
    persons_before: int
    is_running: bool
    until: date | None


class CountedVillageOut(Shape):
    """The counts of one village."""

    code: str
    name: str
    persons: int
    local_village: int
    local_town: int
    hires: int
    person_days: int | float


class CountedTownOut(Shape):
    """How a town changed, and its villages, most persons first."""

    place: str
    period: str
    changes: list[CountChangeOut]
    villages: list[CountedVillageOut]


class TownChangeOut(Shape):
    """One town of the district; change is null before the period begins."""

    code: str
    name: str
    persons: int
    change: CountChangeOut | None


class DistrictOut(Shape):
    """How the district and its towns stand beside the year before, most persons first."""

    period: str
    persons: int
    change: CountChangeOut | None
    towns: list[TownChangeOut]


class TicketOut(Shape):
    """What opens the people of a figure for half an hour."""

    ticket: UUID


class TicketPath(Shape):
    """Which look at a figure's people."""

    ticket: UUID


class ListQuery(Shape):
    """Which page of a list."""

    page: int = Field(default=1, ge=1, le=MOST_PAGES)


class CountedPersonOut(Shape):
    """One person behind a figure, masked; without an id, so that two lists cannot be joined."""

    name: str
    phone: str
    village: str
    employers: int
    hires: int
    half_days: int


class CountedPeopleOut(Shape):
    """One page of the people behind a figure."""

    place: str
    period: str
    measure: Measure
    employer_id: UUID | None
    people: list[CountedPersonOut]
    page: int
    has_more: bool


class ItemOut(Shape):
    """One record that waits: whom it is about, masked, where and when."""

    id: UUID | None
    name: str
    employer: str
    day: date | None
    half_days: int
    people: int


class RecordOut(Shape):
    """One of two records, masked."""

    id: UUID
    name: str
    birth_year: int | None
    village: str | None
    phone_tail: str | None


class RecordPairOut(Shape):
    """Two records that may be one person, and what they share."""

    first: RecordOut
    second: RecordOut
    shared: list[str]


class WaitingOut(Shape):
    """One list: how many wait, and the first of them."""

    item: Review
    count: int
    items: list[ItemOut]
    pairs: list[RecordPairOut]


class ReviewOut(Shape):
    """Everything that waits for a town's look."""

    place: str
    as_of: datetime
    waiting: list[WaitingOut]
