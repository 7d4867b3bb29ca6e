"""A day that was taken back on the sheet after its line: told at once, corrected by the press."""

import pytest
from sqlmodel import select

from orchard.attendance.services import put_workday
from orchard.errors import FieldRefused
from orchard.hiring.rules import PayBasis
from orchard.wages import queries, reckoning
from orchard.wages.models import PayLine
from orchard.wages.reckoning import NOTE_SHEET, Stretch
from orchard.wages.sheet import disagreeing
from tests.client import client
from tests.page import check_page
from tests.wages.earning import DAY, TODAY, firm, line, made, settle_form, works, wrote
from tests.wages.paying import LATER, NOW, correct, settle

BY_QUANTITY = [PayBasis.JIN, PayBasis.BASKET, PayBasis.HOUR]


def paid(session, basis):
    """Make a firm with one worked day and its line of 150 yuan."""
    here = firm(session, basis=basis)
    works(session, here.hire)
    return here, line(session, here, quantity_x100=100_000)


def tick(session, here, half_days, day=DAY):
    put_workday(session, here.manager, here.hire.id, day, half_days, now=NOW)


def press(session, here):
    return reckoning.reckon(session, here.manager, Stretch(here.firm.id), now=LATER)


@pytest.mark.parametrize("basis", BY_QUANTITY)
def test_a_day_by_quantity_that_was_taken_back_is_corrected_to_nothing(session, basis):
    here, first = paid(session, basis)
    tick(session, here, 1)
    assert press(session, here).corrections == 0  # half a day says nothing of a quantity
    tick(session, here, 0)
    assert press(session, here).corrections == 1
    lines = session.exec(select(PayLine).where(PayLine.corrects_id == first.id)).all()
    assert [(one.quantity_x100, one.amount_fen, one.note) for one in lines] == [
        (-100_000, -15_000, NOTE_SHEET)
    ]
    total = reckoning.total(session, first.id)
    assert (total.quantity_x100, total.amount_fen) == (0, 0)
    assert press(session, here).corrections == 0
    session.refresh(first)
    assert first.amount_fen == 15_000


def test_a_quantity_is_refused_where_the_sheet_says_that_nobody_came(session):
    here, first = paid(session, PayBasis.JIN)
    tick(session, here, 0)
    press(session, here)
    with pytest.raises(FieldRefused) as refused:
        correct(session, here, first, 50_000, version=2)
    assert (refused.value.field, refused.value.code) == ("quantity", "wages.tick_first")
    assert reckoning.total(session, first.id).quantity_x100 == 0
    tick(session, here, 2)
    correct(session, here, first, 50_000, version=2)
    assert press(session, here).corrections == 0
    assert reckoning.total(session, first.id).amount_fen == 7_500


@pytest.mark.parametrize("basis", [*BY_QUANTITY, PayBasis.DAY])
@pytest.mark.parametrize("half_days", [0, 1, 2])
def test_page_and_press_agree_on_what_was_taken_back(session, basis, half_days):
    here = firm(session, basis=basis)
    works(session, here.hire)
    line(session, here, quantity_x100=None if basis == PayBasis.DAY else 100_000)
    tick(session, here, half_days)
    (day,) = queries.day_pays(session, PayLine.hire_id == here.hire.id)
    found = session.execute(disagreeing(PayLine.hire_id == here.hire.id)).all()
    assert day.is_retaken is bool(found)
    assert day.is_retaken is (press(session, here).corrections == 1)


def test_what_was_paid_for_a_day_taken_back_is_held_back_from_the_next_wages(session):
    here, first = paid(session, PayBasis.JIN)
    settle(session, here)
    tick(session, here, 0)
    assert press(session, here).corrections == 1
    assert reckoning.total(session, first.id).amount_fen == 0
    works(session, here.hire, TODAY)
    line(session, here, TODAY, quantity_x100=110_000)
    assert settle(session, here).amount_fen == 16_500 - 15_000


def test_no_page_offers_pay_for_a_day_taken_back_without_saying_so(database, morning):
    here = made(basis=PayBasis.JIN)
    wrote(works, here.hire)
    wrote(line, here, quantity_x100=100_000)
    manager, worker = client(here.token), client(here.worker_token)
    person = f"/pay/{here.hire.person_id}"
    differs = "点名改过 1 天，工钱还没跟着改"
    for browser, path in ((manager, person), (worker, "/work")):
        assert differs not in browser.get(path).text
    wrote(tick, here, 0)
    for browser, path in ((manager, person), (worker, "/work")):
        text = check_page(browser.get(path).text).text
        assert differs in text
        assert "点名没来" in text
    button = {"employer_id": str(here.firm.id), "person_id": str(here.hire.person_id)}
    told = manager.post_form("/pay/reckon", button).location
    assert "点名改过，更正了 1 天" in manager.get(told).text
    assert "结清 0 元" in manager.get(person).text
    for browser, path in ((manager, person), (worker, "/work")):
        assert differs not in browser.get(path).text
    text = check_page(worker.get("/work").text).text
    assert "0 工日" in text
    assert "150 元" not in text


def test_a_paid_day_that_was_taken_back_shows_what_was_paid_too_much(database, morning):
    here = made(basis=PayBasis.JIN)
    wrote(works, here.hire)
    wrote(line, here, quantity_x100=100_000)
    manager, worker = client(here.token), client(here.worker_token)
    person = f"/pay/{here.hire.person_id}"
    manager.post_form(f"{person}/settle", settle_form(here, seen_fen=15_000))
    wrote(tick, here, 0)
    text = check_page(manager.get(person).text).text
    assert "都结清了" in text
    assert "点名改过 1 天" in text
    manager.post_form("/pay/reckon", {"employer_id": str(here.firm.id)})
    text = check_page(manager.get(person).text).text
    assert "多付了 150 元" in text
    assert "下次结清时一起算" in text
    assert "多付了 150 元" in check_page(worker.get("/work").text).text


def test_a_day_ticked_again_after_that_says_that_its_quantity_is_missing(sqlite_database, morning):
    here = made(basis=PayBasis.JIN)
    wrote(works, here.hire)
    wrote(line, here, quantity_x100=100_000)
    for half_days in (0, 2):
        wrote(tick, here, half_days)
        wrote(press, here)
    for token, path in ((here.token, f"/pay/{here.hire.person_id}"), (here.worker_token, "/work")):
        assert "来了，数量是 0" in client(token).get(path).text
