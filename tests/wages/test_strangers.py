"""A household that nobody asked takes a stranger on: what he sealed stays his."""

from datetime import timedelta

import pytest
from sqlmodel import select

from orchard import db
from orchard.accounts.models import Account, Person
from orchard.accounts.queries import caller_of_account
from orchard.accounts.rules import EmployerKind, Role
from orchard.accounts.services import begin_session, grant
from orchard.hiring import employers
from orchard.hiring.models import Hire, HireEvent, Roster
from orchard.ids import new_id
from orchard.wages.models import IdNumber
from tests import make
from tests.access.state import changed, digest
from tests.client import client
from tests.hiring import filling
from tests.page import check_page
from tests.wages.earning import (
    DAY,
    NUMBER,
    OTHER_NUMBER,
    TODAY,
    bearer,
    firm,
    rate,
    worked_line,
    works,
)

PHONE, MASKED = "13712345678", "500***********0002"
pytestmark = pytest.mark.usefixtures("morning")


def sealed():
    """Make a worker of a firm who wrote his own number."""
    with db.transaction() as session:
        there = firm(session)
        worked_line(session, there)
        who = session.get_one(Person, there.hire.person_id)
        who.name, who.born_on, who.phone = "陈素芬", make.date(1988, 6, 6), f"+86{PHONE}"
    sent = client(there.worker_token).post_form("/work/id-number", {"id_number": NUMBER})
    assert sent.status_code == 303
    return there


def stranger(person_id):
    """Open a household, link somebody by his looks, hire him, and pay him."""
    with db.transaction() as session:
        account = make.account(session, Role.GROWER)
        new = employers.NewEmployer(new_id(), "刘洪家", EmployerKind.HOUSEHOLD, make.VILLAGE)
        grower = caller_of_account(session, account.id)
        house = employers.open_employer(session, grower, new, now=make.NOW)
        manager = caller_of_account(session, account.id)
        token = begin_session(session, account, now=make.NOW)
        rate(session, manager, house)
        signed = bearer(session, manager)
    browser = client(token)
    linked = filling.person(born_on="1988-01-01", same_as=person_id)
    path = f"/employers/{house.id}/workers/new"
    assert browser.post_form(path, linked).status_code == 303
    assert filling.send_hire(browser, filling.hire(house, person_id)).status_code == 303
    with db.transaction() as session:
        hire = session.exec(select(Hire).where(Hire.employer_id == house.id)).one()
        hire.started_on = DAY
        works(session, hire)
        assert session.get_one(Roster, (house.id, person_id)).is_linked
    browser.post_form("/pay/reckon", {"employer_id": str(house.id)})
    paid = {
        "id": str(new_id()),
        "employer_id": str(house.id),
        "way": "cash_signature",
        "paid_on": str(TODAY),
        "until": str(TODAY),
        "seen_fen": "13000",
    }
    assert browser.post_form(f"/pay/{person_id}/settle", paid).status_code == 303
    return house, hire, browser, signed


def test_a_stranger_neither_reads_nor_replaces_a_number_phone_or_birthday(sqlite_database):
    victim = sealed()
    person_id = victim.hire.person_id
    house, hire, browser, signed = stranger(person_id)
    page = f"/pay/{person_id}/id-number"
    interface = f"/api/v1/people/{person_id}/id-number"
    before = digest()
    shown = [
        browser.get(path)
        for path in (
            f"/employers/{house.id}/workers/{person_id}",
            f"/hires/{hire.id}",
            f"/pay/{person_id}",
            page,
            "/pay/ledger",
        )
    ]
    shown += [
        client().get(path, headers=signed)
        for path in (interface, f"/api/v1/employers/{house.id}/people", f"/api/v1/hires/{hire.id}")
    ]
    for answer in shown:
        assert answer.status_code == 200
        for kept in (NUMBER, MASKED, PHONE, "1988-06-06", "6月6日"):
            assert kept not in answer.text
    assert "这个号码不是您填的" in check_page(shown[3].text).text
    for typed in (OTHER_NUMBER, NUMBER):  # a guess is not even compared
        for hand_over in ("", "yes"):
            refused = browser.post_form(page, {"id_number": typed, "hand_over": hand_over})
            assert refused.status_code == 422
            assert "这个号码不是您填的" in check_page(refused.text).text
        sent = client().put(interface, json={"id_number": typed}, headers=signed)
        assert (sent.status_code, sent.json["code"]) == (422, "wages.id.by_another")
    refused = browser.get("/pay/ledger.csv")
    assert refused.status_code == 422
    assert "镇上核实了用工方" in refused.text
    assert NUMBER not in refused.text
    assert changed(before) <= {"session"}


def test_whoever_confirms_his_hire_shows_it_and_still_nobody_else_replaces_it(sqlite_database):
    victim = sealed()
    person_id = victim.hire.person_id
    house, hire, browser, signed = stranger(person_id)
    with db.transaction() as session:
        hire = session.get_one(Hire, hire.id)
        version = session.exec(select(HireEvent.version).where(HireEvent.hire_id == hire.id)).all()
        form = {"version": str(max(version))}
    said = client(victim.worker_token).post_form(f"/hires/{hire.id}/confirm", form)
    assert said.status_code == 303
    page = f"/pay/{person_id}/id-number"
    assert MASKED in browser.get(page).text
    assert PHONE[-4:] in browser.get(f"/employers/{house.id}/workers/{person_id}").text
    before = digest()
    assert browser.post_form(page, {"id_number": OTHER_NUMBER}).status_code == 422
    assert browser.get("/pay/ledger.csv").status_code == 422  # nobody verified the household
    assert changed(before) <= {"session"}
    with db.transaction() as session:
        session.get_one(make.Employer, house.id).verified_at = make.NOW - timedelta(1)
    assert NUMBER[6:14] in browser.get("/pay/ledger.csv").text


def test_a_writer_who_manages_another_firm_later_opens_the_number_to_nobody_there(
    sqlite_database,
):
    victim = sealed()
    person_id = victim.hire.person_id
    house, _, browser, _ = stranger(person_id)
    with db.transaction() as session:
        number = session.exec(select(IdNumber)).one()
        number.written_by_id = victim.manager.account_id
        writer = session.get_one(Account, victim.manager.account_id)
    page = f"/pay/{person_id}/id-number"
    assert MASKED in client(victim.token).get(page).text
    with db.transaction() as session:
        later = make.NOW + timedelta(hours=2)
        grant(session, writer, Role.MANAGER, employer_id=house.id, now=later)
    assert MASKED not in browser.get(page).text


def test_a_manager_writes_the_first_number_and_corrects_his_own(sqlite_database):
    with db.transaction() as session:
        here = firm(session)
        worked_line(session, here)
    manager, page = client(here.token), f"/pay/{here.hire.person_id}/id-number"
    for typed in (OTHER_NUMBER, NUMBER):
        assert manager.post_form(page, {"id_number": typed}).status_code == 303
    assert MASKED in manager.get(page).text
    assert (
        client(here.worker_token)
        .post_form("/work/id-number", {"id_number": OTHER_NUMBER})
        .status_code
        == 303
    )
    before = digest()
    assert manager.post_form(page, {"id_number": NUMBER}).status_code == 422
    assert changed(before) <= {"session"}
    with db.reading() as session:
        assert session.exec(select(IdNumber)).one().masked == "500***********0008"
