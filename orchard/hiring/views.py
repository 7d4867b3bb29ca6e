"""The pages of openings: find work, offer it, see who wants to come."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from orchard import clock, db, settings, units
from orchard.accounts.models import Employer
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.hiring import listing, openings, queries
from orchard.hiring.forms import ChangeOpeningForm, NewOpeningForm
from orchard.hiring.models import Opening
from orchard.hiring.places import villages_around
from orchard.hiring.rules import PayBasis, about_total_fen, works_for
from orchard.ids import new_id
from orchard.places.queries import names
from orchard.places.rules import short_name
from orchard.web import parked
from orchard.web.forms import as_id, check_hidden, parse, refusal

bp = Blueprint("openings", __name__)
Answer = Response | tuple[str, int]


@bp.before_request
def choose_county() -> Response | None:
    """Ask who is not signed in where several counties are served: nothing says which is his."""
    if g.caller is None and len(settings.get().counties) > 1:
        return redirect(url_for("accounts.sign_in"), code=303)
    return None


@bp.get("/openings", endpoint="list")
def opening_list() -> str:
    """Show work nearby, and what the caller's own employers offer."""
    after, before = as_id(request.args.get("after")), as_id(request.args.get("before"))
    today = clock.today()
    with db.reading() as reading:
        lines, page = listing.openings_page(
            reading, g.caller, today=today, after=after, before=before
        )
        own = listing.own_openings(reading, g.caller) if g.caller and not (after or before) else []
    return render_template(
        "hiring/openings/list.html", lines=lines, page=page, own=own, today=today
    )


@bp.get("/openings/<uuid:opening_id>")
def one(opening_id: UUID) -> str:
    """Show one opening, and to its employer who wants to come."""
    today = clock.today()
    with db.reading() as reading:
        line = listing.opening_line(reading, g.caller, opening_id, today=today)
        people = listing.applicants(reading, g.caller, opening_id) if line.is_own else []
    opening = line.opening
    return render_template(
        "hiring/openings/one.html",
        line=line,
        people=people,
        state=line.state(today),
        total=_total(opening),
        may_hide=openings.may_hide(g.caller, opening, line.employer_village),
    )


def _total(opening: Any) -> int | None:
    """Return what an offer costs about, in fen."""
    return about_total_fen(opening.people, opening.days, opening.basis, opening.rate_fen_x100)


@bp.get("/openings/new")
def new() -> Answer:
    """Show the empty form; who has no employer yet opens his household first."""
    if not g.caller.employers:
        return redirect(url_for("employers.new"), code=303)
    typed = parked.typed() or {"id": new_id(), "work": request.args.get("work", "")}
    return _form_page(typed, {}), 200


@bp.post("/openings/new")
def create() -> Answer:
    """Check what was typed, show it again to be changed, or publish it: the step says which."""
    form, errors = parse(NewOpeningForm, request.form)
    check_hidden(errors)
    if form is None or request.form.get("step") == "edit":
        return _form_page(request.form, errors), 422 if errors else 200
    employer_id = _employer(form.employer_id)
    try:
        if request.form.get("step") == "check":
            with db.reading() as reading:
                queries.employer_for(reading, g.caller, employer_id)
                openings.check_offer(reading, form.offer(), clock.today())
                return _check_page(reading, employer_id, form), 200
        with db.transaction() as writing:
            openings.publish(
                writing, g.caller, employer_id, form.offer(), id=form.id, now=clock.now()
            )
    except FieldRefused as error:
        return _form_page(request.form, refusal(error)), 422
    except Conflict as error:
        return _form_page({**request.form, "id": new_id()}, {}, conflict=error), 409
    return redirect(url_for("openings.one", opening_id=form.id), code=303)


def _employer(employer_id: UUID | None) -> UUID:
    """Return whose opening it is: the only employer needs not be chosen."""
    managed: list[UUID] = list(g.caller.employers)
    if employer_id is None and len(managed) == 1:
        return managed[0]
    if employer_id is None:
        raise FieldRefused("employer_id", "hiring.employer_needed")
    return employer_id


def _check_page(reading: Session, employer_id: UUID, form: NewOpeningForm) -> str:
    offer = form.offer()
    place = names(reading, [offer.workplace_code])[offer.workplace_code]
    return render_template(
        "hiring/openings/check.html",
        sent={**request.form, "employer_id": employer_id},
        offer=offer,
        place=short_name(place),
        rate=units.fen_x100_to_yuan(offer.rate_fen_x100),
        total=_total(offer),
    )


@bp.get("/openings/<uuid:opening_id>/edit")
def edit(opening_id: UUID) -> str:
    """Show the form with what is offered, and the version that is being changed."""
    opening = _own(opening_id)
    stored = {
        **openings.facts(opening),
        "rate": units.fen_x100_to_yuan(opening.rate_fen_x100),
        "version": opening.version,
    }
    return _form_page(parked.typed() or stored, {}, opening=opening)


def _own(opening_id: UUID) -> Opening:
    with db.reading() as reading:
        line = listing.opening_line(reading, g.caller, opening_id, today=clock.today())
    if not line.is_own:
        raise NotVisible
    return line.opening


@bp.post("/openings/<uuid:opening_id>/edit")
def change(opening_id: UUID) -> Answer:
    """Store the change, or show both versions when somebody was faster."""
    opening = _own(opening_id)
    form, errors = parse(ChangeOpeningForm, request.form)
    check_hidden(errors)
    if form is None:
        return _form_page(request.form, errors, opening=opening), 422
    try:
        with db.transaction() as writing:
            openings.change(
                writing,
                g.caller,
                opening_id,
                form.offer(),
                version=form.version,
                now=clock.now(),
            )
    except FieldRefused as error:
        return _form_page(request.form, refusal(error), opening=opening), 422
    except Conflict as error:
        newest = {**request.form, "version": error.kept["version"]}
        return _form_page(newest, {}, opening=opening, conflict=error), 409
    return redirect(url_for("openings.one", opening_id=opening_id), code=303)


def _form_page(
    sent: Mapping[str, Any],
    errors: Mapping[str, str],
    *,
    opening: Opening | None = None,
    conflict: Conflict | None = None,
) -> str:
    with db.reading() as reading:
        own = queries.employers_of(reading, g.caller)
        offered = villages_around(reading, [one.village_code for one in own])
    first = own[0] if own else None
    return render_template(
        "hiring/openings/form.html",
        sent=sent,
        errors=errors,
        opening=opening,
        is_conflict=conflict is not None,
        employers=own,
        offered=offered,
        home=first.village_code if first else "",
        works=_works(own),
        bases=list(PayBasis),
    )


def _works(own: list[Employer]) -> list[str]:
    return [work.code for work in works_for(own[0].kind)] if own else []


@bp.post("/openings/<uuid:opening_id>/close")
def close(opening_id: UUID) -> Response:
    """Close an opening of one's own employer."""
    with db.transaction() as writing:
        openings.close(writing, g.caller, opening_id, now=clock.now())
    return redirect(url_for("openings.one", opening_id=opening_id), code=303)


@bp.post("/openings/<uuid:opening_id>/hide")
def hide(opening_id: UUID) -> Response:
    """Hide an opening of the own town."""
    return _hide(opening_id, is_hidden=True)


@bp.post("/openings/<uuid:opening_id>/show")
def show(opening_id: UUID) -> Response:
    """Show a hidden opening of the own town again."""
    return _hide(opening_id, is_hidden=False)


def _hide(opening_id: UUID, *, is_hidden: bool) -> Response:
    with db.transaction() as writing:
        openings.hide(writing, g.caller, opening_id, is_hidden=is_hidden, now=clock.now())
    return redirect(url_for("openings.one", opening_id=opening_id), code=303)


@bp.post("/openings/<uuid:opening_id>/apply")
def apply(opening_id: UUID) -> Response:
    """Ask to come."""
    with db.transaction() as writing:
        openings.apply(writing, g.caller, opening_id, now=clock.now())
    return redirect(url_for("openings.one", opening_id=opening_id), code=303)


@bp.post("/openings/<uuid:opening_id>/withdraw")
def withdraw(opening_id: UUID) -> Response:
    """Take one's own wish back."""
    with db.transaction() as writing:
        openings.withdraw(writing, g.caller, opening_id, now=clock.now())
    return redirect(url_for("openings.one", opening_id=opening_id), code=303)


@bp.post("/openings/<uuid:opening_id>/decline/<uuid:person_id>")
def decline(opening_id: UUID, person_id: UUID) -> Response:
    """Say no to somebody who asked."""
    with db.transaction() as writing:
        openings.decline(writing, g.caller, opening_id, person_id, now=clock.now())
    return redirect(url_for("openings.one", opening_id=opening_id), code=303)
