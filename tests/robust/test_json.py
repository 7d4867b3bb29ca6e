"""Every operation of the JSON interface takes any body: a problem with a stable code, never 500."""

import json
from pathlib import Path
from typing import Any

import pytest

from orchard import clock
from orchard.accounts.rules import Role
from tests import make
from tests.client import Client, api, client
from tests.robust import corpus, tables
from tests.robust.cast import Cast, fill
from tests.robust.interface import operations, plot_body

DEEP = 100_000  # the two nesting files that the corpus leaves out
HARD = {
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": Infinity}',
    "minus Infinity": b'{"a": -Infinity}',
    "a key twice": b'{"a": 1, "a": 2}',
    "deep list": b"[" * DEEP,
    "deep object": b'{"a":' * DEEP,
    "deep and closed": b"[" * DEEP + b"]" * DEEP,
    "endless number": b'{"a": ' + b"9" * 5000 + b"}",
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "nothing": b"",
}
NUMBERS = [
    "NaN",
    "Infinity",
    "1e400",
    "9223372036854775808",
    "1" + "0" * 400,
    '"NaN"',
    '"1e999"',
    "true",
    "[]",
    "{}",
    "-1",
    '"９９９９９９９９９９"',
]


@pytest.fixture
def cast(sqlite_database: Path) -> Any:
    """Return who calls, in a county whose clock stands."""
    with clock.frozen_at(make.NOW):
        yield fill()


def call(browser: Client, cast: Cast, role: Role, method: str, path: str, body: bytes) -> Any:
    """Send a body as it stands."""
    kind = {"Content-Type": "application/json", **api(cast.bearers[role])}
    return browser.open(path, method=method, data=body, headers=kind)


def check_problem(answer: Any, where: str) -> None:
    """Make sure that a refusal says what it is."""
    assert 400 <= answer.status_code < 500, (where, answer.status_code)
    assert answer.content_type == "application/problem+json", where
    problem = answer.get_json()
    assert problem["status"] == answer.status_code, where
    assert problem["code"].partition(".")[0] and problem["title"], where


@pytest.mark.parametrize("of", [4, pytest.param(1, marks=pytest.mark.campaign)])
def test_every_operation_refuses_bad_bodies(cast: Cast, of: int) -> None:
    """Send each operation every body, or in a short run its share: one of so many."""
    browser = client()
    described = browser.get("/api/v1/openapi.json").get_json()
    takers = [one for one in operations(described, browser, cast) if one.has_body]
    assert len(takers) >= 6
    before = tables.state()
    for index, one in enumerate(takers):
        for name, expected, body in corpus.bodies()[index % of :: of]:
            answer = call(browser, cast, one.role, one.method, one.path, body)
            where = f"{one.name} {name}"
            check_problem(answer, where)
            if expected == "reject" and body:
                assert answer.get_json()["code"] == "errors.bad_request", where
        for name, body in HARD.items():
            answer = call(browser, cast, one.role, one.method, one.path, body)
            check_problem(answer, f"{one.name} {name}")
    assert tables.state() == before


def test_a_body_of_another_kind_is_refused(cast: Cast) -> None:
    browser, before = client(), tables.state()
    for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded", ""):
        headers = {"Content-Type": kind, **api(cast.bearers[Role.GROWER])}
        body = json.dumps(plot_body()).encode()
        check_problem(browser.post("/api/v1/plots", data=body, headers=headers), kind)
    assert tables.state() == before


def test_no_number_gets_in_that_is_none(cast: Cast) -> None:
    browser, before = client(), tables.state()
    for field in ("planted_year", "tree_count", "elevation_m", "lat", "lon"):
        body = json.dumps(plot_body(**{"lat": 31.1, "lon": 108.28, field: "HERE"}))
        for number in NUMBERS:
            sent = body.replace('"HERE"', number).encode()
            answer = call(browser, cast, Role.GROWER, "POST", "/api/v1/plots", sent)
            check_problem(answer, f"{field} {number}")
    assert tables.state() == before


def test_text_that_no_database_takes_is_refused(cast: Cast) -> None:
    browser, before = client(), tables.state()
    for text in ("\\ud800", "\\u0000", "\\udfff坡", "\\uffff"):
        body = json.dumps(plot_body(name="HERE")).replace("HERE", text).encode()
        answer = call(browser, cast, Role.GROWER, "POST", "/api/v1/plots", body)
        check_problem(answer, text)
        assert list(answer.get_json()["errors"]) == ["name"]
    assert tables.state() == before
