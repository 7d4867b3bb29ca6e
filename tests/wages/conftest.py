"""What the pay tests share: a clock that stands still."""

import pytest

from orchard import clock
from tests import make


@pytest.fixture
def morning():
    """Stop the clock at the fixed moment."""
    with clock.frozen_at(make.NOW):
        yield
