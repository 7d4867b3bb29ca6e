"""What the page tests share: a town at work, on a clock that stands still."""

import pytest

from orchard import clock, db
from tests import make
from tests.counts.town import fill


@pytest.fixture
def town(database):
    """A town at work."""
    with db.transaction() as session:
        made = fill(session)
    with clock.frozen_at(make.NOW):
        yield made
