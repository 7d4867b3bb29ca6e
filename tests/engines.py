"""On which databases a slow test runs by default, and on which only as a campaign."""

import pytest

ENGINES = ("sqlite", "postgres")


def slow_on(engine: str, fixture: str = "database") -> pytest.MarkDecorator:
    """Return a mark for tests of a fixture that are a campaign on one of the two engines."""
    params = [
        pytest.param(one, marks=pytest.mark.campaign) if one == engine else one for one in ENGINES
    ]
    return pytest.mark.parametrize(fixture, params, indirect=True)
