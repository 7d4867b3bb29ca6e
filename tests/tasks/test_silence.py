"""From 72 hours on nobody is told of a task that only an old forecast asked for (decision 19)."""

from datetime import date, timedelta

import pytest

from orchard import clock, db
from orchard.accounts.models import ApiToken
from orchard.accounts.services import token_hash
from orchard.tasks import services
from orchard.tasks.models import Reason, Source, State, Task, TaskKey
from orchard.tasks.queries import open_tasks_for, own_task_list, tasks_of_a_morning
from orchard.weather.models import Forecast
from tests import make
from tests.client import api, client
from tests.page import check_page
from tests.tasks.test_events import night
from tests.tasks.test_job import forecast, rows, run

TODAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 24)
LEVEL = "夜里零下2度以下"
FD = ("FD", "2026-11-24")


def ago(hours):
    return make.NOW - timedelta(hours=hours)


@pytest.fixture
def grower(database):
    """Make a grower with a plot, and the frost task that a forecast put on it."""
    with db.transaction() as session:
        who, token = make.signed_in(session)
        plot = make.plot(session, who)
        session.add(ApiToken(account_id=who.account_id, token_hash=token_hash("t"), made_at=ago(0)))
        session.add(
            Task(
                plot_id=plot.id,
                code="FD",
                occurrence=FD[1],
                source=Source.EVENT,
                due_on=TODAY,
                late_after=TODAY,
                window_to=TODAY,
                harm=99,
                level=2,
            )
        )
    with clock.frozen_at(make.NOW):
        yield who, token, plot


def fetched(plot, hours, *alerts):
    """Store a forecast as old as that; None for no forecast."""
    with db.transaction() as session:
        kept = session.get(Forecast, plot.cell)
        if kept:
            session.delete(kept)
            session.flush()
        if hours is not None:
            forecast(session, plot, *alerts, at=ago(hours))


def told(who, plot):
    """Say whether each of the lists names the task."""
    with db.reading() as session:
        found = (
            open_tasks_for(session, [plot.id], TODAY, make.NOW),
            tasks_of_a_morning(session, who, TODAY, make.NOW)[0],
            own_task_list(session, who, State.OPEN, page=1, today=TODAY, now=make.NOW)[0],
        )
        return {sum(line.code == "FD" for line in lines) for lines in found}


@pytest.mark.parametrize(("hours", "shown"), [(0, 1), (71, 1), (71.99, 1), (72, 0), (None, 0)])
def test_no_list_waits_for_the_job_to_fall_silent(grower, hours, shown):
    who, _, plot = grower
    fetched(plot, hours)
    assert told(who, plot) == {shown}


def test_what_needs_no_forecast_stays(grower):
    who, _, plot = grower
    with db.transaction() as session:
        session.get(Task, (plot.id, *FD)).source = Source.CALENDAR
    assert told(who, plot) == {1}


def test_another_cells_fresh_forecast_does_not_speak_for_this_one(grower):
    who, _, plot = grower
    with db.transaction() as session:
        forecast(session, make.plot(session, who, name="山上", elevation_m=900))
    assert told(who, plot) == {0}


def test_the_job_withdraws_at_72_hours_and_the_new_forecast_brings_it_back(grower):
    who, _, plot = grower
    fetched(plot, 71, night(TOMORROW, 2))
    assert run(make.NOW)["withdrawn"] == 0
    fetched(plot, 73, night(TOMORROW, 2))
    assert run(make.NOW + timedelta(hours=3))["withdrawn"] == 1
    assert rows()[FD].reason == Reason.FORECAST_CHANGED
    fetched(plot, -6, night(TOMORROW, 3))
    assert run(make.NOW + timedelta(hours=6))["changed"] == 1
    assert (rows()[FD].state, rows()[FD].level) == (State.OPEN, 3)
    assert told(who, plot) == {1}


@pytest.mark.parametrize(
    ("hours", "level", "words"),
    [(71, 2, "2 天前的预报"), (73, None, "不再提醒"), (None, None, "还没有天气预报")],
)
def test_its_page_tells_the_age_and_no_frost_beyond_it(grower, hours, level, words):
    _, token, plot = grower
    fetched(plot, hours)
    key = TaskKey(plot.id, *FD).token
    text = client(token).get(f"/tasks/{key}").text
    check_page(text)
    assert words in text
    assert (LEVEL in text) is ("预报最低2度" in text) is (level is not None)
    answer = client().get(f"/api/v1/tasks/{key}", headers=api("t"))
    assert answer.json["level"] == level


def test_list_and_task_tell_a_program_the_same_level(grower):
    _, _, plot = grower
    key = TaskKey(plot.id, *FD).token

    def told_levels(state):
        listed = client().get(f"/api/v1/tasks?state={state}", headers=api("t")).json["tasks"]
        one = client().get(f"/api/v1/tasks/{key}", headers=api("t")).json["level"]
        return [task["level"] for task in listed if task["code"] == "FD"], one

    fetched(plot, 71, night(TOMORROW, 2))
    run(make.NOW)
    assert told_levels("open") == ([2], 2)
    fetched(plot, 73)
    done = client().post(f"/api/v1/tasks/{key}/done", headers=api("t")).json
    assert done["level"] == 2  # what it was done for
    assert told_levels("done") == ([2], 2)
    client().post(f"/api/v1/tasks/{key}/undo", headers=api("t"))
    assert told_levels("open") == ([], None)
    run(make.NOW + timedelta(hours=3))
    assert told_levels("skipped") == ([None], None)


def test_a_withdrawn_task_speaks_of_no_frost_either(grower):
    _, token, plot = grower
    fetched(plot, 1)
    run(make.NOW)
    text = client(token).get(f"/tasks/{TaskKey(plot.id, *FD).token}").text
    assert "预报变了，或者太旧" in text and LEVEL not in text


def test_what_was_done_meanwhile_stays_done(grower):
    who, _, plot = grower
    fetched(plot, 73, night(TOMORROW, 2))
    with db.transaction() as session:
        services.mark_done(session, who, TaskKey(plot.id, *FD), now=make.NOW)
    run(make.NOW)
    assert rows()[FD].state == State.DONE
