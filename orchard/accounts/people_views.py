"""The people of a town or employer: list, invite, card, disable. One blueprint with the doors."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import g, redirect, render_template, request, session, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from orchard import clock, db, settings
from orchard.accounts import cards, directory, giving, managing, people, queries
from orchard.accounts.card_views import bp
from orchard.accounts.forms import CardForm, EndRoleForm, InvitationForm, PhoneForm, SearchForm
from orchard.accounts.rules import is_masked, roles_to_give
from orchard.accounts.views import Page
from orchard.errors import Conflict, FieldRefused
from orchard.ids import new_id
from orchard.web import parked
from orchard.web.forms import as_id, check_hidden, parse, refusal

__all__ = ["bp"]
MADE = "made"  # (person, secret) of the card just made, until its page was shown


@bp.get("/people", endpoint="people")
def people_page() -> str:
    """Show one page of the people in sight."""
    after, before = as_id(request.args.get("after")), as_id(request.args.get("before"))
    with db.reading() as reading:
        lines, page = directory.people_page(reading, g.caller, after=after, before=before)
    return render_template("accounts/people.html", lines=lines, page=page, name="", errors={})


@bp.post("/people/search")
def search() -> Page:
    """Show whose name begins so; sent in the body, because a name does not belong in an address."""
    form, errors = parse(SearchForm, request.form)
    name = form.name if form else request.form.get("name", "")
    with db.reading() as reading:
        lines, page = directory.people_page(reading, g.caller, name=form.name if form else "")
    shown = render_template(
        "accounts/people.html", lines=lines, page=page, name=name, errors=errors
    )
    return shown, 200 if form else 422


@bp.get("/people/new")
def invite() -> str:
    """Show the form of an invitation; its id is made here and stays through every error."""
    return _invite_page(parked.typed() or {"id": new_id()}, {})


@bp.post("/people/new")
def create() -> Response | Page:
    """Let somebody in once and go to the card."""
    form, errors = parse(InvitationForm, request.form)
    check_hidden(errors)
    if form is None:
        return _invite_page(request.form, errors), 422
    asked = people.Invited(**form.model_dump())
    try:
        with db.transaction() as writing:
            outcome = people.invite(writing, g.caller, asked, now=clock.now())
    except FieldRefused as error:
        return _invite_page(request.form, refusal(error)), 422
    except Conflict:
        return _invite_page({**request.form, "id": new_id()}, {}, is_conflict=True), 409
    return _to_card(outcome.person_id, outcome.card)


def _invite_page(
    sent: Mapping[str, Any], errors: Mapping[str, str], *, is_conflict: bool = False
) -> str:
    with db.reading() as reading:
        places = queries.places_to_offer(reading, g.caller)
        employers = queries.employers_to_offer(reading, g.caller)
    return render_template(
        "accounts/invite.html",
        sent=sent,
        errors=errors,
        places=places,
        employers=employers,
        roles=roles_to_give(g.caller),
        is_conflict=is_conflict,
    )


def _to_card(person_id: UUID, secret: str | None) -> Response:
    """Keep the card's secret in the maker's own cookie until the next page has shown it."""
    if secret is None:
        return redirect(url_for("accounts.person", person_id=person_id, done=1), code=303)
    session[MADE] = [str(person_id), secret]
    return redirect(url_for("accounts.made", person_id=person_id), code=303)


@bp.get("/people/<uuid:person_id>")
def person(person_id: UUID) -> str:
    """Show one person: masked for the office, with what may be done."""
    return _person_page(person_id, "accounts/person.html")


@bp.get("/people/<uuid:person_id>/disable")
def check_disable(person_id: UUID) -> str:
    """Ask once more before an account is disabled."""
    return _person_page(person_id, "accounts/disable.html")


def _person_page(person_id: UUID, template: str) -> str:
    with db.reading() as reading:
        line = directory.person_line(reading, g.caller, person_id)
        may_manage = managing.may_manage(reading, g.caller, person_id)
        held = giving.roles_of(reading, g.caller, person_id)
    return render_template(
        template,
        line=line,
        may_manage=may_manage,
        may_end_roles=bool(held),
        card_id=new_id(),
        masked=is_masked(g.caller),
        done="done" in request.args,
    )


@bp.route("/people/<uuid:person_id>/phone", methods=["GET", "POST"])
def phone(person_id: UUID) -> Response | Page:
    """Open the account of somebody recorded without a phone, who has one now."""
    with db.reading() as reading:
        line = directory.person_line(reading, g.caller, person_id)
    sent: Mapping[str, Any] = request.form or {"id": new_id()}
    form, errors = parse(PhoneForm, sent) if request.method == "POST" else (None, {})
    check_hidden(errors)
    if form is not None:
        try:
            with db.transaction() as writing:
                card = people.open_for(
                    writing, g.caller, person_id, **form.model_dump(), now=clock.now()
                )
        except FieldRefused as error:
            errors = refusal(error)
        else:
            return _to_card(person_id, card)
    page = render_template("accounts/phone.html", line=line, sent=sent, errors=errors)
    return page, 422 if errors else 200


@bp.post("/people/<uuid:person_id>/card")
def new_card(person_id: UUID) -> Response:
    """Make a new card; the older ones end."""
    form, _ = parse(CardForm, request.form)
    if form is None:
        raise FieldRefused("id", "web.form.invalid")
    with db.transaction() as writing:
        secret = managing.new_card(writing, g.caller, person_id, id=form.id, now=clock.now())
    return _to_card(person_id, secret)


@bp.get("/people/<uuid:person_id>/card")
def made(person_id: UUID) -> str:
    """Show the card just made, once, ready to print."""
    with db.reading() as reading:
        line = directory.person_line(reading, g.caller, person_id)
        card = _made_for(reading, person_id)
    return render_template("accounts/made.html", line=line, **card)


def _made_for(reading: Session, person_id: UUID) -> dict[str, Any]:
    whose, secret = session.pop(MADE, ["", ""])
    if whose != str(person_id):
        return {"card": None}
    token = f"{db.county()}.{secret}" if len(settings.get().counties) > 1 else secret
    link = url_for("accounts.card", token=token, _external=True)
    return {"card": cards.made(reading, secret), "link": link}


@bp.post("/people/<uuid:person_id>/disable")
def disable(person_id: UUID) -> Response:
    """Disable an account: its sessions end at once."""
    with db.transaction() as writing:
        managing.disable(writing, g.caller, person_id, now=clock.now())
    return redirect(url_for("accounts.person", person_id=person_id), code=303)


@bp.post("/people/<uuid:person_id>/enable")
def enable(person_id: UUID) -> Response:
    """Open a disabled account again."""
    with db.transaction() as writing:
        managing.enable(writing, g.caller, person_id, now=clock.now())
    return redirect(url_for("accounts.person", person_id=person_id), code=303)


@bp.get("/people/<uuid:person_id>/roles")
def roles(person_id: UUID) -> str:
    """Show the roles of somebody that the caller may take back."""
    with db.reading() as reading:
        line = directory.person_line(reading, g.caller, person_id)
        held = giving.roles_of(reading, g.caller, person_id)
    return render_template("accounts/roles.html", line=line, held=held)


@bp.post("/people/<uuid:person_id>/roles")
def end_role(person_id: UUID) -> Response:
    """Take one role back; what was written in it stays."""
    form, _ = parse(EndRoleForm, request.form)
    if form is None:
        raise FieldRefused("grant_id", "web.form.invalid")
    with db.transaction() as writing:
        giving.take_back(writing, g.caller, person_id, form.grant_id, now=clock.now())
    return redirect(url_for("accounts.people", ended=1), code=303)  # he may be out of sight
