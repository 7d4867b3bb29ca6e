"""A log says what happened, never who or what was typed; a fault shows no trace to anybody."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask import Flask, g, url_for

from orchard import clock, db, logs
from orchard.accounts import doors
from orchard.accounts.models import Account
from orchard.accounts.rules import Role, SecretKind
from orchard.app import create_app
from orchard.ids import new_id
from orchard.web import problems
from tests import make, server
from tests.client import api, client
from tests.robust.cast import Cast, fill
from tests.robust.load import Program
from tests.server import Browser, Server

CANARIES = {
    "name": "金丝雀",
    "plot": "金丝雀坡",
    "phone": "13877665544",
    "password": "canary-password-1",
    "pin": "702913",
    "lat": "31.137137",
    "lon": "108.291291",
    "agent": "canary-browser",
    "path": "canary-path",
    "query": "canary-query",
    "host": "canary.example",
    "token": "canary-token",
}
ACCOUNT_PHONE = "13877660000"


def journey(running: Server, cast: Cast) -> None:
    """Walk through doors, forms, refusals and the interface with typed canaries everywhere."""
    stranger = Browser(running)
    token = stranger.token("/sign-in")
    right = {"phone": ACCOUNT_PHONE, "secret": CANARIES["password"]}
    wrong = {"phone": CANARIES["phone"], "secret": CANARIES["pin"]}
    assert stranger.post("/sign-in", {"csrf_token": token, **wrong}).status == 422
    assert stranger.post("/sign-in", {"csrf_token": token, **right}).status == 303
    stranger.post("/plots/new", {"name": CANARIES["plot"]})  # without a token
    for path in ("/", "/account", "/tasks", f"/{CANARIES['path']}", f"/in/{CANARIES['token']}"):
        stranger.get(f"{path}?q={CANARIES['query']}", Host="canary.example", Referer="http://x/")
    land(running, cast)
    office(running, cast)
    programs(running, cast)


def land(running: Server, cast: Cast) -> None:
    """Register, correct and give up a plot; be refused, and find somebody faster."""
    browser = server.signed_in(running, cast.sessions[Role.GROWER])
    form = {
        "csrf_token": browser.token("/plots/new"),
        "id": str(new_id()),
        "name": CANARIES["plot"],
        "village_code": make.VILLAGE,
        "area_mu": "2",
        "variety": "chunjin",
        "lat": CANARIES["lat"],
        "lon": CANARIES["lon"],
    }
    assert browser.post("/plots/new", form).status == 303
    assert browser.post("/plots/new", {**form, "area_mu": "3"}).status == 409
    assert browser.post("/plots/new", {**form, "area_mu": CANARIES["query"]}).status == 422
    edit = {**form, "version": "7"}
    assert browser.post(f"/plots/{cast.plot}/edit", edit).status == 409
    assert browser.post(f"/plots/{new_id()}/edit", edit).status == 404


def office(running: Server, cast: Cast) -> None:
    """Invite, search and disable."""
    browser = server.signed_in(running, cast.sessions[Role.SECRETARY])
    person = {
        "csrf_token": browser.token("/people/new"),
        "id": str(new_id()),
        "name": CANARIES["name"],
        "phone": CANARIES["phone"],
        "role": "grower",
        "place_code": make.VILLAGE,
    }
    assert browser.post("/people/new", person).status == 303
    assert (
        browser.post("/people/new", {**person, "id": str(new_id()), "name": "别人"}).status == 422
    )
    assert browser.post("/people/search", person).status == 200


def programs(running: Server, cast: Cast) -> None:
    """Send good and bad bodies with good and bad tokens."""
    body = {"name": CANARIES["plot"], "lat": CANARIES["lat"], "id": CANARIES["token"]}
    assert Program(running, CANARIES["token"]).call("POST", "/plots", body)[0] == 401
    assert Program(running, cast.bearers[Role.GROWER]).call("POST", "/plots", body)[0] == 422


def test_a_whole_journey_leaves_nobody_in_the_log(sqlite_database: Path) -> None:
    cast = fill()
    give_password(cast.callers[Role.TECHNICIAN].account_id)
    with server.running() as running:
        journey(running, cast)
        assert running.stop() == 0
        log = running.log.read_text()
    secrets = [*cast.sessions.values(), *cast.bearers.values(), *cast.managers]
    for canary in (*CANARIES.values(), ACCOUNT_PHONE, *secrets):
        escaped = json.dumps(canary)[1:-1]
        assert canary not in log and escaped not in log, canary


def give_password(account_id: Any) -> None:
    """Let an account sign in by password."""
    with db.transaction() as session:
        account = session.get_one(Account, account_id)
        account.phone = f"+86{ACCOUNT_PHONE}"
        account.secret_kind = SecretKind.PASSWORD
        account.secret_hash = doors.hash_secret(CANARIES["password"])
        session.add(account)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    """Return what a real process would write to its log."""
    written = StringIO()
    logs.set_up()
    factory = structlog.PrintLoggerFactory(written)
    structlog.configure(logger_factory=factory, cache_logger_on_first_use=False)
    monkeypatch.setattr(problems, "log", logs.get("web"))
    yield written
    structlog.reset_defaults()


@pytest.fixture
def broken(sqlite_database: Path, log: StringIO) -> Iterator[Flask]:
    """Return an application to be broken, whose clock stands."""
    with clock.frozen_at(make.NOW):
        yield create_app()


def explode(*_: Any, **__: Any) -> Any:
    """Fail with everything in the message that may not be told."""
    raise RuntimeError(" ".join(CANARIES.values()))


def test_a_fault_in_any_view_is_told_without_a_trace(broken: Flask, log: StringIO) -> None:
    cast = fill()
    browser = client(cast.sessions[Role.GROWER], app=broken)
    for endpoint in ("plots.list", "today.page", "api_plots.list", "home.front"):
        broken.view_functions[endpoint] = explode
        with broken.test_request_context():
            path = url_for(endpoint)
        answer = browser.get(path, headers=api(cast.bearers[Role.GROWER]))
        assert answer.status_code == 500
        assert "RuntimeError" not in answer.text and "Traceback" not in answer.text
        logged = log.getvalue()
        assert "RuntimeError" in logged  # the kind and the place, for whoever repairs it
        assert "test_logs.py" in logged
        for canary in CANARIES.values():
            assert canary not in answer.text
            assert canary not in logged and json.dumps(canary)[1:-1] not in logged


def test_a_fault_in_the_page_of_faults_still_answers(broken: Flask) -> None:
    broken.view_functions["home.front"] = explode
    broken.jinja_env.globals["url_for"] = explode
    answer = client(app=broken).get("/")
    assert (answer.status_code, answer.mimetype) == (500, "text/plain")
    assert "RuntimeError" not in answer.text


@pytest.mark.parametrize("hook", ["before", "after", "context"])
def test_a_fault_in_any_hook_is_told_without_a_trace(broken: Flask, hook: str) -> None:
    if hook == "before":
        broken.before_request(explode)
    elif hook == "after":
        broken.after_request(explode)
    else:
        broken.context_processor(explode)
    broken.config["PROPAGATE_EXCEPTIONS"] = False
    answer = client(app=broken).get("/sign-in")
    assert answer.status_code == 500
    assert "RuntimeError" not in answer.text and "Traceback" not in answer.text


def test_a_broken_look_up_of_who_asks_lets_nobody_in(
    broken: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = fill()
    monkeypatch.setattr("orchard.app.accounts.caller_of_session", explode)
    monkeypatch.setattr("orchard.app.accounts.caller_of_token", explode)
    browser = client(cast.sessions[Role.GROWER], app=broken)
    assert browser.get("/plots").status_code == 500
    signed = api(cast.bearers[Role.GROWER])
    assert browser.get("/api/v1/plots", headers=signed).status_code == 500
    with broken.test_request_context():
        assert "caller" not in g
