"""Pay in the cast of these tests, and what makes a form open again that can be sent once only."""

from datetime import date

from sqlmodel import Session, col, delete, func, select

from orchard import db
from orchard.accounts.models import Employer, Person
from orchard.accounts.rules import Caller
from orchard.attendance.models import Workday
from orchard.hiring.rules import PayBasis
from orchard.ids import new_id
from orchard.wages.models import PayAnswer, PayLine, Payment, Rate
from orchard.wages.rules import AnswerState, LineKind, Means, Objection, PaymentKind, Proof
from tests import make

DAYS = (date(2026, 11, 20), date(2026, 11, 19), date(2026, 11, 18))


def add_pay(session: Session, worker: Caller, firm: Employer) -> tuple[str, str]:
    """Write two lines of the worker, one objected to, a day without line, an advance.

    Returns the ids of the first line and of the advance.
    """
    person = session.get_one(Person, worker.person_id)
    hire = make.hire(session, firm, person, basis=PayBasis.JIN)
    session.add(
        Rate(
            employer_id=firm.id,
            work=hire.work,
            basis=PayBasis.JIN,
            rate_fen_x100=1_500,
            from_on=date(2026, 1, 1),
            made_at=make.NOW,
        )
    )
    for day in DAYS:
        session.add(Workday(hire_id=hire.id, day=day, half_days=2, written_at=make.NOW))
    lines = [
        PayLine(
            hire_id=hire.id,
            worked_on=day,
            kind=LineKind.EARNED,
            basis=PayBasis.JIN,
            quantity_x100=100_000,
            rate_fen_x100=1_500,
            amount_fen=15_000,
            made_at=make.NOW,
        )
        for day in DAYS[:2]
    ]
    advance = Payment(
        employer_id=firm.id,
        person_id=person.id,
        kind=PaymentKind.ADVANCE,
        means=Means.CASH,
        proof=Proof.MISSING,
        amount_fen=100,
        paid_on=DAYS[0],
        made_at=make.NOW,
    )
    session.add_all([*lines, advance])
    session.flush()
    session.add(_said(lines[1].id, 1, AnswerState.OBJECTED))
    return str(lines[0].id), str(advance.id)


def _said(line_id, version: int, state: AnswerState) -> PayAnswer:
    reason = Objection.OTHER if state == AnswerState.OBJECTED else None
    return PayAnswer(line_id=line_id, version=version, state=state, reason=reason, at=make.NOW)


def answered() -> None:
    """Let the employer answer what the worker said of the first day."""
    _say(DAYS[0], AnswerState.ANSWERED)


def objected() -> None:
    """Let the worker object again to the second day."""
    _say(DAYS[1], AnswerState.OBJECTED)


def _say(day: date, state: AnswerState) -> None:
    with db.transaction() as session:
        line_id, version = session.exec(
            select(PayAnswer.line_id, func.max(PayAnswer.version))
            .join(PayLine, col(PayLine.id) == PayAnswer.line_id)
            .where(PayLine.worked_on == day)
            .group_by(col(PayAnswer.line_id))
        ).one()
        session.add(_said(line_id, version + 1, state))


def empty_day() -> None:
    """Take the line of the last day away again, as no page can: its row waits anew."""
    with db.transaction() as session:
        session.execute(delete(PayLine).where(col(PayLine.worked_on) == DAYS[2]))


AGAIN = {"wages.object_to": answered, "wages.explain": objected, "wages.weigh": empty_day}
FIRST = {
    "amount_yuan": lambda: "5",
    "answer": lambda: "没错",
    "id_number": lambda: "500154198806060002",
    "note": lambda: f"秤错了{new_id().hex[:4]}",
    "rate_yuan": lambda: "130",
}
