"""The worker's pages: 我的工 by month, right or wrong, the slip, his own ID number."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import g, redirect, render_template, request, url_for
from sqlmodel import col
from werkzeug.wrappers import Response

from orchard import clock, db
from orchard.accounts.rules import NotProved
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.hiring.models import Hire
from orchard.wages import answers, identity, own, paid, queries
from orchard.wages.forms import ConfirmForm, IdNumberForm, ObjectForm
from orchard.wages.models import PayLine
from orchard.wages.pay_views import bp
from orchard.wages.rules import FIRST_MONTH, AnswerState, Objection, first_of_month, last_of_month
from orchard.wages.views import Answer
from orchard.web import parked
from orchard.web.forms import as_number, check_hidden, parse, refusal

__all__ = ["bp"]


@bp.get("/work")
def work() -> str:
    """Show a month's days of work with every fen, and whether it is settled."""
    return _work_page(asked_month())


def _work_page(first: date, *, is_conflict: bool = False) -> str:
    last = last_of_month(first)
    with db.reading() as reading:
        own_lines = (col(Hire.person_id) == g.caller.person_id) & col(PayLine.worked_on).between(
            first, last
        )
        days = queries.day_pays(reading, own_lines)
        month = own.month_of(reading, g.caller.person_id, first, last)
        slips = {payment for day in days for payment in day.paid_in if payment}
        handed = own.handed_to(reading, g.caller.person_id, first, last, slips)
        advances = own.advances_left(reading, g.caller.person_id, handed)
        has_number = identity.masked_id(reading, g.caller, g.caller.person_id) is not None
    return render_template(
        "wages/work.html",
        first=first,
        days=days,
        month=month,
        handed=handed,
        advances=advances,
        has_number=has_number,
        is_conflict=is_conflict,
        before=(first - timedelta(days=1)).replace(day=1) if first > FIRST_MONTH else None,
        after=last + timedelta(days=1) if last < clock.today() else None,
    )


def asked_month() -> date:
    """Return the first day of the month that the address asks for; else of this one."""
    return first_of_month(request.args.get("month", ""), clock.today())


@bp.post("/work/<uuid:line_id>/confirm")
def confirm(line_id: UUID) -> Answer:
    """Say that a day's pay is right."""
    form, errors = parse(ConfirmForm, request.form)
    check_hidden(errors)
    if form is None:
        raise NotVisible
    said = answers.Said(form.version, AnswerState.CONFIRMED, lines=form.lines)
    try:
        with db.transaction() as writing:
            answers.answer(writing, g.caller, line_id, said, now=clock.now())
    except Conflict:
        return _work_page(_root_of(line_id).worked_on.replace(day=1), is_conflict=True), 409
    return _to_month(line_id)


def _to_month(line_id: UUID) -> Response:
    root = _root_of(line_id)
    month = f"{root.worked_on:%Y-%m}"
    return redirect(url_for("wages.work", month=month) + f"#d-{root.id}", code=303)


def _root_of(line_id: UUID) -> PayLine:
    with db.reading() as reading:
        return queries.line_for(reading, g.caller, line_id)[0]


@bp.get("/work/<uuid:line_id>/object")
def ask_objection(line_id: UUID) -> str:
    """Show a day's pay with its history, and ask what is wrong with it."""
    return _objection_page(line_id, parked.typed() or {}, {})


@bp.post("/work/<uuid:line_id>/object")
def object_to(line_id: UUID) -> Answer:
    """Say what is wrong with a day's pay."""
    form, errors = parse(ObjectForm, request.form)
    check_hidden(errors)
    if form is None:
        return _objection_page(line_id, request.form, errors), 422
    said = answers.Said(
        form.version, AnswerState.OBJECTED, form.reason, form.claimed, form.note, form.lines
    )
    try:
        with db.transaction() as writing:
            answers.answer(writing, g.caller, line_id, said, now=clock.now())
    except FieldRefused as no:
        return _objection_page(line_id, request.form, refusal(no)), 422
    except Conflict as error:
        return _objection_page(line_id, request.form, {}, conflict=error), 409
    return _to_month(line_id)


def _objection_page(
    line_id: UUID,
    sent: Mapping[str, Any],
    errors: Mapping[str, str],
    *,
    conflict: Conflict | None = None,
) -> str:
    with db.reading() as reading:
        day = queries.day_pay_for(reading, g.caller, line_id)
        if day.person_id != g.caller.person_id:
            raise NotVisible
        before = as_number(request.args.get("before"))
        said = queries.answers_of(reading, day.root.id, before)
    return render_template(
        "wages/object.html",
        day=day,
        said=said,
        sent=sent,
        errors=errors,
        conflict=conflict,
        reasons=[one for one in Objection if one != Objection.NOT_RECEIVED or any(day.paid_in)],
    )


@bp.get("/pay/slips/<uuid:payment_id>")
def slip(payment_id: UUID) -> str:
    """Show what was paid for which days, to be printed and signed (签收单)."""
    with db.reading() as reading:
        row = paid.payment_for(reading, g.caller, payment_id)
        lines = paid.lines_of_payment(reading, payment_id)
        masked = identity.masked_id(reading, g.caller, row.payment.person_id)
    return render_template(
        "wages/slip.html",
        row=row,
        lines=lines,
        masked=masked,
        is_manager=row.payment.employer_id in g.caller.employers,
        sum_fen=sum(line.amount_fen for line, _ in lines),
    )


@bp.get("/work/id-number")
def own_number() -> str:
    """Show one's own ID number masked, and the form for it."""
    with db.reading() as reading:
        identity.may_hold(reading, g.caller, g.caller.person_id)
    return _own_number_page({})


@bp.post("/work/id-number")
def write_own_number() -> Answer:
    """Seal one's own ID number; what was typed is never shown again."""
    form, errors = parse(IdNumberForm, request.form)
    if form is None:
        return _own_number_page(errors), 422
    try:
        with db.transaction() as writing:
            kept = identity.write_number(
                writing,
                g.caller,
                g.caller.person_id,
                form.id_number,
                now=clock.now(),
                today=clock.today(),
                hand_over=form.hand_over == "yes",
            )
    except FieldRefused as no:
        is_elsewhere = no.code == "wages.id.elsewhere"
        return _own_number_page(refusal(no), is_elsewhere=is_elsewhere), 422
    return redirect(url_for("wages.own_number", done="saved" if kept else "handed"), code=303)


def _own_number_page(
    errors: Mapping[str, str], *, is_elsewhere: bool = False, full: str | None = None
) -> str:
    with db.reading() as reading:
        masked = identity.masked_id(reading, g.caller, g.caller.person_id)
    return render_template(
        "wages/number.html",
        name=None,
        masked=masked,
        errors=errors,
        is_elsewhere=is_elsewhere,
        action=url_for("wages.write_own_number"),
        before=url_for("wages.work") if "worker" in g.caller.roles else url_for("accounts.own"),
        full=full,
    )


@bp.get("/work/id-number/full")
def full_number() -> Answer:
    """Show one's own ID number in full, once the secret was given again; audited."""
    try:
        with db.transaction() as writing:
            number = identity.own_number(writing, g.caller, now=clock.now())
    except NotProved:
        return redirect(url_for("accounts.prove", to=url_for("wages.full_number")), code=303)
    except NotVisible:
        return redirect(url_for("wages.own_number"), code=303)
    return _own_number_page({}, full=number)
