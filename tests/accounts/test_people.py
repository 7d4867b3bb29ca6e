"""Inviting, re-issuing cards, disabling: inside one's own right and nowhere else."""

import pytest
from sqlmodel import func, select

from orchard import clock, db
from orchard.accounts import managing, people, services
from orchard.accounts.models import Account, AuditLine, Grant, Invitation, Person
from orchard.accounts.queries import account_by_phone, person_for
from orchard.accounts.rules import OutsideRight, Role
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.ids import new_id
from tests import make
from tests.accounts.inviting import asked, invite
from tests.client import client
from tests.crowd import at_once


@pytest.fixture(autouse=True)
def morning():
    with clock.frozen_at(make.NOW):
        yield


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


def test_who_would_be_out_of_sight_is_not_recorded_without_a_phone(session):
    firm = make.employer(session)
    manager = make.caller(session, Role.MANAGER, employer_id=firm.id)
    worker = {"role": Role.WORKER, "employer_id": firm.id, "phone": None}
    with pytest.raises(FieldRefused) as refused:
        invite(session, manager, **worker)
    assert (refused.value.field, refused.value.code) == ("phone", "accounts.phone_needed")
    secretary = make.caller(session, Role.SECRETARY)
    with pytest.raises(FieldRefused, match="phone"):
        invite(session, secretary, place_code=make.OTHER_VILLAGE, **worker)
    assert session.exec(select(func.count()).where(Person.name == asked().name)).one() == 0
    out = invite(session, secretary, **worker)
    assert person_for(session, secretary, out.person_id).phone is None


def test_an_employer_moves_no_other_role_into_his_town(session):
    secretary, firm = make.caller(session, Role.SECRETARY), make.employer(session)
    for employer_id in (None, firm.id):
        with pytest.raises(FieldRefused) as refused:
            invite(session, secretary, place_code=make.OTHER_VILLAGE, employer_id=employer_id)
        assert refused.value.code == "accounts.may_not_invite"
    out = invite(session, secretary, employer_id=firm.id)
    granted = select(Grant.role, Grant.place_code, Grant.employer_id).join(
        Account, Account.id == Grant.account_id
    )
    held = session.exec(granted.where(Account.person_id == out.person_id)).one()
    assert held == (Role.GROWER, asked().place_code, None)


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
            managing.new_card(session, secretary, owner.id, id=new_id(), now=make.NOW)
        with pytest.raises(OutsideRight):
            managing.disable(session, secretary, owner.id, now=make.NOW)


def test_nobody_disables_himself_or_a_stranger(session):
    district = make.caller(session, Role.DISTRICT, place="500154")
    with pytest.raises(OutsideRight):
        managing.disable(session, district, district.person_id, now=make.NOW)
    stranger = make.caller(
        session, place=make.DADE, of=make.person(session, village_code=make.OTHER_VILLAGE)
    )
    with pytest.raises(NotVisible):
        managing.disable(
            session, make.caller(session, Role.SECRETARY), stranger.person_id, now=make.NOW
        )


def test_every_step_leaves_an_audit_line_without_content(session):
    secretary = make.caller(session, Role.SECRETARY)
    outcome = invite(session, secretary)
    managing.new_card(session, secretary, outcome.person_id, id=new_id(), now=make.NOW)
    managing.disable(session, secretary, outcome.person_id, now=make.NOW)
    managing.enable(session, secretary, outcome.person_id, now=make.NOW)
    lines = session.exec(select(AuditLine).order_by(AuditLine.id)).all()
    assert [line.action.partition(".")[2] for line in lines] == [
        "invited",
        "granted",
        "card_made",
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
        managing.disable(session, secretary, grower.person_id, now=make.NOW)
    assert browser.get("/account").location == "/sign-in"
    with db.transaction() as session:
        managing.enable(session, secretary, grower.person_id, now=make.NOW)
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
