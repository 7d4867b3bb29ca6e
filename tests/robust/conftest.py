"""What all of these tests share."""

from collections.abc import Callable

import pytest


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Return a way to print a measured figure also when the test is green."""
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    assert reporter is not None
    return lambda line: reporter.write_line(f"\n{line}")
