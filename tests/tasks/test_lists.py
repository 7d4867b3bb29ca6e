"""What lists and mornings show of tasks, in which order, and to whom."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from orchard.accounts.rules import Role
from orchard.errors import NotVisible
from orchard.tasks import planning, services
from orchard.tasks.models import Reason, State, Task, TaskKey
from orchard.tasks.queries import (
    open_tasks_for,
    own_task_list,
    task_for,
    tasks_of_a_morning,
)
from tests import make

TODAY = date(2026, 11, 23)


@pytest.fixture
def grower(session):
    return make.caller(session)


@pytest.fixture
def plot(session, grower):
    made = make.plot(session, grower, variety="navel")
    planning.plan(session, TODAY)
    return made


def key(plot, code="QY1", occurrence="2026-1"):
    return TaskKey(plot.id, code, occurrence)


def test_technician_and_secretary_of_the_town_read_and_others_do_not(session, plot):
    for role in (Role.TECHNICIAN, Role.SECRETARY):
        _, _, is_own = task_for(session, make.caller(session, role), key(plot))
        assert not is_own
        with pytest.raises(NotVisible):
            task_for(session, make.caller(session, role, place=make.DADE), key(plot))


def lines(session, plot, today):
    return open_tasks_for(session, [plot.id], today, make.NOW)


def test_late_tasks_come_first_the_most_harmful_before_the_longest(session, plot):
    found = lines(session, plot, date(2027, 2, 5))
    late = [(line.code, line.late_days) for line in found if line.late_days]
    assert late[0][0] == "DSY2"
    assert [code for code, _ in late][-1] == "QY1"
    assert late[0][1] > late[-1][1] == 5
    assert [line.code for line in found if not line.late_days] == ["XJ1"]


def frost(plot):
    """Make a task of a frost that was to be protected against two days ago."""
    day = date(2027, 2, 3)
    return Task(
        plot_id=plot.id,
        code="FD",
        occurrence="2027-02-04",
        source="calendar",
        due_on=day,
        late_after=day,
        window_to=day,
        harm=97,
    )


def test_harm_goes_before_days_late(session, grower, plot):
    task = session.get(Task, tuple(key(plot)))
    session.add(frost(plot))
    session.flush()
    found = [line.code for line in lines(session, plot, date(2027, 2, 5))]
    assert task.harm < 97
    assert found[0] == "FD"


def test_what_is_more_than_a_week_away_is_not_on_the_page(session, plot):
    near, far = date(2026, 12, 3), date(2026, 12, 2)
    assert "QY1" in [line.code for line in lines(session, plot, near)]
    assert "QY1" not in [line.code for line in lines(session, plot, far)]


def test_a_task_put_off_waits_for_its_new_day(session, grower, plot):
    services.postpone(
        session, grower, key(plot), to=date(2026, 12, 20), reason=Reason.RAIN, now=make.NOW
    )
    assert "QY1" not in [line.code for line in lines(session, plot, date(2026, 12, 10))]
    (line,) = [x for x in lines(session, plot, date(2026, 12, 22)) if x.code == "QY1"]
    assert line.late_days == 2


def test_due_tasks_are_marked_due_and_coming_ones_not(session, plot):
    marks = {line.due_on: line.chip for line in lines(session, plot, TODAY)}
    assert marks == {TODAY: "due", date(2026, 11, 24): "", date(2026, 11, 29): ""}


def test_only_the_named_plots_are_listed(session, plot):
    other = make.plot(session, make.person(session), name="别人的")
    planning.plan(session, TODAY)
    assert {line.plot_id for line in lines(session, plot, TODAY)} == {plot.id}
    assert other.id != plot.id
    assert open_tasks_for(session, [], TODAY, make.NOW) == []


def undoable(session, grower, now):
    return tasks_of_a_morning(session, grower, TODAY, now)[1]


def test_what_was_settled_in_the_last_day_can_be_taken_back(session, grower, plot):
    services.mark_done(session, grower, key(plot), now=make.NOW)
    soon, later = make.NOW + timedelta(hours=24), make.NOW + timedelta(hours=24, minutes=1)
    assert [line.code for line in undoable(session, grower, soon)] == ["QY1"]
    assert undoable(session, grower, later) == []


def test_what_the_plan_closed_is_not_offered_for_undo(session, grower, plot):
    planning.close_over(session, date(2027, 3, 1), now=make.NOW)
    assert undoable(session, grower, make.NOW) == []


def test_the_list_shows_own_tasks_page_by_page_and_no_strangers(session, grower, monkeypatch):
    monkeypatch.setattr("orchard.tasks.queries.PAGE_ROWS", 3)
    make.plot(session, grower, variety="navel", name="我的")
    make.plot(session, make.person(session), variety="navel", name="别人的")
    planning.plan(session, TODAY)
    first, more = own_task_list(session, grower, State.OPEN, page=1, today=TODAY, now=make.NOW)
    second, end = own_task_list(session, grower, State.OPEN, page=2, today=TODAY, now=make.NOW)
    assert (len(first), more, len(second), end) == (3, True, 2, False)
    assert {line.plot_name for line in first + second} == {"我的"}
    days = [line.do_on for line in first + second]
    assert days == sorted(days)


def test_the_list_begins_as_the_morning_does_and_no_page_repeats(
    session, grower, plot, monkeypatch
):
    monkeypatch.setattr("orchard.tasks.queries.PAGE_ROWS", 2)
    day = date(2027, 2, 5)
    session.add(frost(plot))
    session.flush()
    pages = [
        own_task_list(session, grower, State.OPEN, page=number, today=day, now=make.NOW)[0]
        for number in range(1, 20)
    ]
    tokens = [line.token for lines_ in pages for line in lines_]
    urgent = lines(session, plot, day)
    assert len([line for line in urgent if line.late_days]) > 2
    assert "FD" in tokens[0]
    assert tokens[: len(urgent)] == [line.token for line in urgent]
    rows = session.exec(select(Task).where(Task.state == State.OPEN)).all()
    assert sorted(tokens) == sorted(task.key.token for task in rows)
