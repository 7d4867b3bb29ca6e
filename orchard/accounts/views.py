"""The doors: signing in and out, and one's own account."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from orchard import clock, db, ledger, settings, words
from orchard.accounts import doors, queries, services
from orchard.accounts.forms import SecretForm, SignInForm
from orchard.accounts.models import Account
from orchard.accounts.rules import (
    NotProved,
    SecretKind,
    TooManyTries,
    WrongCard,
    WrongSignIn,
)
from orchard.errors import FieldRefused
from orchard.fields import phone_or_none
from orchard.web import home, parked
from orchard.web import session as cookie
from orchard.web.forms import parse, refusal

bp = Blueprint("accounts", __name__)
TAKE_SECRETS = frozenset({"sign_in", "enter", "prove", "secret"}) | {
    *("card", "use_card", "card_number", "use_number", "card_secret")
}
LOOPBACK = ("127.", "::1", "::ffff:127.")
Page = tuple[str, int]


@bp.before_request
def refuse_open_line() -> Page | None:
    """Take no secret over a line that others can read, but in a demonstration (decision 13)."""
    if (request.endpoint or "").partition(".")[2] not in TAKE_SECRETS or request.is_secure:
        return None
    if (request.remote_addr or "").startswith(LOOPBACK):
        return None
    if not needs_county():
        with db.reading() as reading:
            if ledger.fact(reading, "purpose") in (ledger.Purpose.DEMO, ledger.Purpose.TEST):
                return None
    return render_template("accounts/open_line.html"), 403


def needs_county() -> bool:
    """Say whether several counties are served and this browser has not said which is its own."""
    return len(settings.get().counties) > 1 and cookie.COUNTY not in session


@bp.get("/sign-in")
def sign_in() -> Page:
    """Show the one form for everybody; with several counties, first ask which."""
    if needs_county():
        return render_template("accounts/county.html", counties=settings.get().counties), 200
    return _sign_in_page({}, {}), 200


@bp.post("/sign-in")
def enter() -> Response | Page:
    """Sign in, or say that it did not fit: never what of it."""
    if needs_county():
        return redirect(url_for("accounts.sign_in"), code=303)
    form, errors = parse(SignInForm, request.form)
    if form is None:
        return _sign_in_page(request.form, errors), 422
    try:
        account_id, attempt_id = _knock(form.phone, form.secret)
    except (WrongSignIn, TooManyTries) as error:
        sentence, status = refused_try(error)
        return _sign_in_page(request.form, {"secret": sentence}), status
    with db.transaction() as writing:
        token = doors.sign_in(writing, account_id, attempt_id, now=clock.now(), browser=agent())
    return signed_in(token, account_id)


def _knock(phone: str, secret: str) -> tuple[UUID, UUID]:
    """Return (account, try) when phone, device and secret fit; the same work when they do not."""
    number = as_number(phone)
    attempt_id = counted_try(number)
    with db.reading() as reading:
        door = doors.door_of(reading, number, session.get(cookie.DEVICE, ""))
    if not doors.fits(door, secret) or door.account_id is None:
        raise WrongSignIn
    return door.account_id, attempt_id


def as_number(phone: str) -> str:
    """Return a typed phone as it is stored, or what stands for one that is no number."""
    return phone_or_none(phone) or services.keyed_hash(phone)


def counted_try(who: str) -> UUID:
    """Note a try of somebody from this address, before anything is compared; TooManyTries stops."""
    address, now = request.remote_addr or "", clock.now()
    with db.reading() as reading:
        doors.check_tries(reading, who, address, now=now)
    with db.transaction() as writing:
        attempt_id = doors.note_try(writing, who, address, now=now)
    with db.reading() as reading:
        doors.check_tries(reading, who, address, now=now, but=attempt_id)
    return attempt_id


def refused_try(error: WrongSignIn | WrongCard | TooManyTries) -> tuple[str, int]:
    """Return the sentence of a try that was refused, and the status of its page."""
    return words.text(g.locale, error.code), 429 if isinstance(error, TooManyTries) else 422


def _sign_in_page(sent: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    return render_template("accounts/sign_in.html", sent=sent, errors=errors)


def signed_in(token: str, account_id: UUID) -> Response:
    """Go on where the caller wanted to, with a cookie that holds nothing of the old session."""
    typed_in = parked.ended_session()
    if typed_in:
        with db.reading() as reading:
            if not queries.is_session_of(reading, typed_in, account_id):
                parked.forget()
    cookie.begin(token)
    return redirect(parked.destination() or "/", code=303)


@bp.post("/sign-out")
def sign_out() -> Response:
    """End the session on the server and forget it here."""
    if g.caller and g.caller.session_id:
        with db.transaction() as writing:
            services.end_session(writing, g.caller.session_id, now=clock.now())
    cookie.end()
    parked.forget()
    return redirect(url_for("accounts.sign_in"), code=303)


def new_secret(kind: SecretKind, account: Account) -> tuple[str | None, dict[str, str]]:
    """Return the stored form of what was typed, or what is wrong with it."""
    if request.method == "GET":
        return None, {}
    form, errors = parse(SecretForm, request.form)
    if form is None:
        return None, errors
    try:
        return doors.checked_secret(kind, form.secret, account.phone), {}
    except FieldRefused as error:
        return None, refusal(error)


@bp.get("/account")
def own() -> str:
    """Show one's own name, roles, sessions and what was done about the account."""
    now = clock.now()
    with db.reading() as reading:
        account, held = queries.own_facts(reading, g.caller)
        running = queries.sessions_of(reading, g.caller, now=now)
        lines = queries.audit_about(reading, g.caller)
    return render_template(
        "accounts/own.html",
        account=account,
        held=held,
        running=running,
        lines=[
            (line.at, _audit_word(line.action), line.account_id != g.caller.account_id)
            for line in lines
        ],
        needs_password=len(held) > len(g.caller.held),
        more=home.more(),
    )


def _audit_word(action: str) -> str:
    room, _, what = action.partition(".")
    key = f"{room}.audit.{what}"
    return words.text(g.locale, key if words.knows(key) else "accounts.audit.other")


@bp.post("/account/sessions/<uuid:session_id>/end")
def end_session(session_id: UUID) -> Response:
    """End one of one's own sessions, also from another phone."""
    with db.transaction() as writing:
        row = queries.own_session_for(writing, g.caller, session_id)
        services.end_session(writing, row.id, now=clock.now())
    return redirect(url_for("accounts.own"), code=303)


@bp.post("/account/language")
def language() -> Response:
    """Keep the language with the account, for every browser it signs in from."""
    chosen = request.form.get("lang", "")
    if chosen not in words.LOCALES:
        raise FieldRefused("lang", "web.form.enum")
    with db.transaction() as writing:
        services.choose_language(writing, g.caller.account_id, chosen)
    answer = redirect(url_for("accounts.own"), code=303)
    answer.delete_cookie("lang")
    return answer


@bp.route("/account/prove", methods=["GET", "POST"])
def prove() -> Response | Page:
    """Ask for the present secret again before something of weight."""
    with db.reading() as reading:
        account, _ = queries.own_facts(reading, g.caller)
    errors: dict[str, str] = {}
    form = None
    if request.method == "POST":
        form, errors = parse(SecretForm, request.form)
    if form is not None:
        try:
            attempt_id = _knock(account.phone, form.secret)[1]
        except (WrongSignIn, TooManyTries) as error:
            errors = {"secret": words.text(g.locale, error.code)}
        else:
            with db.transaction() as writing:
                doors.prove(writing, g.caller.session_id, attempt_id, now=clock.now())
            to = parked.inside(request.args.get("to"))
            return redirect(to or url_for("accounts.secret"), code=303)
    page = render_template("accounts/prove.html", kind=account.secret_kind, errors=errors)
    return page, 422 if errors else 200


@bp.route("/account/secret", methods=["GET", "POST"])
def secret() -> Response | Page:
    """Change the PIN or password; every other session of the account ends."""
    now = clock.now()
    with db.reading() as reading:
        try:
            doors.check_proved(reading, g.caller.session_id, now=now)
        except NotProved:
            return redirect(url_for("accounts.prove"), code=303)
        account, _ = queries.own_facts(reading, g.caller)
        kind = doors.kind_for(reading, account.id)
    hashed, errors = new_secret(kind, account)
    if hashed is None:
        page = render_template("accounts/secret.html", kind=kind, errors=errors, name=None)
        return page, 422 if errors else 200
    with db.transaction() as writing:
        doors.change_secret(writing, g.caller, hashed, kind, now=now)
    return redirect(url_for("accounts.own"), code=303)


def agent() -> str:
    """Return the kind of browser, for the list of sessions: coarse on purpose."""
    agent = request.headers.get("User-Agent", "")
    kinds = ("MicroMessenger", "Android", "iPhone", "Windows", "Macintosh", "Linux")
    return next((kind for kind in kinds if kind in agent), "")
