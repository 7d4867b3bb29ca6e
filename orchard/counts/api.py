"""The counts as JSON: recounted from the records, as much as the caller may see."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import g
from flask_openapi3 import Tag
from pydantic import ConfigDict, Field

from orchard import clock, db
from orchard.counts import shown
from orchard.counts.forms import KnownDay
from orchard.counts.periods import season_of
from orchard.counts.queries import Asked, recount
from orchard.fields import Shape
from orchard.web.interface import Interface

bp = Interface("api_counts", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="counts")])


class CountsQuery(Shape):
    """What to count; both days belong to the span. Without a place the own one, or the county;

    without days the season of today.
    """

    model_config = ConfigDict(populate_by_name=True)

    place: str = Field(default="", max_length=12, description="code of a district, town, village")
    first: KnownDay = Field(default=None, alias="from")
    last: KnownDay = Field(default=None, alias="to")
    kind: str | None = Field(default=None, max_length=20)
    employer: UUID | None = None


class PairOut(Shape):
    """Persons of a status; null where the cell is hidden."""

    persons: int | None
    person_workplaces: int | None


class LocalOut(Shape):
    """Persons who work in their registered village, town, district."""

    village: int | None
    town: int | None
    district: int | None


class BlockOut(Shape):
    """The counts of one scope side by side; null where a cell is hidden."""

    persons: int | None
    person_workplaces: int | None
    hires: int | None
    person_days: int | float | None
    fte: float | None
    wages_fen: int | None
    lifted_out: PairOut
    local: LocalOut


class EmployerOut(BlockOut):
    """The counts of one employer."""

    id: UUID
    name: str
    kind: str


class CountsOut(Shape):
    """Counts of a place and span, most persons first among the employers."""

    as_of: str
    place: str
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    total: BlockOut
    by_kind: dict[str, BlockOut]
    by_employer: list[EmployerOut]


@bp.get("/counts/local-hires", responses={200: CountsOut})
def local_hires(query: CountsQuery) -> dict[str, Any]:
    """Count hired people of a place from the records.

    Exact for the own town and the district; elsewhere in steps of 5, months and seasons only.
    """
    season = season_of(clock.today())
    asked = Asked(
        query.place or shown.own_place(g.caller, db.county()),
        query.first or season.first,
        query.last or season.last,
        query.kind,
        query.employer,
    )
    sight = shown.check_asked(g.caller, asked)
    with db.reading() as session:
        counts = recount(session, asked)
        parts = shown.told(session, asked, counts, sight)
    return shown.document(asked, parts, now=clock.now())
