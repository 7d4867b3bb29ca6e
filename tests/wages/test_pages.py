"""The pages of pay, for who pays, who is paid, and the town; in both languages."""

import re
from datetime import date, timedelta

import pytest

from orchard import clock, db
from orchard.accounts.models import AuditLine, Person
from orchard.accounts.rules import Role
from orchard.hiring.models import StatusPeriod
from orchard.hiring.rules import PayBasis, StatusKind
from orchard.ids import new_id
from orchard.wages.models import IdClash, IdNumber, PayAnswer, PayLine, Payment
from tests import make
from tests.access.state import changed, digest
from tests.client import client
from tests.crowd import at_once
from tests.page import check_page
from tests.wages.earning import (
    DAY,
    NUMBER,
    OTHER_NUMBER,
    TODAY,
    agree,
    firm,
    line,
    rows,
    session_of,
    worked_line,
    works,
)

TOKEN = re.compile(r'name="(csrf_token|id)" value="[^"]*"')
SETTLED = {"way": "cash_signature", "paid_on": "2026-11-23", "until": "2026-11-23"}


@pytest.fixture(autouse=True)
def morning():
    with clock.frozen_at(make.NOW):
        yield


def made(**values):
    with db.transaction() as session:
        return firm(session, **values)


def wrote(write, *values, **named):
    with db.transaction() as session:
        return write(session, *values, **named)


def settle_form(here, **values):
    return {"id": str(new_id()), "employer_id": str(here.firm.id), **SETTLED, **values}


def test_from_the_sheet_to_the_slip_in_three_taps_a_person(sqlite_database):
    here = made()
    for number in range(3):
        wrote(works, here.hire, DAY - timedelta(number), 2 if number else 1)
    manager = client(here.token)
    page = check_page(manager.get("/pay").text)
    assert "有 3 天还没算。" in page.text
    done = manager.post_form("/pay/reckon", {"employer_id": str(here.firm.id)})
    page = check_page(manager.get(done.location).text)
    assert "算好了 3 天" in page.text
    assert "没结清 325 元" in page.text  # a day and a half at 130 yuan, and one more
    to = next(tag["href"] for tag in page.of("a") if str(here.hire.person_id) in tag["href"])
    person = check_page(manager.get(to).text)  # tap 1
    assert "结清 325 元" in person.text
    hidden = {tag["name"]: tag["value"] for tag in person.of("input") if tag["type"] == "hidden"}
    form = {**hidden, "way": "cash_signature", "paid_on": "2026-11-23"}  # tap 2: the way
    form.pop("csrf_token")
    slip = manager.post_form(f"/pay/{here.hire.person_id}/settle", form).location  # tap 3
    text = check_page(manager.get(slip).text).text
    assert "实付 325 元" in text
    assert "工人签字" in text
    assert check_page(client(here.worker_token).get(slip).text).text.count("130") == 5


def test_the_worker_sees_every_day_and_fen_and_what_is_settled(sqlite_database):
    here = made(basis=PayBasis.JIN)
    wrote(works, here.hire)
    wrote(works, here.hire, TODAY)
    wrote(line, here, quantity_x100=100_033)
    worker = client(here.worker_token)
    text = check_page(worker.get("/work").text).text
    for shown in ("2026年11月 2 工日", "150.05 元", "没结清 150.05 元", "来了，还没算", "11月23日"):
        assert shown in text
    manager = client(here.token)
    manager.post_form(f"/pay/{here.hire.person_id}/settle", settle_form(here, seen_fen=15_005))
    page = check_page(worker.get("/work").text)
    assert "已结清" in page.text
    assert "没结清" not in page.text
    assert worker.get("/").location == "/work"
    check_page(worker.get("/work?month=2026-10").text)
    for broken in ("x", "2026-13", "2026-1", "2026-12", "1999-12", "9999-99"):
        assert worker.get(f"/work?month={broken}").status_code == 404, broken


def test_a_worker_objects_the_manager_corrects_and_the_worker_agrees(sqlite_database):
    here = made(basis=PayBasis.JIN)
    wrote(works, here.hire)
    first = wrote(line, here, quantity_x100=100_000)
    worker, manager = client(here.worker_token), client(here.token)
    page = f"/work/{first.id}/object"
    check_page(worker.get(page).text)
    wrong = {"version": "0", "reason": "quantity", "claimed": "1020", "note": "少记 20 斤"}
    refused = worker.post_form(page, {**wrong, "reason": ""})
    assert refused.status_code == 422
    check_page(refused.text)
    assert worker.post_form(page, wrong).location == f"/work?month=2026-11#d-{first.id}"
    assert "等他答复" in check_page(worker.get(page).text).text
    assert "数量不对" in check_page(manager.get("/pay/disputes").text).text
    desk = f"/pay/lines/{first.id}"
    assert "少记 20 斤" in check_page(manager.get(desk).text).text
    fix = {"id": str(new_id()), "version": "1", "quantity": "1020", "note": "重新过秤"}
    assert manager.post_form(f"{desk}/correct", fix).status_code == 303
    assert manager.post_form(f"{desk}/correct", fix).status_code == 303  # twice is once
    stale = manager.post_form(f"{desk}/correct", {**fix, "id": str(new_id())})
    assert stale.status_code == 409
    check_page(stale.text)
    text = check_page(worker.get(page).text).text
    assert "更正 3 元" in text
    assert "1,020" not in text  # a quantity is shown as it is weighed
    assert "1020 斤" in text
    assert worker.post_form(f"/work/{first.id}/confirm", {"version": "2"}).status_code == 303
    assert "工人说对" in worker.get("/work").text
    assert "没有说有错的工钱。" in manager.get("/pay/disputes").text


def test_an_objection_is_explained_in_words(sqlite_database):
    here = made()
    first = wrote(worked_line, here)
    worker, manager = client(here.worker_token), client(here.token)
    desk = f"/pay/lines/{first.id}/explain"
    assert manager.post_form(desk, {"version": "0", "answer": "没错"}).status_code == 422
    worker.post_form(f"/work/{first.id}/object", {"version": "0", "reason": "other"})
    empty = manager.post_form(desk, {"version": "1", "answer": " "})
    assert empty.status_code == 422
    assert "answer-error" in empty.text
    assert manager.post_form(desk, {"version": "1", "answer": "那天只来了半天"}).status_code == 303
    assert "那天只来了半天" in worker.get(f"/work/{first.id}/object").text


def test_the_town_sees_disputed_lines_only_and_masked(sqlite_database):
    here, far = made(), made(village_code=make.OTHER_VILLAGE, name="大德基地")
    quiet, loud = wrote(worked_line, here), wrote(worked_line, here, TODAY)
    other = wrote(worked_line, far)
    for who, one in ((here, loud), (far, other)):
        client(who.worker_token).post_form(
            f"/work/{one.id}/object", {"version": "0", "reason": "day"}
        )
    with db.transaction() as session:
        _, token = make.signed_in(session, Role.SECRETARY)
    desk = client(token)
    text = check_page(desk.get("/pay/disputes").text).text
    assert "张*" in text
    assert "张秀英" not in text
    assert "11月23日" in text
    assert "11月20日" not in text
    assert "大德" not in text
    for closed in ("/pay", f"/pay/{here.hire.person_id}", f"/pay/lines/{loud.id}", "/work"):
        assert desk.get(closed).status_code == 403
    assert quiet.id != loud.id


def test_goods_are_offered_and_refused_with_the_law(sqlite_database):
    here = made()
    wrote(worked_line, here)
    before = digest()
    for path, more in (("settle", {"seen_fen": 13_000}), ("advance", {"amount_yuan": "50"})):
        answer = client(here.token).post_form(
            f"/pay/{here.hire.person_id}/{path}", settle_form(here, way="goods", **more)
        )
        assert answer.status_code == 422
        page = check_page(answer.text)
        assert "法律不许用东西抵" in page.text
        assert "way-error" in {tag.get("id") for tag in page.of("p")}
    assert changed(before) == set()


def test_refusals_stand_beside_their_field_and_write_nothing(sqlite_database):
    here = made(basis=PayBasis.JIN)
    wrote(works, here.hire)
    first = wrote(line, here, quantity_x100=100)
    manager, before = client(here.token), digest()
    pay = f"/pay/{here.hire.person_id}"
    rate = {
        "id": str(new_id()),
        "employer_id": str(here.firm.id),
        "work": "picking",
        "basis": "jin",
        "rate_yuan": "0.15",
        "from_on": "2026-11-23",
    }
    fix = {"id": str(new_id()), "version": "1", "quantity": "2", "note": "秤错了"}
    cases = [
        ("/pay/rates", rate, ("rate_yuan", "0.00001"), ("rate_yuan", "0"), ("rate_yuan", "-1")),
        ("/pay/rates", rate, ("work", "x"), ("basis", "x"), ("from_on", "x")),
        ("/pay/reckon", {"employer_id": str(here.firm.id)}, ("from_on", "x"), ("crew_id", "x")),
        (f"{pay}/settle", settle_form(here, seen_fen=15), ("way", ""), ("paid_on", "2026-11-24")),
        (f"{pay}/settle", settle_form(here, seen_fen=15), ("paid_on", "2026-11-19")),
        (f"{pay}/advance", settle_form(here, amount_yuan="5"), ("amount_yuan", "5.001")),
        (f"{pay}/advance", settle_form(here, amount_yuan="5"), ("amount_yuan", "0")),
        (f"/pay/lines/{first.id}/correct", fix, ("quantity", "-1"), ("quantity", "1.001")),
        (f"/pay/lines/{first.id}/correct", fix, ("note", ""), ("rate_yuan", "x")),
        (f"/pay/lines/{first.id}/correct", fix, ("quantity", "1")),
    ]
    for path, form, *wrong in cases:
        for field, value in wrong:
            answer = manager.post_form(path, {**form, field: value})
            assert answer.status_code == 422, (path, field, value)
            beside = {tag.get("id") for tag in check_page(answer.text).of("p")}
            assert f"{field}-error" in beside, (path, field, value)
    assert changed(before) == set()


def test_quantities_are_typed_row_by_row_and_all_or_nothing(sqlite_database):
    here = made(basis=PayBasis.JIN)
    for number in range(2):
        wrote(works, here.hire, DAY - timedelta(number))
    manager = client(here.token)
    page = check_page(manager.get("/pay/quantities").text)
    names = [tag["name"] for tag in page.of("input") if tag["name"].startswith("q-")]
    assert len(names) == 2
    before = digest()
    wrong = manager.post_form("/pay/quantities", {names[0]: "1000", names[1]: "很多"})
    assert wrong.status_code == 422
    assert f"{names[1]}-error" in wrong.text
    assert changed(before) == set()
    assert manager.post_form("/pay/quantities", {names[0]: "1000"}).status_code == 303
    assert len(rows(PayLine)["PayLine"]) == 1
    left = check_page(manager.get(f"/pay/quantities?day={DAY}").text)
    assert len([1 for tag in left.of("input") if tag["name"].startswith("q-")]) <= 1
    assert manager.post_form("/pay/quantities", {names[0]: "999"}).status_code == 303
    assert len(rows(PayLine)["PayLine"]) == 1


@pytest.mark.parametrize("lang", ["zh_CN", "en"])
def test_every_page_is_whole(sqlite_database, lang):
    here = made()
    wrote(worked_line, here)
    first = wrote(worked_line, here, DAY - timedelta(1))
    manager, worker = client(here.token), client(here.worker_token)
    person = f"/pay/{here.hire.person_id}"
    given = settle_form(here, amount_yuan="50", way="bank_missing", paid_on="2026-11-20")
    slip = manager.post_form(f"{person}/advance", given).location
    worker.post_form(f"/work/{first.id}/object", {"version": "0", "reason": "rate"})
    for browser in (manager, worker):
        browser.set_cookie("lang", lang)
    marked = {"zh_CN": "zh-CN", "en": "en"}[lang]
    for browser, paths in (
        (
            manager,
            [
                "/pay",
                "/pay/reckon",
                "/pay/quantities",
                "/pay/rates",
                "/pay/disputes",
                person,
                f"{person}/advance",
                f"{person}/id-number",
                f"/pay/lines/{first.id}",
                slip,
            ],
        ),
        (worker, ["/work", f"/work/{first.id}/object", slip, "/work/id-number"]),
    ):
        for path in paths:
            answer = browser.get(path)
            assert answer.status_code == 200, path
            check_page(answer.text, lang=marked)
    assert manager.post_form(f"{slip}/proof", {"proof": "bank_receipt"}).status_code == 303
    assert "有银行回单" in client(here.token).get(slip).text


def test_an_id_number_is_given_masked_and_shown_in_full_after_the_secret(sqlite_database):
    here = made()
    worker, manager = client(here.worker_token), client(here.token)
    early = worker.get("/work/id-number")
    assert early.status_code == 422  # before the first line nobody needs it
    assert manager.get(f"/pay/{here.hire.person_id}/id-number").status_code == 422
    wrote(worked_line, here)
    form = {"id_number": "500154 19880606 000２"}
    assert worker.post_form("/work/id-number", form).status_code == 303
    text = check_page(worker.get("/work/id-number").text).text
    assert "500***********0002" in text
    assert NUMBER in worker.get("/work/id-number/full").text  # signed in a moment ago
    assert "500***" not in manager.get(f"/pay/{here.hire.person_id}").text
    wrote(agree, here)
    assert "500***********0002" in manager.get(f"/pay/{here.hire.person_id}").text
    with clock.frozen_at(make.NOW + timedelta(minutes=11)):
        late = worker.get("/work/id-number/full")
        assert late.location == "/account/prove?to=/work/id-number/full"
    assert manager.get("/work/id-number/full").status_code == 403
    assert len([one for one in rows(AuditLine)["AuditLine"] if "wages.id_" in one]) == 2


def test_wrong_young_and_foreign_numbers_are_refused_and_nothing_is_written(sqlite_database):
    here, other = made(), made()
    wrote(worked_line, here)
    wrote(worked_line, other)
    client(other.worker_token).post_form("/work/id-number", {"id_number": NUMBER})
    manager, page = client(here.token), f"/pay/{here.hire.person_id}/id-number"
    before = digest()
    for typed, told in (
        ("", "这一项还没填"),
        ("500154198806060003", "号码不对"),
        ("500154201511230008", "号码不对"),
        ("500154201011240004", "还不满 16 岁"),
        ("500154500101000", "15 位旧号"),
        ("830000195001010005", "别的证件"),
        (NUMBER, "已经是另一个人的登记"),
    ):
        answer = manager.post_form(page, {"id_number": typed})
        assert answer.status_code == 422, typed
        text = answer.text
        assert told in text or not typed, typed
        assert not typed or typed not in text
        check_page(text)
    assert changed(before) == set()
    handed = manager.post_form(page, {"id_number": NUMBER, "hand_over": "yes"})
    assert "交给镇上核对" in check_page(manager.get(handed.location).text).text
    assert len(rows(IdClash)["IdClash"]) == 1
    assert len(rows(IdNumber)["IdNumber"]) == 1
    assert client(other.token).get(page).status_code == 404
    assert client(other.token).post_form(page, {"id_number": OTHER_NUMBER}).status_code == 404


def test_a_manager_corrects_a_number_and_the_town_gets_none(sqlite_database):
    here = made()
    wrote(worked_line, here)
    page = f"/pay/{here.hire.person_id}/id-number"
    for number in (NUMBER, OTHER_NUMBER):
        assert client(here.token).post_form(page, {"id_number": number}).status_code == 303
    assert "500***********0008" in client(here.token).get(page).text
    with db.transaction() as session:
        _, secretary = make.signed_in(session, Role.SECRETARY)
    assert client(secretary).get(page).status_code == 403


def test_fifty_confirmations_and_objections_at_once_are_one_legal_state(database):
    here = made()
    first = wrote(worked_line, here)
    app = client().application
    turn = iter(range(50))

    def say():
        browser = client(here.worker_token, app=app)
        if next(turn) % 2:
            return browser.post_form(f"/work/{first.id}/confirm", {"version": "0"})
        return browser.post_form(f"/work/{first.id}/object", {"version": "0", "reason": "quantity"})

    answers = at_once(50, say)
    assert {answer.status_code for answer in answers} == {303, 409}
    assert len([1 for answer in answers if answer.status_code == 303]) == 25
    assert len(rows(PayAnswer)["PayAnswer"]) == 1


def test_fifty_who_settle_at_once_pay_once(database):
    here = made()
    for number in range(4):
        wrote(worked_line, here, DAY - timedelta(number))
    app, one_form = client().application, settle_form(here, seen_fen=52_000)
    path = f"/pay/{here.hire.person_id}/settle"
    turn = iter(range(50))

    def pay():
        same = next(turn) % 2
        form = one_form if same else {**one_form, "id": str(new_id())}
        return client(here.token, app=app).post_form(path, form)

    codes = {answer.status_code for answer in at_once(50, pay)}
    assert 303 in codes
    assert codes <= {303, 409, 422}
    assert len(rows(Payment)["Payment"]) == 1


def test_fifty_corrections_and_presses_at_once_stay_exact(database):
    here = made(basis=PayBasis.JIN)
    wrote(works, here.hire)
    first = wrote(line, here, quantity_x100=100_000)
    app = client().application
    turn = iter(range(1, 51))

    def fix():
        form = {"id": str(new_id()), "version": "1", "quantity": str(next(turn)), "note": "秤错了"}
        return client(here.token, app=app).post_form(f"/pay/lines/{first.id}/correct", form)

    answers = at_once(50, fix)
    assert sorted(answer.status_code for answer in answers) == [303] + [409] * 49
    assert len(rows(PayLine)["PayLine"]) == 2


def queries_of(token: str, path: str) -> int:
    from tests.plots.test_pages import queries_of as count

    return count(token, path)


def test_the_pages_cost_the_same_queries_at_any_length(database):
    here = made()
    wrote(worked_line, here)
    paths = [(here.token, "/pay"), (here.token, f"/pay/{here.hire.person_id}")]
    paths += [(here.worker_token, "/work"), (here.token, "/pay/disputes")]
    short = [queries_of(*path) for path in paths]
    with db.transaction() as session:
        for number in range(1, 19):
            worked_line(session, here, DAY - timedelta(number))
            make.hire(session, here.firm, make.worker(session, name=f"工{number}"))
    assert [queries_of(*path) for path in paths] == short
    assert max(short) <= 6, short


def test_who_was_hired_without_an_account_signs_in_later_and_finds_his_pay(sqlite_database):
    here = made()
    with db.transaction() as session:
        quiet = make.worker(session, name="陈素芬", phone=None)
        hire = make.hire(session, here.firm, quiet)
        works(session, hire)
    client(here.token).post_form("/pay/reckon", {"employer_id": str(here.firm.id)})
    with db.transaction() as session:
        _, token = session_of(
            session, session.get_one(Person, quiet.id), Role.WORKER, employer_id=here.firm.id
        )
    assert "130 元" in client(token).get("/work").text
    assert date(2026, 11, 20) == DAY


def test_no_page_of_pay_tells_or_orders_by_a_persons_status(sqlite_database):
    here = made()
    first = wrote(worked_line, here)
    with db.transaction() as session:
        for name in ("李国富", "陈素芬"):
            hire = make.hire(session, here.firm, make.worker(session, name=name))
            works(session, hire)
        _, secretary = make.signed_in(session, Role.SECRETARY)
    client(here.token).post_form("/pay/reckon", {"employer_id": str(here.firm.id)})
    client(here.worker_token).post_form(
        f"/work/{first.id}/object", {"version": "0", "reason": "quantity"}
    )
    pages = [
        *[(here.token, path) for path in ("/pay", f"/pay/{here.hire.person_id}")],
        *[(here.token, path) for path in ("/pay/disputes", f"/pay/lines/{first.id}")],
        *[(here.worker_token, path) for path in ("/work", f"/work/{first.id}/object")],
        (secretary, "/pay/disputes"),
    ]
    program = [(here.bearer, "/api/v1/pay-lines"), (here.bearer, "/api/v1/pay-lines/disputed")]

    def told():
        seen = [TOKEN.sub("", client(token).get(path).text) for token, path in pages]
        return seen + [client().get(path, headers=head).text for head, path in program]

    before = told()
    with db.transaction() as session:
        session.add(
            StatusPeriod(
                person_id=here.hire.person_id,
                kind=StatusKind.LIFTED_OUT,
                from_on=date(2020, 1, 1),
                at=make.NOW,
            )
        )
    assert told() == before
    assert not [text for text in before if "脱贫" in text or "lifted" in text]
