"""What the hiring tests share: a clock that stands still, a manager, and who is told."""

import pytest

from orchard import clock
from orchard.accounts.rules import Role
from orchard.hiring import services
from tests import make


@pytest.fixture
def morning():
    """Stop the clock at the fixed moment."""
    with clock.frozen_at(make.NOW):
        yield


@pytest.fixture
def boss(session):
    """An employer and who manages it."""
    firm = make.employer(session)
    return firm, make.caller(session, Role.MANAGER, employer_id=firm.id)


@pytest.fixture
def told(monkeypatch):
    """Collect which persons the rooms above are told of."""
    found: list[set] = []
    monkeypatch.setattr(
        services, "after_person_change", [lambda session, ids: found.append(set(ids))]
    )
    return found
