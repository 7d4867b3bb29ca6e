"""The office's home page."""

from flask import Blueprint, g, render_template

from orchard import clock, db
from orchard.overview.queries import overview

bp = Blueprint("overview", __name__)


@bp.get("/overview")
def page() -> str:
    """Show plots, growers, late tasks, forecast age and failed jobs of the caller's places."""
    now = clock.now()
    with db.reading() as session:
        found = overview(session, g.caller, today=clock.today(), now=now)
    return render_template("overview/page.html", found=found, now=now)
