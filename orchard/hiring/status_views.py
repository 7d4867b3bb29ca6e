"""The pages of a status: one's own, and the town's after a reason that is written down."""

from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from orchard import clock, db
from orchard.accounts.rules import masked_name
from orchard.errors import Conflict, FieldRefused
from orchard.hiring import status
from orchard.hiring.forms import ReasonForm, StatusForm
from orchard.hiring.models import StatusPeriod
from orchard.hiring.rules import StatusKind
from orchard.ids import new_id
from orchard.web.forms import check_hidden, parse, refusal

bp = Blueprint("statuses", __name__)
Answer = Response | tuple[str, int]


@bp.get("/my-status")
def own() -> str:
    """Show what the town's register says of the caller himself."""
    with db.reading() as reading:
        rows = status.own(reading, g.caller)
    return render_template("hiring/statuses/own.html", rows=rows)


@bp.get("/statuses/<uuid:person_id>")
def ask(person_id: UUID) -> str:
    """Ask why the status of a townsman is looked at; shows nothing of it."""
    return _page(
        person_id, "hiring/statuses/ask.html", done="done" in request.args, errors={}, sent={}
    )


def _page(person_id: UUID, template: str, **values: Any) -> str:
    with db.reading() as reading:
        name = masked_name(status.townsman(reading, g.caller, person_id).name)
    return render_template(template, person_id=person_id, name=name, **values)


@bp.post("/statuses/<uuid:person_id>")
def read(person_id: UUID) -> Answer:
    """Show the periods for a reason, which is written down."""
    form, errors = parse(ReasonForm, request.form)
    if form is None:
        page = _page(
            person_id, "hiring/statuses/ask.html", done=False, errors=errors, sent=request.form
        )
        return page, 422
    with db.transaction() as writing:
        rows = status.read(writing, g.caller, person_id, reason=form.reason, now=clock.now())
    return _rows_page(person_id, rows, {"reason": form.reason, "id": new_id()}, {}), 200


def _rows_page(
    person_id: UUID, rows: list[StatusPeriod], sent: dict[str, Any], errors: dict[str, str]
) -> str:
    return _page(
        person_id,
        "hiring/statuses/rows.html",
        rows=rows,
        sent=sent,
        errors=errors,
        kinds=list(StatusKind),
    )


@bp.post("/statuses/<uuid:person_id>/write")
def write(person_id: UUID) -> Answer:
    """Write a period or correct its days."""
    form, errors = parse(StatusForm, request.form)
    check_hidden(errors)
    if form is None:
        return _rows_page(person_id, [], {**request.form}, errors), 422
    facts = form.model_dump(exclude={"reason"})
    try:
        with db.transaction() as writing:
            new = status.NewStatus(person_id=person_id, **facts)
            status.write(writing, g.caller, new, reason=form.reason, now=clock.now())
    except FieldRefused as error:
        return _rows_page(person_id, [], {**request.form}, refusal(error)), 422
    except Conflict:
        again = {**request.form, "id": new_id()}
        return _rows_page(person_id, [], again, {}), 409
    return redirect(url_for("statuses.ask", person_id=person_id, done=1), code=303)
