"""Corrections are further lines, and the worker's answers stand beside them."""

from datetime import timedelta

import pytest
from sqlmodel import select

from orchard.attendance.models import Workday, WorkdayChange
from orchard.errors import Conflict, FieldRefused
from orchard.hiring.rules import PayBasis
from orchard.wages import answers, queries, reckoning
from orchard.wages.models import PayAnswer
from orchard.wages.rules import AnswerState, NotNow, Objection
from tests.wages.earning import DAY, firm, line, worked_line, works
from tests.wages.paying import LATER, NOW, correct, say


def test_a_correction_is_a_further_line_with_the_difference(session):
    here = firm(session, basis=PayBasis.JIN)
    works(session, here.hire)
    first = line(session, here, quantity_x100=100_000)
    more, change = correct(session, here, first, 102_033)
    assert (more.quantity_x100, more.amount_fen, more.corrects_id) == (2_033, 305, first.id)
    less, _ = correct(session, here, more, 0, version=2, now=LATER + timedelta(1))
    assert (less.quantity_x100, less.amount_fen, less.corrects_id) == (-102_033, -15_305, first.id)
    assert reckoning.total(session, first.id).amount_fen == 0
    again = reckoning.correct_line(session, here.manager, first.id, change, now=LATER)
    assert again.id == more.id
    with pytest.raises(Conflict):
        correct(session, here, first, 5, id=change.id)
    with pytest.raises(Conflict) as stale:
        correct(session, here, first, 5, version=1)
    assert stale.value.kept["version"] == 3
    session.refresh(first)
    assert (first.quantity_x100, first.amount_fen) == (100_000, 15_000)


def test_a_correction_says_why_and_changes_something(session):
    here = firm(session, basis=PayBasis.JIN)
    works(session, here.hire)
    first = line(session, here, quantity_x100=100_000)
    for values in ({"note": ""}, {}):
        with pytest.raises(FieldRefused):
            correct(session, here, first, 100_000, **values)
    fixed, _ = correct(session, here, first, 100_000, rate_fen_x100=1_600)
    assert (fixed.quantity_x100, fixed.rate_fen_x100, fixed.amount_fen) == (0, 1_600, 1_000)


def test_a_correction_by_the_day_corrects_the_work_day_too(session):
    here = firm(session)
    first = worked_line(session, here)
    correct(session, here, first, 50)
    day = session.get_one(Workday, (here.hire.id, DAY), populate_existing=True)
    assert day.half_days == 1
    assert session.exec(select(WorkdayChange.half_days_after)).one() == 1
    assert reckoning.total(session, first.id).amount_fen == 6_500
    with pytest.raises(FieldRefused, match="wages.half_or_whole"):
        correct(session, here, first, 70, version=2)


def test_a_worker_objects_and_the_employer_explains_or_corrects(session):
    here = firm(session, basis=PayBasis.JIN)
    works(session, here.hire)
    first = line(session, here, quantity_x100=100_000)
    objected, confirmed, answered = (
        AnswerState.OBJECTED,
        AnswerState.CONFIRMED,
        AnswerState.ANSWERED,
    )
    with pytest.raises(FieldRefused):
        say(session, here.worker, first, objected)
    wrong = {"reason": Objection.QUANTITY, "claimed_x100": 102_000, "note": "少记 20 斤"}
    say(session, here.worker, first, objected, **wrong)
    say(session, here.worker, first, objected, **wrong)  # twice is once
    words = answers.Said(1, answered, note="过秤是 1000 斤")
    answers.explain(session, here.manager, first.id, words, now=NOW)
    with pytest.raises(NotNow):
        answers.explain(
            session, here.manager, first.id, answers.Said(2, answered, note="再说"), now=NOW
        )
    say(session, here.worker, first, objected, 2, **wrong)
    more, _ = correct(session, here, first, 102_000)
    say(session, here.worker, first, confirmed, 4)
    rows = session.exec(select(PayAnswer).order_by(PayAnswer.version)).all()
    assert [row.state for row in rows] == [objected, answered, objected, answered, confirmed]
    assert rows[3].correction_id == more.id
    with pytest.raises(NotNow):
        say(session, here.worker, first, answered, 5)
    with pytest.raises(Conflict):
        say(session, here.worker, first, confirmed, 2)


def test_a_correction_that_nobody_asked_for_answers_nothing_unless_it_was_confirmed(session):
    here = firm(session, basis=PayBasis.JIN)
    works(session, here.hire)
    first = line(session, here, quantity_x100=100_000)
    correct(session, here, first, 99_000)
    assert session.exec(select(PayAnswer)).all() == []
    say(session, here.worker, first, AnswerState.CONFIRMED)
    correct(session, here, first, 98_000, version=2, now=LATER + timedelta(1))
    newest = queries.newest_answers(session, [first.id])[first.id]
    assert (newest.version, newest.state) == (2, AnswerState.ANSWERED)
