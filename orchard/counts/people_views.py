"""Pages behind a figure: the reason, its people, and what waits for a look."""

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from orchard import clock, db
from orchard.accounts.rules import Role
from orchard.counts import people, periods, review
from orchard.counts.forms import OpenForm, SameForm
from orchard.counts.people import Measure, Opened
from orchard.errors import FieldRefused, NotVisible
from orchard.hiring.doubles import Decision, decide
from orchard.ids import new_id
from orchard.web import parked
from orchard.web.forms import as_id, check_hidden, page_number, parse

bp = Blueprint("counts_people", __name__)
Answer = Response | str | tuple[str, int]


@bp.get("/counts/people")
def ask() -> str:
    """Ask why a figure's people are looked at."""
    sent = parked.typed() or request.args
    season = periods.season_of(clock.today()).code
    measure = sent.get("measure", Measure.PERSONS.value)
    employer = as_id(sent.get("employer"))
    if measure not in set(Measure):
        raise NotVisible
    place = sent.get("place") or min(_towns())
    opened = Opened(place, sent.get("period") or season, Measure(measure), employer)
    return _ask_page(opened, str(new_id()), sent.get("reason", ""))


def _ask_page(opened: Opened, id: str, reason: str, errors: Mapping[str, str] | None = None) -> str:
    with db.reading() as session:
        name = people.check(session, g.caller, opened)
    return render_template(
        "counts/reason.html",
        opened=opened,
        name=name,
        span=opened.span,
        id=id,
        reason=reason,
        errors=errors or {},
    )


def _towns() -> frozenset[str]:
    towns: frozenset[str] = g.caller.places(Role.SECRETARY)
    return towns


@bp.post("/counts/people")
def show() -> Answer:
    """Write down who looks and why, and go to the people."""
    form, errors = parse(OpenForm, request.form)
    if form is None:
        if set(errors) - {"reason"}:
            check_hidden(errors)
            raise FieldRefused("form", "web.form.invalid")
        sent = request.form
        measure = Measure(sent.get("measure", Measure.PERSONS))
        opened = Opened(sent["place"], sent["period"], measure, as_id(sent.get("employer")))
        return _ask_page(opened, sent["id"], sent.get("reason", ""), errors), 422
    opened = Opened(form.place, form.period, form.measure, form.employer)
    with db.transaction() as session:
        ticket = people.open_people(
            session, g.caller, opened, id=form.id, reason=form.reason, now=clock.now()
        )
    return redirect(url_for("counts_people.list", ticket=ticket), code=303)


@bp.get("/counts/people/<uuid:ticket>", endpoint="list")
def people_list(ticket: UUID) -> str:
    """Show the people behind a figure that was opened lately, masked."""
    number = page_number()
    with db.reading() as session:
        opened = people.opened_by(session, g.caller, ticket, now=clock.now())
        name = people.check(session, g.caller, opened)
        rows, has_more = people.people(session, opened, number=number)
    return render_template(
        "counts/people.html",
        opened=opened,
        name=name,
        span=opened.span,
        rows=rows,
        number=number,
        has_more=has_more,
        ticket=ticket,
    )


@bp.get("/review")
def waiting() -> str:
    """Show what waits for a look in the caller's town."""
    town = request.args.get("place") or min(_towns())
    if town not in _towns():
        raise NotVisible
    with db.reading() as session:
        lists = review.waiting(session, town, clock.today())
    return render_template("counts/review.html", lists=lists, town=town, new_id=new_id)


@bp.post("/review/same")
def same() -> Response:
    """Say that two records are one person, or that they are not."""
    form, errors = parse(SameForm, request.form)
    if form is None:
        check_hidden(errors)
        raise FieldRefused("form", "web.form.invalid")
    decision = Decision(form.id, form.person_id, form.other_id, form.is_same == "yes")
    now = clock.now()
    with db.transaction() as session:
        decide(session, g.caller, decision, now=now)
    with db.reading() as session:
        found = {town: review.waiting(session, town, clock.today()) for town in sorted(_towns())}
    with db.transaction() as session:
        for town, lists in found.items():
            review.note(session, town, lists, now=now)
    return redirect(url_for("counts_people.waiting"), code=303)
