"""Fifty who press the same button of pay at once: one legal state, paid once, exact."""

from datetime import timedelta

import pytest

from orchard.hiring.rules import PayBasis
from orchard.ids import new_id
from orchard.wages.models import PayAnswer, PayLine, Payment
from tests.client import client
from tests.crowd import at_once
from tests.wages.earning import DAY, line, made, rows, settle_form, worked_line, works, wrote

pytestmark = pytest.mark.usefixtures("morning")


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
