"""Sheets and single days over JSON: repeats are harmless, other content is told with both."""

from datetime import timedelta

import pytest

from orchard import clock, db
from orchard.accounts.models import ApiToken, Person
from orchard.accounts.rules import Role
from orchard.accounts.services import token_hash
from orchard.attendance.models import HeatDay
from orchard.attendance.rules import HeatRule
from tests import make
from tests.attendance.ticking import TODAY, changes, hired, stored, written
from tests.client import api, client

LATE = TODAY - timedelta(8)


def bearer(session, caller, secret):
    row = ApiToken(account_id=caller.account_id, token_hash=token_hash(secret), made_at=make.NOW)
    session.add(row)
    return api(secret)


@pytest.fixture
def here(database):
    with db.transaction() as session:
        made = hired(session, 3)
        worker = make.caller(
            session,
            Role.WORKER,
            of=session.get_one(Person, made.hires[0].person_id),
            employer_id=made.firm.id,
        )
        other = hired(session, 1)
        made.keys = {
            "manager": bearer(session, made.caller, "a" * 40),
            "worker": bearer(session, worker, "b" * 40),
            "stranger": bearer(session, other.caller, "c" * 40),
        }
    with clock.frozen_at(make.NOW):
        yield made


def send(here, method, path, body=None, who="manager"):
    return getattr(client(), method)(f"/api/v1{path}", json=body, headers=here.keys[who])


def sheet(here, day=TODAY):
    return f"/crews/{here.crew.id}/sheets/{day}"


def one(here, number=0, day=TODAY):
    return f"/hires/{here.hires[number].id}/workdays/{day}"


def people(here, *half_days):
    pairs = zip(here.hires, half_days, strict=False)
    return [{"hire_id": str(hire.id), "half_days": n} for hire, n in pairs]


def test_a_sheet_is_put_read_and_put_again(here):
    empty = send(here, "get", sheet(here)).json
    assert (empty["version"], empty["saved_at"], empty["heat"]) == (0, None, None)
    assert [(row["half_days"], row["version"]) for row in empty["people"]] == [(0, 0)] * 3
    body = {"people": people(here, 2, 1)}
    first = send(here, "put", sheet(here), body)
    assert first.status_code == 200
    assert (first.json["version"], first.json["person_days"]) == (3, "1.5")
    before = written()
    again = send(here, "put", sheet(here), body)
    assert again.json == first.json == send(here, "get", sheet(here)).json
    assert written() == before


def test_other_content_needs_the_version_and_is_refused_with_both(here):
    send(here, "put", sheet(here), {"people": people(here, 2, 2)})
    before = written()
    answer = send(here, "put", sheet(here), {"people": people(here, 2, 1)})
    assert answer.status_code == 409
    assert answer.content_type == "application/problem+json"
    first, second, _ = (str(hire.id) for hire in here.hires)
    assert answer.json["kept"] == {"version": 3, "half_days": {first: 2, second: 2}}
    assert answer.json["sent"] == {"version": 0, "half_days": {first: 2, second: 1}}
    assert written() == before
    body = {"people": people(here, 2, 1), "version": 3}
    assert send(here, "put", sheet(here), body).status_code == 200
    with db.reading() as session:
        assert changes(session) == [(2, 1, False, "")]


def test_a_day_is_put_by_number_or_by_word_and_repeats_are_harmless(here):
    first = send(here, "put", one(here), {"half_days": 2})
    assert first.json == {
        "hire_id": str(here.hires[0].id),
        "day": str(TODAY),
        "half_days": 2,
        "person_days": "1",
        "version": 1,
    }
    assert send(here, "put", one(here), {"day": "whole"}).json == first.json
    assert send(here, "put", one(here), {"day": "half"}).status_code == 409
    corrected = send(here, "put", one(here), {"day": "half", "version": 1})
    assert (corrected.json["person_days"], corrected.json["version"]) == ("0.5", 2)
    assert send(here, "put", one(here), {"day": "half", "version": 1}).json == corrected.json
    assert send(here, "put", one(here, 1), {"day": "none"}).json["version"] == 0
    with db.reading() as session:
        assert stored(session) == [(1, 2)]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"half_days": 3},
        {"half_days": -1},
        {"half_days": "2"},
        {"half_days": True},
        {"half_days": 1.5},
        {"day": "twice"},
        {"day": "whole", "half_days": 2},
        {"day": "whole", "version": -1},
        {"day": "whole", "reason": "x" * 201},
    ],
)
def test_bodies_that_do_not_fit_are_refused_and_nothing_is_written(here, body):
    before = written()
    answer = send(here, "put", one(here), body)
    assert answer.status_code == 422 and answer.json["errors"]
    assert written() == before


def test_sheets_that_do_not_fit_are_refused_and_nothing_is_written(here):
    before = written()
    twice = {"people": people(here, 2) * 2}
    for body in ({}, {"people": "all"}, {"people": [{"hire_id": "x"}]}, twice):
        assert send(here, "put", sheet(here), body).status_code == 422
    for day in ("2026-11-31", "today", "1999-12-31", str(TODAY + timedelta(1))):
        answer = send(here, "put", sheet(here, day), {"people": people(here, 2)})
        assert answer.status_code == 422
    assert written() == before


def test_late_days_need_a_reason_over_json_too(here):
    before = written()
    assert send(here, "put", one(here, day=LATE), {"day": "whole"}).status_code == 422
    assert send(here, "put", sheet(here, LATE), {"people": people(here, 2)}).status_code == 422
    assert written() == before
    body = {"day": "whole", "reason": "那天没有网"}
    assert send(here, "put", one(here, day=LATE), body).status_code == 200
    with db.reading() as session:
        assert changes(session) == [(0, 2, True, "那天没有网")]


def test_the_heat_is_told_and_overruled_with_a_reason(here):
    with db.transaction() as session:
        row = {"employer_id": here.firm.id, "day": TODAY, "high_c": 38.0}
        session.add(HeatDay(**row, rule=HeatRule.SIX_HOURS))
    body = {"people": people(here, 2)}
    answer = send(here, "put", sheet(here), body)
    assert answer.status_code == 422 and "overrule" in answer.json["errors"]
    assert send(here, "put", sheet(here), {**body, "overrule": "抢收"}).status_code == 200
    heat = send(here, "get", sheet(here)).json["heat"]
    assert (heat["rule"], heat["high_c"], heat["reason"]) == ("six_hours", 38.0, "抢收")
    again = {"day": "half", "overrule": "x"}
    assert send(here, "put", one(here, 1, TODAY - timedelta(1)), again).status_code == 422


def test_a_worker_reads_his_own_days_and_nobody_elses(here):
    send(here, "put", sheet(here), {"people": people(here, 2, 2)})
    own = f"/hires/{here.hires[0].id}/workdays"
    found = send(here, "get", own, who="worker").json["days"]
    assert [(row["day"], row["half_days"]) for row in found] == [(str(TODAY), 2)]
    assert send(here, "get", f"/hires/{here.hires[1].id}/workdays", who="worker").status_code == 404
    assert send(here, "put", one(here), {"day": "half"}, who="worker").status_code == 403
    assert send(here, "get", own).json["days"] == found
    span = f"{own}?from=2026-11-01&to=2026-11-22"
    assert send(here, "get", span).json == {"days": []}
    assert send(here, "get", f"{own}?from=2020-01-01").status_code == 422


def test_a_stranger_finds_nothing_and_writes_nothing(here):
    before = written()
    body = {"people": people(here, 2)}
    for answer in (
        send(here, "get", sheet(here), who="stranger"),
        send(here, "put", sheet(here), body, who="stranger"),
        send(here, "put", one(here), {"day": "whole"}, who="stranger"),
        send(here, "get", f"/hires/{here.hires[0].id}/workdays", who="stranger"),
    ):
        assert answer.status_code == 404
    assert written() == before
