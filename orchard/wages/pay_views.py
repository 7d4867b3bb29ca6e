"""The manager's pages of one person: settle, advance, correct, answer, slip, ID number."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import g, redirect, render_template, request, url_for
from sqlmodel import Session, col
from werkzeug.wrappers import Response

from orchard import clock, db
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.hiring.models import Hire
from orchard.ids import new_id
from orchard.wages import answers, identity, paid, payments, queries, reckoning
from orchard.wages.forms import (
    WAYS,
    AdvanceForm,
    CorrectForm,
    ExplainForm,
    IdNumberForm,
    ProofForm,
    SettleForm,
)
from orchard.wages.models import Payment
from orchard.wages.paid import Owed, Paid
from orchard.wages.rules import AnswerState, NothingToPay, Proof, Reckoning, settle_fen
from orchard.wages.views import RECKONED, Answer, bp
from orchard.web import parked
from orchard.web.forms import as_number, check_hidden, parse, refusal

__all__ = ["bp"]
MOST_LINES = 400  # of the list; the sum is of all


@bp.get("/pay/<uuid:person_id>")
def person(person_id: UUID) -> str:
    """Show what one person is owed, and the form that settles it."""
    return _person_page(person_id, _asked(), {"id": new_id(), "paid_on": clock.today()}, {})


def _asked() -> UUID | None:
    text = request.form.get("employer_id") or request.args.get("employer", "")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotVisible from None


def _person_page(
    person_id: UUID,
    employer_id: UUID | None,
    sent: Mapping[str, Any],
    errors: Mapping[str, str],
    *,
    is_conflict: bool = False,
) -> str:
    with db.reading() as reading:
        who = paid.paid_person(reading, g.caller, person_id, employer_id)
        facts = _facts(reading, who)
    return render_template(
        "wages/person.html",
        who=who,
        **facts,
        reckoned=_reckoned(who.owed, facts["advances"]),
        sent=sent,
        errors=errors,
        ways=list(WAYS),
        is_conflict=is_conflict,
        done={name: request.args.get(name, type=int) for name in RECKONED},
    )


def _facts(reading: Session, who: Paid) -> dict[str, Any]:
    """Return a person's open days, advances and payments."""
    person_id = who.person.id
    here = (col(Hire.person_id) == person_id) & (col(Hire.employer_id) == who.employer_id)
    made = (col(Payment.person_id) == person_id) & (col(Payment.employer_id) == who.employer_id)
    return {
        "days": queries.day_pays(reading, here, queries.is_open_day(), most=MOST_LINES),
        "advances": paid.open_advances(reading, who.employer_id, person_id),
        "payments": paid.payments(reading, made, most=20),
    }


def _reckoned(what: Owed, advances: Sequence[tuple[Payment, int]]) -> Reckoning | None:
    """Return what a settlement of all days would be; None when corrections ask for money back."""
    try:
        return settle_fen([what.fen], [(one.id, left) for one, left in advances])
    except NothingToPay:
        return None


@bp.post("/pay/<uuid:person_id>/settle")
def settle(person_id: UUID) -> Answer:
    """Settle what the page showed, and go to the slip."""
    form, errors = parse(SettleForm, request.form)
    check_hidden(errors)
    if form is None:
        return _person_page(person_id, _asked(), request.form, errors), 422
    means, proof = WAYS[form.way]
    handed = payments.HandedOver(form.id, form.employer_id, person_id, means, proof, form.paid_on)
    chosen = payments.Chosen(until=form.until, seen_fen=form.seen_fen)
    try:
        with db.transaction() as writing:
            payments.settle(writing, g.caller, handed, chosen, now=clock.now(), today=clock.today())
    except FieldRefused as no:
        return _person_page(person_id, form.employer_id, request.form, _beside(no)), 422
    except Conflict:
        again = {**request.form, "id": str(new_id())}
        return _person_page(person_id, form.employer_id, again, {}, is_conflict=True), 409
    return redirect(url_for("wages.slip", payment_id=form.id), code=303)


def _beside(no: FieldRefused) -> dict[str, str]:
    """Return a refusal beside the page's one choice of means and proof."""
    told = refusal(no)
    return {"way" if name in ("means", "proof") else name: told[name] for name in told}


@bp.get("/pay/<uuid:person_id>/advance")
def advance(person_id: UUID) -> str:
    """Ask how much is paid before the settlement."""
    sent = parked.typed() or {"id": new_id(), "paid_on": clock.today()}
    return _advance_page(person_id, _asked(), sent, {})


@bp.post("/pay/<uuid:person_id>/advance")
def give(person_id: UUID) -> Answer:
    """Note money that was handed over before the settlement."""
    form, errors = parse(AdvanceForm, request.form)
    check_hidden(errors)
    if form is None:
        return _advance_page(person_id, _asked(), request.form, errors), 422
    means, proof = WAYS[form.way]
    handed = payments.HandedOver(form.id, form.employer_id, person_id, means, proof, form.paid_on)
    try:
        with db.transaction() as writing:
            payments.give_advance(
                writing, g.caller, handed, form.amount_yuan, now=clock.now(), today=clock.today()
            )
    except FieldRefused as no:
        return _advance_page(person_id, form.employer_id, request.form, _beside(no)), 422
    except Conflict:
        again = {**request.form, "id": str(new_id())}
        return _advance_page(person_id, form.employer_id, again, {}, is_conflict=True), 409
    return redirect(url_for("wages.slip", payment_id=form.id), code=303)


def _advance_page(
    person_id: UUID,
    employer_id: UUID | None,
    sent: Mapping[str, Any],
    errors: Mapping[str, str],
    *,
    is_conflict: bool = False,
) -> str:
    with db.reading() as reading:
        who = paid.paid_person(reading, g.caller, person_id, employer_id)
    return render_template(
        "wages/advance.html",
        who=who,
        sent=sent,
        errors=errors,
        ways=list(WAYS),
        is_conflict=is_conflict,
    )


@bp.get("/pay/lines/<uuid:line_id>")
def line(line_id: UUID) -> str:
    """Show a day's pay with its corrections and what was said, and the two answers to it."""
    return _line_page(line_id, parked.typed() or {"id": new_id()}, {})


def _line_page(
    line_id: UUID,
    sent: Mapping[str, Any],
    errors: Mapping[str, str],
    *,
    conflict: Conflict | None = None,
) -> str:
    with db.reading() as reading:
        day = queries.managed_day_for(reading, g.caller, line_id)
        before = as_number(request.args.get("before"))
        said = queries.answers_of(reading, day.root.id, before)
    return render_template(
        "wages/line.html",
        day=day,
        said=said,
        sent=sent,
        errors=errors,
        conflict=conflict,
        may_explain=day.state == AnswerState.OBJECTED,
    )


@bp.post("/pay/lines/<uuid:line_id>/correct")
def correct(line_id: UUID) -> Answer:
    """Correct a day's pay by a further line."""
    form, errors = parse(CorrectForm, request.form)
    check_hidden(errors)
    if form is None:
        return _line_page(line_id, request.form, errors), 422
    change = reckoning.Correction(form.id, form.quantity, form.rate_yuan, form.note, form.version)
    return _answered(
        line_id,
        lambda writing: reckoning.correct_line(writing, g.caller, line_id, change, now=clock.now()),
    )


@bp.post("/pay/lines/<uuid:line_id>/explain")
def explain(line_id: UUID) -> Answer:
    """Answer an objection in words."""
    form, errors = parse(ExplainForm, request.form)
    check_hidden(errors)
    if form is None:
        return _line_page(line_id, request.form, errors), 422
    said = answers.Said(form.version, AnswerState.ANSWERED, note=form.answer)
    return _answered(
        line_id,
        lambda writing: answers.explain(writing, g.caller, line_id, said, now=clock.now()),
    )


def _answered(line_id: UUID, act: Any) -> Answer:
    try:
        with db.transaction() as writing:
            act(writing)
    except FieldRefused as no:
        return _line_page(line_id, request.form, refusal(no)), 422
    except Conflict as error:
        again = {**request.form, "id": str(new_id())}
        return _line_page(line_id, again, {}, conflict=error), 409
    return redirect(url_for("wages.line", line_id=line_id, saved=1), code=303)


@bp.post("/pay/slips/<uuid:payment_id>/proof")
def proof(payment_id: UUID) -> Response:
    """Add the proof of a payment that had none."""
    form, _ = parse(ProofForm, request.form)
    if form is None:
        raise FieldRefused("proof", "web.form.enum")
    with db.transaction() as writing:
        payments.add_proof(writing, g.caller, payment_id, Proof(form.proof), now=clock.now())
    return redirect(url_for("wages.slip", payment_id=payment_id), code=303)


@bp.get("/pay/<uuid:person_id>/id-number")
def number(person_id: UUID) -> str:
    """Show a worker's ID number masked, and the form for it."""
    with db.reading() as reading:
        who = paid.paid_person(reading, g.caller, person_id, _asked())
        identity.may_hold(reading, g.caller, person_id)
    return _number_page(who, {})


@bp.post("/pay/<uuid:person_id>/id-number")
def write_number(person_id: UUID) -> Answer:
    """Seal a worker's ID number; what was typed is never shown again."""
    with db.reading() as reading:
        who = paid.paid_person(reading, g.caller, person_id, _asked())
    form, errors = parse(IdNumberForm, request.form)
    if form is None:
        return _number_page(who, errors), 422
    try:
        with db.transaction() as writing:
            kept = identity.write_number(
                writing,
                g.caller,
                person_id,
                form.id_number,
                now=clock.now(),
                today=clock.today(),
                hand_over=form.hand_over == "yes",
            )
    except FieldRefused as no:
        return _number_page(who, refusal(no), is_elsewhere=no.code == "wages.id.elsewhere"), 422
    outcome = "saved" if kept else "handed"
    return redirect(url_for("wages.number", person_id=person_id, done=outcome), code=303)


def _number_page(who: Paid, errors: Mapping[str, str], *, is_elsewhere: bool = False) -> str:
    with db.reading() as reading:
        is_kept_back = identity.is_kept_back(reading, g.caller, who.person.id)
    return render_template(
        "wages/number.html",
        name=who.person.name,
        masked=who.number,
        is_kept_back=is_kept_back,
        errors=errors,
        is_elsewhere=is_elsewhere,
        action=url_for("wages.write_number", person_id=who.person.id),
        before=url_for("wages.person", person_id=who.person.id),
        full=None,
    )
