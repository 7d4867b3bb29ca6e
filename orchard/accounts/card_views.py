"""The door for a card: opened from its link, or typed from the printed number."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from orchard import clock, db, settings
from orchard.accounts import cards, doors, queries, services
from orchard.accounts.forms import CardNumberForm
from orchard.accounts.rules import CardSpent, TooManyTries, WrongCard
from orchard.accounts.views import (
    Page,
    agent,
    as_number,
    bp,
    counted_try,
    needs_county,
    new_secret,
    refused_try,
    signed_in,
)
from orchard.web import session as cookie
from orchard.web.forms import parse

__all__ = ["bp"]

CARD = "card"  # secret of the card that this browser has used


@bp.get("/card")
def card_number() -> Response | Page:
    """Ask for the phone and the number on the card."""
    if needs_county():
        return redirect(url_for("accounts.sign_in"), code=303)
    return _number_page({}, {}), 200


@bp.post("/card")
def use_number() -> Response | Page:
    """Use the card of a number up, as its link would; a wrong number counts as a try."""
    if needs_county():
        return redirect(url_for("accounts.sign_in"), code=303)
    form, errors = parse(CardNumberForm, request.form)
    if form is None:
        return _number_page(request.form, errors), 422
    try:
        secret = _look_up(form.phone, form.number)
    except (WrongCard, TooManyTries) as error:
        sentence, status = refused_try(error)
        return _number_page(request.form, {"number": sentence}), status
    return _let_in(secret)


def _look_up(phone: str, number: str) -> str:
    """Return the card's secret; tries are counted apart from those at the PIN."""
    typed = as_number(phone)
    attempt_id = counted_try(f"card:{typed}")
    with db.reading() as reading:
        secret = cards.secret_of(reading, typed, number, now=clock.now())
    if secret is None:
        raise WrongCard
    with db.transaction() as writing:
        doors.note_right(writing, attempt_id)
    return secret


def _number_page(sent: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    return render_template("accounts/number.html", sent=sent, errors=errors)


@bp.get("/in/<token>")
def card(token: str) -> str:
    """Show only a button: chat programs open links by themselves (decision 12)."""
    return render_template("accounts/card.html", token=token)


@bp.post("/in/<token>")
def use_card(token: str) -> Response:
    """Use the card of a link up, let this device in and go on to its PIN or password."""
    county, _, secret = token.rpartition(".")
    counties = settings.get().counties
    if county not in (*counties, "") or (len(counties) > 1 and not county):
        raise CardSpent
    with db.in_county(county or counties[0]):
        answer = _let_in(secret)
    if county:
        session[cookie.COUNTY] = county
    return answer


def _let_in(secret: str) -> Response:
    device = session.get(cookie.DEVICE) or services.new_token()
    if session.get(CARD) != secret:
        with db.transaction() as writing:
            services.let_in(writing, secret, device, now=clock.now())
    session.permanent = True
    session.update({cookie.DEVICE: device, CARD: secret})
    return redirect(url_for("accounts.card_secret"), code=303)


@bp.route("/in", methods=["GET", "POST"])
def card_secret() -> Response | Page:
    """Set the first PIN or password, or a new one, with a used card; then signed in."""
    token, now = session.get(CARD), clock.now()
    if token is None or needs_county():
        raise CardSpent
    with db.reading() as reading:
        account = cards.account_of_card(reading, token, now=now)
        kind = doors.kind_for(reading, account.id)
        name = queries.name_of(reading, account.person_id)
    hashed, errors = new_secret(kind, account)
    if hashed is None:
        page = render_template("accounts/secret.html", kind=kind, errors=errors, name=name)
        return page, 422 if errors else 200
    with db.transaction() as writing:
        begun = cards.finish_card(writing, token, hashed, kind, now=now, browser=agent())
    session.pop(CARD)
    return signed_in(begun, account.id)
