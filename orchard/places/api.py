"""Towns and villages as JSON."""

from typing import Any

from flask_openapi3 import Tag
from pydantic import Field

from orchard import db
from orchard.errors import NotVisible
from orchard.fields import Shape
from orchard.places import queries
from orchard.places.rules import POINTS_CREDIT
from orchard.web.interface import Interface

bp = Interface("api_places", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="places")])


class TownPath(Shape):
    """Which town."""

    code: str = Field(pattern=r"^[0-9]{9}$")


class TownOut(Shape):
    """One town with the point that stands in for plots without a position."""

    code: str
    name: str
    lat: float | None
    lon: float | None
    elevation_m: int | None


class TownsOut(Shape):
    """The towns of the county, and whom the points are from."""

    towns: list[TownOut]
    credit: str


class VillageOut(Shape):
    """One village."""

    code: str
    name: str


class VillagesOut(Shape):
    """The villages of a town."""

    villages: list[VillageOut]


@bp.get("/places/towns", responses={200: TownsOut})
def towns() -> dict[str, Any]:
    """Return the towns of the county."""
    with db.reading() as reading:
        rows = queries.towns(reading, db.county())
    found = [TownOut.model_validate(row, from_attributes=True) for row in rows]
    return TownsOut(towns=found, credit=POINTS_CREDIT).model_dump(mode="json")


@bp.get("/places/towns/<code>/villages", responses={200: VillagesOut})
def villages(path: TownPath) -> dict[str, Any]:
    """Return the villages of a town."""
    with db.reading() as reading:
        rows = queries.children(reading, path.code)
    if not rows:
        raise NotVisible
    found = [VillageOut(code=code, name=name) for code, name in rows]
    return VillagesOut(villages=found).model_dump(mode="json")
