"""The pages of plots: list, one with its history, register, correct, give up."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from orchard import clock, db, units, words
from orchard.errors import Conflict, FieldRefused
from orchard.ids import new_id
from orchard.places.queries import names
from orchard.places.rules import short_name
from orchard.plots import queries, services
from orchard.plots.forms import CorrectPlotForm, EndPlotForm, NewPlotForm
from orchard.plots.models import Plot
from orchard.plots.rules import varieties, variety_names
from orchard.web import parked
from orchard.web.forms import as_id, check_hidden, parse, refusal
from orchard.web.permissions import ALLOWED
from orchard.web.roles import HOLDERS

bp = Blueprint("plots", __name__)
Answer = Response | tuple[str, int]
ROOMS_ABOVE = (  # pages of upper rooms, shown when they are there
    ("today.page", "plots.to_today", False),
    ("weather.one", "plots.to_weather", True),
    ("tasks.list", "plots.to_tasks", False),
    ("visits.new", "visits.new.title", True),
)


@bp.get("/plots", endpoint="list")
def plot_list() -> str:
    """Show one page of the plots in sight."""
    after, before = as_id(request.args.get("after")), as_id(request.args.get("before"))
    with db.reading() as reading:
        rows, page = queries.plot_rows(reading, g.caller, after=after, before=before)
    known = variety_names(g.locale)
    return render_template(
        "plots/list.html", rows=rows, page=page, varieties=known, may_add=_may_add()
    )


def _may_add() -> bool:
    return bool(g.caller.roles & HOLDERS)


@bp.get("/plots/<uuid:plot_id>")
def one(plot_id: UUID) -> str:
    """Show a plot's facts, where its forecast and tasks are, and its history."""
    with db.reading() as reading:
        line = queries.plot_line(reading, g.caller, plot_id)
        changes = queries.history(reading, g.caller, plot_id)
        villages = names(reading, _villages(changes))
    return render_template(
        "plots/one.html",
        line=line,
        variety=varieties().get(line.plot.variety),
        changes=[(change, _rows(change.facts, villages)) for change in changes],
        is_own=queries.is_own(g.caller, line.plot),
        above=_above(line.plot),
    )


def _above(plot: Plot) -> list[tuple[str, str]]:
    here = [row for row in ROOMS_ABOVE if row[0] in current_app.view_functions]
    return [
        (url_for(page, plot_id=plot.id) if of_plot else url_for(page), word)
        for page, word, of_plot in here
        if _opens(page)
    ]


def _opens(endpoint: str) -> bool:
    return bool(ALLOWED.get(endpoint, frozenset()) & g.caller.roles)


def _villages(changes: list[queries.Change]) -> set[str]:
    return {
        code
        for change in changes
        for fact, *codes in change.facts
        if fact == "village_code"
        for code in codes
    }


def _rows(facts: Any, villages: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return changed facts as people read them: (what, before, after)."""
    return [
        (_word(fact), _shown(fact, before, villages), _shown(fact, after, villages))
        for fact, before, after in facts
    ]


def _word(fact: str) -> str:
    return words.text(g.locale, f"plots.fact.{fact}")


def _shown(fact: str, value: Any, villages: Mapping[str, str]) -> str:
    if value is None:
        return words.text(g.locale, "web.none")
    if fact == "area_mu_x100":
        return units.x100_to_text(value)
    if fact == "village_code":
        return short_name(villages.get(value, value))
    if fact == "variety" and value in varieties():
        return varieties()[value].name(g.locale)
    return str(value)


@bp.get("/plots/new")
def new() -> str:
    """Show the empty form; its id is made here and stays through every error."""
    return _form_page(parked.typed() or {"id": new_id()}, {})


@bp.post("/plots/new")
def create() -> Answer:
    """Register the plot once and go to its page."""
    form, errors = parse(NewPlotForm, request.form)
    check_hidden(errors)
    if form is None:
        return _form_page(request.form, errors), 422
    try:
        with db.transaction() as writing:
            services.register_plot(
                writing,
                g.caller,
                services.Facts(**form.facts()),
                id=form.id,
                employer_id=form.employer_id,
                now=clock.now(),
                today=clock.today(),
            )
    except FieldRefused as error:
        return _form_page(request.form, refusal(error)), 422
    except Conflict as error:
        again = {**request.form, "id": str(new_id())}
        first = None if error.kept["is_ended"] else form.id
        return _form_page(again, {}, conflict=error, first=first), 409
    return redirect(url_for("plots.one", plot_id=form.id), code=303)


@bp.get("/plots/<uuid:plot_id>/edit")
def edit(plot_id: UUID) -> str:
    """Show the form with what is stored, and the version that is being corrected."""
    with db.reading() as reading:
        plot = queries.own_plot_for(reading, g.caller, plot_id)
    stored = {
        "name": plot.name,
        "village_code": plot.village_code,
        "area_mu": units.x100_to_text(plot.area_mu_x100),
        "variety": plot.variety,
        "planted_year": plot.planted_year,
        "tree_count": plot.tree_count,
        "elevation_m": plot.elevation_m,
        "lat": plot.lat,
        "lon": plot.lon,
        "version": plot.version,
    }
    return _form_page(parked.typed() or stored, {}, plot=plot)


@bp.post("/plots/<uuid:plot_id>/edit")
def change(plot_id: UUID) -> Answer:
    """Store the correction, or show both versions when somebody was faster."""
    with db.reading() as reading:
        plot = queries.own_plot_for(reading, g.caller, plot_id)
    form, errors = parse(CorrectPlotForm, request.form)
    check_hidden(errors)
    if form is None:
        return _form_page(request.form, errors, plot=plot), 422
    try:
        with db.transaction() as writing:
            services.correct_plot(
                writing,
                g.caller,
                plot_id,
                services.Facts(**form.facts()),
                version=form.version,
                now=clock.now(),
                today=clock.today(),
            )
    except FieldRefused as error:
        return _form_page(request.form, refusal(error), plot=plot), 422
    except Conflict as error:
        newest = {**request.form, "version": error.kept["version"]}
        return _form_page(newest, {}, plot=plot, conflict=error), 409
    return redirect(url_for("plots.one", plot_id=plot_id), code=303)


def _form_page(
    sent: Mapping[str, Any],
    errors: Mapping[str, str],
    *,
    plot: Plot | None = None,
    conflict: Conflict | None = None,
    first: UUID | None = None,
) -> str:
    kept, typed = (conflict.kept, conflict.sent) if conflict else ({}, {})
    both = [(fact, kept[fact], typed[fact]) for fact in typed if kept.get(fact) != typed[fact]]
    with db.reading() as reading:
        offered = queries.villages_to_offer(reading, g.caller)
        employers = queries.employers_of(reading, g.caller)
        found = names(reading, {kept.get("village_code", ""), typed.get("village_code", "")})
    return render_template(
        "plots/form.html",
        plot=plot,
        sent=sent,
        errors=errors,
        offered=offered,
        employers=employers,
        is_grower="grower" in g.caller.roles,
        varieties=[(one.code, one.name(g.locale)) for one in varieties().values()],
        both=_rows(both, found),
        first=first,
        is_conflict=conflict is not None,
    )


@bp.get("/plots/<uuid:plot_id>/end")
def check_end(plot_id: UUID) -> str:
    """Ask once more before a plot is given up."""
    with db.reading() as reading:
        plot = queries.own_plot_for(reading, g.caller, plot_id)
    return render_template("plots/end.html", plot=plot)


@bp.post("/plots/<uuid:plot_id>/end")
def end(plot_id: UUID) -> Response:
    """Give the plot up; sent twice it is given up once."""
    form, _ = parse(EndPlotForm, request.form)
    if form is None:
        raise FieldRefused("version", "web.form.invalid")
    with db.transaction() as writing:
        services.end_plot(
            writing,
            g.caller,
            plot_id,
            version=form.version,
            now=clock.now(),
            today=clock.today(),
        )
    return redirect(url_for("plots.list"), code=303)
