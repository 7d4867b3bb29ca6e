"""Lines, corrections, payments, answers: what is written, once, and what is refused."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from orchard import db
from orchard.accounts.rules import Role
from orchard.attendance.models import Workday, WorkdayChange
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.hiring.rules import PayBasis
from orchard.ids import new_id
from orchard.wages import answers, paid, payments, queries, reckoning, services
from orchard.wages.models import PayAnswer, PayLine, Payment, PaymentDeduction
from orchard.wages.payments import Chosen, HandedOver, NothingUnsettled
from orchard.wages.reckoning import Correction, Stretch
from orchard.wages.rules import AnswerState, NothingToPay, NotNow, Objection, Proof
from orchard.wages.services import NewLine, NewRate
from tests import make
from tests.wages.earning import DAY, TODAY, firm, line, rate, worked_line, works

NOW = make.NOW
LATER = NOW + timedelta(hours=1)


def test_a_day_becomes_a_line_once(session):
    here = firm(session)
    works(session, here.hire, half_days=1)
    new = NewLine(new_id(), here.hire.id, DAY)
    first = services.write_lines(session, here.manager, [new], now=NOW)[0]
    assert (first.quantity_x100, first.amount_fen) == (50, 6_500)
    again = services.write_lines(session, here.manager, [new], now=LATER)[0]
    other_id = services.write_lines(
        session, here.manager, [NewLine(new_id(), here.hire.id, DAY)], now=LATER
    )[0]
    assert first.id == again.id == other_id.id
    assert len(session.exec(select(PayLine)).all()) == 1


def test_a_line_without_work_day_or_rate_is_refused(session):
    here = firm(session)
    with pytest.raises(FieldRefused, match="wages.no_workday"):
        line(session, here)
    works(session, here.hire, half_days=0)
    with pytest.raises(FieldRefused, match="wages.no_workday"):
        line(session, here)
    early = date(2025, 12, 31)
    works(session, here.hire, early)
    with pytest.raises(FieldRefused, match="wages.no_rate"):
        line(session, here, early)
    assert session.exec(select(PayLine)).all() == []


def test_one_wrong_line_of_many_and_nothing_is_written(session):
    here = firm(session)
    works(session, here.hire)
    new = [NewLine(new_id(), here.hire.id, day) for day in (DAY, DAY + timedelta(1))]
    with pytest.raises(FieldRefused):
        services.write_lines(session, here.manager, new, now=NOW)
    assert session.exec(select(PayLine)).all() == []


def test_a_quantity_is_needed_by_the_jin_and_follows_the_sheet_by_the_day(session):
    jin = firm(session, basis=PayBasis.JIN)
    works(session, jin.hire)
    with pytest.raises(FieldRefused, match="web.form.missing"):
        line(session, jin)
    written = line(session, jin, quantity_x100=100_033)
    assert written.amount_fen == 15_005  # 1,000.33 jin at 0.15 yuan is 150.0495 yuan
    with pytest.raises(Conflict):
        line(session, jin, quantity_x100=100_034)
    day = firm(session)
    works(session, day.hire)
    with pytest.raises(FieldRefused, match="wages.as_on_the_sheet"):
        line(session, day, quantity_x100=50)


def test_an_id_of_another_line_is_a_conflict_that_tells_nothing(session):
    here = firm(session)
    first = worked_line(session, here)
    works(session, here.hire, TODAY)
    with pytest.raises(Conflict) as no:
        services.write_lines(
            session, here.manager, [NewLine(first.id, here.hire.id, TODAY)], now=NOW
        )
    assert no.value.kept == {}


def test_a_new_rate_never_rewrites_what_is_written(session):
    here = firm(session)
    before = worked_line(session, here)
    rate(session, here.manager, here.firm, from_on=DAY, rate_fen_x100=2_000_000)
    after = worked_line(session, here, DAY + timedelta(1))
    session.refresh(before)
    assert (before.rate_fen_x100, before.amount_fen) == (1_300_000, 13_000)
    assert (after.rate_fen_x100, after.amount_fen) == (2_000_000, 20_000)
    assert line(session, here, DAY).amount_fen == 13_000  # the same line again


def test_a_rate_is_said_once(session):
    here = firm(session)
    new = NewRate(new_id(), here.firm.id, "thinning", PayBasis.DAY, 1_200_000, TODAY)
    first = services.add_rate(session, here.manager, new, now=NOW)
    again = services.add_rate(session, here.manager, new, now=LATER)
    assert (first.id, again.made_at) == (again.id, NOW)
    with pytest.raises(Conflict):
        services.add_rate(
            session,
            here.manager,
            NewRate(new.id, here.firm.id, "thinning", PayBasis.DAY, 1_200_001, TODAY),
            now=NOW,
        )


def test_the_button_reckons_every_day_once_and_leaves_those_without_rate(session):
    here = firm(session)
    other = make.hire(session, here.firm, work="thinning")
    for number in range(5):
        works(session, here.hire, DAY - timedelta(number), 1 + number % 2)
    works(session, other, DAY)
    what = Stretch(here.firm.id)
    done = reckoning.reckon(session, here.manager, what, now=NOW)
    assert (done.lines, done.corrections, done.without_rate) == (5, 0, 1)
    again = reckoning.reckon(session, here.manager, what, now=NOW)
    assert (again.lines, again.corrections, again.without_rate) == (0, 0, 1)
    amounts = [one.amount_fen for one in session.exec(select(PayLine)).all()]
    assert sum(amounts) == 3 * 6_500 + 2 * 13_000


def test_the_button_takes_a_crew_a_person_and_a_stretch(session):
    here = firm(session)
    crew = make.crew(session, here.firm)
    fellow = make.hire(session, here.firm, crew_id=crew.id)
    for hire in (here.hire, fellow):
        for number in range(3):
            works(session, hire, DAY - timedelta(number))

    def lines(**values):
        what = Stretch(here.firm.id, **values)
        return reckoning.reckon(session, here.manager, what, now=NOW).lines

    assert lines(crew_id=crew.id, from_on=DAY, to_on=DAY) == 1
    assert lines(person_id=here.hire.person_id, to_on=DAY - timedelta(2)) == 1
    assert lines(from_on=DAY - timedelta(1)) == 3
    assert lines() == 1


def test_a_day_that_was_ticked_again_is_corrected_by_the_button(session):
    here = firm(session)
    first = worked_line(session, here)
    day = session.get_one(Workday, (here.hire.id, DAY))
    day.half_days, day.written_at = 1, LATER
    session.flush()
    done = reckoning.reckon(session, here.manager, Stretch(here.firm.id), now=LATER)
    assert (done.lines, done.corrections) == (0, 1)
    total = reckoning.total(session, first.id)
    assert (total.quantity_x100, total.amount_fen) == (50, 6_500)
    done = reckoning.reckon(session, here.manager, Stretch(here.firm.id), now=LATER)
    assert done.corrections == 0


def correct(session, here, first, quantity_x100, *, version=1, now=LATER, **values):
    change = Correction(
        **{
            "id": new_id(),
            "quantity_x100": quantity_x100,
            "rate_fen_x100": None,
            "note": "秤错了",
            "version": version,
            **values,
        }
    )
    return reckoning.correct_line(session, here.manager, first.id, change, now=now), change


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


def handed(here, **values):
    return HandedOver(
        **{
            "id": new_id(),
            "employer_id": here.firm.id,
            "person_id": here.hire.person_id,
            "means": "cash",
            "proof": Proof.SIGNATURE,
            "paid_on": TODAY,
            **values,
        }
    )


ALL = Chosen()


def settle(session, here, chosen=ALL, **values):
    return payments.settle(
        session, here.manager, handed(here, **values), chosen, now=NOW, today=TODAY
    )


def advance(session, here, fen, **values):
    return payments.give_advance(
        session, here.manager, handed(here, **values), fen, now=NOW, today=TODAY
    )


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
    assert owed.missing_proof_in(session, {make.ZHUXI}) == 1
    assert owed.missing_proof_in(session, {make.DADE}) == 0
    with pytest.raises(FieldRefused):
        payments.add_proof(session, here.manager, done.id, Proof.MISSING, now=LATER)
    for _ in range(2):
        payments.add_proof(session, here.manager, done.id, Proof.SIGNATURE, now=LATER)
    assert owed.missing_proof_in(session, {make.ZHUXI}) == 0
    assert paid.payment_for(session, here.worker, done.id).proof == Proof.SIGNATURE
    assert session.get_one(Payment, done.id).proof == Proof.MISSING


def say(session, who, first, state, version=0, **values):
    return answers.answer(session, who, first.id, answers.Said(version, state, **values), now=NOW)


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


def test_strangers_find_nothing(session):
    here, other = firm(session), firm(session, village_code=make.OTHER_VILLAGE)
    first = worked_line(session, here)
    done = settle(session, here)
    secretary = make.caller(session, Role.SECRETARY)
    new = NewLine(new_id(), here.hire.id, TODAY)
    acts = [
        lambda: services.write_lines(session, other.manager, [new], now=NOW),
        lambda: services.write_lines(session, here.worker, [new], now=NOW),
        lambda: correct(session, other, first, 50),
        lambda: reckoning.reckon(session, other.manager, Stretch(here.firm.id), now=NOW),
        lambda: rate(session, other.manager, here.firm),
        lambda: payments.settle(
            session, other.manager, handed(here), Chosen(), now=NOW, today=TODAY
        ),
        lambda: payments.settle(
            session,
            here.manager,
            handed(here, person_id=other.hire.person_id),
            Chosen(),
            now=NOW,
            today=TODAY,
        ),
        lambda: payments.settle(
            session, other.manager, handed(other, id=done.id), Chosen(), now=NOW, today=TODAY
        ),
        lambda: payments.add_proof(session, other.manager, done.id, Proof.SIGNATURE, now=NOW),
        lambda: payments.add_proof(session, here.worker, done.id, Proof.SIGNATURE, now=NOW),
        lambda: say(session, other.worker, first, AnswerState.CONFIRMED),
        lambda: say(session, here.manager, first, AnswerState.CONFIRMED),
        lambda: answers.explain(
            session,
            here.worker,
            first.id,
            answers.Said(0, AnswerState.ANSWERED, note="x"),
            now=NOW,
        ),
        lambda: queries.day_pay_for(session, other.worker, first.id),
        lambda: queries.day_pay_for(session, secretary, first.id),
        lambda: paid.payment_for(session, other.worker, done.id),
        lambda: paid.payment_for(session, secretary, done.id),
    ]
    for number, act in enumerate(acts):
        with pytest.raises(NotVisible):
            act()
            pytest.fail(str(number))


def test_whoever_writes_lines_tells_the_rooms_above(session, monkeypatch):
    told = []
    monkeypatch.setattr(
        services, "after_change", [lambda _s, hires, days: told.append((set(hires), set(days)))]
    )
    here = firm(session, basis=PayBasis.JIN)
    works(session, here.hire)
    first = line(session, here, quantity_x100=100)
    correct(session, here, first, 200)
    line(session, here, quantity_x100=100)  # there already: nothing to tell
    assert told == [({here.hire.id}, {DAY})] * 2


def test_no_service_changes_or_deletes_a_row_of_money(session):
    """Every statement that the services send over these tables is an INSERT or a SELECT."""
    from sqlalchemy import event

    seen: list[str] = []
    connection = session.connection()

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    here = firm(session, basis=PayBasis.JIN)
    works(session, here.hire)
    first = line(session, here, quantity_x100=100)
    advance(session, here, 5, paid_on=DAY)
    say(session, here.worker, first, AnswerState.OBJECTED, reason=Objection.OTHER)
    correct(session, here, first, 200)
    done = settle(session, here, proof=Proof.MISSING)
    payments.add_proof(session, here.manager, done.id, Proof.SIGNATURE, now=NOW)
    event.remove(connection, "before_cursor_execute", note)
    money = ("rate", "pay_line", "pay_answer", "payment", "payment_line", "payment_deduction")
    verbs = ("UPDATE", "DELETE FROM")
    assert not [
        one
        for one in seen
        for table in money
        for verb in verbs
        if one.startswith(f"{verb} {table}")
    ]
    assert db.table_of(PayLine).name in " ".join(seen)
