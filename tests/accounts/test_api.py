"""Oneself and the people of an office as JSON."""

import json

import pytest

from orchard import clock, db
from orchard.accounts.rules import Role
from orchard.ids import new_id
from tests import make
from tests.client import client
from tests.plots.test_api import PROBLEM, bearer

pytestmark = pytest.mark.usefixtures("sqlite_database")


@pytest.fixture(autouse=True)
def morning():
    with clock.frozen_at(make.NOW):
        yield


def body(**values):
    return {
        "id": str(new_id()),
        "name": "王五",
        "phone": "13800001234",
        "role": "grower",
        "place_code": make.VILLAGE,
        **values,
    }


def test_a_program_learns_whom_it_speaks_for():
    told = client().get("/api/v1/me", headers=bearer(Role.SECRETARY)).json
    assert told["name"] == "刘洪"
    assert told["roles"] == [{"role": "secretary", "place_code": make.ZHUXI, "employer_id": None}]


def test_a_town_invites_and_lists_and_disables():
    program, head, sent = client(), bearer(Role.SECRETARY), body()
    made = program.post("/api/v1/people", json=sent, headers=head)
    assert made.status_code == 201
    assert "/in/" in made.json["link"]
    assert program.post("/api/v1/people", json=sent, headers=head).json == made.json
    one = f"/api/v1/people/{made.json['person_id']}"
    seen = program.get(one, headers=head).json
    assert (seen["name"], seen["phone"], seen["roles"]) == ("王*", "138****1234", ["grower"])
    assert len(program.get("/api/v1/people", headers=head).json["people"]) == 2
    fresh = program.post(f"{one}/cards", json={"id": str(new_id())}, headers=head)
    assert fresh.json["link"] != made.json["link"]
    assert [len(each.json["number"]) for each in (made, fresh)] == [12, 12]
    assert fresh.json["number"] != made.json["number"]
    assert program.post(f"{one}/disable", headers=head).json["is_disabled"]
    assert not program.post(f"{one}/enable", headers=head).json["is_disabled"]


def test_other_content_under_the_same_id_tells_nothing():
    program, head, sent = client(), bearer(Role.SECRETARY), body()
    program.post("/api/v1/people", json=sent, headers=head)
    other = program.post("/api/v1/people", json={**sent, "name": "赵六"}, headers=head)
    assert (other.status_code, other.content_type) == (409, PROBLEM)
    assert "王五" not in other.text


def test_a_disabled_accounts_token_is_dead_for_good():
    program, head = client(), bearer()
    assert program.get("/api/v1/me", headers=head).status_code == 200
    from orchard.accounts import managing

    with db.transaction() as session:
        district = make.caller(session, Role.DISTRICT, place="500154")
        from uuid import UUID

        person = UUID(program.get("/api/v1/me", headers=head).json["person_id"])
        managing.disable(session, district, person, now=make.NOW)
        managing.enable(session, district, person, now=make.NOW)
    assert program.get("/api/v1/me", headers=head).status_code == 401


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "张\u0000三"}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"name": 5}, "name"),
        ({"phone": "12"}, "phone"),
        ({"role": "king"}, "role"),
        ({"place_code": "5"}, "place_code"),
        ({"place_code": make.OTHER_VILLAGE}, "role"),
        ({"id": "x"}, "id"),
        ({"employer_id": str(new_id()), "role": "manager"}, "employer_id"),
    ],
)
def test_refusals_name_the_field(values, field):
    head = {**bearer(Role.SECRETARY), "Content-Type": "application/json"}
    wrong = client().post("/api/v1/people", data=json.dumps(body(**values)), headers=head)
    assert (wrong.status_code, wrong.content_type) == (422, PROBLEM)
    assert set(wrong.json["errors"]) == {field}
