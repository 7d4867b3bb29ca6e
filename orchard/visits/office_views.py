"""Pages of the offices: a town's figures, and what the district moves. One blueprint with all."""

from uuid import UUID

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from orchard import clock
from orchard.db import reading, transaction
from orchard.errors import FieldRefused
from orchard.places.queries import names
from orchard.visits import desk, figures
from orchard.visits import services as visits
from orchard.visits.catalogue import service
from orchard.visits.desk_views import bp
from orchard.visits.forms import HandOverForm
from orchard.web.forms import parse

__all__ = ["bp"]


@bp.get("/visits/town")
def town() -> str:
    """Show the office which requests wait too long, and what became of a year's requests."""
    now = clock.now()
    with reading() as session:
        waiting = desk.waiting_long(session, g.caller, now)
        found = figures.figures(session, g.caller, now)
        named = names(session, [each.town_code for each in found])
    return render_template(
        "visits/town.html",
        waiting=waiting,
        found=found,
        named=named,
        days=service().waiting_long_days,
    )


@bp.get("/visits/district")
def district() -> str:
    """Show the district the open requests of its towns, without whose they are, to move them."""
    with reading() as session:
        lines = desk.open_of_district(session, g.caller)
        towns = sorted({line.request.town_code for line in lines})
        there = {code: desk.technicians_of(session, code) for code in towns}
        named = names(session, towns)
    return render_template("visits/district.html", lines=lines, there=there, named=named)


@bp.post("/visits/<uuid:request_id>/reassign")
def reassign(request_id: UUID) -> Response:
    """Give any open request of the district to a technician of its town."""
    form, _ = parse(HandOverForm, request.form)
    if form is None:
        raise FieldRefused("to", "web.form.invalid")
    with transaction() as session:
        visits.hand_over(session, g.caller, request_id, form.to, now=clock.now())
    return redirect(url_for("visits.district"), code=303)
