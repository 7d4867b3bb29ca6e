"""The pages of pay, for who pays and who is paid: whole, in both languages, for anybody."""

import re
from datetime import date, timedelta

import pytest

from orchard import db
from orchard.accounts.models import Person
from orchard.accounts.rules import Role
from orchard.hiring.models import StatusPeriod
from orchard.hiring.rules import PayBasis, StatusKind
from tests import make
from tests.client import client
from tests.page import check_page
from tests.wages.earning import (
    DAY,
    TODAY,
    line,
    made,
    session_of,
    settle_form,
    worked_line,
    works,
    wrote,
)

TOKEN = re.compile(r'name="(csrf_token|id)" value="[^"]*"')
pytestmark = pytest.mark.usefixtures("morning")


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
