"""The manager's pages of pay: who is owed what, rates, reckoning; the town's page of disputes."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from orchard import clock, db, units
from orchard.accounts.rules import Role
from orchard.errors import Conflict, FieldRefused
from orchard.hiring.rules import PayBasis, works
from orchard.ids import new_id
from orchard.places.queries import names
from orchard.places.rules import short_name
from orchard.wages import owed, queries, reckoning, services
from orchard.wages.forms import RateForm, ReckonForm
from orchard.wages.owed import OpenDay
from orchard.web import parked
from orchard.web.forms import check_hidden, page_number, parse, refusal

bp = Blueprint("wages", __name__)
Answer = Response | str | tuple[str, int]
RECKONED = ("made", "corrected", "left")  # numbers of the last press, in the address


@bp.get("/pay", endpoint="list")
def pay_list() -> str:
    """Show the people of the caller's employers, the most unsettled first."""
    number = page_number()
    with db.reading() as reading:
        rows, has_more = owed.payees(reading, g.caller, page=number)
        sums = owed.sums_of(reading, g.caller)
        mine = queries.employers_of(reading, g.caller)
    return render_template(
        "wages/list.html",
        rows=rows,
        page=number,
        has_more=has_more,
        sums=sums,
        employers=mine,
        done={name: request.args.get(name, type=int) for name in RECKONED},
    )


@bp.get("/pay/reckon")
def reckon() -> str:
    """Ask whose work days are reckoned: a crew, a stretch of days."""
    return _reckon_page(parked.typed() or {}, {})


@bp.post("/pay/reckon")
def write() -> Answer:
    """Turn work days by the day into pay lines."""
    form, errors = parse(ReckonForm, request.form)
    if form is None:
        return _reckon_page(request.form, errors), 422
    with db.transaction() as writing:
        done = reckoning.reckon(
            writing, g.caller, reckoning.Stretch(**form.model_dump()), now=clock.now()
        )
    told: dict[str, Any] = {
        "made": done.lines,
        "corrected": done.corrections,
        "left": done.without_rate,
    }
    if form.person_id:
        return redirect(url_for("wages.person", person_id=form.person_id, **told), code=303)
    return redirect(url_for("wages.list", **told), code=303)


def _reckon_page(sent: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    with db.reading() as reading:
        mine = queries.employers_of(reading, g.caller)
        crews = owed.crews_of(reading, g.caller)
    return render_template(
        "wages/reckon.html", sent=sent, errors=errors, employers=mine, crews=crews
    )


@bp.get("/pay/quantities")
def quantities() -> str:
    """Show one row for each work day that is paid by quantity and has none yet."""
    return _quantities_page(parked.typed() or {}, {})


@bp.post("/pay/quantities")
def weigh() -> Answer:
    """Write a line for each row that was filled in; one wrong row and nothing is written."""
    rows = _open_days()
    typed, errors = _typed_quantities(rows)
    if errors:
        return _quantities_page(request.form, errors), 422
    lines = [
        services.NewLine(new_id(), row.hire_id, row.day, typed[name], field=name)
        for name, row in rows.items()
        if name in typed
    ]
    try:
        with db.transaction() as writing:
            services.write_lines(writing, g.caller, lines, now=clock.now())
    except FieldRefused as no:
        return _quantities_page(request.form, refusal(no)), 422
    return redirect(url_for("wages.list", made=len(lines), corrected=0, left=0), code=303)


def _typed_quantities(rows: Mapping[str, OpenDay]) -> tuple[dict[str, int], dict[str, str]]:
    """Return what was typed into the rows, and what is wrong; a row that is gone is skipped."""
    found: dict[str, int] = {}
    errors: dict[str, str] = {}
    for name in rows:
        text = request.form.get(name, "")
        if not text.strip():
            continue
        try:
            found[name] = units.typed_x100(text)
        except units.UnitError:
            errors |= refusal(FieldRefused(name, "wages.quantity_typed"))
    return found, errors


def _open_days() -> dict[str, OpenDay]:
    """Return the rows that the address asks for, by the name of their field."""
    day, crew, person = (request.args.get(name, "") for name in ("day", "crew", "person"))
    with db.reading() as reading:
        rows = owed.open_days(
            reading, g.caller, day=_date(day), crew_id=_id(crew), person_id=_id(person)
        )
    return {f"q-{row.hire_id.hex}-{row.day:%Y%m%d}": row for row in rows}


def _quantities_page(sent: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    rows = _open_days()
    with db.reading() as reading:
        crews = owed.crews_of(reading, g.caller)
    return render_template(
        "wages/quantities.html", rows=rows, sent=sent, errors=errors, crews=crews, args=request.args
    )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@bp.get("/pay/rates")
def rates() -> str:
    """Show what is paid for which work from when on, and the form for a new rate."""
    return _rates_page(parked.typed() or {"id": new_id(), "from_on": clock.today()}, {})


@bp.post("/pay/rates")
def add_rate() -> Answer:
    """Say what is paid from a day on."""
    form, errors = parse(RateForm, request.form)
    check_hidden(errors)
    if form is None:
        return _rates_page(request.form, errors), 422
    new = services.NewRate(
        form.id, form.employer_id, form.work, form.basis, form.rate_yuan, form.from_on
    )
    try:
        with db.transaction() as writing:
            services.add_rate(writing, g.caller, new, now=clock.now())
    except FieldRefused as no:
        return _rates_page(request.form, refusal(no)), 422
    except Conflict:
        again = {**request.form, "id": str(new_id())}
        return _rates_page(again, {}, is_conflict=True), 409
    return redirect(url_for("wages.rates", saved=1), code=303)


def _rates_page(
    sent: Mapping[str, Any], errors: Mapping[str, str], *, is_conflict: bool = False
) -> str:
    with db.reading() as reading:
        mine = queries.employers_of(reading, g.caller)
        known = queries.rates_of(reading, g.caller.employers)
    rows = [rate for group in known.values() for rate in reversed(group)]
    return render_template(
        "wages/rates.html",
        sent=sent,
        errors=errors,
        employers=mine,
        rates=rows,
        works=list(works()),
        bases=list(PayBasis),
        is_conflict=is_conflict,
    )


@bp.get("/pay/disputes")
def disputes() -> str:
    """Show the disputed days: a secretary those of his towns, masked; a manager his own."""
    towns = g.caller.places(Role.SECRETARY)
    with db.reading() as reading:
        of_town = owed.disputed(reading, g.caller, towns) if towns else []
        own = owed.disputed_of_manager(reading, g.caller) if g.caller.employers else []
        named = names(reading, towns)
    return render_template(
        "wages/disputes.html",
        of_town=of_town,
        own=own,
        towns=[short_name(name) for name in named.values()],
    )
