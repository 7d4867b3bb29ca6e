"""Every page of hiring in its states, for who may open it and for strangers."""

import re
from datetime import date
from uuid import UUID

import pytest
from sqlmodel import func, select

from orchard import clock, db
from orchard.accounts import services as accounts
from orchard.accounts.models import Account, Employer, Grant, Person
from orchard.accounts.rules import Role, SecretKind
from orchard.hiring.models import Application, Hire, HireEvent, Opening, Roster
from orchard.ids import new_id
from tests import make
from tests.access.state import changed, digest
from tests.client import client
from tests.hiring.filling import Firm, hire, offer, person
from tests.page import check_page


@pytest.fixture(autouse=True)
def morning():
    with clock.frozen_at(make.NOW):
        yield


def count(model) -> int:
    with db.reading() as session:
        return session.exec(select(func.count()).select_from(model)).one()


def stored(model, key):
    with db.reading() as session:
        return session.get(model, key)


def shown(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.text[-500:]
    return check_page(answer.text).text


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
    assert firm.boss.post_form("/hires/new", form).status_code == 303
    assert "请你了" in shown(firm.hand.get(page))
    assert firm.hand.post_form(f"{page}/withdraw").status_code == 422
    assert firm.boss.post_form(path.replace(*_ids(fellow, firm))).status_code == 422


def _ids(fellow, firm) -> tuple[str, str]:
    return str(fellow[0].person_id), str(firm.worker.person_id)


def _applications(opening_id: str) -> list[Application]:
    with db.reading() as session:
        rows = session.exec(select(Application).where(Application.opening_id == UUID(opening_id)))
        return list(rows.all())


def test_a_grower_opens_his_household_with_a_pin_and_hires_at_once(database):
    with db.transaction() as session:
        who, token = make.signed_in(session)
        account = session.get_one(Account, who.account_id)
        account.secret_kind = SecretKind.PIN
        session.add(account)
    grower = client(token)
    assert grower.get("/openings/new").location == "/employers/new"
    assert "刘洪家" in grower.get("/employers/new").text
    form = {"id": str(new_id()), "name": "刘洪家", "village_code": make.VILLAGE}
    answer = grower.post_form("/employers/new", form)
    assert answer.location == f"/employers/{form['id']}"
    assert grower.post_form("/employers/new", form).location == answer.location
    assert count(Grant) == 2
    text = shown(grower.get(answer.location))
    assert "还没核实" in text
    assert "请人干活" in text
    assert grower.post_form("/openings/new", offer()).status_code == 303
    assert "刘洪家的工人" in shown(grower.get(f"/employers/{form['id']}/workers"))
    second = {**form, "id": str(new_id()), "name": "刘洪二家"}
    assert "你已经开过自家的用工户了" in shown(grower.post_form("/employers/new", second), 422)
    company = {**form, "id": str(new_id()), "kind": "company"}
    assert grower.post_form("/employers/new", company).status_code == 422
    assert count(Employer) == 1


def test_a_household_of_another_town_is_refused(sqlite_database):
    with db.transaction() as session:
        _, token = make.signed_in(session)
    before = digest()
    form = {"id": str(new_id()), "name": "刘洪家", "village_code": make.OTHER_VILLAGE}
    assert "这个村不在你这里" in shown(client(token).post_form("/employers/new", form), 422)
    assert not changed(before)


def test_the_town_opens_verifies_recognises_and_corrects(database):
    firm = Firm()
    form = {
        "id": str(new_id()),
        "name": "和谐车间",
        "kind": "workshop",
        "village_code": make.VILLAGE,
    }
    shown(firm.town.get("/employers/new"))
    page = firm.town.post_form("/employers/new", form).location
    assert "镇上核实过" in shown(firm.town.get(page))
    assert firm.elsewhere.post_form("/employers/new", {**form, "id": new_id()}).status_code == 422
    assert firm.elsewhere.post_form(f"{page}/verify").status_code == 404
    unverified = f"/employers/{firm.employer.id}"
    assert firm.town.post_form(f"{unverified}/verify").status_code == 303
    assert firm.town.post_form(f"{unverified}/verify").status_code == 303
    watch = {"id": str(new_id()), "kind": "under_watch", "on_day": "2026-11-01"}
    assert "先认定" in shown(firm.town.post_form(f"{page}/steps", watch), 422)
    for kind, day in (("recognised", "2025-03-01"), ("under_watch", "2026-11-01")):
        step = {"id": str(new_id()), "kind": kind, "on_day": day}
        assert firm.town.post_form(f"{page}/steps", step).status_code == 303
        assert firm.town.post_form(f"{page}/steps", step).status_code == 303
    assert "观察期，2026年11月1日起" in shown(firm.anybody.get(page))
    assert "观察期" in shown(firm.town.get("/employers"))
    assert firm.boss.post_form(f"{page}/steps", watch).status_code == 403
    plantation = firm.town.post_form(f"{unverified}/steps", {**watch, "id": new_id()})
    assert "只有就业帮扶车间才有认定" in shown(plantation, 422)


def test_a_manager_corrects_name_and_village_within_the_town(database):
    firm = Firm()
    page = f"/employers/{firm.employer.id}"
    shown(firm.boss.get(f"{page}/edit"))
    seen = {"seen_name": "竹溪基地", "seen_village_code": make.VILLAGE}
    new = {"name": "竹溪果园", "village_code": "500154118202", **seen}
    assert firm.boss.post_form(f"{page}/edit", new).status_code == 303
    assert firm.boss.post_form(f"{page}/edit", new).status_code == 303
    stale = firm.boss.post_form(f"{page}/edit", {**new, "name": "别的名字"})
    assert "竹溪果园" in shown(stale, 409)
    away = {**new, "village_code": make.OTHER_VILLAGE, "seen_name": "竹溪果园"}
    away["seen_village_code"] = "500154118202"
    assert firm.boss.post_form(f"{page}/edit", away).status_code == 422
    assert firm.stranger.get(f"{page}/edit").status_code == 404
    assert firm.stranger.post_form(f"{page}/edit", new).status_code == 404
    assert stored(Employer, firm.employer.id).name == "竹溪果园"
    assert firm.town.get(f"{page}/edit").status_code == 200
    assert firm.elsewhere.get(f"{page}/edit").status_code == 404


def test_who_looks_like_the_same_person_is_shown_masked_and_chosen_or_not(database):
    firm = Firm()
    with db.transaction() as session:
        known = make.worker(
            session,
            name="陈素芬",
            born_on=date(1970, 9, 1),
            phone="+8613777776666",
            village_code=make.OTHER_VILLAGE,
        )
    people = f"/employers/{firm.employer.id}/workers"
    shown(firm.boss.get(f"{people}/new"))
    sent, before = person(), digest()
    text = shown(firm.boss.post_form(f"{people}/new", sent), 422)
    assert "像是同一个人" in text
    assert "陈*" in text
    for hidden in ("13777776666", "1970-09-01"):
        assert hidden not in text
    assert not changed(before)
    stranger = {**sent, "alike": str(firm.worker.person_id)}
    assert firm.boss.post_form(f"{people}/new", stranger).status_code == 422
    assert not changed(before)
    chosen = firm.boss.post_form(f"{people}/new", {**sent, "alike": str(known.id)})
    assert chosen.location == f"{people}/{known.id}"
    assert count(Roster) == 1
    text = shown(firm.boss.get(chosen.location))
    assert "13777776666" not in text
    assert "他自己认了用工，就能看到电话和生日" in text
    other = {**sent, "alike": "new"}
    assert firm.boss.post_form(f"{people}/new", other).location == f"{people}/{sent['id']}"
    assert firm.boss.post_form(f"{people}/new", other).location == f"{people}/{sent['id']}"
    assert stored(Person, UUID(sent["id"])).name == "陈素芬"
    assert firm.boss.post_form("/hires/new", hire(firm.employer, known.id)).status_code == 303
    assert "13777776666" not in shown(firm.boss.get(chosen.location))  # he did not agree yet


def test_a_worker_is_registered_listed_completed_and_hired(database):
    firm = Firm()
    people, sent = f"/employers/{firm.employer.id}/workers", person(born_on="", sex="")
    assert firm.boss.get("/workers").location == people
    page = firm.boss.post_form(f"{people}/new", sent).location
    assert "陈素芬" in shown(firm.boss.get(people))
    refused = shown(firm.boss.post_form("/hires/new", hire(firm.employer, sent["id"])), 422)
    assert "要填出生日期" in refused
    shown(firm.boss.get(f"{page}/edit"))
    filled = {**sent, "born_on": "1970-03-08", "phone": "139 0000 9999"}
    assert firm.boss.post_form(f"{page}/edit", filled).status_code == 303
    assert "1970年3月8日" in shown(firm.boss.get(page))
    form = hire(firm.employer, sent["id"])
    text = shown(firm.boss.post_form("/hires/new", {**form, "step": "check"}))
    assert "性别没有填" in text
    assert firm.boss.post_form("/hires/new", {**form, "step": "edit"}).status_code == 200
    answer = firm.boss.post_form("/hires/new", form)
    assert answer.location == f"/hires/{form['id']}"
    assert firm.boss.post_form("/hires/new", form).location == answer.location
    other = firm.boss.post_form("/hires/new", {**form, "work": "weeding"})
    assert other.status_code == 409
    assert (count(Hire), count(HireEvent)) == (1, 1)
    young = {**sent, "born_on": "2012-01-01"}
    assert "未满 16 周岁" in shown(firm.boss.post_form(f"{page}/edit", young), 422)


def test_people_of_an_employer_are_nobody_elses(sqlite_database):
    firm = Firm()
    people, sent = f"/employers/{firm.employer.id}/workers", person()
    page = firm.boss.post_form(f"{people}/new", sent).location
    before = digest()
    for path in (people, page, f"{people}/new", f"{page}/edit"):
        assert firm.stranger.get(path).status_code == 404
        assert firm.hand.get(path).status_code == 403
        assert firm.town.get(path).status_code == 403
    assert firm.stranger.post_form(f"{people}/new", person(name="王小明")).status_code == 404
    assert firm.stranger.post_form(f"{page}/edit", sent).status_code == 404
    form = hire(firm.other, sent["id"])
    assert firm.stranger.post_form("/hires/new", form).status_code == 404
    assert not changed(before)


@pytest.mark.parametrize(
    ("born_on", "work", "status"),
    [
        ("2010-11-23", "picking", 303),
        ("2010-11-24", "picking", 422),
        ("2008-11-24", "spraying", 422),
        ("2008-11-23", "spraying", 303),
    ],
)
def test_the_boundary_days_of_age_hold_on_the_page(sqlite_database, born_on, work, status):
    firm, sent = Firm(), person(born_on=born_on)
    firm.boss.post_form(f"/employers/{firm.employer.id}/workers/new", sent)
    form = hire(firm.employer, sent["id"], work=work)
    for step in ("check", "send"):
        answer = firm.boss.post_form("/hires/new", {**form, "step": step})
        assert answer.status_code == (200 if step == "check" and status == 303 else status)
    assert count(Hire) == (status == 303)


def test_over_age_with_a_labour_contract_is_warned_of_and_not_refused(sqlite_database):
    firm, sent = Firm(), person(born_on="1958-01-01")
    firm.boss.post_form(f"/employers/{firm.employer.id}/workers/new", sent)
    form = hire(firm.employer, sent["id"], relation="labour_contract")
    text = shown(firm.boss.post_form("/hires/new", {**form, "step": "check"}))
    assert "过了退休年龄" in text
    assert "不能签劳动合同" in text
    assert firm.boss.post_form("/hires/new", form).status_code == 303


def test_a_hire_is_confirmed_changed_objected_to_and_ended(database):
    firm = Firm()
    with db.transaction() as session:
        made = make.hire(session, firm.employer, session.get(Person, firm.worker.person_id))
    page = f"/hires/{made.id}"
    assert "竹溪基地" in shown(firm.hand.get("/hires"))
    assert "对，没问题" in shown(firm.hand.get(page))
    for _ in range(2):
        assert firm.hand.post_form(f"{page}/confirm", {"version": "1"}).status_code == 303
    assert stored(Hire, made.id).version == 2
    shown(firm.boss.get(f"{page}/edit"))
    form = hire(firm.employer, made.person_id, started_on="2026-11-01", terms="包午饭")
    form["version"] = "2"
    assert firm.boss.post_form(f"{page}/edit", form).status_code == 303
    assert firm.boss.post_form(f"{page}/edit", form).status_code == 303
    assert firm.hand.post_form(f"{page}/confirm", {"version": "2"}).status_code == 409
    wrong = {"version": "3", "note": "说好的是 130"}
    assert firm.hand.post_form(f"{page}/object", wrong).status_code == 303
    assert "说好的是 130" in shown(firm.boss.get(page))
    shown(firm.boss.get(f"{page}/end"))
    early = {"version": "4", "ended_on": "2026-10-31"}
    assert firm.boss.post_form(f"{page}/end", early).status_code == 422
    last = {"version": "4", "ended_on": "2026-11-22"}
    for _ in range(2):
        assert firm.boss.post_form(f"{page}/end", last).status_code == 303
    assert stored(Hire, made.id).version == 5
    kinds = [row.kind for row in _events(made.id)]
    assert kinds == ["made", "confirmed", "changed", "objected", "ended"]


def _events(hire_id) -> list[HireEvent]:
    with db.reading() as session:
        rows = select(HireEvent).where(HireEvent.hire_id == hire_id).order_by(HireEvent.version)
        return list(session.exec(rows).all())


def test_a_hire_is_seen_by_its_two_sides_and_masked_by_its_town(database):
    firm = Firm()
    with db.transaction() as session:
        made = make.hire(session, firm.employer, session.get(Person, firm.worker.person_id))
    page, before = f"/hires/{made.id}", digest()
    for who in (firm.fellow, firm.stranger, firm.elsewhere):
        assert who.get(page).status_code == 404
        assert "张秀英" not in who.get("/hires").text
    text = shown(firm.town.get(page)) + shown(firm.town.get("/hires"))
    assert "张*" in text
    assert "张秀英" not in text
    assert "13900001234" not in text
    assert firm.anybody.get(page).status_code == 303
    for path, body in (("confirm", {"version": "1"}), ("object", {"version": "1"})):
        assert firm.fellow.post_form(f"{page}/{path}", body).status_code == 404
        assert firm.boss.post_form(f"{page}/{path}", body).status_code == 403
    for path in ("edit", "end"):
        assert firm.stranger.get(f"{page}/{path}").status_code == 404
        assert firm.town.get(f"{page}/{path}").status_code == 403
    assert not changed(before)


def test_crews_are_made_once_and_ended(database):
    firm = Firm()
    people, form = f"/employers/{firm.employer.id}", {"id": str(new_id()), "name": "采果一组"}
    for _ in range(2):
        assert firm.boss.post_form(f"{people}/crews", form).status_code == 303
    assert "采果一组" in shown(firm.boss.get(f"{people}/workers"))
    assert shown(firm.boss.post_form(f"{people}/crews", {**form, "name": ""}), 422)
    assert firm.boss.post_form(f"{people}/crews", {**form, "name": "别的"}).status_code == 409
    assert firm.stranger.post_form(f"{people}/crews", form).status_code == 404
    assert firm.stranger.post_form(f"/crews/{form['id']}/end").status_code == 404
    assert firm.boss.post_form(f"/crews/{form['id']}/end").status_code == 303
    assert "采果一组" not in shown(firm.boss.get(f"{people}/workers"))


def test_a_status_is_read_by_the_own_town_for_a_reason_and_by_oneself(database):
    firm = Firm()
    page = f"/statuses/{firm.worker.person_id}"
    form = {
        "id": str(new_id()),
        "kind": "lifted_out",
        "from_on": "2024-01-01",
        "until_on": "",
        "reason": "名册录入",
    }
    assert "看一次记一次" in shown(firm.town.get(page))
    assert shown(firm.town.post_form(page, {"reason": " "}), 422)
    assert firm.town.post_form(f"{page}/write", form).status_code == 303
    assert firm.town.post_form(f"{page}/write", form).status_code == 303
    before = digest()
    assert "脱贫人口" not in firm.town.get(page).text
    assert "2024年1月1日起" in shown(firm.town.post_form(page, {"reason": "核对季度数"}))
    assert changed(before) == {"audit_line"}
    assert "脱贫人口" in shown(firm.hand.get("/my-status"))
    assert "没有登记" in shown(firm.fellow.get("/my-status"))
    before = digest()
    for who, status in ((firm.elsewhere, 404), (firm.boss, 403), (firm.fellow, 403)):
        assert who.get(page).status_code == status
        assert who.post_form(page, {"reason": "想看"}).status_code == status
        assert who.post_form(f"{page}/write", form).status_code == status
    assert firm.boss.get("/my-status").status_code == 403
    assert not changed(before)


def test_no_page_of_an_employer_or_fellow_tells_a_status(sqlite_database):
    firm, sent = Firm(), offer()
    with db.transaction() as session:
        who = session.get(Person, firm.worker.person_id)
        made = make.hire(session, firm.employer, who)
        make.status(session, who)
    firm.boss.post_form("/openings/new", sent)
    firm.hand.post_form(f"/openings/{sent['id']}/apply")
    people = f"/employers/{firm.employer.id}/workers"
    pages = [people, f"{people}/{who.id}", f"{people}/{who.id}/edit", "/hires", "/openings"]
    pages += [f"/hires/{made.id}", f"/hires/{made.id}/edit", f"/openings/{sent['id']}"]
    for reader in (firm.boss, firm.fellow, firm.stranger):
        for page in pages:
            text = reader.get(page).text
            for word in ("脱贫", "监测", "lifted", "monitored"):
                assert word not in text, page


def test_periods_of_one_kind_do_not_overlap_and_their_days_are_corrected(database):
    firm = Firm()
    page = f"/statuses/{firm.worker.person_id}/write"
    first = {
        "id": str(new_id()),
        "kind": "monitored",
        "from_on": "2022-01-01",
        "until_on": "2022-06-30",
        "reason": "名册录入",
    }
    assert firm.town.post_form(page, first).status_code == 303
    second = {**first, "id": str(new_id()), "from_on": "2022-06-30", "until_on": ""}
    assert "和已有的一段重叠了" in shown(firm.town.post_form(page, second), 422)
    assert firm.town.post_form(page, {**second, "from_on": "2022-07-01"}).status_code == 303
    assert firm.town.post_form(page, {**first, "until_on": "2021-12-31"}).status_code == 422
    assert firm.town.post_form(page, {**first, "from_on": "2026-11-24"}).status_code == 422
    assert firm.town.post_form(page, {**first, "until_on": "2022-05-31"}).status_code == 303
    assert firm.town.post_form(page, {**first, "kind": "lifted_out"}).status_code == 409


def test_who_manages_nothing_is_told_so(sqlite_database):
    with db.transaction() as session:
        two = make.employer(session), make.employer(session, name="第二基地")
        account = make.account(session, Role.MANAGER, employer_id=two[0].id)
        accounts.grant(session, account, Role.MANAGER, now=make.NOW, employer_id=two[1].id)
        token = accounts.begin_session(session, account, now=make.NOW)
    text = shown(client(token).get("/workers"))
    assert "第二基地" in text
    assert "竹溪基地" in text
