"""The number on a printed card: typed with the phone it was made for, and hard to guess."""

import re
from collections.abc import Iterator

import pytest
from sqlmodel import select

from orchard import clock, db
from orchard.accounts import cards, services
from orchard.accounts.models import Account, Invitation
from orchard.accounts.rules import Role
from orchard.ids import new_id
from tests import make
from tests.access.state import changed, digest
from tests.accounts.arriving import PIN, is_in, later, signed_in_browser, try_in, with_secret
from tests.client import Client, client
from tests.page import check_page

pytestmark = pytest.mark.usefixtures("sqlite_database")


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.frozen_at(make.NOW):
        yield


def card_for(account: Account | None = None, **values) -> tuple[Account, str, str]:
    """Return (account, link's secret, number) of a new card."""
    with db.transaction() as session:
        row = session.get(Account, account.id) if account else make.account(session, **values)
        secret = services.make_card(session, row, now=clock.now())
        return row, secret, cards.made(session, secret).number


def type_in(browser: Client, phone: str, number: str, *, address: str = "10.1.1.1"):
    return browser.post(
        "/card",
        data={"csrf_token": browser.csrf(), "phone": phone, "number": number},
        environ_base={"REMOTE_ADDR": address},
    )


def other(number: str) -> str:
    return f"{(int(number) + 1) % 10**12:012}"


@pytest.mark.parametrize(
    "typed", ["{}", " {} ", "{0:.4} {1:.4} {2:.4}", "{0:.4}-{1:.4}-{2:.4}", "full-width"]
)
def test_a_grower_types_his_number_and_sets_his_pin(typed):
    account, _, number = card_for()
    wide = number.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    parts = (number, number[4:], number[8:]) if "." in typed else (number,)
    browser = client()
    check_page(browser.get("/card").text)
    sent = wide if typed == "full-width" else typed.format(*parts)
    assert type_in(browser, account.phone.removeprefix("+86"), sent).location == "/in"
    assert browser.post_form("/in", {"secret": PIN}).status_code == 303
    assert is_in(browser)
    browser.post_form("/sign-out")
    assert try_in(browser, account.phone, PIN).status_code == 303


def test_link_and_number_are_one_card():
    account, secret, number = card_for()
    assert client().post_form(f"/in/{secret}").location == "/in"
    spent = type_in(client(), account.phone, number)
    assert spent.status_code == 422
    check_page(spent.text)


def test_the_same_device_may_type_its_number_again_before_the_pin_is_set():
    account, _, number = card_for()
    browser = client()
    for _ in range(2):
        assert type_in(browser, account.phone, number).location == "/in"
    browser.post_form("/in", {"secret": PIN})
    assert type_in(browser, account.phone, number).status_code == 422


def test_the_number_of_one_is_nothing_with_the_phone_of_another():
    _, _, number = card_for()
    stranger, _, _ = card_for()
    assert type_in(client(), stranger.phone, number).status_code == 422
    with db.reading() as session:
        assert set(session.exec(select(Invitation.used_at))) == {None}


def test_every_refusal_reads_alike_and_lets_nobody_in():
    account, _, number = card_for()
    disabled, _, its = card_for()
    with db.transaction() as session:
        row = session.get(Account, disabled.id)
        row.disabled_at = make.NOW
        session.add(row)
    phones = {
        "wrong": (account.phone, other(number)),
        "unknown": ("13912345678", number),
        "no phone": ("nobody", number),
        "disabled": (disabled.phone, its),
    }
    said = set()
    for index, (phone, typed) in enumerate(phones.values()):
        answer = type_in(client(), phone, typed, address=f"10.2.2.{index}")
        assert answer.status_code == 422
        said.add(re.search(r'id="number-error">([^<]+)', answer.text)[1])
        assert f'value="{phone}"' in answer.text
    assert said == {"电话和卡号对不上，或这张卡用过、过期了。"}


@pytest.mark.parametrize("typed", ["", "12345678901", "1234567890123", "12345678901x", "一二三四"])
def test_what_is_no_number_is_told_beside_it_and_is_no_try(typed):
    account, _, number = card_for()
    before = digest()
    for _ in range(6):
        answer = type_in(client(), account.phone, typed)
        assert answer.status_code == 422
        check_page(answer.text)
        assert 'id="number-error">卡号是 12 位数字' in answer.text
    assert changed(before) == set()
    assert type_in(client(), account.phone, number).status_code == 303


@pytest.mark.parametrize(("days", "status"), [(6.99, 303), (7, 422)])
def test_a_number_lasts_as_long_as_its_link(days, status):
    account, _, number = card_for()
    with later(days=days):
        assert type_in(client(), account.phone, number).status_code == status


def test_a_new_card_has_a_new_number_and_ends_the_old_one():
    account, _, old = card_for()
    with later(minutes=1):
        _, _, fresh = card_for(account)
        assert fresh != old
        assert type_in(client(), account.phone, old).status_code == 422
        assert type_in(client(), account.phone, fresh).status_code == 303


def test_guessing_stops_after_five_numbers_and_leaves_the_pin_alone():
    account, device = with_secret()
    _, _, number = card_for(account)
    for index in range(5):
        answer = type_in(client(), account.phone, other(number), address=f"10.3.3.{index}")
        assert answer.status_code == 422
    stopped = type_in(client(), account.phone, number, address="10.3.3.9")
    assert stopped.status_code == 429
    check_page(stopped.text)
    assert try_in(client(device=device), account.phone, PIN).status_code == 303
    with later(minutes=15, seconds=1):
        assert type_in(client(), account.phone, number).status_code == 303


def test_one_address_may_not_try_many_phones():
    for index in range(20):
        type_in(client(), f"139123456{index:02}", "123456789012")
    account, _, number = card_for()
    assert type_in(client(), account.phone, number).status_code == 429
    assert type_in(client(), account.phone, number, address="10.9.9.9").status_code == 303


def test_numbers_are_not_stored_and_differ():
    made = [card_for()[2] for _ in range(50)]
    assert len(set(made)) == 50
    assert all(re.fullmatch(r"\d{12}", each) for each in made)
    with db.reading() as session:
        rows = [repr(row.model_dump()) for row in session.exec(select(Invitation))]
    assert [each for each in made if any(each in row for row in rows)] == []


def test_the_printed_card_shows_address_and_number_once():
    browser, _ = signed_in_browser(Role.SECRETARY)
    with db.transaction() as session:
        grower = make.account(session)
    answer = browser.post_form(f"/people/{grower.person_id}/card", {"id": str(new_id())})
    page = check_page(browser.get(answer.location).text)
    number = re.search(r"\d{4} \d{4} \d{4}", page.text)[0]
    assert "http://localhost/card" in page.text
    assert type_in(client(), grower.phone, number).location == "/in"
    assert number not in browser.get(answer.location).text
