"""The home page of a grower, a manager or a worker."""

from flask import Blueprint, g, render_template

from orchard import clock, db
from orchard.plots.rules import variety_names
from orchard.reminders.queries import text_of
from orchard.tasks.terms import solar_term_of
from orchard.today.queries import morning
from orchard.today.rules import ASK_SHOWN

bp = Blueprint("today", __name__)


@bp.get("/today")
def page() -> str:
    """Show everything for the morning: warnings, weather, spray hours, tasks, the reminder."""
    with db.reading() as session:
        found = morning(session, g.caller, clock.now())
    return render_template(
        "today/page.html",
        found=found,
        reminder=text_of(found.message, g.locale) if found.message else "",
        term=solar_term_of(found.local.date()),
        varieties=variety_names(g.locale),
        each_asks=1 < len(found.plots) <= ASK_SHOWN,
    )
