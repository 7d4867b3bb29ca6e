"""The calendar on plots: whole, once, and following switches and corrections."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func
from sqlmodel import select

from orchard.accounts.rules import Role
from orchard.errors import NotVisible
from orchard.tasks import planning, rules, services
from orchard.tasks.models import CalendarSwitch, Reason, State, Task, TaskChange
from orchard.tasks.switching import switch_history, switches
from tests import make

TODAY = date(2026, 11, 23)
MAY = date(2026, 5, 20)


def planned(session, plot, code=None):
    session.expire_all()
    found = session.exec(select(Task).where(Task.plot_id == plot.id).order_by(Task.due_on)).all()
    return [task for task in found if code in (None, task.code)]


def count(session, model=Task):
    return session.exec(select(func.count()).select_from(model)).one()


@pytest.fixture
def plot(session):
    return make.plot(session, make.person(session), variety="navel")


@pytest.fixture
def technician(session):
    return make.caller(session, Role.TECHNICIAN)


def test_sixty_days_are_planned_for_every_plot(session, plot):
    other = make.plot(session, make.person(session), village_code=make.OTHER_VILLAGE)
    planning.plan(session, TODAY)
    due = {(task.code, task.due_on) for task in planned(session, plot)}
    assert due == {
        ("DSY2", date(2026, 11, 23)),
        ("DSY2", date(2026, 11, 24)),
        ("DSY2", date(2026, 11, 29)),
        ("QY1", date(2026, 12, 10)),
        ("XJ1", date(2027, 1, 5)),
    }
    assert len(planned(session, other)) == 5


def test_a_second_pass_adds_nothing(session, plot):
    assert planning.plan(session, TODAY) == 5
    assert planning.plan(session, TODAY) == 0
    assert count(session) == 5


def test_the_next_days_add_only_what_has_come_near(session, plot):
    planning.plan(session, TODAY)
    assert planning.plan(session, date(2026, 12, 16)) == 0
    assert planning.plan(session, date(2026, 12, 17)) == 1  # QY2 on 02-15, 60 days ahead


def test_what_people_did_survives_the_next_plan(session):
    grower = make.caller(session)
    plot = make.plot(session, grower, variety="navel")
    planning.plan(session, TODAY)
    task = planned(session, plot, "QY1")[0]
    services.mark_done(session, grower, task.key, now=make.NOW)
    planning.plan(session, TODAY)
    assert planned(session, plot, "QY1")[0].state == State.DONE


def test_the_fly_comes_later_higher_up_and_the_rest_does_not(session):
    low, high = (
        make.plot(session, make.person(session), variety="navel", elevation_m=height)
        for height in (400, 900)
    )
    planning.plan(session, date(2026, 4, 1))
    assert planned(session, low, "DSY1")[0].due_on == date(2026, 4, 25)
    assert planned(session, high, "DSY1")[0].due_on == date(2026, 5, 31)
    assert planned(session, high, "BH")[0].due_on == planned(session, low, "BH")[0].due_on


@pytest.mark.parametrize(
    ("height", "days"), [(150, 0), (400, 0), (406, 0), (407, 1), (421, 2), (500, 7), (900, 36)]
)
def test_the_statement_counts_the_shift_as_the_rule_does(session, height, days):
    plot = make.plot(session, make.person(session), elevation_m=height)
    planning.plan(session, date(2026, 4, 1))
    assert rules.calendar().shifts["fly"].days(height) == days
    assert planned(session, plot, "DSY1")[0].due_on == date(2026, 4, 25) + timedelta(days)


def test_an_ended_plot_is_not_planned(session, plot):
    plot.ended_at = make.NOW
    session.add(plot)
    session.flush()
    assert planning.plan(session, TODAY) == 0


def test_a_technician_switches_a_row_on_for_his_town_only(session, plot, technician):
    other = make.plot(
        session, make.person(session), village_code=make.OTHER_VILLAGE, variety="navel"
    )
    services.switch(session, technician, make.ZHUXI, "CG", is_on=True, now=make.NOW)
    planning.plan(session, TODAY)
    (task,) = planned(session, plot, "CG")
    assert (task.due_on, task.late_after) == (TODAY, date(2026, 11, 30))
    assert not planned(session, other, "CG")


def test_switching_on_plans_at_once(session, plot, technician):
    services.switch(session, technician, make.ZHUXI, "CG", is_on=True, now=make.NOW)
    assert planned(session, plot, "CG")


def test_switching_off_withdraws_open_tasks_and_keeps_what_was_done(session, technician):
    grower = make.caller(session)
    plot = make.plot(session, grower, variety="navel")
    planning.plan(session, TODAY)
    first, *_ = planned(session, plot, "DSY2")
    services.mark_done(session, grower, first.key, now=make.NOW)
    services.switch(session, technician, make.ZHUXI, "DSY2", is_on=False, now=make.NOW)
    states = {(task.state, task.reason) for task in planned(session, plot, "DSY2")[1:]}
    assert states == {(State.SKIPPED, Reason.SWITCHED_OFF)}
    assert planned(session, plot, "DSY2")[0].state == State.DONE
    assert planning.plan(session, TODAY) == 0


def test_switching_on_again_opens_what_was_withdrawn_with_its_history(session, plot, technician):
    planning.plan(session, TODAY)
    for is_on in (False, True):
        services.switch(session, technician, make.ZHUXI, "QY1", is_on=is_on, now=make.NOW)
    (task,) = planned(session, plot, "QY1")
    assert (task.state, task.reason, task.version) == (State.OPEN, None, 3)
    lines = session.exec(select(TaskChange).order_by(TaskChange.version)).all()
    assert [(line.state_from, line.state_to) for line in lines] == [
        ("open", "skipped"),
        ("skipped", "open"),
    ]


def test_the_general_shift_moves_future_tasks_of_the_town_when_switched_on(session, technician):
    plot = make.plot(session, make.person(session), elevation_m=500, variety="navel")
    planning.plan(session, TODAY)
    services.switch(session, technician, make.ZHUXI, rules.SHIFT, is_on=True, now=make.NOW)
    assert planned(session, plot, "QY1")[0].due_on == date(2026, 12, 14)
    services.switch(session, technician, make.ZHUXI, rules.SHIFT, is_on=False, now=make.NOW)
    assert planned(session, plot, "QY1")[0].due_on == date(2026, 12, 10)


def test_the_same_switch_twice_is_one(session, technician):
    turns = [
        services.switch(session, technician, make.ZHUXI, "FM", is_on=True, now=make.NOW)
        for _ in range(2)
    ]
    assert turns == [True, False]
    assert count(session, CalendarSwitch) == 1


def test_the_history_of_switches_names_who_and_when(session, technician):
    services.switch(session, technician, make.ZHUXI, "FM", is_on=True, now=make.NOW)
    ((line, name),) = switch_history(session, make.ZHUXI)
    assert (line.code, line.is_on, line.at, name) == ("FM", True, make.NOW, technician.name)


def test_a_stranger_switches_nothing(session, technician):
    with pytest.raises(NotVisible):
        services.switch(session, technician, make.DADE, "FM", is_on=True, now=make.NOW)
    secretary = make.caller(session, Role.SECRETARY)
    with pytest.raises(NotVisible):
        services.switch(session, secretary, make.ZHUXI, "FM", is_on=True, now=make.NOW)
    assert count(session, CalendarSwitch) == 0


@pytest.mark.parametrize("code", ["KH", "FL", "CS"])
def test_what_waits_for_the_balance_cannot_be_switched_on(session, technician, code):
    with pytest.raises(rules.CannotSwitch):
        services.switch(session, technician, make.ZHUXI, code, is_on=True, now=make.NOW)
    assert switches(session) == {}


def test_an_unknown_row_is_not_there(session, technician):
    with pytest.raises(NotVisible):
        services.switch(session, technician, make.ZHUXI, "XX", is_on=True, now=make.NOW)


def test_a_new_plot_is_planned_at_once_and_only_it(session, plot):
    other = make.plot(session, make.person(session))
    assert planning.plan_plot(session, plot, TODAY, now=make.NOW) == 5
    assert not planned(session, other)


def test_a_corrected_height_moves_the_future_and_not_the_past(session):
    plot = make.plot(session, make.person(session), elevation_m=400)
    planning.plan(session, date(2026, 4, 20))
    plot.elevation_m = plot.cell_elevation_m = 500
    session.add(plot)
    session.flush()
    planning.plan_plot(session, plot, date(2026, 4, 25), now=make.NOW)
    due = [task.due_on for task in planned(session, plot, "DSY1")][:3]
    assert due == [date(2026, 4, 25), date(2026, 5, 9), date(2026, 5, 16)]


def test_a_corrected_variety_withdraws_what_no_longer_fits(session, technician):
    plot = make.plot(session, make.person(session), variety="tarocco")
    services.switch(session, technician, make.ZHUXI, "LS", is_on=True, now=make.NOW)
    plot.variety = "navel"
    session.add(plot)
    session.flush()
    planning.plan_plot(session, plot, TODAY, now=make.NOW)
    assert {task.reason for task in planned(session, plot, "LS")} == {Reason.PLAN_CHANGED}


def test_a_task_put_off_keeps_its_day_when_dates_move(session, technician):
    grower = make.caller(session)
    plot = make.plot(session, grower, elevation_m=500, variety="navel")
    planning.plan(session, TODAY)
    task = planned(session, plot, "QY1")[0]
    day = date(2026, 12, 20)
    services.postpone(session, grower, task.key, to=day, reason=Reason.RAIN, now=make.NOW)
    services.switch(session, technician, make.ZHUXI, rules.SHIFT, is_on=True, now=make.NOW)
    task = planned(session, plot, "QY1")[0]
    assert (task.due_on, task.postponed_to) == (date(2026, 12, 10), day)


def test_a_turn_is_closed_when_the_next_begins(session, plot):
    planning.plan(session, TODAY)
    closed = planning.close_over(session, date(2026, 11, 29), now=make.NOW)
    done = [(task.due_on, task.reason) for task in planned(session, plot, "DSY2")]
    assert closed == 2
    assert done[-1] == (date(2026, 11, 29), None)
    assert {reason for _, reason in done[:-1]} == {Reason.WINDOW_OVER}


def test_a_dated_task_stays_late_for_14_days_and_then_closes(session, plot):
    planning.plan(session, TODAY)
    ended = date(2027, 1, 31)
    planning.close_over(session, ended + timedelta(14), now=make.NOW)
    assert planned(session, plot, "QY1")[0].state == State.OPEN
    planning.close_over(session, ended + timedelta(15), now=make.NOW)
    assert planned(session, plot, "QY1")[0].reason == Reason.WINDOW_OVER


def test_turns_beyond_one_statement_are_planned_too(session, monkeypatch):
    monkeypatch.setattr(planning, "MOST_TURNS", 3)
    plot = make.plot(session, make.person(session), variety="navel")
    planning.plan(session, MAY)
    codes = {task.code for task in planned(session, plot)}
    assert codes == {"BH", "MS", "DSY1"}
    assert planning.plan(session, MAY) == 0
