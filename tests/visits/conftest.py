"""What the visits' tests share: who asks and who comes, and a clock that stands still."""

import pytest

from orchard import clock, db
from orchard.accounts.rules import Role
from tests import make
from tests.client import client
from tests.visits.asking import scheduled, technician


@pytest.fixture
def still(sqlite_database):
    """A fresh database, and the clock stopped at the fixed moment."""
    with clock.frozen_at(make.NOW):
        yield


@pytest.fixture
def people(still):
    """A grower with a plot, and a technician: callers and browsers."""
    with db.transaction() as session:
        grower, token = make.signed_in(session)
        plot = make.plot(session, grower)
        named = make.person(session, name="周明清")  # other than the grower: he may be masked
        expert, badge = make.signed_in(session, Role.TECHNICIAN, of=named)
    return grower, plot, client(token), expert, client(badge)


@pytest.fixture
def grower(session):
    """A grower."""
    return make.caller(session)


@pytest.fixture
def expert(session):
    """A technician of his town."""
    return technician(session)


@pytest.fixture
def request_of(sqlite_database):
    """A request, its grower and its technician."""
    with clock.frozen_at(make.NOW):
        with db.transaction() as session:
            grower = make.caller(session)
            expert = technician(session)
            request = scheduled(session, grower, expert)
        yield request, grower, expert
