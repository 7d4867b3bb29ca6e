"""Money to the fen, rates by date, settlements, and which answer may follow which."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from orchard.errors import FieldRefused
from orchard.ids import new_id
from orchard.wages.rules import (
    GOODS,
    NEXT,
    AnswerState,
    Means,
    NothingToPay,
    NotNow,
    Proof,
    amount_fen,
    check_line,
    check_means,
    check_next,
    check_paid_on,
    check_proof,
    half_days_of,
    rate_on,
    settle_fen,
)

ONE, TWO = new_id(), new_id()


@given(some.integers(0, 9_999_999), some.integers(1, 100_000_000))
def test_an_amount_is_the_product_rounded_half_up(quantity, rate):
    exact = Decimal(quantity) / 100 * Decimal(rate) / 100
    assert amount_fen(quantity, rate) == exact.quantize(Decimal(1), ROUND_HALF_UP)


@pytest.mark.parametrize(
    ("quantity_x100", "rate_fen_x100", "fen"),
    [
        (100, 1_300_000, 13_000),  # a day at 130 yuan
        (50, 1_300_000, 6_500),
        (50, 1_300_100, 6_501),  # 65.005 yuan
        (100_000, 1_500, 15_000),  # 1,000 jin at 0.15 yuan
        (333, 1_500, 50),  # 0.4995 yuan
        (1, 1, 0),
        (1, 5_000, 1),  # half a fen
        (1, 4_999, 0),
    ],
)
def test_awkward_amounts(quantity_x100, rate_fen_x100, fen):
    assert amount_fen(quantity_x100, rate_fen_x100) == fen


def test_a_slip_of_the_finger_is_refused():
    for quantity, rate in ((0, 1), (-1, 1), (10_000_000, 1), (9_999_999, 100_000_000)):
        with pytest.raises(FieldRefused):
            check_line(quantity, rate)
    assert check_line(1_000_000, 1_000_000) == 100_000_000


@dataclass
class Known:
    from_on: date
    id: UUID


def test_the_newest_rate_on_a_day_holds_and_the_last_made_of_two():
    old = Known(date(2026, 1, 1), ONE)
    newer = Known(date(2026, 11, 1), ONE)
    again = Known(date(2026, 11, 1), TWO)
    rates = [newer, old, again]
    assert rate_on(rates, date(2025, 12, 31)) is None
    assert rate_on(rates, date(2026, 1, 1)) is old
    assert rate_on(rates, date(2026, 10, 31)) is old
    assert rate_on(rates, date(2026, 11, 1)) is again


def test_goods_are_no_wages_and_cash_has_no_bank_receipt():
    assert check_means("cash") == Means.CASH
    with pytest.raises(FieldRefused) as no:
        check_means(GOODS)
    assert (no.value.field, no.value.code) == ("means", "wages.goods")
    assert GOODS not in set(Means)
    with pytest.raises(FieldRefused):
        check_proof(Means.CASH, Proof.BANK_RECEIPT)
    assert check_proof(Means.BANK, Proof.SIGNATURE) == Proof.SIGNATURE


def test_wages_are_paid_after_the_work_and_not_tomorrow():
    today = date(2026, 11, 23)
    check_paid_on(today, today, today)
    for paid_on, worked_on in ((date(2026, 11, 24), None), (date(2026, 11, 22), today)):
        with pytest.raises(FieldRefused):
            check_paid_on(paid_on, today, worked_on)


@given(
    some.lists(some.integers(0, 10_000), max_size=8),
    some.lists(some.integers(1, 9_000), max_size=4),
)
def test_a_settlement_neither_makes_nor_loses_a_fen(amounts, advances):
    ids = [new_id() for _ in advances]
    done = settle_fen(amounts, list(zip(ids, advances, strict=True)))
    assert done.pay_fen + done.deducted_fen == done.lines_fen == sum(amounts)
    assert done.pay_fen >= 0
    assert done.deducted_fen == min(sum(advances), sum(amounts))
    assert all(0 < fen <= advances[ids.index(id_)] for id_, fen in done.deducted)


def test_lines_below_nothing_wait_for_the_next_wages():
    with pytest.raises(NothingToPay):
        settle_fen([100, -101], [])
    assert settle_fen([100, -100], []).pay_fen == 0


def test_which_answer_may_follow_which():
    assert set(NEXT) == {None, *AnswerState}
    for before, allowed in NEXT.items():
        assert before not in allowed
        for state in AnswerState:
            if state in allowed:
                check_next(before, state)
            else:
                with pytest.raises(NotNow):
                    check_next(before, state)
    assert AnswerState.ANSWERED not in NEXT[None]


def test_half_days_of_a_quantity():
    assert [half_days_of(x) for x in (0, 50, 100)] == [0, 1, 2]
    for odd in (1, 25, 99, 150):
        with pytest.raises(FieldRefused):
            half_days_of(odd)
