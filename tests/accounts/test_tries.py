"""Guessing at the door: tries are counted for accounts and addresses, also in a crowd."""

import pytest
from sqlmodel import select

from orchard import clock, db
from orchard.accounts import doors
from orchard.accounts.models import SignInAttempt
from tests import make
from tests.accounts.arriving import (
    PIN,
    later,
    try_in,
    with_secret,
)
from tests.client import client
from tests.crowd import at_once

pytestmark = pytest.mark.usefixtures("sqlite_database")


@pytest.fixture(autouse=True)
def morning():
    with clock.frozen_at(make.NOW):
        yield


def test_five_wrong_tries_lock_an_account_for_fifteen_minutes():
    account, device = with_secret()
    browser = client(device=device)
    for number in range(5):
        assert try_in(browser, account.phone, f"83920{number}").status_code == 422
    for minutes, status in ((0, 429), (14.9, 429), (15.1, 303)):
        with later(minutes=minutes):
            assert try_in(browser, account.phone, PIN).status_code == status, minutes


def test_a_lock_is_the_same_for_a_phone_without_an_account():
    browser = client()
    for number in range(5):
        try_in(browser, "13812345678", f"83920{number}")
    assert try_in(browser, "13812345678", PIN).status_code == 429


def test_a_right_try_begins_the_count_anew():
    account, device = with_secret()
    browser = client(device=device)
    for secret in ["839201"] * 4 + [PIN] + ["839201"] * 4:
        assert try_in(browser, account.phone, secret).status_code != 429
    with later(seconds=1):
        assert try_in(browser, account.phone, PIN).status_code == 303


def test_twenty_wrong_tries_an_hour_stop_an_address_and_no_other():
    account, device = with_secret()
    for number in range(20):
        assert try_in(client(), f"138000000{number:02d}", "839201").status_code == 422
    assert try_in(client(device=device), account.phone, PIN).status_code == 429
    assert try_in(client(device=device), account.phone, PIN, address="10.2.2.2").status_code == 303
    with later(minutes=61):
        assert try_in(client(device=device), account.phone, PIN).status_code == 303


def test_of_many_tries_twenty_reach_the_check(monkeypatch):
    reached = []
    monkeypatch.setattr(doors, "fits", lambda *_: bool(reached.append(1)))
    browser = client()
    for number in range(200):
        try_in(browser, f"1380000{number:04d}", "839201")
    assert len(reached) == 20
    with db.reading() as session:
        assert len(session.exec(select(SignInAttempt)).all()) == 20


def test_a_crowd_at_once_gets_no_more_tries_than_one(monkeypatch):
    reached = []
    monkeypatch.setattr(doors, "fits", lambda *_: bool(reached.append(1)))
    app = client().application
    answers = at_once(30, lambda: try_in(client(app=app), "13812345678", "839201"))
    assert {answer.status_code for answer in answers} == {422, 429}
    assert len(reached) <= 5


def test_tries_hold_no_phone_and_no_address():
    try_in(client(), "13812345678", "839201", address="10.9.8.7")
    with db.reading() as session:
        row = session.exec(select(SignInAttempt)).one()
    text = repr(row)
    assert "13812345678" not in text
    assert "10.9.8.7" not in text
