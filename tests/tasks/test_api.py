"""The same acts over JSON."""

from datetime import date

import pytest
from sqlmodel import select

from orchard import clock, db
from orchard.accounts.models import ApiToken
from orchard.accounts.rules import Role
from orchard.accounts.services import token_hash
from orchard.tasks import planning
from orchard.tasks.models import State, Task, TaskChange, TaskKey
from tests import make
from tests.client import api, client

TODAY = date(2026, 11, 23)
ACTS = {
    "done": None,
    "undo": None,
    "postpone": {"to": "2026-12-20", "reason": "rain"},
    "skip": {"reason": "no_money"},
}


def bearer(session, caller, secret):
    row = ApiToken(account_id=caller.account_id, token_hash=token_hash(secret), made_at=make.NOW)
    session.add(row)
    return api(secret)


@pytest.fixture
def cast(database):
    with db.transaction() as session:
        grower, stranger = make.caller(session), make.caller(session)
        technician = make.caller(session, Role.TECHNICIAN)
        plot = make.plot(session, grower, variety="navel")
        make.plot(session, stranger, name="金丝雀")
        planning.plan(session, TODAY)
        made = {
            "grower": bearer(session, grower, "a" * 40),
            "stranger": bearer(session, stranger, "b" * 40),
            "technician": bearer(session, technician, "c" * 40),
            "key": TaskKey(plot.id, "QY1", "2026-1"),
        }
    with clock.frozen_at(make.NOW):
        yield made


def send(cast, who, method, path, body=None):
    return getattr(client(), method)(f"/api/v1{path}", json=body, headers=cast[who])


def state_of(cast):
    with db.reading() as session:
        return session.get(Task, tuple(cast["key"])).state


def lines():
    with db.reading() as session:
        return len(session.exec(select(TaskChange)).all())


def test_own_tasks_are_listed_by_day(cast):
    told = send(cast, "grower", "get", "/tasks").json
    days = [task["due_on"] for task in told["tasks"]]
    assert (len(days), days, told["has_more"]) == (5, sorted(days), False)
    assert {task["plot_id"] for task in told["tasks"]} == {str(cast["key"].plot_id)}


@pytest.mark.parametrize("query", ["state=nonsense", "page=0", "page=x", "page=99999999"])
def test_a_wrong_filter_is_refused(cast, query):
    assert send(cast, "grower", "get", f"/tasks?{query}").status_code == 422


@pytest.mark.parametrize("act", ["done", "postpone", "skip"])
def test_an_act_sent_twice_is_one(cast, act):
    path = f"/tasks/{cast['key'].token}/{act}"
    answers = [send(cast, "grower", "post", path, ACTS[act]) for _ in range(2)]
    assert answers[0].status_code == 200
    assert answers[0].json == answers[1].json
    assert lines() == 1


def test_done_is_taken_back(cast):
    send(cast, "grower", "post", f"/tasks/{cast['key'].token}/done")
    assert send(cast, "grower", "post", f"/tasks/{cast['key'].token}/undo").json["state"] == "open"
    assert state_of(cast) == State.OPEN


@pytest.mark.parametrize("act", ACTS)
def test_a_stranger_finds_nothing_and_writes_nothing(cast, act):
    answer = send(cast, "stranger", "post", f"/tasks/{cast['key'].token}/{act}", ACTS[act])
    assert (answer.status_code, lines()) == (404, 0)
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("act", ACTS)
def test_a_technician_reads_and_may_not_act(cast, act):
    path = f"/tasks/{cast['key'].token}"
    assert send(cast, "technician", "get", path).json["key"] == cast["key"].token
    assert send(cast, "technician", "post", f"{path}/{act}", ACTS[act]).status_code == 403


def test_a_day_outside_the_window_names_the_field(cast):
    body = {"to": "2027-02-01", "reason": "rain"}
    answer = send(cast, "grower", "post", f"/tasks/{cast['key'].token}/postpone", body)
    assert (answer.status_code, answer.json["code"]) == (422, "tasks.outside_limits")
    assert list(answer.json["errors"]) == ["to"]


@pytest.mark.parametrize("reason", ["window_over", "", None, 3, ["rain"]])
def test_a_reason_outside_the_list_is_refused(cast, reason):
    answer = send(cast, "grower", "post", f"/tasks/{cast['key'].token}/skip", {"reason": reason})
    assert (answer.status_code, list(answer.json["errors"]), lines()) == (422, ["reason"], 0)


def test_the_calendar_is_read_and_switched(cast):
    path = f"/calendar/{make.ZHUXI}/CG"
    told = send(cast, "technician", "put", path, {"is_on": True}).json
    assert {row["code"]: row["is_on"] for row in told["rows"]}["CG"]
    again = send(cast, "technician", "get", f"/calendar?town={make.ZHUXI}").json
    assert again == told


@pytest.mark.parametrize("town", [make.DADE, "x", "999999999"])
def test_a_foreign_town_has_no_calendar(cast, town):
    assert send(cast, "technician", "get", f"/calendar?town={town}").status_code == 404
    answer = send(cast, "technician", "put", f"/calendar/{town}/CG", {"is_on": True})
    assert answer.status_code == 404


def test_a_grower_does_not_switch(cast):
    answer = send(cast, "grower", "put", f"/calendar/{make.ZHUXI}/CG", {"is_on": True})
    assert answer.status_code == 403
