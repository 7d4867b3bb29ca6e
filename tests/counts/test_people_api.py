"""Behind the counts as JSON: the same as the pages, after the same reason."""

import pytest
from sqlmodel import select

from orchard import clock, db
from orchard.accounts.models import AuditLine
from orchard.counts.rules import definitions
from orchard.ids import new_id
from tests import make
from tests.client import api, client
from tests.counts.town import CANARY, SEASON, fill_with_bearers
from tests.engines import slow_on
from tests.jobs import night

pytestmark = slow_on("postgres")  # what the interface calls is tested on both


@pytest.fixture
def town(database):
    with db.transaction() as session:
        made = fill_with_bearers(session)
    with clock.frozen_at(make.NOW):
        yield made


def ask(town, who: str, path: str):
    return client().get(f"/api/v1{path}", headers=api(town.bearers[who]))


def look(town, who: str, **more):
    body = {"id": str(new_id()), "place": make.ZHUXI, "period": SEASON, "reason": "核对", **more}
    return client().post("/api/v1/counts/people", json=body, headers=api(town.bearers[who]))


def test_every_definition_is_told(town):
    told = ask(town, "secretary", "/counts/definitions").get_json()
    assert told["version"] == definitions().version
    assert [row["code"] for row in told["definitions"]] == [row.code for row in definitions().rows]


def test_a_towns_change_and_villages(town):
    told = ask(town, "secretary", "/counts/town").get_json()
    assert [(one["period"], one["until"]) for one in told["changes"]] == [
        ("2026-11", None),
        (SEASON, None),
    ]
    night.run("counts")
    told = ask(town, "secretary", f"/counts/town?period={SEASON}").get_json()
    month = told["changes"][0]
    assert (month["persons"], month["earlier"], month["until"]) == (12, "2026-10", "2026-10-23")
    assert month["is_running"]
    assert [(row["code"], row["hires"]) for row in told["villages"]] == [(make.VILLAGE, 18)]
    assert ask(town, "secretary", f"/counts/town?place={make.DADE}").status_code == 404
    assert ask(town, "secretary", "/counts/town?period=2026-XX").status_code == 422


def test_the_district_reads_its_towns_beside_the_year_before(town):
    night.run("counts")
    told = ask(town, "district", "/counts/towns").get_json()
    zhuxi = next(row for row in told["towns"] if row["code"] == make.ZHUXI)
    assert (told["persons"], zhuxi["persons"]) == (13, 12)
    assert (zhuxi["change"]["persons_before"], zhuxi["change"]["until"]) == (0, "2025-11-23")
    assert ask(town, "district", "/counts/towns?period=2027-01").get_json()["change"] is None
    assert ask(town, "secretary", "/counts/towns").status_code == 403


@pytest.mark.parametrize(
    ("more", "people"),
    [
        ({}, 12),
        ({"measure": "lifted_out"}, 8),
        ({"measure": "unverified"}, 1),
        ({"measure": "hires", "period": "2026-11-20/2026-11-20"}, 12),
    ],
)
def test_people_are_read_masked_after_a_reason_that_is_kept(town, more, people):
    made = look(town, "secretary", **more)
    assert made.status_code == 201
    path = f"/counts/people/{made.get_json()['ticket']}"
    told = ask(town, "secretary", path).get_json()
    assert len(told["people"]) == people
    assert told["people"][0]["name"] == "张*" and "****" in told["people"][0]["phone"]
    with db.reading() as session:
        line = session.exec(select(AuditLine).where(AuditLine.action == "counts.people")).one()
    assert (line.reason, line.place_code) == ("核对", make.ZHUXI)
    assert ask(town, "other", path).status_code == 404


def test_the_list_goes_page_by_page_and_joins_to_no_other(town, monkeypatch):
    monkeypatch.setattr("orchard.counts.people.ROWS", 5)
    path = f"/counts/people/{look(town, 'secretary').get_json()['ticket']}"
    pages = [ask(town, "secretary", f"{path}?page={n}").get_json() for n in (1, 2, 3, 4)]
    assert [len(page["people"]) for page in pages] == [5, 5, 2, 0]
    assert [page["has_more"] for page in pages] == [True, True, False, False]
    phones = [one["phone"] for page in pages for one in page["people"]]
    assert len(set(phones)) == 12
    assert not [one for page in pages for one in page["people"] if "id" in one]


def test_without_a_reason_or_outside_the_own_town_nobody_is_opened(town):
    assert look(town, "secretary", reason=" ").get_json()["errors"].keys() == {"reason"}
    assert look(town, "other").status_code == 404
    assert look(town, "district").status_code == 403
    with db.reading() as session:
        asked = select(AuditLine).where(AuditLine.action == "counts.people")
        assert session.exec(asked).all() == []


def test_what_waits_is_read_masked(town):
    with db.transaction() as session:
        make.worker(session, name="张秀英0", phone=None, born_on=town.people[0].born_on)
    answer = ask(town, "secretary", "/review")
    lists = {one["item"]: one for one in answer.get_json()["waiting"]}
    assert lists["over_full"]["count"] == 6
    assert lists["unverified"]["items"][0]["id"] == str(town.firms[2].id)
    names = {pair["first"]["name"] for pair in lists["doubles"]["pairs"]}
    assert "张*" in names and all(len(name) == 2 and name.endswith("*") for name in names)
    assert "name" in lists["doubles"]["pairs"][0]["shared"]
    assert CANARY not in answer.text and "张秀英" not in answer.text
    assert ask(town, "secretary", f"/review?place={make.DADE}").status_code == 404
