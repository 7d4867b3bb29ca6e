"""What a worker says to a day's pay, and what the employer answers: one legal state at a time."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from orchard import db, units
from orchard.accounts.rules import Caller
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.wages.models import PayAnswer, PayLine, PaymentLine
from orchard.wages.queries import line_for, newest_answers, of_root
from orchard.wages.rules import AnswerState, NotNow, Objection, check_next

SAID = ("state", "reason", "claimed_x100", "note", "correction_id", "by_id")


@dataclass(frozen=True)
class Said:
    """An answer to the state that the person saw: version 0 when nobody had answered."""

    version: int
    state: AnswerState
    reason: Objection | None = None
    claimed_x100: int | None = None
    note: str = ""
    lines: int | None = None  # how many the person saw of the day; None is not checked


def answer(
    session: Session, caller: Caller, line_id: UUID, said: Said, *, now: datetime
) -> PayAnswer:
    """Confirm a day's own pay, or object to it with a reason; sent twice it is said once."""
    root, hire = line_for(session, caller, line_id)
    if hire.person_id != caller.person_id:
        raise NotVisible
    if said.state == AnswerState.ANSWERED:
        raise NotNow
    if said.state == AnswerState.OBJECTED and said.reason is None:
        raise FieldRefused("reason", "web.form.enum")
    if said.reason == Objection.NOT_RECEIVED and not _is_paid(session, root.id):
        raise FieldRefused("reason", "wages.not_paid_yet")
    return _add(session, caller, root.id, said, None, now)


def _is_paid(session: Session, root_id: UUID) -> bool:
    """Say whether a payment settled any line of a day."""
    paid = select(PaymentLine.line_id).join(PayLine, col(PayLine.id) == PaymentLine.line_id)
    return session.exec(paid.where(of_root(root_id)).limit(1)).first() is not None


def explain(
    session: Session, caller: Caller, line_id: UUID, said: Said, *, now: datetime
) -> PayAnswer:
    """Answer an objection in words, as the employer; money changes by a correction only."""
    said = replace(said, state=AnswerState.ANSWERED, reason=None, claimed_x100=None)
    root, hire = line_for(session, caller, line_id)
    if hire.employer_id not in caller.employers:
        raise NotVisible
    if not said.note:
        raise FieldRefused("note", "web.form.missing")
    newest = newest_answers(session, [root.id]).get(root.id)
    stands = newest.state if newest else None
    if said.version == (newest.version if newest else 0) and stands != AnswerState.OBJECTED:
        raise NotNow
    return _add(session, caller, root.id, said, None, now)


def close_with(
    session: Session, caller: Caller, root_id: UUID, correction_id: UUID, *, now: datetime
) -> None:
    """Answer what was said to a line with a correction; nothing where nobody had spoken."""
    newest = newest_answers(session, [root_id]).get(root_id)
    if newest is None or newest.state == AnswerState.ANSWERED:
        return
    said = Said(newest.version, AnswerState.ANSWERED)
    _add(session, caller, root_id, said, correction_id, now)


def _check_seen(session: Session, root_id: UUID, said: Said) -> None:
    """Refuse what is said to an amount that was corrected since it was shown."""
    if said.lines is None:
        return
    amounts = session.exec(select(PayLine.amount_fen).where(of_root(root_id))).all()
    if len(amounts) != said.lines:
        stands = {"version": said.version, "lines": len(amounts)}
        raise Conflict(
            {**stands, "amount_yuan": units.decimal_text(sum(amounts), 2)},
            {"version": said.version, "lines": said.lines, "state": said.state.value},
        )


def _add(
    session: Session,
    caller: Caller,
    root_id: UUID,
    said: Said,
    correction_id: UUID | None,
    now: datetime,
) -> PayAnswer:
    """Write the next version, unless somebody was faster: then the first result or 409."""
    row = PayAnswer(
        line_id=root_id,
        version=said.version + 1,
        state=said.state,
        reason=said.reason if said.state == AnswerState.OBJECTED else None,
        claimed_x100=said.claimed_x100,
        correction_id=correction_id,
        note=said.note,
        at=now,
        by_id=caller.account_id,
    )
    session.get_one(PayLine, root_id, with_for_update={"key_share": True})
    newest = newest_answers(session, [root_id]).get(root_id)
    if (newest.version if newest else 0) == said.version:
        _check_seen(session, root_id, said)
        check_next(newest.state if newest else None, said.state)
        if db.insert_once(session, row):
            return row
    kept = session.get(PayAnswer, (root_id, row.version), populate_existing=True)
    if kept and all(getattr(kept, name) == getattr(row, name) for name in SAID):
        return kept
    stands = newest_answers(session, [root_id]).get(root_id)
    told = {"version": stands.version, "state": stands.state.value} if stands else {"version": 0}
    raise Conflict(told, {"version": said.version, "state": said.state.value})
