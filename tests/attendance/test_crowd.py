"""Forty requests with the same sheet at once make one record; with different ones, one wins."""

from collections import Counter

from sqlmodel import func, select

from orchard import db
from orchard.attendance import services
from orchard.attendance.models import Sheet
from orchard.errors import Busy, Conflict
from tests import make
from tests.attendance.ticking import TODAY, changes, hired, save, stored
from tests.crowd import each_at_once

CROWD = 40


def answers(work):
    """Let forty write at once, each again while busy; count what they are told."""

    def run(number):
        for _ in range(5):
            try:
                with db.transaction() as session:
                    return work(session, number)
            except Busy:
                continue
            except Conflict:
                return "conflict"
        return "busy"

    return Counter(str(one) for one in each_at_once(run, range(CROWD)))


def test_forty_times_the_same_sheet_at_once_is_one_sheet(database, monkeypatch):
    told = []
    hook = lambda session, hires, days: told.append(sorted(hires))  # noqa: E731
    monkeypatch.setattr(services, "after_change", [hook])
    with db.transaction() as session:
        here = hired(session, 8)
    done = answers(lambda session, _: save(session, here, *[2] * 8, version=0).version)
    assert done == {"1": CROWD}
    with db.reading() as session:
        assert stored(session) == [(2, 1)] * 8
        assert changes(session) == []
        assert session.exec(select(func.count()).select_from(Sheet)).one() == 1
    assert len(told) == 1


def test_forty_different_sheets_at_once_leave_the_first_whole(database):
    with db.transaction() as session:
        here = hired(session, 8)

    def work(session, number):
        half_days = [2 if number & (1 << bit) else 1 for bit in range(8)]
        return save(session, here, *half_days, version=0).version

    assert answers(work) == {"1": 1, "conflict": CROWD - 1}
    with db.reading() as session:
        assert {version for _, version in stored(session)} == {1}
        assert changes(session) == []


def test_single_days_and_a_sheet_at_once_lose_no_correction(database):
    with db.transaction() as session:
        here = hired(session, 8)

    def work(session, number):
        if number % 2:
            save(session, here, *[1 + number % 3 % 2] * 8)
        else:
            hire = here.hires[number // 2 % 8]
            services.put_workday(
                session, here.caller, hire.id, TODAY, 1 + number % 4 // 2, now=make.NOW
            )
        return "done"

    assert answers(work) == {"done": CROWD}
    with db.reading() as session:
        rows = stored(session)
        assert len(rows) == 8
        assert sum(version - 1 for _, version in rows) == len(changes(session))
