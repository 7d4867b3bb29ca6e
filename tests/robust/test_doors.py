"""Every answer carries the safe headers; no change without the browser's own token."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from orchard import clock, settings
from orchard.accounts.rules import Role
from orchard.app import create_app
from orchard.web.permissions import ALLOWED, PUBLIC
from tests import make
from tests.client import Client, client
from tests.robust import tables
from tests.robust.cast import Cast, fill
from tests.robust.forms import clients
from tests.robust.interface import filled

HTTPS = "https://orchard.example"
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
WANTED_CSP = {
    "default-src": "'none'",
    "style-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}


@pytest.fixture
def cast(sqlite_database: Path) -> Any:
    """Return who asks, in a county whose clock stands."""
    with clock.frozen_at(make.NOW):
        yield fill()


def path_of(rule: Any, cast: Cast) -> str:
    """Return an address of something that is there."""
    path = str(rule.rule).replace("<path:filename>", "orchard.css")
    if not path.startswith(("/tasks", "/api")):
        path = path.replace("<token>", "card")  # of a printed card, not of a task
    return filled(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path), cast)


def who_may(endpoint: str, browsers: dict[Role | None, Client]) -> Role | None:
    """Return a role that may open an endpoint, or nobody for a public one."""
    if endpoint in PUBLIC:
        return None
    return next(role for role in browsers if role in ALLOWED[endpoint])


def rules_with(app: Flask, method: str) -> list[Any]:
    """Return the rules that answer a method."""
    return [rule for rule in app.url_map.iter_rules() if method in rule.methods]


def is_safe(answer: TestResponse, where: str, *, https: bool) -> None:
    """Hold one answer's headers against the rules."""
    for name, value in SAFE.items():
        assert answer.headers.get(name) == value, (where, name)
    csp = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert {name: csp.get(name) for name in WANTED_CSP} == WANTED_CSP, where
    assert "unsafe" not in str(csp) and "script-src" not in csp, where
    assert "Access-Control-Allow-Origin" not in answer.headers, where
    assert "Server" not in answer.headers or "ython" not in answer.headers["Server"], where
    if "/static/" not in where:
        assert answer.headers["Cache-Control"] == "no-store", where
    assert ("Strict-Transport-Security" in answer.headers) == https, where
    if answer.data and "text" in answer.mimetype:
        assert answer.mimetype_params.get("charset", "utf-8").lower() == "utf-8", where
    for cookie in answer.headers.getlist("Set-Cookie"):
        parts = {part.strip().partition("=")[0].lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "samesite"} <= parts and "domain" not in parts, (where, cookie)
        assert ("secure" in parts) == https, (where, cookie)
        assert "SameSite=Lax" in cookie and "Path=/" in cookie


@pytest.mark.parametrize("base", ["http://localhost", HTTPS])
def test_every_answer_has_the_safe_headers(cast: Cast, base: str) -> None:
    browsers = clients(cast)
    app = browsers[None].application
    for rule in rules_with(app, "GET"):
        path = path_of(rule, cast)
        for role in {None, who_may(rule.endpoint, browsers), Role.WORKER}:
            answer = browsers[role].get(path, base_url=base, headers={"Origin": "https://e.vil"})
            is_safe(answer, f"{path} {role}", https=base == HTTPS)
    for method, path in (("GET", "/nowhere"), ("DELETE", "/plots"), ("POST", "/sign-in")):
        is_safe(browsers[None].open(path, method=method, base_url=base), path, https=base == HTTPS)


def test_the_session_cookie_is_bound_to_host_and_https(cast: Cast) -> None:
    answer = client().get("/sign-in", base_url=HTTPS)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-orchard=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {
        part.strip() for part in cookie.split(";")
    }


def test_no_post_counts_without_the_own_token(cast: Cast) -> None:
    browsers = clients(cast)
    app = browsers[None].application
    before = tables.state(frozenset())
    foreign = {role: browser.csrf() for role, browser in browsers.items()}
    tried = 0
    for rule in rules_with(app, "POST"):
        if rule.rule.startswith("/api/"):
            continue
        role = who_may(rule.endpoint, browsers)
        other = foreign[Role.WORKER if role != Role.WORKER else Role.GROWER]
        own = foreign[role]
        for token in (None, "", "x", other, own[::-1]):
            data = {} if token is None else {"csrf_token": token}
            answer = browsers[role].post(path_of(rule, cast), data=data)
            assert answer.status_code == 400, (rule.rule, token)
            tried += 1
    assert tried >= 5 * 15
    assert tables.state(frozenset()) == before


def test_no_program_signs_in_by_cookie(cast: Cast) -> None:
    browsers, before = clients(cast), tables.state(frozenset())
    for rule in browsers[None].application.url_map.iter_rules():
        if rule.rule.startswith("/api/") and rule.endpoint not in PUBLIC:
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                role = who_may(rule.endpoint, browsers)
                answer = browsers[role].open(path_of(rule, cast), method=method, json={})
                assert answer.status_code == 401, rule.rule
    assert tables.state(frozenset()) == before


def test_a_foreign_host_is_refused_where_hosts_are_named(cast: Cast) -> None:
    chosen = settings.get()
    settings.use(chosen.model_copy(update={"trusted_hosts": ("orchard.example",)}))
    try:
        browser = create_app().test_client()
    finally:
        settings.use(chosen)
    for host in ("evil.example", "orchard.example.evil", "orchard.example@evil", "evil.example:80"):
        for path in ("/", "/sign-in", "/plots", "/api/v1/plots", "/static//orchard.css"):
            answer = browser.get(path, headers={"Host": host})
            assert answer.status_code == 400, (host, path)
            assert "evil" not in answer.text and "evil" not in str(answer.headers)
    assert browser.get("/sign-in", headers={"Host": "orchard.example"}).status_code == 200
