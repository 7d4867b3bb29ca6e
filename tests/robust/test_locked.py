"""Another process holds the database: a short wait is not noticed, a long one loses nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from time import monotonic
from uuid import UUID

import pytest

from orchard import db
from orchard.accounts.rules import Role
from orchard.plots.models import Plot
from tests import server
from tests.page import Page
from tests.robust.cast import Cast, fill
from tests.robust.load import crowding
from tests.server import Browser, Server

WAIT_S = 5.0  # reliability.md D5: told within 6 s, of which the page may take one


@pytest.fixture
def cast(sqlite_database: Path) -> Cast:
    """Return who may sign in."""
    return fill()


@contextmanager
def locked(path: Path, hold_s: float | None = None) -> Iterator[None]:
    """Hold the file as a writer of another process does, until the time or the block is over."""
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    timer = Timer(hold_s, holder.execute, ["ROLLBACK"]) if hold_s else None
    if timer:
        timer.start()
    try:
        yield
    finally:
        if timer:
            timer.join()
        holder.close()


def renamed(browser: Browser, plot: str, name: str) -> dict[str, str]:
    """Return the plot's form as the page shows it, with another name."""
    shown = Page(browser.get(f"/plots/{plot}/edit").text)
    typed = {each["name"]: each.get("value", "") for each in shown.of("input") if "name" in each}
    return {**typed, "name": name, "village_code": "500154118201", "variety": "chunjin"}


def name_of(plot: str) -> str:
    """Return the stored name."""
    with db.reading() as session:
        return session.get_one(Plot, UUID(plot)).name


def test_3_s_are_waited_for(cast: Cast, sqlite_database: Path) -> None:
    with server.running() as running, browser_of(running, cast) as browser:
        form = renamed(browser, cast.plot, "等三秒的坡")
        with locked(sqlite_database, hold_s=3):
            assert browser.post(f"/plots/{cast.plot}/edit", form).status == 303
    assert name_of(cast.plot) == "等三秒的坡"


def test_10_s_are_told_with_what_was_typed(cast: Cast, sqlite_database: Path) -> None:
    with server.running() as running, browser_of(running, cast) as browser:
        form = renamed(browser, cast.plot, "等不到的坡 <b>")
        begun, limit_s = monotonic(), WAIT_S + crowding()
        with locked(sqlite_database):
            refused = browser.post(f"/plots/{cast.plot}/edit", form)
            took = monotonic() - begun
            assert browser.get(f"/plots/{cast.plot}").status == 200  # reading goes on
        assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
        assert took <= limit_s
        page = Page(refused.text)
        again = {one["name"]: one["value"] for one in page.of("input")}
        assert {**again, "csrf_token": ""} == {**form, "csrf_token": ""}
        assert name_of(cast.plot) == "屋后坡"
        sent = browser.post(page.of("form")[-1]["action"], again)
        assert sent.status == 303
    assert name_of(cast.plot) == "等不到的坡 <b>"


def browser_of(running: Server, cast: Cast) -> Browser:
    """Return the grower's browser."""
    return server.signed_in(running, cast.sessions[Role.GROWER])
