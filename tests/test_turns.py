"""Pages go before jobs: a step of a job waits for them, but not without end."""

import http.client
from datetime import UTC, datetime
from threading import Event, Thread

import pytest

from orchard import db, ledger, turns
from orchard.cli.serve import Server
from tests import make


@pytest.fixture
def pages(monkeypatch):
    """Put a fresh count of pages in force, for which jobs wait as long as the test takes."""
    monkeypatch.setattr(turns, "MOST_S", 60.0)
    monkeypatch.setattr(turns, "pages", turns.Pages())
    return turns.pages


def begun(work) -> tuple[Thread, Event]:
    done = Event()
    thread = Thread(target=lambda: (work(), done.set()), daemon=True)
    thread.start()
    return thread, done


def test_who_makes_way_waits_until_the_last_page_is_made(pages):
    with pages.one():
        with pages.one():
            thread, done = begun(pages.make_way)
        assert not done.wait(0.05)
    thread.join(10)
    assert done.is_set()


def test_a_page_that_fails_is_waited_for_no_longer(pages):
    with pytest.raises(ZeroDivisionError), pages.one():
        1 / 0  # noqa: B018
    thread, done = begun(pages.make_way)
    thread.join(10)
    assert done.is_set()


def test_a_job_goes_on_while_pages_never_end(pages, monkeypatch):
    monkeypatch.setattr(turns, "MOST_S", 0.01)
    with pages.one():
        thread, done = begun(pages.make_way)
        thread.join(10)
        assert done.is_set()


def test_a_run_makes_way_before_each_transaction(pages, sqlite_database):
    with db.transaction() as session:
        run = ledger.claim(session, "messages", make.NOW, by="me", now=datetime.now(UTC))

    def step():
        with run.transaction():
            pass

    with pages.one():
        thread, done = begun(step)
        assert not done.wait(0.05)
    thread.join(10)
    assert done.is_set()


def test_serve_counts_the_pages_that_it_makes(pages):
    seen = []

    def app(_environ, start_response):
        seen.append(pages._running)
        start_response("200 OK", [])
        return [b""]

    server = Server(app, "127.0.0.1", 0, 1)
    server.start()
    host, port = server.address.split(":")
    line = http.client.HTTPConnection(host, int(port), timeout=10)
    line.request("GET", "/")
    assert line.getresponse().status == 200
    line.close()
    assert server.stop(10)
    assert (seen, pages._running) == ([1], 0)
