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
    (skipped, name), (later, _) = history_of(session, key(plot)).rows
    assert (name, later.by_id, later.at) == (grower.name, grower.account_id, make.NOW)
    assert (later.postponed_from, later.postponed_to) == (None, date(2026, 12, 20))
    assert (skipped.state_from, skipped.state_to, skipped.reason) == ("open", "skipped", "no_money")


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
