"""The page and the interface of a person's own messages, and what staff sees below."""

from datetime import timedelta

import pytest

from orchard import clock, db
from orchard.accounts.models import ApiToken
from orchard.accounts.rules import Role
from orchard.accounts.services import new_token, token_hash
from orchard.reminders.rules import Channel, Kind, Status
from tests import make
from tests.client import api, client
from tests.page import check_page
from tests.reminders.owing import DAY, local, owe, run, task

MORNING = make.NOW + timedelta(minutes=5)  # while every role's session still lives


@pytest.fixture
def morning(database):
    """A grower who was told, a stranger who was not, and their doors."""
    with clock.frozen_at(MORNING):
        with db.transaction() as session:
            who, door = make.signed_in(session)
            plot = make.plot(session, who, name="屋后坡")
            task(session, plot, code="QY1")
            task(session, plot, DAY - timedelta(days=1), code="CG")
            stranger, other_door = make.signed_in(session)
            owe(
                session,
                1,
                Kind.FROST_2,
                person_id=who.person_id,
                channel=Channel.PAGE,
                status=Status.SENT,
                params='{"level":2,"low_c":-2.4}',
            )
        run("reminders", local())
        yield who, door, stranger, other_door


def token_of(session, caller) -> str:
    secret = new_token()
    session.add(
        ApiToken(account_id=caller.account_id, token_hash=token_hash(secret), made_at=MORNING)
    )
    return secret


def test_a_grower_reads_what_he_was_told(morning):
    _, door, _, _ = morning
    page = check_page(client(door).get("/messages").text)
    assert "今天 2 件农事" in page.text
    assert "其中 1 件是前两天的。" in page.text
    assert "11月23日早上最低 -2 度，较重霜冻。" in page.text


def test_the_same_words_in_english(morning):
    _, door, _, _ = morning
    browser = client(door)
    browser.set_cookie("lang", "en")
    page = check_page(browser.get("/messages").text, "en")
    assert "2 tasks today" in page.text
    assert "1 of them is from the last two days." in page.text
    assert "lowest -2 °C" in page.text


def test_a_stranger_reads_nothing_of_it(morning):
    _, _, _, other_door = morning
    page = check_page(client(other_door).get("/messages").text)
    assert "还没有提醒。" in page.text
    assert "农事" not in page.text


def test_programs_read_the_same(morning):
    who, _, stranger, _ = morning
    with db.transaction() as session:
        secret, other = (token_of(session, each) for each in (who, stranger))
    answer = client().get("/api/v1/messages", headers=api(secret))
    assert answer.status_code == 200
    assert [row["kind"] for row in answer.json["messages"]] == ["frost_2", "morning"]
    assert answer.json["messages"][1]["date"] == "2026-11-23"
    assert client().get("/api/v1/messages", headers=api(other)).json == {"messages": []}
    assert client().get("/api/v1/messages").status_code == 401


def test_staff_sees_whom_nothing_reached_in_the_own_town_only(database):
    with clock.frozen_at(MORNING), db.transaction() as session:
        doors = {
            town: make.signed_in(session, Role.SECRETARY, place=town)[1]
            for town in (make.ZHUXI, make.DADE)
        }
        owe(session, 1, person_id=make.person(session, name="没送到").id, status=Status.FAILED)
        old = make.person(session, name="没账号")
        task(session, make.plot(session, old))
    run("reminders", local())
    with clock.frozen_at(MORNING):
        own = check_page(client(doors[make.ZHUXI]).get("/messages").text)
        foreign = check_page(client(doors[make.DADE]).get("/messages").text)
    assert "没送到" in own.text
    assert "没账号" in own.text
    assert "没送到的提醒" not in foreign.text
    assert "没账号" not in foreign.text


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_the_page(database, role):
    with clock.frozen_at(MORNING):
        with db.transaction() as session:
            firm = make.employer(session).id if role == Role.MANAGER else None
            door = make.signed_in(session, role, employer_id=firm)[1]
        check_page(client(door).get("/messages").text)
        assert client().get("/messages").status_code == 303


def test_a_message_about_a_row_that_exists_no_more_still_reads(morning):
    who, door, _, _ = morning
    with db.transaction() as session:
        owe(
            session,
            1,
            person_id=who.person_id,
            local_date=DAY - timedelta(days=300),
            channel=Channel.PAGE,
            status=Status.SENT,
            params='{"n":3,"codes":["ZZ9"],"kinds":1,"missed":0}',
        )
    assert "今天有 3 件农事。" in client(door).get("/messages").text
