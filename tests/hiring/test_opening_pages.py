"""Openings on their pages: offered, found, hidden, asked for."""

import re
from datetime import date
from uuid import UUID

import pytest
from sqlmodel import select

from orchard import db
from orchard.hiring.models import Application, Opening
from tests import make
from tests.access.state import changed, digest
from tests.hiring.filling import Firm, hire, offer, send_hire
from tests.hiring.reading import count, shown, stored
from tests.page import check_page

pytestmark = pytest.mark.usefixtures("morning")


def test_an_opening_is_checked_changed_sent_and_found(database):
    firm, sent = Firm(), offer()
    assert "多少钱" in shown(firm.boss.get("/openings/new"))
    before = digest()
    text = shown(firm.boss.post_form("/openings/new", {**sent, "step": "check"}))
    for part in ("核对一下", "摘果", "8 人", "5 天，12月3日起", "130 元/天", "合计约 5,200 元"):
        assert part in text
    back = firm.boss.post_form("/openings/new", {**sent, "step": "edit"})
    typed = {tag["name"]: tag.get("value") for tag in check_page(back.text).of("input")}
    assert (typed["people"], typed["rate"], typed["id"]) == ("8", "130", sent["id"])
    assert not changed(before)
    answer = firm.boss.post_form("/openings/new", {**sent, "step": "send"})
    assert (answer.status_code, answer.location) == (303, f"/openings/{sent['id']}")
    assert firm.boss.post_form("/openings/new", {**sent, "step": "send"}).status_code == 303
    assert count(Opening) == 1
    assert "摘果 8 人" not in shown(firm.elsewhere.get("/openings"))  # an office: its own town
    for who in (firm.hand, firm.anybody, firm.stranger, firm.town):
        assert "摘果 8 人" in shown(who.get("/openings"))
        assert "竹溪基地" in shown(who.get(answer.location))


def test_the_phone_is_hidden_from_who_is_not_signed_in(sqlite_database):
    firm, sent = Firm(), offer()
    firm.boss.post_form("/openings/new", sent)
    assert "tel:" in firm.hand.get(f"/openings/{sent['id']}").text
    text = firm.anybody.get(f"/openings/{sent['id']}").text
    assert "tel:" not in text
    assert "登录以后能看到电话" in text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("people", "0", "1"),
        ("people", "501", "人数要在 1 到 500 之间"),
        ("people", "八", "请写整数"),
        ("days", "367", "天数要在 1 到 366 之间"),
        ("first_day", "2026-11-22", "开工要在今天以后"),
        ("first_day", "1764720000", "选一个日期"),
        ("rate", "0", "填多少元"),
        ("rate", "一百三", "填多少元"),
        ("basis", "fruit", "选"),
        ("work", "dancing", "选"),
        ("workplace_code", "500154999001", "做工地点不在本区县"),
        ("workplace_code", "500101001001", "做工地点不在本区县"),
    ],
)
def test_what_cannot_be_offered_is_told_beside_its_field(sqlite_database, field, value, sentence):
    firm, before = Firm(), None
    before = digest()
    for step in ("check", "send"):
        answer = firm.boss.post_form("/openings/new", {**offer(**{field: value}), "step": step})
        assert sentence in shown(answer, 422)
    assert not changed(before)


def test_an_opening_is_changed_closed_and_then_nobody_asks(database):
    firm, sent = Firm(), offer()
    firm.boss.post_form("/openings/new", sent)
    page = f"/openings/{sent['id']}"
    shown(firm.boss.get(f"{page}/edit"))
    change = {**sent, "version": "1", "people": "9"}
    assert firm.boss.post_form(f"{page}/edit", change).status_code == 303
    assert firm.boss.post_form(f"{page}/edit", change).status_code == 303
    stale = firm.boss.post_form(f"{page}/edit", {**sent, "version": "1", "people": "10"})
    assert "有人先改过了" in shown(stale, 409)
    assert stored(Opening, UUID(sent["id"])).people == 9
    assert firm.hand.post_form(f"{page}/apply").status_code == 303
    assert firm.boss.post_form(f"{page}/close").status_code == 303
    assert firm.hand.get(page).status_code == 200  # he asked, so he still sees it
    assert firm.fellow.get(page).status_code == 404
    assert "已结束" in shown(firm.boss.get(page))
    assert firm.fellow.post_form(f"{page}/apply").status_code == 422
    assert "现在没有招工" in shown(firm.hand.get("/openings"))


def test_strangers_cannot_touch_an_opening(sqlite_database):
    firm, sent = Firm(), offer()
    firm.boss.post_form("/openings/new", sent)
    page, before = f"/openings/{sent['id']}", digest()
    assert firm.stranger.get(f"{page}/edit").status_code == 404
    for path, body in (("edit", {**sent, "version": "1"}), ("close", {})):
        assert firm.stranger.post_form(f"{page}/{path}", body).status_code == 404
    assert firm.elsewhere.post_form(f"{page}/hide").status_code == 404
    other = firm.stranger.post_form("/openings/new", {**sent, "employer_id": firm.employer.id})
    assert other.status_code == 404
    assert firm.hand.get("/openings/new").status_code == 403
    assert not changed(before)


def test_the_town_hides_an_opening_and_shows_it_again(database):
    firm, sent = Firm(), offer()
    firm.boss.post_form("/openings/new", sent)
    page = f"/openings/{sent['id']}"
    assert firm.town.post_form(f"{page}/hide").status_code == 303
    assert firm.hand.get(page).status_code == 404
    assert firm.hand.post_form(f"{page}/apply").status_code == 404
    assert "镇上收起来了" in shown(firm.town.get(page))
    assert "镇上收起来了" in shown(firm.boss.get(page))
    assert firm.town.post_form(f"{page}/show").status_code == 303
    assert firm.hand.get(page).status_code == 200


def test_work_is_listed_by_distance_and_then_by_day(database):
    firm = Firm()
    with db.transaction() as session:
        for place, day in (
            (make.OTHER_VILLAGE, 1),
            ("500154118202", 2),
            (make.VILLAGE, 9),
            (make.VILLAGE, 3),
            ("500154118202", 1),
        ):
            first = date(2026, 12, day)
            make.opening(
                session, firm.employer, workplace_code=place, first_day=first, last_day=first
            )
        make.opening(session, firm.employer, last_day=date(2026, 11, 22))  # over
    page = check_page(firm.hand.get("/openings").text)
    days = re.findall(r"12月\d+日起", page.text)
    assert days == ["12月3日起", "12月9日起", "12月1日起", "12月2日起", "12月1日起"]


def test_a_worker_asks_is_declined_or_hired_and_sees_it(database):
    firm, sent = Firm(), offer()
    firm.boss.post_form("/openings/new", sent)
    page = f"/openings/{sent['id']}"
    assert firm.hand.post_form(f"{page}/apply").status_code == 303
    assert firm.hand.post_form(f"{page}/withdraw").status_code == 303
    assert "还没有人说要来" in shown(firm.boss.get(page))
    for who in (firm.hand, firm.hand, firm.fellow):
        assert who.post_form(f"{page}/apply").status_code == 303
    assert count(Application) == 2
    text = shown(firm.boss.get(page))
    assert "张秀英" in text
    assert "李国富" in text
    assert "李国富" not in shown(firm.hand.get(page))
    fellow = [row for row in _applications(sent["id"]) if row.person_id != firm.worker.person_id]
    path = f"{page}/decline/{fellow[0].person_id}"
    assert firm.stranger.post_form(path).status_code == 404
    assert firm.boss.post_form(path).status_code == 303
    assert "这次没有请你" in shown(firm.fellow.get(page))
    assert firm.fellow.post_form(f"{page}/apply").status_code == 422
    new = f"/employers/{firm.employer.id}/workers/{firm.worker.person_id}/hire"
    assert "摘果" in shown(firm.boss.get(f"{new}?opening={sent['id']}"))
    form = hire(firm.employer, firm.worker.person_id, opening_id=sent["id"])
    assert send_hire(firm.boss, form).status_code == 303
    assert "请你了" in shown(firm.hand.get(page))
    assert firm.hand.post_form(f"{page}/withdraw").status_code == 422
    assert firm.boss.post_form(path.replace(*_ids(fellow, firm))).status_code == 422


def _ids(fellow, firm) -> tuple[str, str]:
    return str(fellow[0].person_id), str(firm.worker.person_id)


def _applications(opening_id: str) -> list[Application]:
    with db.reading() as session:
        rows = session.exec(select(Application).where(Application.opening_id == UUID(opening_id)))
        return list(rows.all())
