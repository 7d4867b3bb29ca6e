"""One-time links: seven days, once, on one device, and never by merely opening them."""

import pytest
from sqlmodel import select

from orchard import clock, db, settings
from orchard.accounts import services
from orchard.accounts.models import Account, Invitation
from orchard.accounts.rules import Role, SecretKind
from orchard.ids import new_id
from orchard.web.session import SIGNED_IN
from tests import make
from tests.access.state import changed, digest
from tests.accounts.arriving import PASSWORD, PIN, is_in, later, try_in, with_secret
from tests.client import client
from tests.page import check_page

pytestmark = pytest.mark.usefixtures("sqlite_database")


@pytest.fixture(autouse=True)
def morning():
    with clock.frozen_at(make.NOW):
        yield


def card_for(role: Role = Role.GROWER, **values) -> tuple[Account, str]:
    with db.transaction() as session:
        account = make.account(session, role, **values)
        return account, services.make_card(session, account, now=make.NOW)


def test_a_card_lets_a_grower_in_and_he_sets_his_pin():
    account, card = card_for()
    browser = client()
    check_page(browser.get(f"/in/{card}").text)
    assert browser.post_form(f"/in/{card}").location == "/in"
    assert "刘洪" in check_page(browser.get("/in").text).text
    answer = browser.post_form("/in", {"secret": PIN})
    assert (answer.status_code, answer.location) == (303, "/")
    assert is_in(browser)
    browser.post_form("/sign-out")
    assert try_in(browser, account.phone, PIN).status_code == 303
    assert try_in(client(), account.phone, PIN).status_code == 422


def test_staff_set_a_password_of_twelve_characters():
    account, card = card_for(Role.SECRETARY)
    browser = client()
    browser.post_form(f"/in/{card}")
    for wrong in ("193746", "short-word1", "password1234", "x" * 129):
        answer = browser.post_form("/in", {"secret": wrong})
        assert answer.status_code == 422, wrong
        check_page(answer.text)
    assert browser.post_form("/in", {"secret": "x1" * 32 + "-" + "y" * 40}).status_code == 303
    assert not is_in(client())
    assert account.secret_hash is None


def test_opening_a_link_writes_nothing_and_looks_the_same_for_every_card():
    _, card = card_for()
    _, spent = card_for()
    client().post_form(f"/in/{spent}")
    before = digest()
    pages = {
        client().get(f"/in/{token}").text.replace(token, "") for token in (card, spent, "q" * 48)
    }
    assert changed(before) == set()
    assert len({_without_token(page) for page in pages}) == 1


def _without_token(page: str) -> str:
    import re

    return re.sub(r'name="csrf_token" value="[^"]*"', "", page)


def test_a_card_opens_the_door_once():
    _, card = card_for()
    client().post_form(f"/in/{card}")
    answer = client().post_form(f"/in/{card}")
    assert answer.status_code == 422
    check_page(answer.text)


def test_the_same_device_may_go_on_with_its_card_until_the_pin_is_set():
    _, card = card_for()
    browser = client()
    browser.post_form(f"/in/{card}")
    assert browser.post_form(f"/in/{card}").location == "/in"
    browser.post_form("/in", {"secret": PIN})
    assert browser.post_form(f"/in/{card}").status_code == 422
    assert browser.post_form("/in", {"secret": "482915"}).status_code == 422


@pytest.mark.parametrize(("days", "status"), [(6.99, 303), (7, 422)])
def test_a_card_lasts_seven_days(days, status):
    _, card = card_for()
    with later(days=days):
        assert client().post_form(f"/in/{card}").status_code == status


def test_a_new_card_ends_the_older_one():
    account, old = card_for()
    with db.transaction() as session:
        row = session.get(Account, account.id)
        fresh = services.make_card(session, row, now=make.NOW)
    assert client().post_form(f"/in/{old}").status_code == 422
    assert client().post_form(f"/in/{fresh}").status_code == 303


def test_a_card_of_a_disabled_account_opens_nothing():
    account, card = card_for()
    with db.transaction() as session:
        row = session.get(Account, account.id)
        row.disabled_at = make.NOW
        session.add(row)
    assert client().post_form(f"/in/{card}").status_code == 422
    with db.reading() as session:
        assert session.exec(select(Invitation.used_at)).one() is None


def test_a_new_card_and_pin_end_every_older_session():
    account, device = with_secret()
    old = client(device=device)
    try_in(old, account.phone, PIN)
    with db.transaction() as session:
        card = services.make_card(session, session.get(Account, account.id), now=make.NOW)
    fresh = client()
    fresh.post_form(f"/in/{card}")
    fresh.post_form("/in", {"secret": "482915"})
    assert is_in(fresh)
    assert not is_in(old)


def test_two_of_a_family_sign_in_on_one_phone():
    browser = client()
    for account, card in (card_for(), card_for()):
        browser.post_form(f"/in/{card}")
        browser.post_form("/in", {"secret": PIN})
        browser.post_form("/sign-out")
        assert try_in(browser, account.phone, PIN).status_code == 303
        browser.post_form("/sign-out")


def test_in_an_installation_of_several_counties_the_link_says_which(tmp_path):
    account, card = card_for()
    settings.use(settings.get().model_copy(update={"counties": ("500154", "500155")}))
    try:
        db.dispose()
        url = settings.get().data_dir / "orchard.db"
        url.rename(url.with_name("orchard-500154.db"))
        browser = client()
        assert browser.post_form(f"/in/{card}").status_code == 422
        assert browser.post_form(f"/in/500199.{card}").status_code == 422
        assert browser.post_form(f"/in/500154.{card}").location == "/in"
        assert browser.post_form("/in", {"secret": PIN}).status_code == 303
        assert is_in(browser)
        lost = client()
        assert "500155" in check_page(lost.get("/sign-in").text).text
        answer = try_in(lost, account.phone, PIN, address="127.0.0.1")
        assert answer.location == "/sign-in"
        assert lost.get("/in").status_code == 422
        assert lost.get("/county/500155").status_code == 303
    finally:
        db.dispose()


def test_a_pin_is_too_weak_for_a_role_of_the_office():
    account, device = with_secret()
    with db.transaction() as session:
        row = session.get(Account, account.id)
        services.grant(session, row, Role.SECRETARY, now=make.NOW, place_code=make.ZHUXI)
    browser = client(device=device)
    try_in(browser, account.phone, PIN)
    assert browser.get("/people").status_code == 403
    page = browser.get("/account").text
    assert "/account/secret" in page
    assert "办公的身份要先设密码" in page
    assert browser.post_form("/account/secret", {"secret": "482915"}).status_code == 422
    assert browser.post_form("/account/secret", {"secret": PASSWORD}).status_code == 303
    assert browser.get("/people").status_code == 200
    with db.reading() as session:
        assert session.get(Account, account.id).secret_kind == SecretKind.PASSWORD


def test_changing_the_pin_asks_for_the_present_one_first():
    account, device = with_secret()
    browser, other = client(device=device), client(device=device)
    try_in(browser, account.phone, PIN)
    try_in(other, account.phone, PIN)
    with later(minutes=11):
        assert browser.get("/account/secret").location == "/account/prove"
        assert (
            browser.post_form("/account/secret", {"secret": "482915"}).location == "/account/prove"
        )
        assert try_in(client(device=device), account.phone, "482915").status_code == 422
        check_page(browser.get("/account/prove").text)
        wrong = browser.post_form("/account/prove", {"secret": "839201"})
        assert wrong.status_code == 422
        check_page(wrong.text)
        assert browser.post_form("/account/prove", {"secret": PIN}).location == "/account/secret"
        assert browser.post_form("/account/secret", {"secret": "482915"}).status_code == 303
        assert is_in(browser)
        assert not is_in(other)
        assert try_in(client(device=device), account.phone, "482915").status_code == 303


def test_wrong_proofs_count_as_tries():
    account, device = with_secret()
    browser = client(device=device)
    try_in(browser, account.phone, PIN)
    with later(minutes=11):
        for _ in range(5):
            browser.post_form("/account/prove", {"secret": "839201"})
        assert browser.post_form("/account/prove", {"secret": PIN}).status_code == 422


def test_one_ends_an_own_session_from_elsewhere_and_nobody_elses():
    account, device = with_secret()
    here, there = client(device=device), client(device=device)
    for browser in (here, there):
        try_in(browser, account.phone, PIN)
    with db.transaction() as session:
        stranger, token = make.signed_in(session)
    with db.reading() as session:
        from orchard.accounts.models import SignInSession

        rows = session.exec(select(SignInSession)).all()
    with here.session_transaction() as cookie:
        mine_here = services.token_hash(cookie[SIGNED_IN])
    mine = [row for row in rows if row.account_id == account.id and row.token_hash != mine_here]
    foreign = next(row.id for row in rows if row.account_id == stranger.account_id)
    assert here.post_form(f"/account/sessions/{foreign}/end").status_code == 404
    assert here.post_form(f"/account/sessions/{new_id()}/end").status_code == 404
    for one in mine:
        assert here.post_form(f"/account/sessions/{one.id}/end").status_code == 303
    assert is_in(here)
    assert not is_in(there)
    assert is_in(client(token))


def test_the_language_is_kept_with_the_account():
    account, device = with_secret()
    browser = client(device=device)
    try_in(browser, account.phone, PIN)
    assert browser.post_form("/account/language", {"lang": "en"}).status_code == 303
    check_page(browser.get("/account").text, lang="en")
    assert browser.post_form("/account/language", {"lang": "xx"}).status_code == 422
