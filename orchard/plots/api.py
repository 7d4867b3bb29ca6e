"""Plots as JSON: the same services as the pages."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from flask import g
from flask_openapi3 import Tag
from pydantic import Field, WithJsonSchema

from orchard import clock, db, units
from orchard.fields import AreaMuX100, Shape
from orchard.plots import queries, services
from orchard.plots.forms import CorrectPlotForm, EndPlotForm, NewPlotForm
from orchard.plots.rules import varieties
from orchard.web.interface import Interface

bp = Interface("api_plots", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="plots")])
AreaText = Annotated[
    AreaMuX100,
    WithJsonSchema({"type": "string", "examples": ["6.5"], "description": "A decimal of mu"}),
]


class PlotPath(Shape):
    """Which plot."""

    plot_id: UUID


class ListQuery(Shape):
    """Which part of the list: what follows or precedes a plot."""

    after: UUID | None = None
    before: UUID | None = None


class NewPlotBody(NewPlotForm):
    """A new plot; the id is made by the sender (UUID, version 7)."""

    area_mu: AreaText


class CorrectPlotBody(CorrectPlotForm):
    """A correction of the version that was read before."""

    area_mu: AreaText


class PlotOut(Shape):
    """One plot; decimals are strings with the unit in the field's name."""

    id: UUID
    name: str
    village_code: str
    village: str
    holder: str = Field(description="Who works it; masked for an office")
    area_mu: str
    variety: str
    planted_year: int | None
    tree_count: int | None
    elevation_m: int | None
    lat: float | None = Field(description="Only for who works the plot")
    lon: float | None
    has_own_position: bool
    version: int


class PlotsOut(Shape):
    """One page of plots, by village and name."""

    plots: list[PlotOut]
    has_before: bool
    has_after: bool


class ChangeOut(Shape):
    """One version of a plot: each changed fact with what it was and became."""

    version: int
    at: datetime
    by: str | None
    before: dict[str, str | int | float | None]
    after: dict[str, str | int | float | None]
    is_start: bool


class HistoryOut(Shape):
    """The versions of a plot, the newest first."""

    changes: list[ChangeOut]


class EndedOut(Shape):
    """A plot that was given up."""

    id: UUID
    ended: bool


class VarietyOut(Shape):
    """One variety to choose from, with its source and confidence."""

    code: str
    zh: str
    en: str
    ripens: str
    source: str
    confidence: str


class VarietiesOut(Shape):
    """The varieties to choose from."""

    varieties: list[VarietyOut]


@bp.get("/plots", endpoint="list", responses={200: PlotsOut})
def plot_list(query: ListQuery) -> dict[str, Any]:
    """Return one page of the plots in sight."""
    with db.reading() as reading:
        lines, page = queries.plot_page(reading, g.caller, after=query.after, before=query.before)
    return PlotsOut(
        plots=[_out(line) for line in lines],
        has_before=page.has_before,
        has_after=page.has_after,
    ).model_dump(mode="json")


@bp.get("/plots/<uuid:plot_id>", responses={200: PlotOut})
def one(path: PlotPath) -> dict[str, Any]:
    """Return one plot."""
    return _read(path.plot_id)


@bp.get("/plots/<uuid:plot_id>/history", responses={200: HistoryOut})
def history(path: PlotPath) -> dict[str, Any]:
    """Return the versions of a plot."""
    with db.reading() as reading:
        queries.plot_for(reading, g.caller, path.plot_id)
        changes = queries.history(reading, g.caller, path.plot_id)
    return HistoryOut(
        changes=[
            ChangeOut(
                version=change.version,
                at=change.at,
                by=change.by,
                before={_key(fact): _value(fact, old) for fact, old, _ in change.facts},
                after={_key(fact): _value(fact, new) for fact, _, new in change.facts},
                is_start=change.is_start,
            )
            for change in changes
        ]
    ).model_dump(mode="json")


@bp.post("/plots", responses={201: PlotOut})
def create(body: NewPlotBody) -> tuple[dict[str, Any], int]:
    """Register a plot; the same id and content again is the first result."""
    with db.transaction() as writing:
        services.register_plot(
            writing,
            g.caller,
            services.Facts(**body.facts()),
            id=body.id,
            employer_id=body.employer_id,
            now=clock.now(),
            today=clock.today(),
        )
    return _read(body.id), 201


@bp.put("/plots/<uuid:plot_id>", responses={200: PlotOut})
def change(path: PlotPath, body: CorrectPlotBody) -> dict[str, Any]:
    """Correct a plot; 409 with both versions when it was corrected since."""
    with db.transaction() as writing:
        services.correct_plot(
            writing,
            g.caller,
            path.plot_id,
            services.Facts(**body.facts()),
            version=body.version,
            now=clock.now(),
            today=clock.today(),
        )
    return _read(path.plot_id)


@bp.post("/plots/<uuid:plot_id>/end", responses={200: EndedOut})
def end(path: PlotPath, body: EndPlotForm) -> dict[str, Any]:
    """Give a plot up; its id is never used again."""
    with db.transaction() as writing:
        services.end_plot(
            writing,
            g.caller,
            path.plot_id,
            version=body.version,
            now=clock.now(),
            today=clock.today(),
        )
    return EndedOut(id=path.plot_id, ended=True).model_dump(mode="json")


@bp.get("/varieties", endpoint="varieties", responses={200: VarietiesOut})
def variety_list() -> dict[str, Any]:
    """Return the varieties to choose from."""
    rows = [VarietyOut.model_validate(one, from_attributes=True) for one in varieties().values()]
    return VarietiesOut(varieties=rows).model_dump(mode="json")


def _read(plot_id: UUID) -> dict[str, Any]:
    with db.reading() as reading:
        line = queries.plot_line(reading, g.caller, plot_id)
    return _out(line).model_dump(mode="json")


def _out(line: queries.PlotLine) -> PlotOut:
    plot = line.plot
    is_own = queries.is_own(g.caller, plot)
    return PlotOut(
        id=plot.id,
        name=plot.name,
        village_code=plot.village_code,
        village=line.village,
        holder=line.holder,
        area_mu=units.decimal_text(plot.area_mu_x100, 2),
        variety=plot.variety,
        planted_year=plot.planted_year,
        tree_count=plot.tree_count,
        elevation_m=plot.elevation_m,
        lat=plot.lat if is_own else None,
        lon=plot.lon if is_own else None,
        has_own_position=plot.has_own_position,
        version=plot.version,
    )


def _key(fact: str) -> str:
    return "area_mu" if fact == "area_mu_x100" else fact


def _value(fact: str, value: Any) -> Any:
    is_area = fact == "area_mu_x100" and value is not None
    return units.decimal_text(value, 2) if is_area else value
