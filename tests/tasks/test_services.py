"""Taps on tasks: harmless twice, taken back for a day, closed to strangers, kept as history."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlmodel import select

from orchard import db
from orchard.accounts.rules import Role
from orchard.errors import NotVisible
from orchard.tasks import planning, rules, services
from orchard.tasks.models import Reason, State, Task, TaskChange, TaskKey
from orchard.tasks.queries import (
    history_of,
    open_tasks_for,
    own_task_list,
    task_for,
    tasks_of_a_morning,
)
from tests import make

TODAY = date(2026, 11, 23)
ACTS = {
    "done": (services.mark_done, {}),
    "undo": (services.undo, {}),
    "postpone": (services.postpone, {"to": date(2026, 12, 20), "reason": Reason.RAIN}),
    "skip": (services.skip, {"reason": Reason.NO_HANDS}),
}


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


def undoable(session, grower, now):
    return tasks_of_a_morning(session, grower, TODAY, now)[1]


def state(session, plot):
    session.expire_all()
    return session.get(Task, tuple(key(plot)))


def changes(session):
    return session.exec(select(TaskChange).order_by(TaskChange.version)).all()


@pytest.mark.parametrize("name", ["done", "postpone", "skip"])
def test_the_same_tap_twice_is_one(session, grower, plot, name):
    act, values = ACTS[name]
    for _ in range(2):
        act(session, grower, key(plot), now=make.NOW, **values)
    assert len(changes(session)) == 1
    assert state(session, plot).version == 2


def test_undo_twice_is_one_and_opens_the_task(session, grower, plot):
    services.mark_done(session, grower, key(plot), now=make.NOW)
    for _ in range(2):
        services.undo(session, grower, key(plot), now=make.NOW)
    assert (state(session, plot).state, len(changes(session))) == (State.OPEN, 2)


@pytest.mark.parametrize("name", ACTS)
def test_a_stranger_can_do_nothing_and_nothing_is_written(session, grower, plot, name):
    services.mark_done(session, grower, key(plot), now=make.NOW)
    act, values = ACTS[name]
    for stranger in (
        make.caller(session),
        make.caller(session, Role.TECHNICIAN),
        make.caller(session, Role.SECRETARY),
        make.caller(session, Role.MANAGER, employer_id=make.employer(session).id),
    ):
        with pytest.raises(NotVisible):
            act(session, stranger, key(plot), now=make.NOW, **values)
    assert len(changes(session)) == 1
    assert state(session, plot).version == 2


@pytest.mark.parametrize("name", ACTS)
def test_a_task_that_is_not_there_looks_like_a_foreign_one(session, grower, plot, name):
    act, values = ACTS[name]
    with pytest.raises(NotVisible):
        act(session, grower, key(plot, "ZZ"), now=make.NOW, **values)


def test_the_manager_settles_tasks_of_his_employers_plot(session):
    employer = make.employer(session)
    manager = make.caller(session, Role.MANAGER, employer_id=employer.id)
    plot = make.plot(session, employer, variety="navel")
    planning.plan(session, TODAY)
    services.mark_done(session, manager, key(plot), now=make.NOW)
    assert state(session, plot).state == State.DONE


@pytest.mark.parametrize("settle", ["done", "skip"])
def test_undo_works_at_23_59_and_no_longer_at_24_01(session, grower, plot, settle):
    act, values = ACTS[settle]
    act(session, grower, key(plot), now=make.NOW, **values)
    with pytest.raises(rules.UndoTooLate):
        services.undo(session, grower, key(plot), now=make.NOW + timedelta(hours=24, minutes=1))
    assert state(session, plot).state != State.OPEN
    services.undo(session, grower, key(plot), now=make.NOW + timedelta(hours=23, minutes=59))
    assert state(session, plot).state == State.OPEN


def test_what_the_plan_closed_is_not_taken_back(session, grower, plot):
    planning.close_over(session, date(2027, 3, 1), now=make.NOW)
    session.expire_all()
    with pytest.raises(rules.NotOpen):
        services.undo(session, grower, key(plot), now=make.NOW)


def test_done_after_the_plan_closed_it_still_counts(session, grower, plot):
    planning.close_over(session, date(2027, 3, 1), now=make.NOW)
    session.expire_all()
    services.mark_done(session, grower, key(plot), now=make.NOW)
    assert (state(session, plot).state, state(session, plot).reason) == (State.DONE, None)


@pytest.mark.parametrize("name", ["postpone", "skip"])
def test_a_settled_task_is_not_put_off_or_left_out(session, grower, plot, name):
    services.mark_done(session, grower, key(plot), now=make.NOW)
    act, values = ACTS[name]
    with pytest.raises(rules.NotOpen):
        act(session, grower, key(plot), now=make.NOW, **values)
    assert len(changes(session)) == 1


@pytest.mark.parametrize("to", [TODAY, date(2026, 11, 1), date(2027, 2, 1)])
def test_a_day_outside_the_limits_is_refused_and_not_written(session, grower, plot, to):
    with pytest.raises(rules.OutsideLimits) as no:
        services.postpone(session, grower, key(plot), to=to, reason=Reason.RAIN, now=make.NOW)
    assert (no.value.field, no.value.values) == ("to", {"month": 1, "day": 31})
    assert (changes(session), state(session, plot).postponed_to) == ([], None)


def test_history_says_who_when_and_from_what_to_what(session, grower, plot):
    services.postpone(
        session, grower, key(plot), to=date(2026, 12, 20), reason=Reason.RAIN, now=make.NOW
    )
    services.skip(session, grower, key(plot), reason=Reason.NO_MONEY, now=make.NOW)
    (skipped, name), (later, _) = history_of(session, key(plot))
    assert (name, later.by_id, later.at) == (grower.name, grower.account_id, make.NOW)
    assert (later.postponed_from, later.postponed_to) == (None, date(2026, 12, 20))
    assert (skipped.state_from, skipped.state_to, skipped.reason) == ("open", "skipped", "no_money")


def test_technician_and_secretary_of_the_town_read_and_others_do_not(session, plot):
    for role in (Role.TECHNICIAN, Role.SECRETARY):
        _, _, is_own = task_for(session, make.caller(session, role), key(plot))
        assert not is_own
        with pytest.raises(NotVisible):
            task_for(session, make.caller(session, role, place=make.DADE), key(plot))


def lines(session, plot, today):
    return open_tasks_for(session, [plot.id], today)


def test_late_tasks_come_first_the_most_harmful_before_the_longest(session, plot):
    found = lines(session, plot, date(2027, 2, 5))
    late = [(line.code, line.late_days) for line in found if line.late_days]
    assert late[0][0] == "DSY2"
    assert [code for code, _ in late][-1] == "QY1"
    assert late[0][1] > late[-1][1] == 5
    assert [line.code for line in found if not line.late_days] == ["XJ1"]


def test_harm_goes_before_days_late(session, grower, plot):
    task = session.get(Task, tuple(key(plot)))
    session.add(
        Task(
            plot_id=plot.id,
            code="FD",
            occurrence="2027-02-04",
            source="event",
            due_on=date(2027, 2, 3),
            late_after=date(2027, 2, 3),
            window_to=date(2027, 2, 3),
            harm=97,
        )
    )
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
    assert open_tasks_for(session, [], TODAY) == []


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
    first, more = own_task_list(session, grower, State.OPEN, page=1, today=TODAY)
    second, end = own_task_list(session, grower, State.OPEN, page=2, today=TODAY)
    assert (len(first), more, len(second), end) == (3, True, 2, False)
    assert {line.plot_name for line in first + second} == {"我的"}
    days = [line.do_on for line in first + second]
    assert days == sorted(days)


@pytest.mark.parametrize(
    "token",
    ["", "x", "1.2.3", "0198c0de-0000-7000-8000-00000000000g.QY1.2026-1", f"{'-' * 36}.QY1.2026-1"],
)
def test_a_broken_address_names_no_task(token):
    assert TaskKey.parse(token) is None


def test_an_address_names_the_task_it_was_made_from(session, plot):
    assert TaskKey.parse(key(plot).token) == key(plot)


def test_the_same_tap_from_eight_hands_at_once_is_one(database):
    with db.transaction() as session:
        grower = make.caller(session)
        plot = make.plot(session, grower, variety="navel")
        planning.plan(session, TODAY)

    def tap(_):
        with db.transaction() as session:
            return services.mark_done(session, grower, key(plot), now=make.NOW).version

    with ThreadPoolExecutor(8) as hands:
        versions = set(hands.map(tap, range(16)))
    with db.reading() as session:
        assert (versions, len(changes(session))) == ({2}, 1)


def test_taps_while_the_plan_closes_lose_no_line_of_history(database):
    with db.transaction() as session:
        grower = make.caller(session)
        plots = [make.plot(session, grower, variety="navel") for _ in range(8)]
        planning.plan(session, TODAY)
    late = make.NOW + timedelta(days=100)

    def tap(plot):
        with db.transaction() as session:
            services.mark_done(session, grower, key(plot), now=late)

    def close(_):
        with db.transaction() as session:
            planning.close_over(session, date(2027, 3, 3), now=late)

    with ThreadPoolExecutor(8) as hands:
        taps = [hands.submit(tap, plot) for plot in plots]
        closings = [hands.submit(close, number) for number in range(4)]
        for act in (*taps, *closings):
            act.result()
    with db.reading() as session:
        tasks = session.exec(select(Task).where(Task.code == "QY1")).all()
        lines = [line for line in changes(session) if line.code == "QY1"]
    assert {task.state for task in tasks} == {State.DONE}
    assert sum(task.version - 1 for task in tasks) == len(lines)
