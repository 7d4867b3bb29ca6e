"""Pages of prescriptions: what is still to be done, and whether it was. One blueprint with all."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import g, render_template, request

from orchard import clock
from orchard.db import reading, transaction
from orchard.errors import FieldRefused
from orchard.visits import aftercare, queries, reports
from orchard.visits.forms import FollowUpForm
from orchard.visits.rules import Why
from orchard.visits.views import Answer, bp, to_request
from orchard.web import parked
from orchard.web.forms import parse, refusal

__all__ = ["bp"]


@bp.get("/visits/advice")
def advice() -> str:
    """Show what technicians prescribed for the caller's own plots and is still to be done."""
    with reading() as session:
        rows = reports.own_advice(session, g.caller)
    return render_template("visits/advice.html", rows=rows)


@bp.get("/visits/advice/<uuid:prescription_id>")
def prescription(prescription_id: UUID) -> str:
    """Show one prescription, and ask whether it was applied."""
    return _prescription_page(prescription_id, parked.typed() or {}, {})


@bp.post("/visits/advice/<uuid:prescription_id>")
def follow_up(prescription_id: UUID) -> Answer:
    """Note whether a prescription was applied."""
    form, errors = parse(FollowUpForm, request.form)
    if form is None:
        return _prescription_page(prescription_id, request.form, errors), 422
    try:
        with transaction() as session:
            done = aftercare.follow_up(
                session,
                g.caller,
                prescription_id,
                outcome=form.outcome,
                why=form.why,
                now=clock.now(),
            )
    except FieldRefused as no:
        return _prescription_page(prescription_id, request.form, refusal(no)), 422
    return to_request(done.request_id)


def _prescription_page(
    prescription_id: UUID, sent: Mapping[str, Any], errors: Mapping[str, str]
) -> str:
    now = clock.now()
    with reading() as session:
        found, about, mine = reports.prescription_for(session, g.caller, prescription_id, now)
        line = queries.line_for(session, g.caller, about.id, now)
    return render_template(
        "visits/prescription.html",
        found=found,
        line=line,
        may_follow=mine or about.technician_id == g.caller.account_id,
        whys=Why,
        sent=sent,
        errors=errors,
    )
