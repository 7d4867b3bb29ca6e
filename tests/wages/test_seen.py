"""Money that several hands touch: pressed at once, ticked again, corrected, seen and answered."""

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlmodel import select

from orchard import db
from orchard.attendance import services as attendance
from orchard.attendance.models import Workday
from orchard.errors import Conflict
from orchard.hiring.models import Hire
from orchard.hiring.rules import PayBasis
from orchard.ids import new_id
from orchard.wages import answers, reckoning
from orchard.wages.models import PayAnswer, PayLine
from orchard.wages.reckoning import Correction, Stretch
from orchard.wages.rules import AnswerState
from tests import make
from tests.client import client
from tests.crowd import at_once
from tests.page import check_page
from tests.wages.earning import DAY, firm, line, rows, worked_line, works

LATER = make.NOW + timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("morning")


def ticked_again(session, hire, half_days=1, at=LATER):
    """Correct a day on the sheet."""
    day = session.get_one(Workday, (hire.id, DAY))
    day.half_days, day.written_at = half_days, at
    session.flush()


def correct(session, here, first, **values):
    """Say by hand what the day's pay should be."""
    asked = {"quantity_x100": 100, "rate_fen_x100": None, "note": "秤错了", "version": 1, **values}
    change = Correction(id=new_id(), **asked)
    return reckoning.correct_line(session, here.manager, first.id, change, now=LATER)


def press(session, here):
    """Press the button for everybody of the firm."""
    return reckoning.reckon(session, here.manager, Stretch(here.firm.id), now=LATER)


def test_a_day_ticked_again_is_corrected_once_by_many_presses_at_once(database):
    with db.transaction() as session:
        here = firm(session)
        first = worked_line(session, here)
        ticked_again(session, here.hire)

    def pressed():
        with db.transaction() as session:
            return press(session, here).corrections

    assert sorted(at_once(8, pressed)) == [0] * 7 + [1]
    with db.reading() as session:
        total = reckoning.total(session, first.id)
    assert (total.version, total.quantity_x100, total.amount_fen) == (2, 50, 6_500)


def test_presses_ticks_and_corrections_at_once_end_as_the_sheet_says(database):
    with db.transaction() as session:
        here = firm(session)
        first = worked_line(session, here)
    turn = iter(range(12))

    def act():
        number = next(turn)
        with db.transaction() as session:
            if number % 3 == 0:
                press(session, here)
            elif number % 3 == 1:
                half, day = number % 2 + 1, DAY
                attendance.put_workday(
                    session, here.manager, here.hire.id, day, half, now=LATER, reason="补记"
                )
            else:
                version = reckoning.total(session, first.id).version
                quantity = 50 if number % 2 else 100
                rate = 1_300_000 + number
                correct(
                    session,
                    here,
                    first,
                    quantity_x100=quantity,
                    rate_fen_x100=rate,
                    version=version,
                )

    def tried():
        with suppress(Conflict):
            act()

    at_once(12, tried)
    with db.transaction() as session:
        press(session, here)
        total = reckoning.total(session, first.id)
        half_days = session.get_one(Workday, (here.hire.id, DAY)).half_days
        assert total.quantity_x100 == half_days * 50
        assert press(session, here).corrections == 0


def test_lines_keep_their_own_basis_when_the_hire_has_another(session):
    here = firm(session, basis=PayBasis.JIN)
    works(session, here.hire, half_days=1)
    first = line(session, here, quantity_x100=100_000)
    session.get_one(Hire, here.hire.id).basis = PayBasis.DAY
    ticked_again(session, here.hire)
    assert press(session, here).corrections == 0
    assert correct(session, here, first, quantity_x100=99_000).quantity_x100 == -1_000
    assert reckoning.total(session, first.id).quantity_x100 == 99_000


def test_a_line_by_the_day_follows_the_sheet_when_the_hire_is_by_the_jin(session):
    here = firm(session)
    first = worked_line(session, here)
    session.get_one(Hire, here.hire.id).basis = PayBasis.JIN
    correct(session, here, first, quantity_x100=50)
    assert session.get_one(Workday, (here.hire.id, DAY), populate_existing=True).half_days == 1
    ticked_again(session, here.hire, 2)
    assert press(session, here).corrections == 1
    assert reckoning.total(session, first.id).quantity_x100 == 100


def test_a_correction_of_the_rate_hides_no_correction_of_the_sheet(session):
    here = firm(session)
    first = worked_line(session, here)
    ticked_again(session, here.hire, at=make.NOW + timedelta(minutes=1))
    correct(session, here, first, rate_fen_x100=1_400_000)
    assert press(session, here).corrections == 1
    total = reckoning.total(session, first.id)
    assert (total.quantity_x100, total.amount_fen) == (50, 7_000)
    assert press(session, here).corrections == 0


def test_an_amount_that_was_never_seen_is_neither_confirmed_nor_objected_to(session):
    here = firm(session)
    first = worked_line(session, here)
    seen = answers.Said(0, AnswerState.CONFIRMED, lines=1)
    correct(session, here, first, rate_fen_x100=1_200_000)
    with pytest.raises(Conflict) as no:
        answers.answer(session, here.worker, first.id, seen, now=LATER)
    assert (no.value.kept["lines"], no.value.kept["amount_yuan"]) == (2, "120.00")
    assert session.exec(select(PayAnswer)).all() == []
    now_seen = answers.Said(0, AnswerState.CONFIRMED, lines=2)
    kept = answers.answer(session, here.worker, first.id, now_seen, now=LATER)
    correct(session, here, first, rate_fen_x100=1_300_000, version=2)
    again = answers.answer(session, here.worker, first.id, now_seen, now=LATER)
    assert again.version == kept.version == 1  # sent twice it is said once


def test_the_pages_send_what_was_seen_and_show_what_became_of_it(sqlite_database):
    with db.transaction() as session:
        here = firm(session)
        first = worked_line(session, here)
    worker, manager = client(here.worker_token), client(here.token)
    for page in ("/work", f"/work/{first.id}/object"):
        sent = [
            (tag["name"], tag["value"])
            for tag in check_page(worker.get(page).text).of("input")
            if tag["type"] == "hidden"
        ]
        assert ("lines", "1") in sent, page
    fix = {"id": str(new_id()), "version": "1", "quantity": "1", "rate_yuan": "120", "note": "少"}
    assert manager.post_form(f"/pay/lines/{first.id}/correct", fix).status_code == 303
    stale = {"version": "0", "lines": "1"}
    for path, more in (("confirm", {}), ("object", {"reason": "rate"})):
        answer = worker.post_form(f"/work/{first.id}/{path}", {**stale, **more})
        assert answer.status_code == 409
        text = check_page(answer.text).text
        assert "两边不一样，还没有存" in text
        assert "120 元" in text
    assert worker.post_form(f"/work/{first.id}/confirm", {**stale, "lines": "x"}).status_code == 422
    assert rows(PayAnswer)["PayAnswer"] == []
    seen = {"version": "0", "lines": "2"}
    assert worker.post_form(f"/work/{first.id}/confirm", seen).status_code == 303
    assert len(rows(PayLine)["PayLine"]) == 2


def test_a_program_may_say_how_many_lines_it_saw(sqlite_database):
    with db.transaction() as session:
        here = firm(session)
        first = worked_line(session, here)
    path, program = f"/api/v1/pay-lines/{first.id}/answers", client()
    body = {"version": 0, "state": "confirmed"}
    for lines, status in ((2, 409), ("1", 422), (0, 422), (1, 201)):
        told = program.post(path, json={**body, "lines": lines}, headers=here.worker_bearer)
        assert told.status_code == status, lines
    assert program.post(path, json=body, headers=here.worker_bearer).status_code == 201
