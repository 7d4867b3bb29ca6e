"""What all of these tests share."""

import sys
from collections.abc import Callable

import pytest


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Return a way to print a measured figure also when the test is green."""
    plugins = request.config.pluginmanager
    reporter, capture = plugins.get_plugin("terminalreporter"), plugins.get_plugin("capturemanager")
    assert capture is not None

    def line(text: str) -> None:
        with capture.global_and_fixture_disabled():
            if reporter:
                reporter.write_line(f"\n{text}")
            else:  # one of several worker processes
                sys.stderr.write(f"\n{text}\n")

    return line
