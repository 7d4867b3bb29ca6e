"""Roles are taken back by whoever could have given them, one at a time, and never one's own."""

import pytest
from sqlmodel import select

from orchard import clock, db
from orchard.accounts import giving
from orchard.accounts.models import AuditLine, Grant, Person
from orchard.accounts.rules import Role
from orchard.accounts.services import grant
from orchard.ids import new_id
from tests import make
from tests.access.state import changed, digest
from tests.client import client
from tests.page import check_page


@pytest.fixture(autouse=True)
def morning():
    with clock.frozen_at(make.NOW):
        yield


def running(session, account_id):
    rows = session.exec(select(Grant).where(Grant.account_id == account_id))
    return {one.role: one.id for one in rows if one.ended_at is None}


@pytest.fixture
def office(database):
    """A secretary and a neighbour who grows, advises, and works for a firm of another town."""
    with db.transaction() as session:
        _, token = make.signed_in(session, Role.SECRETARY)
        account = make.account(session, Role.GROWER)
        session.get_one(Person, account.person_id).village_code = make.VILLAGE
        far = make.employer(session, name="远处的厂", village_code=make.OTHER_VILLAGE)
        grant(session, account, Role.TECHNICIAN, place_code=make.ZHUXI, now=make.NOW)
        grant(session, account, Role.WORKER, employer_id=far.id, now=make.NOW)
        return client(token), account.person_id, running(session, account.id), account.id


def test_only_what_the_town_could_give_is_listed_and_taken_back(office):
    browser, person_id, roles, account_id = office
    page = check_page(browser.get(f"/people/{person_id}/roles").text).text
    assert "果农 · 竹溪镇" in page
    assert "农技员" not in page  # the district gives that
    assert "远处的厂" not in page
    sent = browser.post_form(f"/people/{person_id}/roles", {"grant_id": str(roles[Role.GROWER])})
    assert sent.location == "/people?ended=1"
    assert "身份收回了" in check_page(browser.get(sent.location).text).text
    with db.reading() as session:
        assert set(running(session, account_id)) == {Role.TECHNICIAN, Role.WORKER}
        assert "accounts.role_ended" in session.exec(select(AuditLine.action)).all()
    before = digest()
    again = browser.post_form(f"/people/{person_id}/roles", {"grant_id": str(roles[Role.GROWER])})
    assert again.status_code == 303
    assert changed(before) <= {"session"}


@pytest.mark.parametrize("which", [Role.TECHNICIAN, Role.WORKER, None])
def test_other_roles_are_refused_and_nothing_is_written(office, which):
    browser, person_id, roles, _ = office
    before = digest()
    form = {"grant_id": str(roles[which] if which else new_id())}
    refused = browser.post_form(f"/people/{person_id}/roles", form)
    assert refused.status_code == 422
    assert changed(before) <= {"session"}


def test_nobody_takes_back_his_own_role_or_that_of_a_stranger(database):
    with db.transaction() as session:
        district, token = make.signed_in(session, Role.DISTRICT, place="500154")
        far = make.account(session, Role.GROWER, place=make.DADE)
        session.get_one(Person, far.person_id).village_code = make.OTHER_VILLAGE
        own, others = running(session, district.account_id), running(session, far.id)
        _, near = make.signed_in(session, Role.SECRETARY)
    browser = client(token)
    before = digest()
    form = {"grant_id": str(own[Role.DISTRICT])}
    assert browser.post_form(f"/people/{district.person_id}/roles", form).status_code == 422
    form = {"grant_id": str(others[Role.GROWER])}
    stranger = client(near)
    assert stranger.get(f"/people/{far.person_id}/roles").status_code == 404
    assert stranger.post_form(f"/people/{far.person_id}/roles", form).status_code == 404
    assert changed(before) <= {"session"}
    with db.reading() as session:
        assert [one.role for one in giving.roles_of(session, district, far.person_id)] == ["grower"]
    assert browser.post_form(f"/people/{far.person_id}/roles", form).status_code == 303
    with db.reading() as session:
        assert running(session, far.id) == {}


def test_a_role_given_back_works_again(database):
    with db.transaction() as session:
        _, token = make.signed_in(session, Role.SECRETARY)
        account = make.account(session, Role.GROWER)
        person = session.get_one(Person, account.person_id)
        person.village_code = make.VILLAGE
        grant_id = running(session, account.id)[Role.GROWER]
        name, phone = person.name, account.phone
    browser = client(token)
    browser.post_form(f"/people/{person.id}/roles", {"grant_id": str(grant_id)})
    form = {"id": str(new_id()), "name": name, "phone": phone, "role": "grower"}
    form |= {"place_code": make.VILLAGE, "employer_id": ""}
    assert browser.post_form("/people/new", form).status_code == 303
    with db.reading() as session:
        assert set(running(session, account.id)) == {Role.GROWER}


def test_who_lost_his_last_role_still_has_his_own_page_and_no_other(database):
    with db.transaction() as session:
        _, office = make.signed_in(session, Role.SECRETARY)
        grower, token = make.signed_in(session, Role.GROWER)
        grant_id = running(session, grower.account_id)[Role.GROWER]
    form = {"grant_id": str(grant_id)}
    assert client(office).post_form(f"/people/{grower.person_id}/roles", form).status_code == 303
    browser = client(token)
    assert browser.get("/").location == "/account"
    assert "我的身份" in check_page(browser.get("/account").text).text
    assert browser.get("/today").status_code == 403
    assert browser.get("/people").status_code == 403
