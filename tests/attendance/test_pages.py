"""点名 as its manager sees it: choose, tick, check, save, correct; nothing ticked at first."""

import re
from datetime import timedelta

import pytest

from orchard import clock, db
from orchard.accounts import services as accounts
from orchard.accounts.models import Account
from orchard.accounts.rules import Role
from orchard.attendance.models import HeatDay
from orchard.attendance.rules import HeatRule
from orchard.web import parked
from orchard.web.session import SIGNED_IN
from tests import make
from tests.attendance.ticking import TODAY, changes, hired, save, stored, written
from tests.client import client
from tests.page import check_page

LATE = TODAY - timedelta(8)


@pytest.fixture
def here(database):
    """Put a manager with a crew of five in the database, and stand still at NOW."""
    with db.transaction() as session:
        made = hired(session, 5)
        account = session.get_one(Account, made.caller.account_id)
        made.token = accounts.begin_session(session, account, now=make.NOW)
    with clock.frozen_at(make.NOW):
        yield made


def path(here, day=TODAY):
    return f"/attendance/{here.crew.id}/{day}"


def tails(here):
    return [hire.id.hex[-12:] for hire in here.hires]


def shown(page):
    """Return the ticks of a sheet page: (name, value) of each box that is ticked."""
    boxes = [tag for tag in page.of("input") if tag.get("type") == "checkbox"]
    return [(box["name"], box["value"]) for box in boxes if "checked" in box]


def send(here, step, whole=(), half=(), version=0, day=TODAY, **more):
    data = {"step": step, "whole": list(whole), "half": list(half), "version": version, **more}
    return client(here.token).post_form(path(here, day), data)


def days_stored(day=TODAY):
    with db.reading() as session:
        return stored(session, day)


def test_one_crew_opens_its_sheet_of_today_at_once_and_nobody_is_ticked(here):
    answer = client(here.token).get("/attendance")
    assert (answer.status_code, answer.location) == (303, path(here))
    page = check_page(client(here.token).get(path(here)).text)
    assert shown(page) == []
    assert len([tag for tag in page.of("input") if tag.get("type") == "checkbox"]) == 10
    assert "全选（5 人）" in page.text


def test_all_is_a_step_of_its_own_that_saves_nothing(here):
    before = written()
    page = check_page(client(here.token).get(path(here) + "?all=1").text)
    assert {name for name, _ in shown(page)} == {"whole"}
    assert len(shown(page)) == 5
    assert written() == before


def test_the_check_page_counts_and_names_who_did_not_come_and_saves_nothing(here):
    before, (one, two, three, *_) = written(), tails(here)
    page = check_page(send(here, "check", [one, two], [three]).text)
    assert "2 人" in page.text and "1 人：陈素芬" in page.text
    assert "刘永兴、王德全" in page.text
    assert "2.5 工日" in page.text
    assert written() == before
    hidden = {(tag["name"], tag["value"]) for tag in page.of("input")}
    assert {("whole", one), ("whole", two), ("half", three), ("version", "0")} <= hidden


def test_saving_answers_303_and_the_sheet_opens_with_what_was_saved(here):
    one, two, three, *_ = tails(here)
    answer = send(here, "save", [one, two, three], [three])
    assert answer.status_code == 303
    page = check_page(client(here.token).get(answer.location).text)
    assert "整天 2 人，半天 1 人，没来 2 人" in page.text
    assert sorted(shown(page)) == sorted([("whole", one), ("whole", two), ("half", three)])
    assert days_stored() == [(2, 1), (2, 1), (1, 1)]
    assert send(here, "save", [one, two], [three]).status_code == 303
    assert days_stored() == [(2, 1), (2, 1), (1, 1)]


def test_going_back_from_the_check_keeps_the_ticks(here):
    one, two, *_ = tails(here)
    page = check_page(send(here, "edit", [one], [two]).text)
    assert shown(page) == [("whole", one), ("half", two)]
    assert days_stored() == []


def test_two_managers_with_other_content_see_both_versions(here):
    one, two, *_ = tails(here)
    send(here, "save", [one, two])
    answer = send(here, "save", [one], [two])
    assert answer.status_code == 409
    page = check_page(answer.text)
    assert "别人先存了" in page.text and "李国富 整天 半天" in page.text
    assert days_stored() == [(2, 1), (2, 1)]
    newest = re.search(r'name="version" value="(\d+)"', answer.text).group(1)
    assert send(here, "save", [one], [two], version=newest).status_code == 303
    assert days_stored() == [(2, 1), (1, 2)]


def test_a_changed_sheet_says_on_the_check_page_what_changes(here):
    one, two, *_ = tails(here)
    send(here, "save", [one, two])
    page = check_page(send(here, "check", [one], version=3).text)
    assert "李国富：整天改成没来" in page.text


def test_a_late_sheet_asks_why_and_is_kept_as_late(here):
    one, *_ = tails(here)
    assert "为什么现在才改" in check_page(send(here, "check", [one], day=LATE).text).text
    before = written()
    answer = send(here, "save", [one], day=LATE)
    assert answer.status_code == 422
    assert "过了 7 天" in check_page(answer.text).text
    assert written() == before
    assert send(here, "save", [one], day=LATE, reason="那天没有网").status_code == 303
    with db.reading() as session:
        assert changes(session) == [(0, 2, True, "那天没有网")]


def test_future_days_and_no_days_are_refused(here):
    answer = client(here.token).get(path(here, TODAY + timedelta(1)))
    assert answer.status_code == 422 and "还没到" in answer.text
    assert client(here.token).get(f"/attendance?day={TODAY + timedelta(1)}").status_code == 422
    for day in ("2026-13-01", "today", "1999-01-01", "20261120"):
        assert client(here.token).get(path(here, day)).status_code == 404
    assert send(here, "save", tails(here), day=TODAY + timedelta(1)).status_code == 422
    assert days_stored(TODAY + timedelta(1)) == []


def test_a_tick_for_somebody_else_is_refused_and_nothing_is_written(here):
    before = written()
    assert send(here, "save", [*tails(here), "0" * 12]).status_code == 422
    assert send(here, "save", ["x"]).status_code == 422
    assert send(here, "save", tails(here), version="zwei").status_code == 422
    assert written() == before


def test_another_manager_and_a_worker_do_not_get_in(here):
    with db.transaction() as session:
        _, stranger = make.signed_in(session, Role.MANAGER, employer_id=make.employer(session).id)
        _, worker = make.signed_in(session, Role.WORKER)
    hire = f"/attendance/hires/{here.hires[0].id}"
    for place in (path(here), hire, f"{hire}/{TODAY}"):
        assert client(stranger).get(place).status_code == 404
        assert client(worker).get(place).status_code == 403
    assert client(stranger).post_form(path(here), {"version": 0, "step": "save"}).status_code == 404
    assert days_stored() == []


def heat(here, rule, **values):
    with db.transaction() as session:
        row = {"employer_id": here.firm.id, "day": TODAY, "rule": rule, "high_c": 41.2}
        session.add(HeatDay(**row, **values))


def test_a_stopped_day_says_so_and_shows_no_boxes(here):
    heat(here, HeatRule.STOP)
    page = check_page(client(here.token).get(path(here)).text)
    assert "41 度，户外停工" in page.text
    assert [tag for tag in page.of("input") if tag.get("type") == "checkbox"] == []
    assert send(here, "save", tails(here)).status_code == 422
    assert days_stored() == []


def test_six_hours_ask_on_the_check_page_who_wants_more_and_why(here):
    heat(here, HeatRule.SIX_HOURS)
    assert "最多干 6 小时" in check_page(client(here.token).get(path(here)).text).text
    assert "为什么要干 6 小时以上" not in send(here, "check", [], tails(here)).text
    assert "为什么要干 6 小时以上" in check_page(send(here, "check", tails(here)).text).text
    assert send(here, "save", tails(here)).status_code == 422
    assert days_stored() == []
    assert send(here, "save", tails(here), overrule="抢收").status_code == 303
    page = check_page(client(here.token).get(path(here)).text)
    assert "抢收" in page.text


def test_one_persons_days_are_listed_and_corrected_with_the_old_value_kept(here):
    hire, person = here.hires[0], f"/attendance/hires/{here.hires[0].id}"
    with db.transaction() as session:
        save(session, here, 2, day=TODAY - timedelta(2))
    browser = client(here.token)
    page = check_page(browser.get(person).text)
    assert "11月21日 星期六 整天" in page.text
    day = f"{person}/{TODAY - timedelta(2)}"
    opened = check_page(browser.get(day).text)
    assert [tag["value"] for tag in opened.of("input") if "checked" in tag] == ["2"]
    assert browser.post_form(day, {"half_days": 1, "version": 0}).status_code == 409
    answer = browser.post_form(day, {"half_days": 1, "version": 1})
    assert answer.status_code == 303
    after = check_page(browser.get(answer.location).text)
    assert "整天改成半天" in after.text and "改过" in after.text
    assert days_stored(TODAY - timedelta(2)) == [(1, 2)]
    assert hire.id


def test_one_late_day_asks_why(here):
    day = f"/attendance/hires/{here.hires[0].id}/{LATE}"
    browser = client(here.token)
    assert "为什么现在才改" in check_page(browser.get(day).text).text
    answer = browser.post_form(day, {"half_days": 2, "version": 0})
    assert answer.status_code == 422
    check_page(answer.text)
    assert browser.post_form(day, {"version": 0}).status_code == 422
    assert days_stored(LATE) == []
    assert (
        browser.post_form(day, {"half_days": 2, "version": 0, "reason": "补记"}).status_code == 303
    )
    assert days_stored(LATE) == [(2, 1)]


def test_people_without_a_crew_are_ticked_one_by_one(here):
    with db.transaction() as session:
        lone = make.hire(session, here.firm, make.worker(session, name="独一人"))
    page = check_page(client(here.token).get("/attendance").text)
    assert "采果组" in page.text and "独一人" in page.text
    day = f"/attendance/hires/{lone.id}/{TODAY}"
    assert client(here.token).post_form(day, {"half_days": 2, "version": 0}).status_code == 303
    assert "独一人 没有班组 整天" in check_page(client(here.token).get("/attendance").text).text


def test_a_manager_who_hired_nobody_is_told_so(database):
    with db.transaction() as session:
        _, token = make.signed_in(session, Role.MANAGER, employer_id=make.employer(session).id)
    with clock.frozen_at(make.NOW):
        assert "先雇人" in check_page(client(token).get("/attendance").text).text


def test_what_was_ticked_comes_back_after_signing_in_again(here):
    one, two, *_ = tails(here)
    browser = client()
    sent = {"step": "check", "whole": [one], "half": [two], "version": 0}
    assert browser.post_form(path(here), sent).location == "/sign-in"
    with browser.session_transaction() as kept:
        kept[SIGNED_IN] = here.token
    page = check_page(browser.get(path(here)).text)
    assert shown(page) == [("whole", one), ("half", two)]
    assert days_stored() == []
    assert 30 * len(f"whole{one}") < parked.MOST_CHARACTERS  # thirty people fit into the cookie


def test_english_pages_are_whole(here):
    browser = client(here.token)
    browser.set_cookie("lang", "en")
    assert "Tick all (5)" in check_page(browser.get(path(here)).text, "en").text
    check_page(send(here, "check", tails(here)).text)
