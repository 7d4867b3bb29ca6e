"""What people type about a plot; the JSON interface shares it."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints

from orchard import units
from orchard.fields import (
    AreaMuX100,
    AsWhole,
    Degrees,
    Input,
    Line,
    OptionalId,
    Version,
    WholeNumber,
)
from orchard.plots.rules import ELEVATION_M, TREES

VillageCode = Annotated[
    str,
    BeforeValidator(lambda value: units.plain(value) if isinstance(value, str) else value),
    Field(pattern=r"^[0-9]{12}$"),
]
Trees = Annotated[Annotated[int, Field(ge=TREES[0], le=TREES[1])] | None, AsWhole]
Elevation = Annotated[Annotated[int, Field(ge=ELEVATION_M[0], le=ELEVATION_M[1])] | None, AsWhole]


class PlotForm(Input):
    """The facts of a plot; a new one's id was made when the form was shown."""

    name: Line
    village_code: VillageCode
    area_mu: AreaMuX100
    variety: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    planted_year: WholeNumber = None
    tree_count: Trees = None
    elevation_m: Elevation = None
    lat: Degrees = None
    lon: Degrees = None

    def facts(self) -> dict[str, Any]:
        """Return the facts under the names they are stored by."""
        typed = self.model_dump(exclude={"area_mu", "id", "employer_id", "version"})
        return {**typed, "area_mu_x100": self.area_mu}


class NewPlotForm(PlotForm):
    """A new plot, of the caller himself or of an employer that he manages."""

    id: UUID
    employer_id: OptionalId = None


class CorrectPlotForm(PlotForm):
    """A correction of the version that the person saw."""

    version: Version


class EndPlotForm(Input):
    """The version that the person saw when he gave the plot up."""

    version: Version
