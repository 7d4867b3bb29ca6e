"""Payments: what is settled, held back, chosen, refused, and proved."""

from datetime import timedelta

import pytest
from sqlmodel import select

from orchard.errors import Conflict, FieldRefused
from orchard.hiring.rules import PayBasis
from orchard.ids import new_id
from orchard.wages import paid, payments
from orchard.wages.models import Payment, PaymentDeduction
from orchard.wages.payments import Chosen, NothingUnsettled
from orchard.wages.rules import NothingToPay, Proof
from tests.wages.earning import DAY, TODAY, firm, line, worked_line, works
from tests.wages.paying import LATER, advance, correct, settle


def test_all_unsettled_lines_are_settled_once_and_advances_held_back(session):
    here = firm(session)
    for number in range(3):
        worked_line(session, here, DAY - timedelta(number))
    advance(session, here, 10_000, paid_on=DAY)
    id_ = new_id()
    done = settle(session, here, Chosen(seen_fen=29_000), id=id_)
    assert done.amount_fen == 29_000
    assert settle(session, here, Chosen(seen_fen=29_000), id=id_).id == done.id
    with pytest.raises(Conflict):
        settle(session, here, id=id_, proof=Proof.MISSING)
    with pytest.raises(NothingUnsettled):
        settle(session, here)
    assert len(paid.lines_of_payment(session, id_)) == 3
    assert paid.open_advances(session, here.firm.id, here.hire.person_id) == []


def test_an_advance_above_the_wages_is_held_back_bit_by_bit(session):
    here = firm(session)
    worked_line(session, here)
    given = advance(session, here, 20_000, paid_on=DAY)
    assert settle(session, here).amount_fen == 0
    assert [left for _, left in paid.open_advances(session, here.firm.id, here.hire.person_id)] == [
        7_000
    ]
    worked_line(session, here, DAY + timedelta(1))
    assert settle(session, here).amount_fen == 6_000
    held = session.exec(
        select(PaymentDeduction.amount_fen).where(PaymentDeduction.advance_id == given.id)
    ).all()
    assert sorted(held) == [7_000, 13_000]


def test_chosen_lines_and_lines_up_to_a_day(session):
    here = firm(session)
    lines = [worked_line(session, here, DAY - timedelta(number)) for number in range(4)]
    assert settle(session, here, Chosen(line_ids=frozenset({lines[1].id}))).amount_fen == 13_000
    assert settle(session, here, Chosen(until=DAY - timedelta(2))).amount_fen == 26_000
    with pytest.raises(NothingUnsettled):
        settle(session, here, Chosen(line_ids=frozenset({lines[1].id})))
    with pytest.raises(Conflict):
        settle(session, here, Chosen(seen_fen=1))
    assert settle(session, here).amount_fen == 13_000


def test_a_correction_after_the_payment_is_paid_or_waits(session):
    here = firm(session, basis=PayBasis.JIN)
    works(session, here.hire)
    first = line(session, here, quantity_x100=100_000)
    settle(session, here)
    correct(session, here, first, 98_000)
    with pytest.raises(NothingToPay):
        settle(session, here)
    works(session, here.hire, TODAY)
    line(session, here, TODAY, quantity_x100=10_000)
    assert settle(session, here).amount_fen == 1_500 - 300


def test_goods_future_days_and_cash_receipts_are_refused_and_nothing_is_written(session):
    here = firm(session)
    worked_line(session, here)
    for values, field in (
        ({"means": "goods"}, "means"),
        ({"paid_on": TODAY + timedelta(1)}, "paid_on"),
        ({"paid_on": DAY - timedelta(1)}, "paid_on"),
        ({"proof": Proof.BANK_RECEIPT}, "proof"),
    ):
        with pytest.raises(FieldRefused) as no:
            settle(session, here, **values)
        assert no.value.field == field
    assert settle(session, here).amount_fen == 13_000


def test_a_missing_proof_is_counted_until_it_comes(session):
    from orchard.wages import owed

    here = firm(session)
    worked_line(session, here)
    done = settle(session, here, proof=Proof.MISSING)
    assert owed.sums_of(session, here.manager).missing_proof == 1
    with pytest.raises(FieldRefused):
        payments.add_proof(session, here.manager, done.id, Proof.MISSING, now=LATER)
    for _ in range(2):
        payments.add_proof(session, here.manager, done.id, Proof.SIGNATURE, now=LATER)
    assert owed.sums_of(session, here.manager).missing_proof == 0
    assert paid.payment_for(session, here.worker, done.id).proof == Proof.SIGNATURE
    assert session.get_one(Payment, done.id).proof == Proof.MISSING
