"""The pages of hires: list, hire somebody, change, end; the worker confirms or objects."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from orchard import clock, db
from orchard.accounts.models import Employer
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.hiring import people, queries, services
from orchard.hiring.checks import check_facts, check_person
from orchard.hiring.forms import AnswerForm, ChangeHireForm, EndHireForm, NewHireForm
from orchard.hiring.models import Crew, Opening
from orchard.hiring.places import registered_words, villages_around
from orchard.hiring.rules import ELSEWHERE, HireEventKind, PayBasis, Relation, works_for
from orchard.ids import new_id
from orchard.places.queries import names
from orchard.places.rules import short_name
from orchard.web import parked
from orchard.web.forms import as_id, as_number, check_hidden, parse, refusal

bp = Blueprint("hires", __name__)
Answer = Response | tuple[str, int]


@bp.get("/hires", endpoint="list")
def hire_list() -> str:
    """Show the hires in sight: a worker's own, an employer's, the town's with masked names."""
    after, before = as_id(request.args.get("after")), as_id(request.args.get("before"))
    with db.reading() as reading:
        lines, page = people.hires_page(reading, g.caller, after=after, before=before)
    return render_template("hiring/hires/list.html", lines=lines, page=page)


@bp.get("/hires/<uuid:hire_id>")
def one(hire_id: UUID) -> str:
    """Show one hire with what happened to it."""
    return _one_page(hire_id, {}, "")


def _one_page(
    hire_id: UUID, errors: Mapping[str, str], note: str, *, is_conflict: bool = False
) -> str:
    with db.reading() as reading:
        line = people.hire_line(reading, g.caller, hire_id)
        happened = queries.events_of(reading, hire_id, as_number(request.args.get("before")))
        is_own = line.hire.employer_id in g.caller.employers
        notices = queries.notices_for(reading, line.hire) if is_own else []
        places = registered_words(reading, [line.hire.registered_code], g.locale)
    return render_template(
        "hiring/hires/one.html",
        line=line,
        happened=happened,
        notices=notices,
        is_own=is_own,
        places=places,
        errors=errors,
        note=note,
        is_conflict=is_conflict,
    )


@bp.get("/employers/<uuid:employer_id>/workers/<uuid:person_id>/hire")
def new(employer_id: UUID, person_id: UUID) -> str:
    """Show the form of hiring one person of the roster, filled from the opening he asked for."""
    if typed := parked.typed():
        return _form_page(typed, {}, (employer_id, person_id))
    opening_id = as_id(request.args.get("opening"))
    with db.reading() as reading:
        employer = queries.employer_for(reading, g.caller, employer_id)
        known = queries.known_person(reading, employer_id, person_id)
        opening = reading.get(Opening, opening_id) if opening_id else None
    if opening and opening.employer_id != employer_id:
        raise NotVisible
    sent = {
        "id": new_id(),
        "opening_id": opening_id or "",
        "work": opening.work if opening else "",
        "workplace_code": opening.workplace_code if opening else employer.village_code,
        "basis": opening.basis if opening else PayBasis.DAY,
        "relation": Relation.SERVICE,
        "started_on": max(opening.first_day, clock.today()) if opening else clock.today(),
        "registered_code": known.registered_code or "",
    }
    return _form_page(sent, {}, (employer_id, person_id))


@bp.post("/employers/<uuid:employer_id>/workers/<uuid:person_id>/hire")
def create(employer_id: UUID, person_id: UUID) -> Answer:
    """Show what is to be known first, or hire: the step says which."""
    whose = (employer_id, person_id)
    sent = {**request.form, "employer_id": employer_id, "person_id": person_id}
    form, errors = parse(NewHireForm, sent)
    check_hidden(errors)
    if form is None or request.form.get("step") == "edit":
        return _form_page(request.form, errors, whose), 422 if errors else 200
    hire = services.NewHire(**form.model_dump())
    try:
        if request.form.get("step") == "check":
            return _check_page(hire), 200
        with db.transaction() as writing:
            services.make_hire(writing, g.caller, hire, now=clock.now())
    except FieldRefused as error:
        return _form_page(request.form, refusal(error), whose), 422
    except Conflict:
        again = {**request.form, "id": new_id()}
        return _form_page(again, {}, whose, is_conflict=True), 409
    return redirect(url_for("hires.one", hire_id=form.id), code=303)


def _check_page(hire: services.NewHire) -> str:
    with db.reading() as reading:
        employer = queries.employer_for(reading, g.caller, hire.employer_id)
        check_facts(reading, hire.employer_id, hire, clock.today())
        check_person(reading, hire)
        known = queries.known_person(reading, hire.employer_id, hire.person_id)
        notices = queries.notices_for(reading, hire)
        places = registered_words(reading, [hire.registered_code], g.locale)
        workplace = names(reading, [hire.workplace_code])[hire.workplace_code]
        crew = reading.get(Crew, hire.crew_id) if hire.crew_id else None
    return render_template(
        "hiring/hires/check.html",
        hire=hire,
        employer=employer,
        name=known.name,
        notices=notices,
        places=places,
        workplace=short_name(workplace),
        crew=crew and crew.name,
        sent=request.form,
    )


def _form_page(
    sent: Mapping[str, Any],
    errors: Mapping[str, str],
    whose: tuple[UUID, UUID],
    *,
    hire_id: UUID | None = None,
    is_conflict: bool = False,
) -> str:
    employer_id, person_id = whose
    with db.reading() as reading:
        employer = queries.employer_for(reading, g.caller, employer_id)
        known = queries.known_person(reading, employer_id, person_id)
        choices = _choices(reading, employer)
    return render_template(
        "hiring/hires/form.html",
        sent=sent,
        errors=errors,
        hire_id=hire_id,
        employer=employer,
        name=known.name,
        is_conflict=is_conflict,
        person_id=person_id,
        **choices,
    )


def _choices(reading: Session, employer: Employer) -> dict[str, Any]:
    return {
        "offered": villages_around(reading, [employer.village_code]),
        "crews": queries.crews_of(reading, employer.id),
        "works": [work.code for work in works_for(employer.kind)],
        "bases": list(PayBasis),
        "relations": list(Relation),
        "elsewhere": ELSEWHERE,
        "county": db.county(),
    }


@bp.get("/hires/<uuid:hire_id>/edit")
def edit(hire_id: UUID) -> str:
    """Show the form with what stands, and the version that is being changed."""
    with db.reading() as reading:
        hire = queries.managed_hire_for(reading, g.caller, hire_id)
    stored = {**services.as_json(services.facts_of(hire)), "version": hire.version}
    whose = (hire.employer_id, hire.person_id)
    return _form_page(parked.typed() or stored, {}, whose, hire_id=hire_id)


@bp.post("/hires/<uuid:hire_id>/edit")
def change(hire_id: UUID) -> Answer:
    """Store the change, or show the form again when somebody was faster."""
    with db.reading() as reading:
        hire = queries.managed_hire_for(reading, g.caller, hire_id)
    whose = (hire.employer_id, hire.person_id)
    form, errors = parse(ChangeHireForm, request.form)
    check_hidden(errors)
    if form is None:
        return _form_page(request.form, errors, whose, hire_id=hire_id), 422
    try:
        with db.transaction() as writing:
            services.change_hire(
                writing,
                g.caller,
                hire_id,
                form.facts(),
                version=form.version,
                now=clock.now(),
            )
    except FieldRefused as error:
        return _form_page(request.form, refusal(error), whose, hire_id=hire_id), 422
    except Conflict as error:
        newest = {**request.form, "version": error.kept["version"]}
        return _form_page(newest, {}, whose, hire_id=hire_id, is_conflict=True), 409
    return redirect(url_for("hires.one", hire_id=hire_id), code=303)


@bp.get("/hires/<uuid:hire_id>/end")
def check_end(hire_id: UUID) -> str:
    """Ask for the last day."""
    with db.reading() as reading:
        queries.managed_hire_for(reading, g.caller, hire_id)
        line = people.hire_line(reading, g.caller, hire_id)
    sent = {"ended_on": line.hire.ended_on or clock.today(), "version": line.hire.version}
    return _end_page(line, sent, {})


def _end_page(
    line: people.HireLine,
    sent: Mapping[str, Any],
    errors: Mapping[str, str],
    *,
    is_conflict: bool = False,
) -> str:
    return render_template(
        "hiring/hires/end.html", line=line, sent=sent, errors=errors, is_conflict=is_conflict
    )


@bp.post("/hires/<uuid:hire_id>/end")
def end(hire_id: UUID) -> Answer:
    """End a hire on its last day."""
    with db.reading() as reading:
        queries.managed_hire_for(reading, g.caller, hire_id)
        line = people.hire_line(reading, g.caller, hire_id)
    form, errors = parse(EndHireForm, request.form)
    check_hidden(errors)
    if form is not None:
        try:
            with db.transaction() as writing:
                services.end_hire(writing, g.caller, hire_id, **form.model_dump(), now=clock.now())
        except FieldRefused as error:
            errors = refusal(error)
        except Conflict as error:
            newest = {**request.form, "version": error.kept["version"]}
            return _end_page(line, newest, {}, is_conflict=True), 409
        else:
            return redirect(url_for("hires.one", hire_id=hire_id), code=303)
    return _end_page(line, request.form, errors), 422


@bp.post("/hires/<uuid:hire_id>/confirm")
def confirm(hire_id: UUID) -> Answer:
    """Say that one's own hire is right."""
    return _answer(hire_id, HireEventKind.CONFIRMED)


@bp.post("/hires/<uuid:hire_id>/object")
def object_to(hire_id: UUID) -> Answer:
    """Say that something about one's own hire is wrong."""
    return _answer(hire_id, HireEventKind.OBJECTED)


def _answer(hire_id: UUID, kind: HireEventKind) -> Answer:
    form, errors = parse(AnswerForm, request.form)
    check_hidden(errors)
    if form is None:
        with db.reading() as reading:
            queries.hire_for(reading, g.caller, hire_id)
        return _one_page(hire_id, errors, request.form.get("note", "")), 422
    try:
        with db.transaction() as writing:
            services.answer_hire(
                writing,
                g.caller,
                hire_id,
                kind,
                version=form.version,
                note=form.note,
                now=clock.now(),
            )
    except Conflict:
        return _one_page(hire_id, {}, form.note, is_conflict=True), 409
    return redirect(url_for("hires.one", hire_id=hire_id), code=303)
