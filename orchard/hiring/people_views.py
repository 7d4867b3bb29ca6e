"""The pages of an employer's people and crews: list, register, correct."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from orchard import clock, db
from orchard.accounts.models import Employer, Person
from orchard.errors import Conflict, FieldRefused
from orchard.hiring import crews, doubles, people, queries, roster
from orchard.hiring.forms import CrewForm, PersonFactsForm, PersonForm
from orchard.hiring.places import registered_words, villages_around
from orchard.hiring.rules import ELSEWHERE
from orchard.ids import new_id
from orchard.places.queries import names
from orchard.places.rules import short_name
from orchard.web import parked
from orchard.web.forms import as_id, check_hidden, parse, refusal

bp = Blueprint("workers", __name__)
Answer = Response | tuple[str, int]


@bp.get("/workers", endpoint="list")
def worker_list() -> Answer:
    """Go to the people of the caller's only employer, or let him choose one."""
    with db.reading() as reading:
        own = queries.employers_of(reading, g.caller)
    if len(own) == 1:
        return redirect(url_for("workers.of", employer_id=own[0].id), code=303)
    return render_template("hiring/workers/choose.html", employers=own), 200


@bp.get("/employers/<uuid:employer_id>/workers")
def of(employer_id: UUID) -> str:
    """Show one page of the people that an employer knows, and its crews."""
    after, before = as_id(request.args.get("after")), as_id(request.args.get("before"))
    return _people_page(employer_id, {}, {}, after=after, before=before)


def _people_page(
    employer_id: UUID,
    sent: Mapping[str, Any],
    errors: Mapping[str, str],
    *,
    after: UUID | None = None,
    before: UUID | None = None,
) -> str:
    with db.reading() as reading:
        employer = queries.employer_for(reading, g.caller, employer_id)
        lines, page = people.workers_page(
            reading, employer_id, today=clock.today(), after=after, before=before
        )
        known = registered_words(reading, [line.registered_code for line in lines], g.locale)
        groups = queries.crews_of(reading, employer_id)
    return render_template(
        "hiring/workers/list.html",
        employer=employer,
        lines=lines,
        page=page,
        places=known,
        crews=groups,
        sent=sent or {"id": new_id()},
        errors=errors,
    )


@bp.post("/employers/<uuid:employer_id>/crews")
def make_crew(employer_id: UUID) -> Answer:
    """Make a crew."""
    form, errors = parse(CrewForm, request.form)
    check_hidden(errors)
    if form is None:
        return _people_page(employer_id, request.form, errors), 422
    with db.transaction() as writing:
        crews.make_crew(writing, g.caller, employer_id, form.name, id=form.id, now=clock.now())
    return redirect(url_for("workers.of", employer_id=employer_id), code=303)


@bp.post("/crews/<uuid:crew_id>/end")
def end_crew(crew_id: UUID) -> Response:
    """End a crew."""
    with db.transaction() as writing:
        crew = crews.end_crew(writing, g.caller, crew_id, now=clock.now())
    return redirect(url_for("workers.of", employer_id=crew.employer_id), code=303)


@bp.get("/employers/<uuid:employer_id>/workers/new")
def new(employer_id: UUID) -> str:
    """Show the form of somebody to register."""
    return _form_page(employer_id, parked.typed() or {"id": new_id()}, {})


@bp.post("/employers/<uuid:employer_id>/workers/new")
def create(employer_id: UUID) -> Answer:
    """Register somebody once; who looks like the same person is shown first."""
    form, errors = parse(PersonForm, _answered(request.form))
    check_hidden(errors)
    if form is None:
        return _form_page(employer_id, request.form, errors), 422
    asked = form.person(employer_id)
    try:
        with db.transaction() as writing:
            person = roster.register_person(writing, g.caller, asked, now=clock.now())
    except roster.LooksKnown:
        return _alike_page(employer_id, asked), 422
    except FieldRefused as error:
        return _form_page(employer_id, request.form, refusal(error)), 422
    except Conflict:
        again = {**request.form, "id": new_id()}
        return _form_page(employer_id, again, {}, is_conflict=True), 409
    where = url_for("workers.one", employer_id=employer_id, person_id=person.id)
    return redirect(where, code=303)


def _answered(sent: Mapping[str, str]) -> dict[str, str]:
    """Return the form with the answer to who looks alike: one of those shown, or nobody."""
    answer = sent.get("alike", "")
    more = {"is_new": "1"} if answer == "new" else {"same_as": answer} if answer else {}
    return {**sent, **more}


def _alike_page(employer_id: UUID, asked: roster.NewPerson) -> str:
    with db.reading() as reading:
        employer = queries.employer_for(reading, g.caller, employer_id)
        found = roster.lookalikes(reading, asked)
        alike = masked(reading, found)
    return render_template(
        "hiring/workers/alike.html", employer=employer, alike=alike, sent=request.form, asked=asked
    )


def masked(reading: Session, found: list[Person]) -> list[doubles.Masked]:
    """Return who looks alike as a manager may see it: first character and village."""
    codes = {one.village_code for one in found if one.village_code}
    villages = {code: short_name(name) for code, name in names(reading, codes).items()}
    return [doubles.mask(one, villages) for one in found]


def _form_page(
    employer_id: UUID,
    sent: Mapping[str, Any],
    errors: Mapping[str, str],
    *,
    line: people.WorkerLine | None = None,
    is_conflict: bool = False,
) -> str:
    with db.reading() as reading:
        employer = queries.employer_for(reading, g.caller, employer_id)
        offered = registered_choices(reading, employer)
    return render_template(
        "hiring/workers/form.html",
        employer=employer,
        sent=sent,
        errors=errors,
        offered=offered,
        elsewhere=ELSEWHERE,
        county=db.county(),
        line=line,
        is_conflict=is_conflict,
    )


def registered_choices(reading: Session, employer: Employer) -> dict[str, list[tuple[str, str]]]:
    """Return the villages that are offered as a registered place: those of the employer's town."""
    return villages_around(reading, [employer.village_code])


@bp.get("/employers/<uuid:employer_id>/workers/<uuid:person_id>")
def one(employer_id: UUID, person_id: UUID) -> str:
    """Show somebody of the roster with his hires here."""
    with db.reading() as reading:
        employer = queries.employer_for(reading, g.caller, employer_id)
        line = people.worker_line(reading, employer_id, person_id, today=clock.today())
        hires = people.hires_of(reading, g.caller, employer_id, person_id)
        known = registered_words(reading, [line.registered_code], g.locale)
    return render_template(
        "hiring/workers/one.html", employer=employer, line=line, hires=hires, places=known
    )


@bp.get("/employers/<uuid:employer_id>/workers/<uuid:person_id>/edit")
def edit(employer_id: UUID, person_id: UUID) -> str:
    """Show the form with what is known of somebody."""
    line = _line(employer_id, person_id)
    stored = {
        "name": line.name,
        "sex": line.sex or "",
        "born_on": line.born_on or "",
        "registered_code": line.registered_code or "",
        "phone": (line.phone or "").removeprefix("+86"),
    }
    return _form_page(employer_id, parked.typed() or stored, {}, line=line)


def _line(employer_id: UUID, person_id: UUID) -> people.WorkerLine:
    with db.reading() as reading:
        queries.employer_for(reading, g.caller, employer_id)
        return people.worker_line(reading, employer_id, person_id, today=clock.today())


@bp.post("/employers/<uuid:employer_id>/workers/<uuid:person_id>/edit")
def change(employer_id: UUID, person_id: UUID) -> Answer:
    """Fill in or correct what is known of somebody."""
    line = _line(employer_id, person_id)
    form, errors = parse(PersonFactsForm, request.form)
    if form is None:
        return _form_page(employer_id, request.form, errors, line=line), 422
    facts = roster.PersonFacts(**form.model_dump())
    try:
        with db.transaction() as writing:
            roster.correct_person(writing, g.caller, employer_id, person_id, facts, now=clock.now())
    except FieldRefused as error:
        return _form_page(employer_id, request.form, refusal(error), line=line), 422
    where = url_for("workers.one", employer_id=employer_id, person_id=person_id)
    return redirect(where, code=303)
