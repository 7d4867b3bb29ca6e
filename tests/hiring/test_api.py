"""Hiring as JSON: the same services, decimals as strings, refusals as problems."""

import pytest
from sqlmodel import select

from orchard import db
from orchard.accounts.models import ApiToken, AuditLine, Employer, Person
from orchard.accounts.rules import Role
from orchard.accounts.services import new_token, token_hash
from orchard.hiring.models import Application, Hire, Opening
from orchard.ids import new_id
from tests import make
from tests.access.state import changed, digest
from tests.client import api, client
from tests.hiring import filling
from tests.hiring.reading import count

BASE = "/api/v1"
pytestmark = pytest.mark.usefixtures("morning")


class Programs:
    """An employer, and a program for each side of it."""

    def __init__(self) -> None:
        self.client = client()
        with db.transaction() as session:
            self.firm = make.employer(session)
            self.own = make.worker(session)
            other = make.employer(session, name="别家")
            self.boss = self._bearer(session, Role.MANAGER, employer_id=self.firm.id)
            self.stranger = self._bearer(session, Role.MANAGER, employer_id=other.id)
            self.hand = self._bearer(session, Role.WORKER, of=self.own, employer_id=self.firm.id)
            self.town = self._bearer(session, Role.SECRETARY)
            self.grower = self._bearer(session, Role.GROWER)

    def _bearer(self, session, role, **values) -> dict[str, str]:
        secret = new_token()
        account = make.account(session, role, **values)
        row = ApiToken(account_id=account.id, token_hash=token_hash(secret), made_at=make.NOW)
        session.add(row)
        return api(secret)

    def send(self, who, path, body=None, method="post"):
        return self.client.open(
            f"{BASE}{path}", method=method.upper(), json=body or {}, headers=who
        )

    def get(self, who, path):
        return self.client.get(f"{BASE}{path}", headers=who)


def opening(firm, **values):
    body = filling.offer(**values)
    rate = body.pop("rate")
    people, days = int(body["people"]), int(body["days"])
    more = {"rate_yuan": rate, "employer_id": str(firm.id), "people": people, "days": days}
    return {**body, **more}


def test_an_opening_goes_its_way(database):
    it = Programs()
    body = opening(it.firm, rate="0.15", basis="jin")
    made = it.send(it.boss, "/openings", body)
    assert (made.status_code, made.json["rate_yuan"], made.json["state"]) == (201, "0.1500", "open")
    assert it.send(it.boss, "/openings", body).json == made.json
    other = it.send(it.boss, "/openings", {**body, "people": 3})
    assert (other.status_code, other.json["kept"]["people"]) == (409, 8)
    path = f"/openings/{body['id']}"
    newer = it.send(it.boss, path, {**body, "people": 9, "version": 1}, "put")
    assert (newer.status_code, newer.json["people"], newer.json["version"]) == (200, 9, 2)
    assert it.send(it.stranger, path, {**body, "version": 2}, "put").status_code == 404
    for _ in range(2):
        assert it.send(it.hand, f"{path}/apply").json == {"state": "open"}
    assert it.get(it.hand, path).json["application"] == "open"
    assert it.get(it.stranger, f"{path}/applications").status_code == 404
    asked = it.get(it.boss, f"{path}/applications").json["applications"]
    assert [one["name"] for one in asked] == ["张秀英"]
    gone = it.send(it.boss, f"{path}/applications/{it.own.id}/decline")
    assert gone.json == {"state": "declined"}
    again = it.send(it.hand, f"{path}/withdraw")
    assert (again.status_code, again.json["code"]) == (422, "hiring.already_decided")
    assert it.send(it.town, f"{path}/hide").json["state"] == "hidden"
    assert it.get(it.grower, path).status_code == 404
    assert it.send(it.town, f"{path}/show").json["state"] == "open"
    assert it.send(it.boss, f"{path}/close").json["state"] == "closed"
    assert it.get(it.grower, "/openings").json["openings"] == []
    assert (count(Opening), count(Application)) == (1, 1)


def test_a_hire_goes_its_way(database):
    it = Programs()
    body = filling.hire(it.firm, it.own.id)
    made = it.send(it.boss, "/hires", body)
    assert (made.status_code, made.json["last_event"], made.json["notices"]) == (201, "made", [])
    assert it.send(it.boss, "/hires", body).json == made.json
    path = f"/hires/{body['id']}"
    assert it.send(it.hand, f"{path}/confirm", {"version": 1}).json["version"] == 2
    changed_body = {**body, "version": 2, "relation": "labour_contract"}
    assert it.send(it.boss, path, changed_body, "put").json["last_event"] == "changed"
    stale = it.send(it.boss, path, {**body, "version": 2, "terms": "x"}, "put")
    assert (stale.status_code, stale.json["kept"]["version"]) == (409, 3)
    said = it.send(it.hand, f"{path}/object", {"version": 3, "note": "不对"})
    assert said.json["last_event"] == "objected"
    ended = it.send(it.boss, f"{path}/end", {"version": 4, "ended_on": "2026-11-23"})
    assert ended.json["ended_on"] == "2026-11-23"
    events = it.get(it.hand, f"{path}/events").json["events"]
    kinds = [one["kind"] for one in events]
    assert kinds == ["made", "confirmed", "changed", "objected", "ended"]
    masked = it.get(it.town, path).json
    assert (masked["name"], masked["phone"]) == ("张*", None)
    assert it.get(it.stranger, path).status_code == 404
    assert len(it.get(it.hand, "/hires").json["hires"]) == 1
    assert it.get(it.stranger, "/hires").json["hires"] == []


def test_a_child_is_refused_with_the_day_from_which_he_may_be_hired(sqlite_database):
    it = Programs()
    person = {**filling.person(born_on="2010-11-24"), "is_new": True}
    it.send(it.boss, f"/employers/{it.firm.id}/people", person)
    answer = it.send(it.boss, "/hires", filling.hire(it.firm, person["id"]))
    assert (answer.status_code, answer.json["code"]) == (422, "hiring.too_young")
    assert "2026-11-24" in answer.json["errors"]["born_on"]
    assert count(Hire) == 0


def test_people_are_registered_after_a_look_at_who_is_alike(database):
    it = Programs()
    people = f"/employers/{it.firm.id}/people"
    body = filling.person(name="张秀英", born_on="1980-01-01")
    before = digest()
    found = it.send(it.boss, f"{people}/lookalikes", body)
    assert [one["id"] for one in found.json["people"]] == [str(it.own.id)]
    assert found.json["people"][0]["name"] == "张*"
    refused = it.send(it.boss, people, body)
    assert (refused.status_code, refused.json["code"]) == (422, "hiring.looks_known")
    assert it.send(it.stranger, f"{people}/lookalikes", body).status_code == 404
    assert it.send(it.stranger, people, body).status_code == 404
    assert not changed(before)
    new = it.send(it.boss, people, {**body, "is_new": True})
    assert (new.status_code, new.json["id"]) == (201, body["id"])
    same = it.send(it.boss, people, {**body, "id": str(new_id()), "same_as": str(it.own.id)})
    assert same.json["id"] == str(it.own.id)
    names = [one["name"] for one in it.get(it.boss, people).json["people"]]
    assert names == ["张秀英", "张秀英"]
    path = f"{people}/{body['id']}"
    assert it.send(it.boss, path, {"name": "张秀云"}, "put").json["name"] == "张秀云"
    assert it.get(it.boss, path).json["registered_code"] == make.VILLAGE


def test_the_town_decides_who_is_one_person(database):
    it = Programs()
    with db.transaction() as session:
        double = make.worker(session)
    pairs = it.get(it.town, "/doubles").json["pairs"]
    ours = [one for one in pairs if one["first"]["name"] == "张*"]
    assert set(ours[0]["shared"]) == {"name", "birth_year", "village"}
    body = {
        "id": str(new_id()),
        "person_id": str(it.own.id),
        "other_id": str(double.id),
        "is_same": True,
    }
    made = it.send(it.town, "/doubles", body)
    assert made.status_code == 201
    assert it.send(it.town, "/doubles", body).json == made.json
    assert it.send(it.town, "/doubles", {**body, "is_same": False}).status_code == 409
    assert it.send(it.boss, "/doubles", body).status_code == 403


def test_a_status_is_written_read_for_a_reason_and_audited(database):
    it = Programs()
    path = f"/people/{it.own.id}/status"
    body = {
        "id": str(new_id()),
        "kind": "monitored",
        "from_on": "2024-01-01",
        "reason": "名册",
    }
    assert it.send(it.town, path, body).status_code == 201
    read = it.send(it.town, f"{path}/read", {"reason": "核对"})
    assert [one["kind"] for one in read.json["periods"]] == ["monitored"]
    assert it.send(it.town, f"{path}/read", {"reason": ""}).status_code == 422
    assert it.send(it.boss, f"{path}/read", {"reason": "想看"}).status_code == 403
    assert len(it.get(it.hand, "/my-status").json["periods"]) == 1
    assert it.get(it.grower, "/my-status").json["periods"] == []
    with db.reading() as session:
        lines = session.exec(
            select(AuditLine).where(AuditLine.subject == str(it.own.id)).order_by(AuditLine.at)
        ).all()
    assert {(line.action, line.reason) for line in lines} == {
        ("hiring.status_written", "名册"),
        ("hiring.status_read", "核对"),
    }


def test_employers_are_opened_verified_recognised_and_corrected(database):
    it = Programs()
    body = {"id": str(new_id()), "name": "刘洪家", "village_code": make.VILLAGE}
    made = it.send(it.grower, "/employers", body)
    assert (made.status_code, made.json["kind"], made.json["is_verified"]) == (
        201,
        "household",
        False,
    )
    path = f"/employers/{body['id']}"
    assert it.send(it.town, f"{path}/verify").json["is_verified"]
    shop = {**body, "id": str(new_id()), "name": "车间", "kind": "workshop"}
    assert it.send(it.town, "/employers", shop).json["is_verified"]
    step = {"id": str(new_id()), "kind": "recognised", "on_day": "2025-03-01"}
    known = it.send(it.town, f"/employers/{shop['id']}/steps", step)
    assert (known.status_code, known.json["recognition"]) == (201, "recognised")
    assert it.send(it.stranger, f"{path}/steps", step).status_code == 403
    fixed = {
        "name": "刘洪果园",
        "village_code": make.VILLAGE,
        "seen_name": "刘洪家",
        "seen_village_code": make.VILLAGE,
    }
    assert it.send(it.grower, path, fixed, "put").json["name"] == "刘洪果园"
    assert it.send(it.stranger, path, fixed, "put").status_code == 404
    assert {one["name"] for one in it.get(it.town, "/employers").json["employers"]} >= {
        "刘洪果园",
        "车间",
    }
    assert count(Employer) == 4


def test_crews_and_works_are_listed(sqlite_database):
    it = Programs()
    path = f"/employers/{it.firm.id}/crews"
    body = {"id": str(new_id()), "name": "采果一组"}
    assert it.send(it.boss, path, body).status_code == 201
    assert [one["name"] for one in it.get(it.boss, path).json["crews"]] == ["采果一组"]
    assert it.get(it.stranger, path).status_code == 404
    assert it.send(it.boss, f"/crews/{body['id']}/end").json["has_ended"]
    assert it.get(it.boss, path).json["crews"] == []
    assert len(it.get(it.hand, "/works").json["works"]) == 11


def test_what_stands_in_the_description_is_what_is_answered(sqlite_database):
    described = client().get("/api/v1/openapi.json").json
    assert described["paths"]["/api/v1/openings"]["post"]["responses"].keys() >= {"201", "422"}
    rate = described["components"]["schemas"]["NewOpeningBody"]["properties"]["rate_yuan"]
    assert rate["type"] == "string"
    assert Person.__tablename__ not in described["paths"]
