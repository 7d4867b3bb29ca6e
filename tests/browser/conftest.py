"""One Chromium for all browser tests; where Debian's package is missing they are left out."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.browse import chromium

HERE = bool(shutil.which("chromium") or shutil.which("chromium-browser"))
collect_ignore_glob = [] if HERE else ["test_*.py"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started
