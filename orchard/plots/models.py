"""Plots of citrus land and the history of what was corrected in them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from orchard import tables
from orchard.ids import new_id


class Plot(tables.Record, table=True):
    """One piece of citrus land, worked by a grower or by an employer (地块)."""

    __table_args__ = (
        CheckConstraint("area_mu_x100 > 0", name="area_positive"),
        CheckConstraint("(grower_id IS NULL) <> (employer_id IS NULL)", name="one_holder"),
        CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="whole_position"),
        Index("ix_plot_list", "village_code", "name", "id"),
        tables.table_info(),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    grower_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    employer_id: UUID | None = Field(default=None, foreign_key="employer.id", index=True)
    village_code: str = Field(foreign_key="place.code")
    name: str = Field(max_length=40)
    area_mu_x100: int
    variety: str = Field(max_length=20)
    planted_year: int | None = None
    tree_count: int | None = None
    elevation_m: int | None = None
    lat: float | None = None
    lon: float | None = None
    cell: str = Field(max_length=20, index=True)
    cell_lat: float
    cell_lon: float
    cell_elevation_m: int
    version: int = 1
    created_at: datetime
    created_by_id: UUID | None = Field(default=None, foreign_key="account.id")
    ended_at: datetime | None = None

    @property
    def has_own_position(self) -> bool:
        """Say whether the forecast is for the plot's own position, not its town's point."""
        return self.lat is not None

    @property
    def uses_town_point(self) -> bool:
        """Say whether position or height is that of the town's point, whose source is credited."""
        return self.lat is None or self.elevation_m is None


class PlotChange(tables.Record, table=True):
    """One correction of a plot: the version it made, and the values before and after."""

    __tablename__ = "plot_change"
    __table_args__ = (tables.table_info(),)

    plot_id: UUID = Field(foreign_key="plot.id", primary_key=True)
    version: int = Field(primary_key=True)
    at: datetime
    by_id: UUID | None = Field(default=None, foreign_key="account.id")
    before: str = Field(max_length=1000)
    after: str = Field(max_length=1000)
