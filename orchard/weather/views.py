"""The page of one plot's weather: seven days, every spray hour with its reason, the sources."""

from uuid import UUID

from flask import Blueprint, g, render_template

from orchard import clock, db
from orchard.places.queries import town_point
from orchard.plots.queries import plot_for
from orchard.plots.rules import fruit_of
from orchard.weather.queries import digest_of_cell
from orchard.weather.rules import age_of
from orchard.weather.thresholds import shown

bp = Blueprint("weather", __name__)


@bp.get("/weather/<uuid:plot_id>")
def one(plot_id: UUID) -> str:
    """Show the forecast of a plot, with its age and the place it is for."""
    now = clock.now()
    local = clock.local(now).replace(tzinfo=None)
    with db.reading() as session:
        plot = plot_for(session, g.caller, plot_id)
        digest = digest_of_cell(session, plot.cell)
        town = town_point(session, plot.village_code).name
    age = digest.age(now) if digest else age_of(None, now)
    return render_template(
        "weather/one.html",
        plot=plot,
        digest=digest,
        town=town,
        fruit=fruit_of(plot.variety),
        age=age,
        now=local,
        warnings=digest.warnings(local) if digest and age.advises else [],
        rules=shown(local.date()),
    )
