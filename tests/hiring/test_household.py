"""One's own household: opened once, managed with a PIN, and no office."""

from sqlmodel import func, select

from orchard import db
from orchard.accounts.doors import kind_for
from orchard.accounts.models import Account, Employer, Grant
from orchard.accounts.queries import caller_of_account
from orchard.accounts.rules import LIVES, EmployerKind, Role, SecretKind, door_roles, life_of
from orchard.errors import FieldRefused
from orchard.hiring import employers
from orchard.ids import new_id
from tests import make
from tests.crowd import at_once


def household(**values) -> employers.NewEmployer:
    new = {
        "id": new_id(),
        "name": "刘洪家",
        "kind": EmployerKind.HOUSEHOLD,
        "village_code": make.VILLAGE,
    }
    return employers.NewEmployer(**{**new, **values})


def pin_holder(session, role: Role = Role.GROWER) -> Account:
    account = make.account(session, role)
    account.secret_kind = SecretKind.PIN
    session.add(account)
    session.flush()
    return account


def test_who_opens_his_household_manages_it_and_keeps_pin_and_session(session):
    account = pin_holder(session)
    before = caller_of_account(session, account.id)
    made = employers.open_employer(session, before, household(), now=make.NOW)
    assert (made.verified_at, made.opened_by_id) == (None, account.person_id)
    after = caller_of_account(session, account.id)
    assert after.employers == {made.id}
    assert after.roles == {Role.GROWER, Role.MANAGER}
    assert life_of(door_roles(after.held)) == LIVES[Role.GROWER]
    assert kind_for(session, account.id) == SecretKind.PIN


def test_a_manager_whom_the_town_appointed_needs_a_password(session):
    firm, office = make.employer(session), make.account(session, Role.SECRETARY)
    account = pin_holder(session)
    make.accounts.grant(
        session, account, Role.MANAGER, now=make.NOW, employer_id=firm.id, by=office.id
    )
    assert caller_of_account(session, account.id).employers == frozenset()
    assert kind_for(session, account.id) == SecretKind.PASSWORD


def test_a_worker_may_open_his_household_and_nobody_another_kind_or_place(session):
    worker = caller_of_account(session, pin_holder(session, Role.WORKER).id)
    assert employers.open_employer(session, worker, household(), now=make.NOW)
    for name, values in (
        ("kind", {"kind": EmployerKind.COMPANY}),
        ("village_code", {"village_code": make.OTHER_VILLAGE}),
        ("village_code", {"village_code": "500154118"}),
    ):
        other = caller_of_account(session, pin_holder(session).id)
        try:
            employers.open_employer(session, other, household(**values), now=make.NOW)
        except FieldRefused as refused:
            assert refused.field == name
        else:
            raise AssertionError(values)
    assert session.exec(select(func.count()).select_from(Employer)).one() == 1


def test_twenty_households_opened_at_once_are_one(database):
    with db.transaction() as session:
        caller = caller_of_account(session, pin_holder(session).id)

    def opened() -> bool:
        try:
            with db.transaction() as writing:
                employers.open_employer(writing, caller, household(), now=make.NOW)
        except FieldRefused:
            return False
        return True

    assert at_once(20, opened).count(True) == 1
    with db.reading() as reading:
        assert reading.exec(select(func.count()).select_from(Employer)).one() == 1
        assert reading.exec(select(func.count()).select_from(Grant)).one() == 2
