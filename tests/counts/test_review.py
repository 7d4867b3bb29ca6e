"""What waits for the town: doubles and households, and the count that moves with them."""

import re
from datetime import date

from sqlmodel import select

from orchard import clock, db
from orchard.accounts.rules import Role
from orchard.counts import review
from orchard.hiring.models import SamePersonDecision
from orchard.ids import new_id
from tests import make
from tests.client import client
from tests.counts.town import page_of, tiles, work
from tests.page import check_page


def test_what_waits_is_listed_and_a_double_that_is_decided_moves_the_count(town):
    with db.transaction() as session:
        twin = make.worker(session, name="张秀英0", phone=None, born_on=date(1980, 7, 1))
        work(session, town.firms[0], twin)
        review.count_waiting(session, make.ZHUXI, clock.today(), now=make.NOW)
    browser = client(town.tokens["secretary"])
    text = browser.get("/review").text
    check_page(text)
    assert f'/employers/{town.firms[2].id}">李正家果园</a>' in text  # where the town verifies it
    waiting = doubles(text)
    assert "一天记了超过一个工日 6 件" in text  # two employers on one day
    assert tiles(page_of(town))[0] == "13"
    pair = {"person_id": str(town.people[0].id), "other_id": str(twin.id), "is_same": "yes"}
    done = browser.post_form("/review/same", {"id": str(new_id()), **pair})
    assert (done.status_code, done.location) == (303, "/review")
    assert tiles(page_of(town))[0] == "12"
    assert doubles(browser.get("/review").text) == waiting - 1


def doubles(text: str) -> int:
    return int(re.findall(r"可能是同一个人 (\d+) 件", text)[0])


def test_another_town_decides_nothing_here(town):
    with db.transaction() as session:
        twin = make.worker(session, name="张秀英0", phone=None, born_on=date(1980, 7, 1))
    pair = {"person_id": str(town.people[0].id), "other_id": str(twin.id), "is_same": "yes"}
    answer = client(town.tokens["other"]).post_form("/review/same", {"id": str(new_id()), **pair})
    assert answer.status_code == 404
    with db.reading() as session:
        assert session.exec(select(SamePersonDecision)).all() == []


def test_a_household_counts_with_the_others_once_the_town_has_verified_it(town):
    from orchard.hiring.employers import verify

    with db.transaction() as session:
        caller = make.visitor(Role.SECRETARY, make.ZHUXI)
        account = make.account(session, Role.SECRETARY)
        caller = type(caller)(account.id, account.person_id, None, "", caller.held)
        verify(session, caller, town.firms[2].id, now=make.NOW)
    text = page_of(town)
    assert tiles(text)[:4] == ["12", "19", "19", "19"]
    assert "另有没核实" not in text
