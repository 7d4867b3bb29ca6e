"""Forty requests with the same sheet at once make one record; with different ones, one wins."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlmodel import func, select

from orchard import db
from orchard.attendance import services
from orchard.attendance.models import Sheet
from orchard.errors import Busy, Conflict
from tests import make
from tests.attendance.ticking import TODAY, changes, hired, save, stored

CROWD = 40


def at_once(work):
    barrier = Barrier(CROWD)

    def run(number):
        barrier.wait()
        for _ in range(5):
            try:
                with db.transaction() as session:
                    return work(session, number)
            except Busy:
                continue
            except Conflict:
                return "conflict"
        return "busy"

    with ThreadPoolExecutor(CROWD) as pool:
        return Counter(str(one) for one in pool.map(run, range(CROWD)))


def test_forty_times_the_same_sheet_at_once_is_one_sheet(database, monkeypatch):
    told = []
    hook = lambda session, hires, days: told.append(sorted(hires))  # noqa: E731
    monkeypatch.setattr(services, "after_change", [hook])
    with db.transaction() as session:
        here = hired(session, 8)
    done = at_once(lambda session, _: save(session, here, *[2] * 8, version=0).version)
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

    assert at_once(work) == {"1": 1, "conflict": CROWD - 1}
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

    assert at_once(work) == {"done": CROWD}
    with db.reading() as session:
        rows = stored(session)
        assert len(rows) == 8
        assert sum(version - 1 for _, version in rows) == len(changes(session))
