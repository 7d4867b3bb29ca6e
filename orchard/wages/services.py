"""Rates, and pay lines: written from work days and quantities, corrected by further lines."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from orchard import db
from orchard.accounts.rules import Caller
from orchard.attendance.models import Workday
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.hiring.models import Hire
from orchard.hiring.rules import PayBasis, check_work
from orchard.wages.models import PayLine, Rate
from orchard.wages.queries import managed_hires, rates_of
from orchard.wages.rules import (
    RATE_FEN_X100,
    LineKind,
    check_line,
    day_quantity_x100,
    rate_on,
)

# Upper rooms hang in what must happen in the same transaction: the roots fill this list.
after_change: list[Callable[[Session, Collection[UUID], Collection[date]], None]] = []
AT_ONCE = 500  # lines that are looked up together
Key = tuple[UUID, date]


@dataclass(frozen=True)
class NewRate:
    """What a unit of a work is paid from a day on."""

    id: UUID
    employer_id: UUID
    work: str
    basis: PayBasis
    rate_fen_x100: int
    from_on: date


@dataclass(frozen=True)
class NewLine:
    """One day's pay of one hire; by the day, None takes the quantity from the work day."""

    id: UUID
    hire_id: UUID
    worked_on: date
    quantity_x100: int | None = None
    note: str = ""
    field: str = ""  # of a form that writes several: a refusal is told beside it


def add_rate(session: Session, caller: Caller, new: NewRate, *, now: datetime) -> Rate:
    """Say what is paid from a day on; lines that are written stay as they are."""
    if new.employer_id not in caller.employers:
        raise NotVisible
    check_work(new.work)
    if not RATE_FEN_X100[0] <= new.rate_fen_x100 <= RATE_FEN_X100[1]:
        raise FieldRefused("rate_yuan", "wages.rate_range")
    rate = Rate(**asdict(new), made_at=now, made_by_id=caller.account_id)
    if db.insert_once(session, rate):
        return rate
    first = session.get_one(Rate, new.id)
    if first.employer_id not in caller.employers:
        raise NotVisible
    kept = {name: getattr(first, name) for name in asdict(new)}
    if kept != asdict(new):
        raise Conflict(_plain(kept), _plain(asdict(new)))
    return first


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, int) else str(value) for name, value in values.items()}


def write_lines(
    session: Session, caller: Caller, lines: Sequence[NewLine], *, now: datetime
) -> list[PayLine]:
    """Write one line for each day of a hire that has none yet; sent twice it is one line.

    Refuses a day without a work day, or without a rate; then nothing of it is written.
    """
    found, fresh = write_untold(session, caller, lines, now=now)
    tell(session, fresh)
    return found


def write_untold(
    session: Session, caller: Caller, lines: Sequence[NewLine], *, now: datetime
) -> tuple[list[PayLine], set[Key]]:
    """Write lines and return them with the days that are new: the caller tells of those, once."""
    hires = managed_hires(session, caller, {line.hire_id for line in lines})
    found, fresh = [], set()
    for start in range(0, len(lines), AT_ONCE):
        rows, new = _write(session, caller, hires, lines[start : start + AT_ONCE], now)
        found += rows
        fresh |= new
    return found, fresh


def _write(
    session: Session,
    caller: Caller,
    hires: Mapping[UUID, Hire],
    lines: Sequence[NewLine],
    now: datetime,
) -> tuple[list[PayLine], set[Key]]:
    kept = _kept(session, lines)
    fresh = [line for line in lines if (line.hire_id, line.worked_on) not in kept]
    _check_ids(session, fresh)
    facts = _Facts(session, hires, fresh)
    rows = [{**facts.line(line), "made_at": now, "made_by_id": caller.account_id} for line in fresh]
    db.insert_all_once(session, PayLine, rows)
    if rows:
        kept = _kept(session, lines)
    found = [_same(kept[line.hire_id, line.worked_on], line) for line in lines]
    return found, {(line.hire_id, line.worked_on) for line in fresh}


def tell(session: Session, written: Collection[Key]) -> None:
    """Tell the rooms above of the days whose pay lines were written, once in a transaction.

    They lock persons in one order: told twice, they would lock in two orders.
    """
    if not written:
        return
    hire_ids, days = {hire_id for hire_id, _ in written}, {day for _, day in written}
    for hook in after_change:
        hook(session, hire_ids, days)


def _kept(session: Session, lines: Sequence[NewLine]) -> dict[Key, PayLine]:
    """Return the lines that these days have already."""
    days = [line.worked_on for line in lines]
    rows = session.exec(
        select(PayLine)
        .where(
            col(PayLine.hire_id).in_({line.hire_id for line in lines}),
            col(PayLine.worked_on).between(min(days), max(days)),
            col(PayLine.corrects_id).is_(None),
        )
        .execution_options(populate_existing=True)
    )
    return {(row.hire_id, row.worked_on): row for row in rows}


def _check_ids(session: Session, fresh: Sequence[NewLine]) -> None:
    """Refuse an id that another day's line has: nothing is told of that one."""
    ids = {line.id for line in fresh}
    if (
        len(ids) < len(fresh)
        or session.exec(select(PayLine.id).where(col(PayLine.id).in_(ids)).limit(1)).first()
    ):
        raise Conflict({}, {"id": str(fresh[0].id)})


def _same(first: PayLine, line: NewLine) -> PayLine:
    """Answer a repeated line: the first result, or 409 where the quantity differs."""
    if line.quantity_x100 not in (None, first.quantity_x100):
        kept = {"id": str(first.id), "quantity_x100": first.quantity_x100}
        raise Conflict(kept, {"id": str(line.id), "quantity_x100": line.quantity_x100})
    return first


class _Facts:
    """The work days and rates that new lines are reckoned from, read in two queries."""

    def __init__(
        self, session: Session, hires: Mapping[UUID, Hire], lines: Sequence[NewLine]
    ) -> None:
        self.hires = hires
        days = [line.worked_on for line in lines] or [date.min]
        worked = session.exec(
            select(col(Workday.hire_id), col(Workday.day), col(Workday.half_days)).where(
                col(Workday.hire_id).in_({line.hire_id for line in lines}),
                col(Workday.day).between(min(days), max(days)),
                Workday.half_days > 0,
            )
        )
        self.half_days: dict[Key, int] = {(hire_id, day): half for hire_id, day, half in worked}
        self.rates = rates_of(session, {hires[line.hire_id].employer_id for line in lines})

    def line(self, line: NewLine) -> dict[str, Any]:
        """Return a new line as it is stored, or refuse it beside its own field."""
        try:
            return self._line(line)
        except FieldRefused as no:
            raise FieldRefused(line.field or no.field, no.code, **no.values) from no

    def _line(self, line: NewLine) -> dict[str, Any]:
        hire = self.hires[line.hire_id]
        half_days = self.half_days.get((line.hire_id, line.worked_on))
        if half_days is None:
            raise FieldRefused("worked_on", "wages.no_workday", day=line.worked_on.isoformat())
        quantity = self._quantity(hire, line, half_days)
        rate = rate_on(
            self.rates.get((hire.employer_id, hire.work, hire.basis), ()), line.worked_on
        )
        if rate is None:
            raise FieldRefused("worked_on", "wages.no_rate", day=line.worked_on.isoformat())
        return {
            "id": line.id,
            "hire_id": line.hire_id,
            "worked_on": line.worked_on,
            "kind": LineKind.EARNED,
            "basis": hire.basis,
            "quantity_x100": quantity,
            "rate_fen_x100": rate.rate_fen_x100,
            "amount_fen": check_line(quantity, rate.rate_fen_x100),
            "corrects_id": None,
            "note": line.note,
        }

    def _quantity(self, hire: Hire, line: NewLine, half_days: int) -> int:
        if hire.basis != PayBasis.DAY:
            if line.quantity_x100 is None:
                raise FieldRefused("quantity", "web.form.missing")
            return line.quantity_x100
        worked = day_quantity_x100(half_days)
        if line.quantity_x100 not in (None, worked):
            raise FieldRefused("quantity", "wages.as_on_the_sheet")
        return worked
