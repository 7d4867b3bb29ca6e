"""The pages of employers: open, verify, recognise, correct; everybody may read who hires."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from orchard import clock, db
from orchard.accounts.models import Employer
from orchard.accounts.rules import EmployerKind, Role
from orchard.errors import Conflict, FieldRefused
from orchard.hiring import directory, employers, listing, queries
from orchard.hiring.forms import CorrectEmployerForm, EmployerForm, StepForm
from orchard.hiring.places import villages_around
from orchard.hiring.rules import RecognitionEventKind
from orchard.hiring.views import choose_county
from orchard.ids import new_id
from orchard.places.queries import children
from orchard.web import parked
from orchard.web.forms import as_id, check_hidden, parse, refusal

bp = Blueprint("employers", __name__)
bp.before_request(choose_county)
Answer = Response | tuple[str, int]
OFFICE = frozenset({Role.SECRETARY, Role.DISTRICT})


@bp.get("/employers", endpoint="list")
def employer_list() -> str:
    """Show one's own employers, or those of the town."""
    after, before = as_id(request.args.get("after")), as_id(request.args.get("before"))
    with db.reading() as reading:
        lines, page = directory.employers_page(
            reading, g.caller, today=clock.today(), after=after, before=before
        )
        household = employers.household_of(reading, g.caller)
    may_open = is_office() or household is None
    return render_template("hiring/employers/list.html", lines=lines, page=page, may_open=may_open)


def is_office() -> bool:
    """Say whether the caller opens employers for a town or district."""
    return bool(g.caller.roles & OFFICE)


@bp.get("/employers/<uuid:employer_id>")
def one(employer_id: UUID) -> str:
    """Show who hires, where and for what; more to its manager and its town."""
    return _one_page(employer_id, {}, {})


def _one_page(employer_id: UUID, sent: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    today = clock.today()
    with db.reading() as reading:
        line = directory.employer_line(reading, employer_id, today=today)
        offered = listing.openings_of(reading, employer_id, today=today)
    caller = g.caller
    serves = caller is not None and employers.serves(caller, line.employer.village_code)
    return render_template(
        "hiring/employers/one.html",
        line=line,
        offered=offered,
        is_own=caller is not None and employer_id in caller.employers,
        serves=serves,
        step_id=sent.get("id") or new_id(),
        steps=list(RecognitionEventKind),
        errors=errors,
        sent=sent,
    )


@bp.get("/employers/new")
def new() -> str:
    """Show the form: for the office any kind, for others their own household."""
    typed: Mapping[str, Any] = parked.typed() or {"id": new_id(), "name": _own_name()}
    return _form_page(typed, {})


def _own_name() -> str:
    return "" if is_office() else f"{g.caller.name}家"


@bp.post("/employers/new")
def create() -> Answer:
    """Open the employer once and go to its page."""
    form, errors = parse(EmployerForm, request.form)
    check_hidden(errors)
    if form is None:
        return _form_page(request.form, errors), 422
    try:
        with db.transaction() as writing:
            employers.open_employer(
                writing, g.caller, employers.NewEmployer(**form.model_dump()), now=clock.now()
            )
    except FieldRefused as error:
        return _form_page(request.form, refusal(error)), 422
    except Conflict as error:
        again = {**request.form, "id": new_id()}
        return _form_page(again, {}, conflict=error), 409
    return redirect(url_for("employers.one", employer_id=form.id), code=303)


@bp.get("/employers/<uuid:employer_id>/edit")
def edit(employer_id: UUID) -> str:
    """Show the form with what is stored."""
    found = _seen(employer_id)
    return _form_page(parked.typed() or _stored(found), {}, employer=found)


def _seen(employer_id: UUID) -> Employer:
    with db.reading() as reading:
        return queries.employer_seen_by(reading, g.caller, employer_id)


def _stored(found: Employer) -> dict[str, str]:
    return {
        "name": found.name,
        "village_code": found.village_code,
        "seen_name": found.name,
        "seen_village_code": found.village_code,
    }


@bp.post("/employers/<uuid:employer_id>/edit")
def change(employer_id: UUID) -> Answer:
    """Store the correction, or show both when somebody was faster."""
    found = _seen(employer_id)
    form, errors = parse(CorrectEmployerForm, request.form)
    if form is None:
        return _form_page(request.form, errors, employer=found), 422
    try:
        with db.transaction() as writing:
            employers.correct(
                writing,
                g.caller,
                employer_id,
                name=form.name,
                village_code=form.village_code,
                seen=(form.seen_name, form.seen_village_code),
                now=clock.now(),
            )
    except FieldRefused as error:
        return _form_page(request.form, refusal(error), employer=found), 422
    except Conflict as error:
        newest = {
            **request.form,
            "seen_name": error.kept["name"],
            "seen_village_code": error.kept["village_code"],
        }
        return _form_page(newest, {}, employer=found, conflict=error), 409
    return redirect(url_for("employers.one", employer_id=employer_id), code=303)


def _form_page(
    sent: Mapping[str, Any],
    errors: Mapping[str, str],
    *,
    employer: Employer | None = None,
    conflict: Conflict | None = None,
) -> str:
    office = is_office()
    with db.reading() as reading:
        codes = set(employers.home_towns(g.caller))
        if office:
            codes = set(g.caller.places(*OFFICE))
        if db.county() in codes:
            codes = {code for code, _ in children(reading, db.county())}
        offered = villages_around(reading, codes | ({employer.village_code} if employer else set()))
    return render_template(
        "hiring/employers/form.html",
        sent=sent,
        errors=errors,
        employer=employer,
        conflict=conflict,
        offered=offered,
        kinds=list(EmployerKind) if office else [],
        home=g.caller.village_code or "",
    )


@bp.post("/employers/<uuid:employer_id>/verify")
def verify(employer_id: UUID) -> Response:
    """Say for the town that an employer is what he says."""
    with db.transaction() as writing:
        employers.verify(writing, g.caller, employer_id, now=clock.now())
    return redirect(url_for("employers.one", employer_id=employer_id), code=303)


@bp.post("/employers/<uuid:employer_id>/steps")
def recognise(employer_id: UUID) -> Answer:
    """Write one step of a workshop's recognition."""
    form, errors = parse(StepForm, request.form)
    check_hidden(errors)
    if form is not None:
        try:
            with db.transaction() as writing:
                step = employers.NewStep(**form.model_dump())
                employers.recognise(writing, g.caller, employer_id, step, now=clock.now())
        except FieldRefused as error:
            errors = refusal(error)
        else:
            return redirect(url_for("employers.one", employer_id=employer_id), code=303)
    _seen(employer_id)
    return _one_page(employer_id, request.form, errors), 422
