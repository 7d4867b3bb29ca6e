"""Inviting, re-issuing cards, disabling: inside one's own right and nowhere else."""

import pytest
from sqlmodel import func, select

from orchard import clock, db
from orchard.accounts import people, services
from orchard.accounts.models import Account, AuditLine, Grant, Invitation, Person
from orchard.accounts.queries import account_by_phone
from orchard.accounts.rules import OutsideRight, Role
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.ids import new_id
from tests import make
from tests.access.state import changed, digest
from tests.client import client
from tests.crowd import at_once
from tests.page import check_page


@pytest.fixture(autouse=True)
def morning():
    with clock.frozen_at(make.NOW):
        yield


def asked(**values) -> people.Invited:
    return people.Invited(
        **{
            "id": new_id(),
            "name": "王五",
            "phone": make.phone(7001),
            "place_code": make.VILLAGE,
            "role": Role.GROWER,
            **values,
        }
    )


def invite(session, caller, **values):
    return people.invite(session, caller, asked(**values), now=make.NOW)


def test_a_town_invites_a_grower_and_gets_a_card(session):
    secretary = make.caller(session, Role.SECRETARY)
    outcome = invite(session, secretary)
    account = account_by_phone(session, make.phone(7001))
    assert account.person_id == outcome.person_id
    assert services.let_in(session, outcome.card, "device", now=make.NOW).id == account.id


def test_somebody_without_a_phone_is_recorded_without_an_account(session):
    outcome = invite(session, make.caller(session, Role.SECRETARY), phone=None)
    assert outcome.card is None
    assert session.get(Person, outcome.person_id).phone is None
    assert not session.exec(select(Account).where(Account.person_id == outcome.person_id)).all()


def test_the_same_form_again_is_the_first_result_with_the_same_card(session):
    secretary, form = make.caller(session, Role.SECRETARY), asked()
    first = people.invite(session, secretary, form, now=make.NOW)
    assert people.invite(session, secretary, form, now=make.NOW) == first
    assert session.exec(select(func.count()).select_from(Grant)).one() == 2


def test_the_same_form_with_other_content_is_refused_and_shows_nothing(session):
    secretary, form = make.caller(session, Role.SECRETARY), asked()
    people.invite(session, secretary, form, now=make.NOW)
    with pytest.raises(Conflict) as refused:
        invite(session, secretary, id=form.id, name="赵六")
    assert (refused.value.kept, refused.value.sent) == ({}, {})


def test_another_towns_form_id_looks_unknown(session):
    form = asked(place_code=make.OTHER_VILLAGE)
    people.invite(
        session, make.caller(session, Role.SECRETARY, place=make.DADE), form, now=make.NOW
    )
    with pytest.raises(NotVisible):
        invite(session, make.caller(session, Role.SECRETARY), id=form.id, phone=make.phone(7002))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"place_code": make.OTHER_VILLAGE}, "role"),
        ({"role": Role.TECHNICIAN, "place_code": make.ZHUXI}, "role"),
        ({"role": Role.SECRETARY, "place_code": make.ZHUXI}, "role"),
        ({"role": Role.TECHNICIAN}, "place_code"),
        ({"role": Role.DISTRICT}, "role"),
        ({"role": Role.MANAGER}, "employer_id"),
        ({"place_code": "500154118999"}, "place_code"),
    ],
)
def test_a_town_cannot_invite_outside_its_right(session, values, field):
    with pytest.raises(FieldRefused) as refused:
        invite(session, make.caller(session, Role.SECRETARY), **values)
    assert refused.value.field == field


def test_a_manager_invites_workers_of_his_own_employer_only(session):
    firm, other = make.employer(session), make.employer(session)
    manager = make.caller(session, Role.MANAGER, employer_id=firm.id)
    assert invite(session, manager, role=Role.WORKER, employer_id=firm.id).card
    for values in (
        {"role": Role.WORKER, "employer_id": other.id},
        {"role": Role.WORKER},
        {"role": Role.GROWER},
        {"role": Role.MANAGER, "employer_id": firm.id},
    ):
        with pytest.raises(FieldRefused):
            invite(session, manager, phone=make.phone(7003), **values)


def test_a_known_phone_with_the_same_name_gets_the_role_and_no_card(session):
    elsewhere = make.person(session, name="王五", village_code=make.OTHER_VILLAGE)
    make.account(session, Role.WORKER, of=elsewhere, place=make.DADE, number=make.phone(7001))
    outcome = invite(session, make.caller(session, Role.SECRETARY))
    assert outcome == people.Outcome(elsewhere.id, None)
    again = invite(session, make.caller(session, Role.SECRETARY))
    assert again == outcome
    account = account_by_phone(session, make.phone(7001))
    grants = session.exec(select(Grant.role).where(Grant.account_id == account.id)).all()
    assert sorted(grants) == ["grower", "worker"]


def test_a_known_phone_under_another_name_is_refused_without_telling_whose(session):
    owner = make.person(session, name="秘密的人")
    make.account(session, Role.DISTRICT, of=owner, place="500154", number=make.phone(7001))
    with pytest.raises(FieldRefused) as refused:
        invite(session, make.caller(session, Role.SECRETARY))
    assert (refused.value.field, refused.value.values) == ("phone", {})


def test_no_card_opens_an_account_that_holds_more_than_the_office_may_give(session):
    secretary = make.caller(session, Role.SECRETARY)
    for role, place in (
        (Role.TECHNICIAN, make.ZHUXI),
        (Role.SECRETARY, make.ZHUXI),
        (Role.WORKER, make.DADE),
    ):
        owner = make.person(session)
        account = make.account(session, Role.GROWER, of=owner)
        services.grant(session, account, role, now=make.NOW, place_code=place)
        with pytest.raises(OutsideRight):
            people.new_card(session, secretary, owner.id, id=new_id(), now=make.NOW)
        with pytest.raises(OutsideRight):
            people.disable(session, secretary, owner.id, now=make.NOW)


def test_nobody_disables_himself_or_a_stranger(session):
    district = make.caller(session, Role.DISTRICT, place="500154")
    with pytest.raises(OutsideRight):
        people.disable(session, district, district.person_id, now=make.NOW)
    stranger = make.caller(
        session, place=make.DADE, of=make.person(session, village_code=make.OTHER_VILLAGE)
    )
    with pytest.raises(NotVisible):
        people.disable(
            session, make.caller(session, Role.SECRETARY), stranger.person_id, now=make.NOW
        )


def test_every_step_leaves_an_audit_line_without_content(session):
    secretary = make.caller(session, Role.SECRETARY)
    outcome = invite(session, secretary)
    people.new_card(session, secretary, outcome.person_id, id=new_id(), now=make.NOW)
    people.disable(session, secretary, outcome.person_id, now=make.NOW)
    people.enable(session, secretary, outcome.person_id, now=make.NOW)
    lines = session.exec(select(AuditLine).order_by(AuditLine.id)).all()
    assert [line.action.partition(".")[2] for line in lines] == [
        "invited",
        "granted",
        "card_made",
        "disabled",
        "enabled",
    ]
    assert all(line.account_id == secretary.account_id for line in lines)
    assert "王五" not in repr(lines)
    assert "7001" not in repr([line.reason + line.action for line in lines])


def test_a_disabled_account_is_out_at_its_next_request(database):
    with db.transaction() as session:
        secretary = make.caller(session, Role.SECRETARY)
        grower, token = make.signed_in(session)
    browser = client(token)
    assert browser.get("/account").status_code == 200
    with db.transaction() as session:
        people.disable(session, secretary, grower.person_id, now=make.NOW)
    assert browser.get("/account").location == "/sign-in"
    with db.transaction() as session:
        people.enable(session, secretary, grower.person_id, now=make.NOW)
    assert client(token).get("/account").location == "/sign-in"


def test_a_disabled_account_is_nobody_even_where_a_session_or_token_still_runs(sqlite_database):
    from tests.plots.test_api import bearer

    head = bearer()
    with db.transaction() as session:
        _, token = make.signed_in(session)
        for account in session.exec(select(Account)):
            account.disabled_at = make.NOW
            session.add(account)
    assert client(token).get("/account").location == "/sign-in"
    assert client().get("/api/v1/me", headers=head).status_code == 401


def test_an_ended_grant_is_gone_at_the_next_request(database):
    with db.transaction() as session:
        secretary, token = make.signed_in(session, Role.SECRETARY)
        grant_id = session.exec(
            select(Grant.id).where(Grant.account_id == secretary.account_id)
        ).one()
    browser = client(token)
    assert browser.get("/people").status_code == 200
    with db.transaction() as session:
        services.end_grant(session, grant_id, now=make.NOW)
    assert browser.get("/people").status_code == 403


def test_one_form_sent_fifty_times_at_once_is_one_invitation(database):
    with db.transaction() as session:
        _, token = make.signed_in(session, Role.SECRETARY)
    app = client().application
    form = {
        "id": str(new_id()),
        "name": "王五",
        "phone": "13800001234",
        "role": "grower",
        "place_code": make.VILLAGE,
    }
    answers = at_once(50, lambda: client(token, app=app).post_form("/people/new", form))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    with db.reading() as session:
        for model in (Person, Account, Grant):
            assert session.exec(select(func.count()).select_from(model)).one() == 2
        assert session.exec(select(func.count()).select_from(Invitation)).one() == 1


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


def give_phone(session, caller, person, **values):
    sent = {"phone": make.phone(7005), "role": Role.GROWER, "id": new_id(), **values}
    return people.open_for(session, caller, person.id, **sent, now=make.NOW)


def test_somebody_recorded_without_a_phone_gets_one_and_a_card(session):
    secretary, person, id = make.caller(session, Role.SECRETARY), make.person(session), new_id()
    card = give_phone(session, secretary, person, id=id)
    assert give_phone(session, secretary, person, id=id) == card
    assert session.get(Person, person.id).phone == make.phone(7005)
    account = services.let_in(session, card, "device", now=make.NOW)
    assert (account.person_id, account.phone) == (person.id, make.phone(7005))


def test_giving_a_phone_makes_no_card_for_an_account_that_is_there(session):
    secretary = make.caller(session, Role.SECRETARY)
    owner = make.person(session)
    make.account(session, Role.TECHNICIAN, of=owner, number=make.phone(7005))
    for person in (owner, make.person(session)):
        with pytest.raises(FieldRefused) as refused:
            give_phone(session, secretary, person)
        assert refused.value.field == "phone"


def test_a_phone_is_given_inside_the_own_right_only(session):
    secretary = make.caller(session, Role.SECRETARY)
    for role in (Role.TECHNICIAN, Role.SECRETARY, Role.MANAGER, Role.DISTRICT):
        with pytest.raises(FieldRefused):
            give_phone(session, secretary, make.person(session), role=role)
    with pytest.raises(NotVisible):
        give_phone(session, secretary, make.person(session, village_code=make.OTHER_VILLAGE))


def test_a_phone_given_fifty_times_at_once_is_one_account(database):
    with db.transaction() as session:
        _, token = make.signed_in(session, Role.SECRETARY)
        person = make.person(session)
    app, path = client().application, f"/people/{person.id}/phone"
    check_page(client(token, app=app).get(path).text)
    form = {"id": str(new_id()), "phone": "13800001234", "role": "grower"}
    answers = at_once(50, lambda: client(token, app=app).post_form(path, form))
    assert {answer.status_code for answer in answers} == {303}
    with db.reading() as session:
        assert session.exec(select(func.count()).select_from(Account)).one() == 2
        assert session.exec(select(func.count()).select_from(Invitation)).one() == 1
