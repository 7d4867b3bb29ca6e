"""Signing in by the numbers: who gets in, how often one may try, and what an answer tells."""

import re
import time
from datetime import timedelta

import pytest
from sqlmodel import col, select

from orchard import clock, db, ledger
from orchard.accounts import doors
from orchard.accounts.models import SignInAttempt, SignInSession
from orchard.accounts.rules import LIVES, Role
from orchard.accounts.services import token_hash
from orchard.web.session import SIGNED_IN
from tests import make
from tests.accounts.arriving import (
    PASSWORD,
    PIN,
    is_in,
    later,
    signed_in_browser,
    try_in,
    with_secret,
)
from tests.client import client
from tests.crowd import at_once
from tests.page import check_page

pytestmark = pytest.mark.usefixtures("sqlite_database")


@pytest.fixture(autouse=True)
def morning():
    with clock.frozen_at(make.NOW):
        yield


def test_a_grower_signs_in_with_phone_and_pin_on_a_device_let_in():
    account, device = with_secret()
    browser = client(device=device)
    answer = try_in(browser, account.phone.removeprefix("+86"), PIN)
    assert (answer.status_code, answer.location) == (303, "/")
    assert is_in(browser)


def test_a_pin_typed_in_full_width_digits_is_the_same_pin():
    account, device = with_secret()
    assert try_in(client(device=device), account.phone, "１９３７４６").status_code == 303


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.SECRETARY, Role.DISTRICT])
def test_staff_sign_in_with_a_password_on_any_device(role):
    account, _ = with_secret(role)
    assert try_in(client(), account.phone, PASSWORD).status_code == 303


def test_a_password_is_neither_trimmed_nor_folded():
    account, _ = with_secret(Role.SECRETARY)
    for wrong in (f" {PASSWORD}", f"{PASSWORD} ", PASSWORD.upper()):
        assert try_in(client(), account.phone, wrong).status_code == 422


def _without_typed(html: str) -> str:
    html = re.sub(r'name="csrf_token" value="[^"]*"', "", html)
    return re.sub(r'(name="phone"[^>]*?) value="[^"]*"', r"\1", html)


def test_wrong_secret_wrong_device_unknown_phone_and_disabled_get_the_same_body():
    account, device = with_secret()
    staff, _ = with_secret(Role.SECRETARY)
    gone, gone_device = with_secret()
    with db.transaction() as session:
        row = session.get(type(gone), gone.id)
        row.disabled_at = make.NOW
        session.add(row)
    answers = [
        try_in(client(device=device), account.phone, "839201"),
        try_in(client(), account.phone, PIN),
        try_in(client(), "13812345678", PIN),
        try_in(client(), staff.phone, "not the password"),
        try_in(client(device=gone_device), gone.phone, PIN),
        try_in(client(), "nonsense \x00 🍊", PIN),
    ]
    assert {answer.status_code for answer in answers} == {422}
    bodies = {_without_typed(answer.text) for answer in answers}
    assert len(bodies) == 1
    check_page(answers[0].text)
    headers = [sorted(name for name, _ in answer.headers) for answer in answers]
    assert all(one == headers[0] for one in headers)


def test_every_answer_costs_exactly_one_look_at_a_hash(monkeypatch):
    account, device = with_secret()
    looks = []
    verify = doors.HASHER.verify
    monkeypatch.setattr(
        doors,
        "HASHER",
        type(
            "Counting",
            (),
            {
                "verify": lambda self, *pair: looks.append(1) or verify(*pair),
                "hash": staticmethod(doors.HASHER.hash),
            },
        )(),
    )
    for browser, phone in (
        (client(device=device), account.phone),
        (client(), account.phone),
        (client(), "13812345678"),
    ):
        before = len(looks)
        try_in(browser, phone, "839201")
        assert len(looks) == before + 1


def test_known_and_unknown_phones_take_the_same_time():
    account, device = with_secret()
    door_known = _door(account.phone, device)
    door_unknown = _door("+8613812345678", device)
    doors.fits(door_unknown, "839201")
    known, unknown = [], []
    for _ in range(20):
        known.append(_seconds(door_known))
        unknown.append(_seconds(door_unknown))
    known, unknown = sorted(known), sorted(unknown)
    assert 0.5 < known[10] / unknown[10] < 2


def _door(phone, device):
    with db.reading() as session:
        return doors.door_of(session, phone, device)


def _seconds(door) -> float:
    begun = time.perf_counter()
    doors.fits(door, "839201")
    return time.perf_counter() - begun


def test_the_hash_has_the_decided_cost():
    hashed = doors.hash_secret("x")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_no_secret_is_checked_inside_a_transaction(monkeypatch):
    account, device = with_secret()
    inside = []
    before = doors.fits

    def watched(*both):
        inside.append(getattr(db._inside, "yes", False))
        return before(*both)

    monkeypatch.setattr(doors, "fits", watched)
    try_in(client(device=device), account.phone, PIN)
    assert inside == [False]


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


def test_of_a_thousand_tries_twenty_reach_the_check(monkeypatch):
    reached = []
    monkeypatch.setattr(doors, "fits", lambda *_: bool(reached.append(1)))
    browser = client()
    for number in range(1000):
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


def test_what_was_typed_before_signing_in_comes_back_after_it():
    account, device = with_secret()
    browser = client(device=device)
    sent = {"id": "01a20e33-2d48-76fc-a14f-9a069441fc71", "name": "桥头那块", "area_mu": "6.25"}
    assert browser.post_form("/plots/new", sent).location == "/sign-in"
    answer = try_in(browser, account.phone, PIN)
    assert answer.location == "/plots/new"
    page = browser.get("/plots/new").text
    assert all(value in page for value in sent.values())
    assert "桥头那块" not in browser.get("/plots/new").text


def test_what_was_typed_into_an_ended_session_comes_back_to_the_same_person():
    browser, account = signed_in_browser()
    with later(days=31):
        assert browser.post_form("/plots/new", {"name": "我的那块"}).location == "/sign-in"
        assert try_in(browser, account.phone, PIN).location == "/plots/new"
        assert "我的那块" in browser.get("/plots/new").text


def test_what_one_typed_is_never_shown_to_another_on_the_same_phone():
    first, device = with_secret()
    second, other_device = with_secret()
    browser = client(device=device)
    try_in(browser, first.phone, PIN)
    with later(days=31):
        assert browser.post_form("/plots/new", {"name": "第一个人的地"}).location == "/sign-in"
        with db.transaction() as session:
            from orchard.accounts.services import let_in, make_card

            row = session.get(type(second), second.id)
            let_in(session, make_card(session, row, now=clock.now()), device, now=clock.now())
        assert try_in(browser, second.phone, PIN).location == "/"
        assert "第一个人的地" not in browser.get("/plots/new").text


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "/\\evil.example", "https://evil.example/", "http:evil", "/%0d%0aX: 1"],
)
def test_nobody_is_sent_off_the_site(path):
    account, device = with_secret()
    browser = client(device=device)
    with browser.session_transaction() as cookie:
        cookie["parked"] = {"at": path, "typed": [], "whose": None}
    assert try_in(browser, account.phone, PIN).location == "/"
    back = browser.get("/display", query_string={"big": "1", "back": path}).location
    assert back in ("/", "/%0d%0aX: 1") or back.startswith("/%")


def test_passwords_over_an_open_line_are_refused_but_in_a_demonstration():
    account, device = with_secret()
    with db.transaction() as session:
        ledger.note(session, "purpose", ledger.Purpose.REAL)
    answer = try_in(client(device=device), account.phone, PIN)
    assert answer.status_code == 403
    check_page(answer.text)
    assert try_in(client(device=device), account.phone, PIN, address="127.0.0.1").status_code == 303
    secure = client(device=device).get(
        "/sign-in", base_url="https://localhost", environ_base={"REMOTE_ADDR": "10.1.1.1"}
    )
    assert secure.status_code == 200
    with db.transaction() as session:
        ledger.note(session, "purpose", ledger.Purpose.DEMO)
    assert try_in(client(device=device), account.phone, PIN).status_code == 303


def test_a_refused_try_writes_the_table_of_tries_and_nothing_else():
    from tests.access.state import digest

    with_secret()
    before = digest()
    try_in(client(), "13812345678", "839201")
    changed = {name for name, value in digest().items() if before[name] != value}
    assert changed == {"sign_in_attempt"}


def test_the_address_of_the_page_says_nothing_about_a_person():
    browser, account = signed_in_browser(Role.SECRETARY)
    answer = browser.post_form("/people/search", {"name": "刘"})
    assert answer.status_code == 200
    assert "刘" not in answer.request.path + answer.request.query_string.decode()


def test_no_account_exists_that_nobody_opened():
    with db.reading() as session:
        from orchard.accounts.models import Account

        assert session.exec(select(Account).where(col(Account.id).is_not(None))).all() == []
