"""Pay from work days by one button, and corrections: a further line with the difference."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from orchard import db, units
from orchard.accounts.rules import Caller
from orchard.attendance import services as attendance
from orchard.attendance.models import Workday
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.hiring.models import Hire
from orchard.hiring.rules import PayBasis
from orchard.ids import new_id
from orchard.wages.answers import close_with
from orchard.wages.models import PayLine, Rate
from orchard.wages.owed import without_line
from orchard.wages.queries import line_for, of_root
from orchard.wages.rules import (
    MOST_FEN,
    QUANTITY_X100,
    RATE_FEN_X100,
    LineKind,
    amount_fen,
    day_quantity_x100,
    half_days_of,
)
from orchard.wages.services import Key, NewLine, tell, write_untold
from orchard.wages.sheet import disagreeing

NOTE_SHEET = "sheet"  # shown in the reader's language: the sheet was corrected
MOST_DAYS = 5_000  # reckoned by one press of the button


@dataclass(frozen=True)
class Stretch:
    """Whose work days are reckoned: of an employer, and perhaps of one crew, person, time."""

    employer_id: UUID
    crew_id: UUID | None = None
    person_id: UUID | None = None
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True)
class Reckoned:
    """What one press did: new lines, corrections, and the days whose work has no rate yet."""

    lines: int
    corrections: int
    without_rate: int


@dataclass(frozen=True)
class Total:
    """What a day's lines add up to."""

    version: int
    quantity_x100: int
    amount_fen: int
    rate_fen_x100: int

    def told(self) -> dict[str, str | int]:
        """Return it as the reader of a conflict sees it."""
        return {
            "version": self.version,
            "quantity": units.decimal_text(self.quantity_x100, 2),
            "rate_yuan": units.decimal_text(self.rate_fen_x100, 4),
            "amount_yuan": units.decimal_text(self.amount_fen, 2),
        }


@dataclass(frozen=True)
class Correction:
    """What a day's pay should be, and how many lines it had when that was said."""

    id: UUID
    quantity_x100: int
    rate_fen_x100: int | None
    note: str
    version: int


def _hired(what: Stretch) -> ColumnElement[bool]:
    found = col(Hire.employer_id) == what.employer_id
    if what.crew_id:
        found &= col(Hire.crew_id) == what.crew_id
    if what.person_id:
        found &= col(Hire.person_id) == what.person_id
    return found


def _within(what: Stretch) -> ColumnElement[bool]:
    found = _hired(what)
    if what.from_on:
        found &= col(Workday.day) >= what.from_on
    if what.to_on:
        found &= col(Workday.day) <= what.to_on
    return found


def reckon(session: Session, caller: Caller, what: Stretch, *, now: datetime) -> Reckoned:
    """Write a line for each work day by the day that has none, and correct what was re-ticked.

    A day whose work has no rate is left and counted; pressed twice it does nothing more.
    """
    if what.employer_id not in caller.employers:
        raise NotVisible
    _lock_hires(session, what)
    unpaid = without_line() & (col(Hire.basis) == PayBasis.DAY) & _within(what)
    days = columns(col(Workday.hire_id), col(Workday.day)).where(unpaid)
    days = days.join(Hire, col(Hire.id) == Workday.hire_id)
    priced = session.execute(
        days.where(_has_rate()).order_by(col(Workday.day), col(Workday.hire_id)).limit(MOST_DAYS)
    ).all()
    lines = [NewLine(new_id(), hire_id, day) for hire_id, day in priced]
    made, fresh = write_untold(session, caller, lines, now=now)
    corrected = _correct_retaken(session, caller, what, now)
    tell(session, fresh | corrected)
    left = columns(func.count()).select_from(days.where(~_has_rate()).subquery())
    return Reckoned(len(made), len(corrected), session.execute(left).scalar_one())


def _has_rate() -> ColumnElement[bool]:
    """Say in SQL whether the work of a work day has a rate on that day."""
    return (
        columns(col(Rate.id))
        .where(
            col(Rate.employer_id) == Hire.employer_id,
            col(Rate.work) == Hire.work,
            col(Rate.basis) == Hire.basis,
            col(Rate.from_on) <= Workday.day,
        )
        .exists()
    )


def _lock_hires(session: Session, what: Stretch) -> None:
    """Lock the hires in the sheet's order: no tick, press or correction comes in between."""
    session.exec(
        select(Hire)
        .where(_hired(what))
        .order_by(col(Hire.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def _correct_retaken(session: Session, caller: Caller, what: Stretch, now: datetime) -> set[Key]:
    """Correct the lines that do not say what the sheet says; the hires are locked."""
    found = disagreeing(_within(what)).order_by("line_id").limit(MOST_DAYS)
    done = set()
    for root_id, half, _ in session.execute(found).all():
        first = session.get_one(PayLine, root_id, with_for_update={"key_share": True})
        before = total(session, root_id)
        change = Correction(new_id(), day_quantity_x100(half), None, NOTE_SHEET, before.version)
        _add_line(session, caller, first, before, change, now)
        done.add((first.hire_id, first.worked_on))
    return done


def total(session: Session, root_id: UUID) -> Total:
    """Return what the lines of a day add up to, and the rate of the last one."""
    lines = session.exec(
        select(PayLine).where(of_root(root_id)).order_by(col(PayLine.made_at), col(PayLine.id))
    ).all()
    lines = sorted(lines, key=lambda line: line.corrects_id is not None)
    return Total(
        len(lines),
        sum(line.quantity_x100 for line in lines),
        sum(line.amount_fen for line in lines),
        lines[-1].rate_fen_x100,
    )


def correct_line(
    session: Session, caller: Caller, line_id: UUID, change: Correction, *, now: datetime
) -> PayLine:
    """Say what a day's pay should be: the difference becomes a further line, the rest stays.

    A day rate is paid for the work day, so that is corrected with it.
    """
    root, hire = line_for(session, caller, line_id)
    if hire.employer_id not in caller.employers:
        raise NotVisible
    session.get_one(Hire, hire.id, with_for_update={"key_share": True}, populate_existing=True)
    session.get_one(PayLine, root.id, with_for_update=True)
    first = session.get(PayLine, change.id)
    if first:
        return _repeated(session, caller, root, first, change)
    before = total(session, root.id)
    if before.version != change.version:
        raise Conflict(before.told(), _told(change))
    if not change.note:
        raise FieldRefused("note", "web.form.missing")
    if root.basis != PayBasis.DAY:
        _require_ticked(session, root, change)
    elif change.quantity_x100 != before.quantity_x100:
        _retick(session, caller, root, change, now)
    line = _add_line(session, caller, root, before, change, now)
    tell(session, {(hire.id, root.worked_on)})
    return line


def _require_ticked(session: Session, root: PayLine, change: Correction) -> None:
    """Refuse a quantity on a day that the sheet took back: the next reckoning would undo it."""
    day = session.get(Workday, (root.hire_id, root.worked_on))
    if day and not day.half_days and change.quantity_x100 > 0:
        raise FieldRefused("quantity", "wages.tick_first")


def _retick(
    session: Session, caller: Caller, root: PayLine, change: Correction, now: datetime
) -> None:
    """Correct the work day; why somebody works in the heat is asked on the day's own page."""
    half_days, why = half_days_of(change.quantity_x100), change.note
    try:
        attendance.put_workday(
            session, caller, root.hire_id, root.worked_on, half_days, now=now, reason=why
        )
    except FieldRefused as no:
        raise FieldRefused("quantity", "wages.day_refused") from no


def _add_line(
    session: Session,
    caller: Caller,
    root: PayLine,
    before: Total,
    change: Correction,
    now: datetime,
) -> PayLine:
    rate = before.rate_fen_x100 if change.rate_fen_x100 is None else change.rate_fen_x100
    if not 0 <= change.quantity_x100 <= QUANTITY_X100[1]:
        raise FieldRefused("quantity", "wages.quantity_range")
    if not RATE_FEN_X100[0] <= rate <= RATE_FEN_X100[1]:
        raise FieldRefused("rate_yuan", "wages.rate_range")
    amount = amount_fen(change.quantity_x100, rate)
    if amount > MOST_FEN:
        raise FieldRefused("quantity", "wages.too_much")
    if (change.quantity_x100, rate) == (before.quantity_x100, before.rate_fen_x100):
        raise FieldRefused("quantity", "wages.nothing_changes")
    line = PayLine(
        id=change.id,
        hire_id=root.hire_id,
        worked_on=root.worked_on,
        kind=LineKind.CORRECTION,
        basis=root.basis,
        quantity_x100=change.quantity_x100 - before.quantity_x100,
        rate_fen_x100=rate,
        amount_fen=amount - before.amount_fen,
        corrects_id=root.id,
        note=change.note,
        made_at=now,
        made_by_id=caller.account_id,
    )
    if not db.insert_once(session, line):
        raise Conflict(before.told(), _told(change))
    close_with(session, caller, root.id, line.id, now=now)
    return line


def _repeated(
    session: Session, caller: Caller, root: PayLine, first: PayLine, change: Correction
) -> PayLine:
    """Answer a repeated correction: the first result, or 409 where the content differs."""
    if first.corrects_id != root.id or first.made_by_id != caller.account_id:
        raise Conflict({}, {"id": str(change.id)})
    until = session.exec(
        select(func.sum(PayLine.quantity_x100)).where(
            of_root(root.id), col(PayLine.made_at) <= first.made_at
        )
    ).one()
    rate = first.rate_fen_x100 if change.rate_fen_x100 is None else change.rate_fen_x100
    kept = (int(until), first.rate_fen_x100, first.note)
    if kept != (change.quantity_x100, rate, change.note):
        raise Conflict({**total(session, root.id).told(), "note": first.note}, _told(change))
    return first


def _told(change: Correction) -> Mapping[str, Any]:
    return {
        "version": change.version,
        "quantity": units.decimal_text(change.quantity_x100, 2),
        "note": change.note,
    }
