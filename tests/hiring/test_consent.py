"""Whether a person himself agreed: nothing done behind the employer's own card says that."""

from datetime import timedelta

import pytest
from sqlmodel import select

from orchard.accounts import people
from orchard.accounts.models import AuditLine, Employer, Grant
from orchard.accounts.rules import Role
from orchard.accounts.services import let_in, make_card, new_token
from orchard.hiring.queries import confirmed
from orchard.ids import new_id
from tests import make
from tests.accounts.inviting import invite
from tests.wages.earning import agree, firm


def is_agreed(session, here) -> bool:
    asked = confirmed(here.hire.person_id, here.firm.id)
    return session.scalar(select(asked))


def come_in(session, here, by, *, minutes=0):
    """Let the worker's account in by a card that somebody made."""
    now = make.NOW + timedelta(minutes=minutes)
    account = session.get_one(make.Account, here.worker.account_id)
    card = make_card(session, account, now=now, by=by.account_id, id=new_id())
    let_in(session, card, new_token(), now=now)


def test_what_is_confirmed_behind_the_employers_card_is_not_the_workers_own(session):
    here = firm(session)
    come_in(session, here, here.manager)
    agree(session, here)
    assert not is_agreed(session, here)


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.MANAGER])
def test_a_card_of_the_town_or_of_another_employer_counts(session, role):
    here = firm(session)
    scope = {} if role == Role.SECRETARY else {"employer_id": make.employer(session).id}
    come_in(session, here, make.caller(session, role, **scope))
    agree(session, here)
    assert is_agreed(session, here)


def test_the_card_used_last_decides_and_an_unused_one_does_not(session):
    here = firm(session)
    agree(session, here)
    assert is_agreed(session, here)
    secretary = make.caller(session, Role.SECRETARY)
    come_in(session, here, here.manager)
    assert not is_agreed(session, here)
    come_in(session, here, secretary, minutes=1)
    assert is_agreed(session, here)
    account = session.get_one(make.Account, here.worker.account_id)
    make_card(session, account, now=make.NOW + timedelta(minutes=2), by=here.manager.account_id)
    assert is_agreed(session, here)


def test_a_manager_who_is_one_no_longer_made_the_card_all_the_same(session):
    here = firm(session)
    come_in(session, here, here.manager)
    agree(session, here)
    held = session.exec(select(Grant).where(Grant.account_id == here.manager.account_id)).one()
    held.ended_at = make.NOW
    session.flush()
    assert not is_agreed(session, here)


def test_the_condition_holds_for_each_row_of_a_list(session):
    here, other = firm(session), firm(session)
    for one in (here, other):
        agree(session, one)
    come_in(session, here, here.manager)
    asked = confirmed(other.hire.person_id, Employer.id)
    assert list(session.scalars(select(Employer.id).where(asked))) == [other.firm.id]
    asked = confirmed(here.hire.person_id, Employer.id)
    assert list(session.scalars(select(Employer.id).where(asked))) == []


def test_who_made_the_first_card_is_written_down(session):
    secretary = make.caller(session, Role.SECRETARY)
    outcome = invite(session, secretary)
    plain = invite(session, secretary, phone=None).person_id
    people.open_for(
        session,
        secretary,
        plain,
        phone=make.phone(7002),
        role=Role.GROWER,
        id=new_id(),
        now=make.NOW,
    )
    made = session.exec(select(AuditLine).where(AuditLine.action == "accounts.card_made")).all()
    assert len(made) == 2
    assert {line.account_id for line in made} == {secretary.account_id}
    assert str(outcome.person_id) in {line.subject for line in made}
