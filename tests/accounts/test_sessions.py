"""Sessions and their cookie: begun anew, ended for good, alive as long as was decided."""

from datetime import timedelta

import pytest
from sqlmodel import select

from orchard import clock, db
from orchard.accounts.models import SignInSession
from orchard.accounts.rules import LIVES, Role
from orchard.accounts.services import token_hash
from orchard.web.session import SIGNED_IN
from tests import make
from tests.accounts.arriving import (
    PIN,
    is_in,
    signed_in_browser,
    try_in,
    with_secret,
)
from tests.client import client

pytestmark = pytest.mark.usefixtures("sqlite_database")


@pytest.fixture(autouse=True)
def morning():
    with clock.frozen_at(make.NOW):
        yield


def test_signing_in_begins_a_new_session_and_forgets_a_planted_one():
    account, device = with_secret()
    with db.transaction() as session:
        _, planted = make.signed_in(session)
    browser = client(planted, device=device)
    try_in(browser, account.phone, PIN)
    with browser.session_transaction() as cookie:
        begun = cookie[SIGNED_IN]
    assert begun != planted
    assert len(begun) >= 32  # 192 bits
    assert account.phone[-4:] in browser.get("/account").text


def test_a_tampered_cookie_is_nobody():
    browser, _ = signed_in_browser()
    cookie = browser.get_cookie("orchard").value
    changed = cookie[:10] + ("A" if cookie[10] != "A" else "B") + cookie[11:]
    browser.set_cookie("orchard", changed)
    assert not is_in(browser)


def test_a_replayed_cookie_is_dead_after_signing_out():
    browser, _ = signed_in_browser()
    stolen = browser.get_cookie("orchard").value
    assert browser.post_form("/sign-out").status_code == 303
    thief = client()
    thief.set_cookie("orchard", stolen)
    assert not is_in(thief)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.MANAGER])
def test_a_session_ends_when_idle_and_at_last_by_role(role):
    with db.transaction() as session:
        place = "500154" if role == Role.DISTRICT else make.ZHUXI
        _, token = make.signed_in(session, role, place=place)
    browser, life = client(token), LIVES[role]
    with clock.frozen_at(make.NOW + life.idle - timedelta(seconds=1)):
        assert is_in(browser)
    with clock.frozen_at(make.NOW + 2 * life.idle):
        assert not is_in(browser)
    _use_all_the_time(role, life)


def _use_all_the_time(role, life):
    with db.transaction() as session:
        _, token = make.signed_in(session, role)
        row = session.exec(
            select(SignInSession).where(SignInSession.token_hash == token_hash(token))
        ).one()
        row.seen_at = make.NOW + life.whole - timedelta(seconds=2)
        session.add(row)
    for seconds, expected in ((-1, True), (1, False)):
        with clock.frozen_at(make.NOW + life.whole + timedelta(seconds=seconds)):
            assert is_in(client(token)) is expected


def test_the_decided_lives_of_sessions():
    days, hours, minutes = (
        lambda n: timedelta(days=n),
        lambda n: timedelta(hours=n),
        lambda n: timedelta(minutes=n),
    )
    assert {role: (life.idle, life.whole) for role, life in LIVES.items()} == {
        Role.GROWER: (days(30), days(180)),
        Role.WORKER: (days(30), days(180)),
        Role.MANAGER: (hours(12), days(7)),
        Role.TECHNICIAN: (hours(12), days(7)),
        Role.SECRETARY: (minutes(30), hours(12)),
        Role.DISTRICT: (minutes(15), hours(12)),
    }
