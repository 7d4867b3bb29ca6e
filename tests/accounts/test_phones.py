"""A phone for somebody who was recorded without one."""

import pytest
from sqlmodel import func, select

from orchard import clock, db
from orchard.accounts import people, services
from orchard.accounts.models import Account, Invitation, Person
from orchard.accounts.rules import Role
from orchard.errors import FieldRefused, NotVisible
from orchard.ids import new_id
from tests import make
from tests.client import client
from tests.crowd import at_once
from tests.page import check_page


@pytest.fixture(autouse=True)
def morning():
    with clock.frozen_at(make.NOW):
        yield


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
