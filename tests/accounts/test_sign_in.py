"""Signing in by the numbers: who gets in, how often one may try, and what an answer tells."""

import re
import time

import pytest
from sqlmodel import col, select

from orchard import clock, db, ledger
from orchard.accounts import doors
from orchard.accounts.rules import Role
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
