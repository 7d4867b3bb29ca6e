"""The pages of people: who is masked, what is shown once, whole in both languages."""

import pytest
from sqlmodel import select

from orchard import clock, db
from orchard.accounts.models import Person
from orchard.accounts.queries import account_by_phone
from orchard.accounts.rules import Role
from orchard.ids import new_id
from tests import make
from tests.access.state import changed, digest
from tests.client import client
from tests.page import check_page


@pytest.fixture(autouse=True)
def morning():
    with clock.frozen_at(make.NOW):
        yield


def test_the_card_is_shown_once(sqlite_database):
    with db.transaction() as session:
        _, token = make.signed_in(session, Role.SECRETARY)
    browser = client(token)
    form = {
        "id": str(new_id()),
        "name": "王五",
        "phone": "13800001234",
        "role": "grower",
        "place_code": make.VILLAGE,
    }
    page = browser.post_form("/people/new", form).location
    shown = check_page(browser.get(page).text)
    assert "/in/" in shown.text
    assert "13800001234" not in shown.text
    assert "/in/" not in browser.get(page).text
    again = browser.post_form("/people/new", form).location
    assert "/in/" in browser.get(again).text


def test_only_the_town_may_leave_out_a_phone(sqlite_database):
    with db.transaction() as session:
        firm = make.employer(session)
        _, town = make.signed_in(session, Role.SECRETARY)
        _, boss = make.signed_in(session, Role.MANAGER, employer_id=firm.id)
    for token, must in ((town, False), (boss, True)):
        page = check_page(client(token).get("/people/new").text)
        (phone,) = [tag for tag in page.of("input") if tag.get("name") == "phone"]
        assert ("required" in phone) is must
        assert ("没有电话可以不填" in page.text) is not must


def test_names_and_phones_are_masked_for_the_town_and_not_for_the_employer(sqlite_database):
    with db.transaction() as session:
        firm = make.employer(session)
        _, town = make.signed_in(session, Role.SECRETARY, of=make.person(session, name="干部"))
        _, boss = make.signed_in(
            session, Role.MANAGER, of=make.person(session, name="老板"), employer_id=firm.id
        )
        worker = make.person(session, name="欧阳春", phone=make.phone(7009))
        make.account(session, Role.WORKER, of=worker, employer_id=firm.id, number=make.phone(7009))
        make.account(session, of=make.person(session, name="司马田"))
    seen = check_page(client(town).get("/people").text).text
    assert "欧*" in seen
    assert "欧阳春" not in seen
    assert "139****7009" in seen
    seen = check_page(client(boss).get("/people").text).text
    assert "欧阳春" in seen
    assert "司" not in seen


def test_the_list_costs_the_same_queries_at_any_length_and_pages_both_ways(sqlite_database):
    with db.transaction() as session:
        _, token = make.signed_in(session, Role.SECRETARY)
    short = counted(token)
    with db.transaction() as session:
        for number in range(120):
            make.account(session, of=make.person(session, name=f"果农{number:03d}"))
    assert counted(token) == short
    assert short <= 6
    seen, path = [], "/people"
    while path:
        page = check_page(client(token).get(path).text)
        seen.append(len([tag for tag in page.of("a") if tag["href"].startswith("/people/0")]))
        path = next((tag["href"] for tag in page.of("a") if tag.get("rel") == "next"), None)
        back = next((tag["href"] for tag in page.of("a") if tag.get("rel") == "prev"), None)
    assert sum(seen) == 121
    assert len(seen) == 3
    assert check_page(client(token).get(back).text).text.count("果*") == 50


def counted(token: str) -> int:
    from sqlalchemy import event

    seen: list[str] = []
    engine = db.engine_for(db.county())

    def note(_c, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert client(token).get("/people").status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return sum(not one.startswith(("BEGIN", "SELECT set_config")) for one in seen)


def test_every_page_of_people_is_whole_in_both_languages(sqlite_database):
    with db.transaction() as session:
        _, token = make.signed_in(session, Role.SECRETARY)
        someone = make.caller(session)
    one = f"/people/{someone.person_id}"
    for lang, marked in (("zh_CN", "zh-CN"), ("en", "en")):
        browser = client(token)
        browser.set_cookie("lang", lang)
        for path in (
            "/people",
            "/people/new",
            one,
            f"{one}/disable",
            f"{one}/card",
            "/account",
            "/account/prove",
            "/account/secret",
        ):
            answer = browser.get(path)
            assert answer.status_code == 200, path
            check_page(answer.text, lang=marked)
        wrong = browser.post_form("/people/new", {"id": new_id(), "name": "张三😀", "phone": "12"})
        assert wrong.status_code == 422
        check_page(wrong.text, lang=marked)
        broken = browser.post_form("/people/new", {"id": "x", "name": "张三"})
        assert broken.status_code == 422
        check_page(broken.text, lang=marked)
        found = browser.post_form("/people/search", {"name": "\x00"})
        assert found.status_code == 422
        check_page(found.text, lang=marked)


def test_fields_that_the_form_does_not_have_are_ignored(sqlite_database):
    with db.transaction() as session:
        _, token = make.signed_in(session, Role.SECRETARY)
    form = {
        "id": str(new_id()),
        "name": "王五",
        "phone": "13800001234",
        "role": "grower",
        "place_code": make.VILLAGE,
        "sex": "male",
        "created_at": "2001-01-01",
        "grants": "district",
        "secret_hash": "x",
        "disabled_at": "2001-01-01",
        "account_id": str(new_id()),
    }
    assert client(token).post_form("/people/new", form).status_code == 303
    with db.reading() as session:
        person = session.exec(select(Person).where(Person.name == "王五")).one()
        account = account_by_phone(session, "+8613800001234")
    assert (person.sex, person.created_at) == (None, make.NOW)
    assert (account.secret_hash, account.disabled_at) == (None, None)


def test_a_refused_invitation_writes_nothing(sqlite_database):
    with db.transaction() as session:
        _, token = make.signed_in(session, Role.SECRETARY)
    before = digest()
    form = {
        "id": str(new_id()),
        "name": "王五",
        "phone": "13800001234",
        "role": "secretary",
        "place_code": make.ZHUXI,
    }
    assert client(token).post_form("/people/new", form).status_code == 422
    assert changed(before) == set()
