"""Pages of who asks for a visit: the request, its photo, what was found, what became of it."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, send_file, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from orchard import clock, words
from orchard.accounts.rules import Role
from orchard.db import reading, transaction
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.ids import new_id
from orchard.plots.queries import own_plots, plot_line
from orchard.visits import aftercare, photos, queries, reports, rules, services, sight
from orchard.visits.catalogue import diagnoses, problems, service
from orchard.visits.forms import AskForm, ConfirmVisitForm, RateVisitForm
from orchard.visits.models import VisitPhoto, VisitRecordChange, VisitRequest
from orchard.visits.rules import MINE, OPEN, State
from orchard.web import parked
from orchard.web.forms import as_id, check_hidden, page_number, parse, refusal

bp = Blueprint("visits", __name__)
Answer = Response | tuple[str, int]
OLD = {  # facts of a record whose old values are shown, and their words
    "visited_on": "visits.visited_on",
    "found": "visits.found",
    "diagnosis": "visits.diagnosis_is",
    "advice": "visits.advice.title",
}


@bp.get("/visits", endpoint="list")
def visit_list() -> str:
    """Show the requests for the caller's own plots, open ones first."""
    number = page_number()
    with reading() as session:
        lines, has_more = queries.own_lines(session, g.caller, number=number)
    return render_template("visits/list.html", lines=lines, page=number, has_more=has_more)


@bp.get("/visits/new")
def new() -> str | Response:
    """Ask what is wrong with which plot; the ids are made here and stay through every error.

    Who has no plot and named none chooses one first.
    """
    if not request.args.get("plot_id"):
        with reading() as session:
            if not _own_plots(session):
                return redirect(url_for("plots.list"), code=303)
    first = {"plot_id": request.args.get("plot_id", ""), "id": new_id(), "photo_id": new_id()}
    return _new_page(parked.typed() or first, {})


@bp.post("/visits/new")
def create() -> Answer:
    """Ask for a technician; the photo is on the disk before this is answered."""
    form, errors = parse(AskForm, request.form)
    check_hidden(errors)
    if form is None:
        return _new_page(request.form, errors), 422
    try:
        data = sent_photo()
        with photos.kept_if_any(form.photo_id, data) as photo, transaction() as session:
            services.ask(
                session,
                g.caller,
                id=form.id,
                plot_id=form.plot_id,
                problem=form.problem,
                now=clock.now(),
            )
            if photo:
                photos.add(session, g.caller, form.id, photo, now=clock.now())
    except FieldRefused as no:
        return _new_page(request.form, refusal(no)), 422
    except Conflict:
        again = {**request.form, "id": new_id(), "photo_id": new_id()}
        return _new_page(again, {}, is_conflict=True), 409
    return redirect(url_for("visits.one", request_id=form.id), code=303)


def _new_page(
    sent: Mapping[str, Any], errors: Mapping[str, str], *, is_conflict: bool = False
) -> str:
    """Show the form; an office comes with one plot, a holder chooses among his own."""
    with reading() as session:
        plots, who = _own_plots(session), ""
        asked = sent.get("plot_id")
        if not plots or (asked and str(asked) not in {str(id_) for id_, _ in plots}):
            line = plot_line(session, g.caller, _id(asked))
            plots, who = [(line.plot.id, line.plot.name)], line.holder
    return render_template(
        "visits/new.html",
        plots=plots,
        who=who,
        problems=problems().values(),
        sent=sent,
        errors=errors,
        is_conflict=is_conflict,
        most_tapped=rules.MOST_TAPPED,
    )


def _own_plots(session: Session) -> list[tuple[UUID, str]]:
    if not g.caller.roles & {Role.GROWER, Role.MANAGER}:
        return []
    plots = [(plot.id, plot.name) for plot in session.exec(own_plots(g.caller))]
    return sorted(plots, key=lambda each: (each[1], each[0]))


def _id(text: Any) -> UUID:
    found = as_id(str(text or ""))
    if found is None:
        raise NotVisible
    return found


def sent_photo() -> bytes:
    """Return the photo of a form, b"" when none was chosen; refuse what is no photo."""
    file = request.files.get("photo")
    if file is None or not file.filename:
        return b""
    from orchard.visits import images

    data: bytes = file.read()
    images.check(data)
    return data


@bp.get("/visits/<uuid:request_id>")
def one(request_id: UUID) -> str:
    """Show a request to both sides: its state, what happened, what was found."""
    now, today = clock.now(), clock.today()
    with reading() as session:
        line = queries.line_for(session, g.caller, request_id, now)
        history = queries.history_of(session, request_id)
        report = reports.report_for(session, g.caller, line.request, now)
        shown = reports.photos_of(session, g.caller, line.request, now)
        mine = queries.is_held(session, g.caller, line.request)
        earlier = _earlier(session, line.request)
    return render_template(
        "visits/one.html",
        line=line,
        earlier=earlier,
        history=history,
        names={
            event.n: queries.shown_name(g.caller, line, event, name, person_id)
            for event, name, person_id, _ in history
        },
        old_values={change.version: _old(change) for change in report.changes} if report else {},
        report=report,
        diagnosis=diagnoses().get(report.record.diagnosis) if report else None,
        photos=shown,
        new_photo_id=new_id(),
        may=_may(line.request, shown, mine=mine),
        is_over=line.request.on_day is not None and line.request.on_day <= today,
        correctable=report is not None
        and report.record.by_id == g.caller.account_id
        and rules.may_correct(
            report.record.recorded_at, now=now, days=service().correct_within_days
        ),
    )


def _earlier(session: Session, found: VisitRequest) -> list[tuple[date, str]]:
    """Return the earlier visits of the plot, for who is in charge."""
    now = clock.now()
    if not sight.is_assigned(session, g.caller, found, now):
        return []
    return reports.earlier_on_plot(session, g.caller, found.id, now)


def _old(change: VisitRecordChange) -> list[tuple[str, str]]:
    """Return what a correction of a record changed, with the words that stood before."""
    before, after = json.loads(change.before), json.loads(change.after)
    return [
        (words.text(g.locale, OLD[name]), _shown(name, before[name]))
        for name in OLD
        if before.get(name) != after.get(name)
    ]


def _shown(name: str, value: Any) -> str:
    if name == "diagnosis":
        return words.text(g.locale, f"visits.diagnosis.{value}")
    if name == "advice":
        told = [words.text(g.locale, f"visits.action.{each['action']}") for each in value]
        return words.text(g.locale, "web.comma").join(told) or words.text(g.locale, "visits.none")
    return str(value)


def _may(found: VisitRequest, shown: list[VisitPhoto], *, mine: bool) -> dict[str, bool]:
    """Return what this reader may do with a request as it stands."""
    serves = found.town_code in g.caller.places(Role.TECHNICIAN)
    in_charge = found.technician_id == g.caller.account_id
    asked = found.requested_by_id == g.caller.account_id
    is_open, is_mine = found.state in OPEN, found.state in MINE
    kind = rules.PhotoOf.RECORD if in_charge else rules.PhotoOf.REQUEST  # whose room counts
    has_room = sum(photo.of == kind for photo in shown) < rules.MOST_PHOTOS
    return {
        "hold": mine,
        "cancel": is_open and (mine or asked),
        "add_photo": is_open and has_room and (mine or asked or in_charge),
        "take": serves and found.state == State.ASKED,
        "answer": is_open and serves and (in_charge or found.state == State.ASKED),
        "work": is_mine and in_charge,
        "follow": mine or in_charge,
        "in_charge": in_charge,
    }


@bp.get("/visits/photos/<uuid:photo_id>")
def photo(photo_id: UUID) -> Response:
    """Show a photo that was drawn anew, to who may see it."""
    with reading() as session:
        found = reports.photo_for(session, g.caller, photo_id, clock.now())
    return photo_file(found.id)


def photo_file(photo_id: UUID) -> Response:
    """Return a drawn photo that nobody between may keep."""
    path = photos.path_of(photo_id)
    if not path.exists():
        raise NotVisible
    answer = send_file(path, mimetype="image/webp")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/visits/<uuid:request_id>/photo")
def add_photo(request_id: UUID) -> Response:
    """Add a photo to a request or record that is there."""
    with reading() as session:  # before anything is written to the disk
        photos.check_place(session, g.caller, request_id)
    photo_id, data = _id(request.form.get("photo_id")), sent_photo()
    if not data:
        raise FieldRefused("photo", "visits.photo_empty")
    with photos.kept(photo_id, data) as photo, transaction() as session:
        photos.add(session, g.caller, request_id, photo, now=clock.now())
    return to_request(request_id)


@bp.post("/visits/<uuid:request_id>/cancel")
def cancel(request_id: UUID) -> Response:
    """Take a request back."""
    return tap(request_id, services.cancel)


@bp.post("/visits/<uuid:request_id>/did-not-come")
def did_not_come(request_id: UUID) -> Response:
    """Say that nobody came on the day."""
    return tap(request_id, services.did_not_come)


@bp.post("/visits/<uuid:request_id>/confirm")
def confirm(request_id: UUID) -> Response:
    """Say whether the technician was there."""
    form = _tapped(ConfirmVisitForm, "came")
    return tap(request_id, aftercare.confirm, came=form.came == "yes")


@bp.post("/visits/<uuid:request_id>/rate")
def rate(request_id: UUID) -> Response:
    """Give one of three faces."""
    return tap(request_id, aftercare.rate, face=_tapped(RateVisitForm, "face").face)


def _tapped(model: Any, field: str) -> Any:
    """Return a form of buttons only: nobody can mistype it."""
    form, _ = parse(model, request.form)
    if form is None:
        raise FieldRefused(field, "web.form.invalid")
    return form


def tap(request_id: UUID, act: Callable[..., Any], **values: Any) -> Response:
    """Do one thing to a request and go back to its page."""
    with transaction() as session:
        act(session, g.caller, request_id, now=clock.now(), **values)
    return to_request(request_id)


def to_request(request_id: UUID) -> Response:
    """Go to the page of a request."""
    return redirect(url_for("visits.one", request_id=request_id), code=303)
