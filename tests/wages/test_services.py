"""All services of pay: strangers find nothing, others are told, no row of money changes."""

import pytest

from orchard import db
from orchard.accounts.rules import Role
from orchard.errors import NotVisible
from orchard.hiring.rules import PayBasis
from orchard.ids import new_id
from orchard.wages import answers, paid, payments, queries, reckoning, services
from orchard.wages.models import PayLine
from orchard.wages.payments import Chosen
from orchard.wages.reckoning import Stretch
from orchard.wages.rules import AnswerState, Objection, Proof
from orchard.wages.services import NewLine
from tests import make
from tests.wages.earning import DAY, TODAY, firm, line, rate, worked_line, works
from tests.wages.paying import NOW, advance, correct, handed, say, settle


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
