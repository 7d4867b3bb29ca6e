"""District, towns and villages by statistical code: shared by all counties, hardly written."""

from sqlmodel import Field

from orchard import tables
from orchard.places.rules import Level


class Place(tables.Record, table=True):
    """One place; its code's prefix is its parent (地方)."""

    __table_args__ = (tables.table_info("shared"),)

    code: str = Field(max_length=12, primary_key=True)
    name: str = Field(max_length=60)
    level: Level = Field(sa_column=tables.enum_column(Level))
    parent_code: str | None = Field(default=None, foreign_key="place.code", index=True)
    lat: float | None = None
    lon: float | None = None
    elevation_m: int | None = None
    point_source: str | None = Field(default=None, max_length=400)
    point_confidence: str | None = Field(default=None, max_length=1)
