"""Pages cost the same number of queries however long their lists are, and stay light."""

from datetime import date

import pytest
from sqlalchemy import event

from orchard import db
from orchard.accounts.models import Person
from tests import make
from tests.hiring.filling import Firm

MOST = 8  # queries of a page, the look at the session among them
pytestmark = pytest.mark.usefixtures("morning")


def cost(browser, path: str) -> tuple[int, int]:
    """Return how many statements a page sends, and its bytes."""
    sent = []
    engine = db.engine_for(db.county())

    def note(_connection, _cursor, statement, *_rest):
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        answer = browser.get(path, headers={"Accept-Encoding": "gzip"})
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert answer.status_code == 200
    return len(sent), len(answer.data)


def add(firm: Firm, number: int) -> None:
    with db.transaction() as session:
        own = session.get(Person, firm.worker.person_id)
        make.hire(session, firm.employer, own, started_on=date(2026, 10, 1))
        for index in range(number):
            make.opening(session, firm.employer)
            make.crew(session, firm.employer, name=f"{index}组")
            make.hire(session, firm.employer, make.worker(session, name=f"工人{index}"))
            make.employer(session, name=f"基地{index}")


def test_the_queries_of_a_page_do_not_grow_with_its_list(sqlite_database):
    firm = Firm()
    workers = f"/employers/{firm.employer.id}/workers"
    pages = [
        (firm.hand, "/openings"),
        (firm.boss, "/openings"),
        (firm.town, "/openings"),
        (firm.boss, workers),
        (firm.boss, f"{workers}/{firm.worker.person_id}"),
        (firm.boss, "/hires"),
        (firm.hand, "/hires"),
        (firm.town, "/hires"),
        (firm.town, "/employers"),
    ]
    add(firm, 1)
    few = [cost(browser, path) for browser, path in pages]
    add(firm, 60)
    many = [cost(browser, path) for browser, path in pages]
    assert [queries for queries, _ in few] == [queries for queries, _ in many]
    assert max(queries for queries, _ in many) <= MOST
    assert max(size for _, size in many) <= 10_000  # with the style sheet under 14 KB


def test_long_lists_are_turned_page_by_page_without_loss(database):
    firm = Firm()
    add(firm, 60)
    for browser, path, mark in (
        (firm.hand, "/openings", "/openings/0"),
        (firm.boss, "/hires", "/hires/0"),
        (firm.boss, f"/employers/{firm.employer.id}/workers", "/workers/0"),
        (firm.town, "/employers", "/employers/0"),
    ):
        seen, where = [], path
        for _ in range(3):
            text = browser.get(where).text
            seen += [part.split('"')[0] for part in text.split('href="')[1:] if mark in part[:99]]
            nexts = [
                part.split('"')[0] for part in text.split('href="')[1:] if "after=" in part[:150]
            ]
            if not nexts:
                break
            where = nexts[0]
        rows = {one for one in seen if "?" not in one and not one.endswith(("/edit", "/hire"))}
        assert len(rows) >= 60, (path, len(rows))
