"""What a worker sees of money that he was handed: advances, what was held back, what never came."""

from datetime import timedelta
from gzip import compress

import pytest
from sqlmodel import select

from orchard.errors import FieldRefused
from orchard.wages.models import PayAnswer
from orchard.wages.rules import AnswerState, Objection, Proof
from tests.client import client
from tests.page import check_page
from tests.wages.earning import DAY, firm, made, settle_form, worked_line, wrote
from tests.wages.paying import advance, say, settle
from tests.wages.test_pages import queries_of

pytestmark = pytest.mark.usefixtures("morning")
UNSIGNED = {"proof": Proof.MISSING, "paid_on": DAY}
BY_HIM = {"version": "0", "lines": "1", "reason": "not_received"}


def test_a_worker_sees_an_advance_on_the_day_it_is_noted(database):
    here = made()
    given = wrote(advance, here, 30_000, **UNSIGNED)
    worker = client(here.worker_token)
    page = check_page(worker.get("/work").text)
    for shown in ("11月20日 预支 300 元", "现金、没有凭证", "预支还有 300 元没扣", "先问用工方"):
        assert shown in page.text
    links = [tag["href"] for tag in page.of("a")]
    assert f"/pay/slips/{given.id}" in links
    assert any(link.startswith("tel:") for link in links)
    slip = check_page(worker.get(f"/pay/slips/{given.id}").text)
    assert "预支还没扣的 300 元" in slip.text
    assert any(tag["href"].startswith("tel:") for tag in slip.of("a"))
    assert "先问用工方" not in client(here.token).get(f"/pay/slips/{given.id}").text


def test_what_was_held_back_stands_beside_what_was_paid(database):
    here = made()
    for number in range(3):
        wrote(worked_line, here, DAY - timedelta(number))
    wrote(advance, here, 10_000, **UNSIGNED)
    wrote(settle, here)
    text = check_page(client(here.worker_token).get("/work").text).text
    assert "工钱 390 元" in text
    assert "结清工钱 290 元" in text
    assert "工钱 390 元，扣掉预支 100 元" in text
    assert "预支 100 元" in text
    assert "扣完了" in text
    assert "没扣" not in text


def test_all_that_is_left_of_many_advances_is_told(sqlite_database):
    here = made()
    for _ in range(60):
        wrote(advance, here, 10_000, **UNSIGNED)
    assert "预支还有 6,000 元没扣" in client(here.worker_token).get("/work").text


def test_an_open_advance_is_shown_in_every_month_and_a_held_back_one_in_its_own(database):
    here = made()
    wrote(advance, here, 10_000, **UNSIGNED)
    worker = client(here.worker_token)
    assert "预支 100 元" in worker.get("/work?month=2026-10").text
    wrote(worked_line, here)
    wrote(settle, here)
    assert "预支 100 元" not in worker.get("/work?month=2026-10").text
    assert "预支 100 元" in worker.get("/work").text


def test_money_of_others_is_not_on_the_page(sqlite_database):
    here, other = made(), made(name="别家")
    wrote(advance, other, 7_700, **UNSIGNED)
    assert "付过的钱" not in client(here.worker_token).get("/work").text


def test_the_page_stays_light_and_costs_the_same_however_much_was_paid(database):
    here = made()
    wrote(worked_line, here)
    wrote(advance, here, 100, **UNSIGNED)
    short = queries_of(here.worker_token, "/work")
    for number in range(12):
        wrote(advance, here, 100 + number, **UNSIGNED)
    assert queries_of(here.worker_token, "/work") == short
    assert short <= 7
    assert len(compress(client(here.worker_token).get("/work").data)) < 14 * 1024


def test_a_worker_says_that_money_shown_as_paid_never_came(database):
    here = made()
    first = wrote(worked_line, here)
    worker, manager = client(here.worker_token), client(here.token)
    path = f"/work/{first.id}/object"
    assert "钱没拿到" not in worker.get(path).text
    refused = worker.post_form(path, BY_HIM)
    assert refused.status_code == 422
    assert "还没有记成付了钱" in refused.text
    unsigned = settle_form(here, seen_fen=13_000, way="cash_missing")
    assert manager.post_form(f"/pay/{here.hire.person_id}/settle", unsigned).status_code == 303
    assert "钱没拿到" in check_page(worker.get(path).text).text
    assert worker.post_form(path, BY_HIM).status_code == 303
    assert "钱没拿到" in manager.get(f"/pay/lines/{first.id}").text
    assert f"/pay/lines/{first.id}" in manager.get("/pay/disputes").text


def test_by_the_service_too_only_what_is_shown_as_paid_was_not_received(session):
    here = firm(session)
    first = worked_line(session, here)
    wrong = {"reason": Objection.NOT_RECEIVED}
    with pytest.raises(FieldRefused, match="wages.not_paid_yet"):
        say(session, here.worker, first, AnswerState.OBJECTED, **wrong)
    settle(session, here)
    say(session, here.worker, first, AnswerState.OBJECTED, **wrong)
    assert session.exec(select(PayAnswer.reason)).one() == Objection.NOT_RECEIVED
