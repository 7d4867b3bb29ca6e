"""A signed cookie is proved once and then known letter by letter, and nothing else is."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask, session

from orchard import clock
from orchard.app import create_app
from tests.make import NOW


@pytest.fixture
def app(sqlite_database: Path) -> Flask:
    return create_app()


def signed(app: Flask, held: dict[str, object]) -> str:
    signer = app.session_interface.get_signing_serializer(app)
    return str(signer.dumps(held))


def opened(app: Flask, cookie: str) -> dict[str, object]:
    with app.test_request_context(headers={"Cookie": f"orchard={cookie}"}):
        return dict(session)


def test_the_same_cookie_holds_the_same_however_often_it_comes(app: Flask) -> None:
    held = {"s": "secret", "parked": {"path": "/plots", "typed": [["name", "甲"]]}}
    cookie = signed(app, held)
    assert [opened(app, cookie) for _ in range(3)] == [held] * 3


def test_what_one_request_changes_no_other_sees(app: Flask) -> None:
    cookie = signed(app, {"s": "secret", "parked": {"path": "/plots"}})
    for _ in range(2):
        with app.test_request_context(headers={"Cookie": f"orchard={cookie}"}):
            assert session["parked"] == {"path": "/plots"}
            assert not session.modified
            session["parked"]["path"] = "/elsewhere"
            session["s"] = "another"
    assert opened(app, cookie) == {"s": "secret", "parked": {"path": "/plots"}}


def test_a_cookie_with_one_other_letter_holds_nothing(app: Flask) -> None:
    cookie = signed(app, {"s": "secret"})
    assert opened(app, cookie) == {"s": "secret"}
    for at in (0, len(cookie) // 2, len(cookie) - 2):
        other = "A" if cookie[at] != "A" else "B"
        assert opened(app, cookie[:at] + other + cookie[at + 1 :]) == {}
    for broken in ("", cookie + "A", cookie[:-1], cookie.upper(), "x.y.z"):
        assert opened(app, broken) == {}


def test_a_cookie_signed_with_another_key_holds_nothing(app: Flask, sqlite_database: Path) -> None:
    cookie = signed(app, {"s": "secret"})
    assert opened(app, cookie) == {"s": "secret"}
    other = create_app()
    other.secret_key = "another"
    assert opened(other, cookie) == {}


def test_a_known_cookie_ends_with_its_age(app: Flask) -> None:
    with clock.frozen_at(NOW):
        cookie = signed(app, {"s": "secret"})
    for days, is_open in ((0, True), (399, True), (401, False), (-1, True), (399, True)):
        with clock.frozen_at(NOW + timedelta(days=days)):
            assert bool(opened(app, cookie)) is is_open
            signer = app.session_interface.get_signing_serializer(app)
            within = signer.make_signer(signer.salt).validate(cookie, 400 * 24 * 3600)
            assert within is (is_open and days >= 0)
