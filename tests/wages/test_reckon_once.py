"""One press of the button: whom it locks in which order, and what days it leaves."""

from datetime import timedelta

from sqlalchemy import event
from sqlmodel import select

from orchard.counts.services import hires_changed
from orchard.wages import reckoning, services
from orchard.wages.models import PayLine
from orchard.wages.reckoning import Stretch
from tests import make
from tests.wages.earning import DAY, firm, line, rate, works
from tests.wages.paying import NOW


def crowd(session, here, number):
    """Hire some more people and let each work a day."""
    hires = [make.hire(session, here.firm) for _ in range(number)]
    for hire in hires:
        works(session, hire)
    return hires


def press(session, here, **values):
    return reckoning.reckon(session, here.manager, Stretch(here.firm.id, **values), now=NOW)


def test_one_press_tells_of_its_lines_and_corrections_together(session, monkeypatch):
    here, told = firm(session), []
    works(session, here.hire)
    old = line(session, here)
    day = session.get_one(reckoning.Workday, (here.hire.id, DAY))
    day.half_days = 1
    hires = crowd(session, here, 5)
    monkeypatch.setattr(services, "AT_ONCE", 2)
    monkeypatch.setattr(
        services, "after_change", [lambda _s, hires, days: told.append((set(hires), set(days)))]
    )
    done = press(session, here)
    assert (done.lines, done.corrections, done.without_rate) == (5, 1, 0)
    assert told == [({old.hire_id, *(hire.id for hire in hires)}, {DAY})]
    assert press(session, here).lines == 0
    assert len(told) == 1


def test_one_press_locks_all_its_people_in_one_ordered_statement(session, monkeypatch):
    here = firm(session)
    works(session, here.hire)
    line(session, here)
    session.get_one(reckoning.Workday, (here.hire.id, DAY)).half_days = 1
    crowd(session, here, 5)
    monkeypatch.setattr(services, "AT_ONCE", 2)
    monkeypatch.setattr(services, "after_change", [hires_changed])
    seen, connection = [], session.connection()

    def note(_connection, _cursor, statement, *_rest):
        seen.append(" ".join(statement.split()))

    event.listen(connection, "before_cursor_execute", note)
    press(session, here)
    event.remove(connection, "before_cursor_execute", note)
    locks = [one for one in seen if one.startswith("SELECT person.id FROM person WHERE")]
    figures = [one for one in seen if one.startswith("INSERT INTO period_count")]
    assert len(locks) == 1
    assert "ORDER BY person.id" in locks[0]
    assert len(figures) == 1
    last_line = max(at for at, one in enumerate(seen) if one.startswith("INSERT INTO pay_line"))
    assert last_line < seen.index(locks[0]) < seen.index(figures[0])


def test_old_days_without_a_rate_block_no_later_day(session, monkeypatch):
    monkeypatch.setattr(reckoning, "MOST_DAYS", 2)
    here = firm(session)
    other = make.hire(session, here.firm, work="pruning")
    for back in (5, 4, 3):
        works(session, other, DAY - timedelta(back))
    works(session, here.hire)
    done = press(session, here)
    assert (done.lines, done.without_rate) == (1, 3)
    rate(session, here.manager, here.firm, work="pruning", from_on=DAY - timedelta(4))
    assert [press(session, here).lines for _ in range(2)] == [2, 0]
    assert press(session, here).without_rate == 1
    assert len(session.exec(select(PayLine)).all()) == 3
