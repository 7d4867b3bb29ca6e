"""Lifted out or monitored: kept by the own town, read by it for a reason, and by oneself."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session, col, select

from orchard import clock
from orchard.accounts.models import Person
from orchard.accounts.rules import Caller, Role, is_inside
from orchard.accounts.services import audit
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.hiring.models import StatusPeriod
from orchard.hiring.rules import FIRST_HIRE, StatusKind
from orchard.hiring.services import tell_person_change
from orchard.places.rules import town_of


@dataclass(frozen=True)
class NewStatus:
    """When somebody was registered as what."""

    id: UUID
    person_id: UUID
    kind: StatusKind
    from_on: date
    until_on: date | None


def townsman(session: Session, caller: Caller, person_id: UUID) -> Person:
    """Return somebody who is registered in the secretary's own town, or raise NotVisible."""
    person = session.get(Person, person_id)
    towns = caller.places(Role.SECRETARY)
    if person is None or not is_inside(person.village_code or "", towns):
        raise NotVisible
    return person


def read(
    session: Session, caller: Caller, person_id: UUID, *, reason: str, now: datetime
) -> list[StatusPeriod]:
    """Return the periods of a townsman for a reason, which is written down (decision 17)."""
    person = townsman(session, caller, person_id)
    _note(session, caller, person, "hiring.status_read", reason, now)
    session.flush()
    return _periods(session, person_id)


def own(session: Session, caller: Caller) -> list[StatusPeriod]:
    """Return one's own periods, the newest first."""
    return _periods(session, caller.person_id)


def _periods(session: Session, person_id: UUID) -> list[StatusPeriod]:
    rows = session.exec(
        select(StatusPeriod)
        .where(StatusPeriod.person_id == person_id)
        .order_by(col(StatusPeriod.from_on).desc(), col(StatusPeriod.id).desc())
    )
    return list(rows.all())


def _note(
    session: Session, caller: Caller, person: Person, action: str, reason: str, now: datetime
) -> None:
    if not reason.strip():
        raise FieldRefused("reason", "hiring.reason_needed")
    audit(
        session,
        action,
        person.id,
        now=now,
        by=caller.account_id,
        place_code=town_of(person.village_code or ""),
        reason=reason.strip(),
    )


def write(
    session: Session, caller: Caller, new: NewStatus, *, reason: str, now: datetime
) -> StatusPeriod:
    """Write a period of a townsman, or correct its days; the same form again is one period."""
    person = townsman(session, caller, new.person_id)
    session.get_one(Person, person.id, with_for_update=True)
    first = session.get(StatusPeriod, new.id)
    if first:
        _check_same(first, new)
        if (first.from_on, first.until_on) == (new.from_on, new.until_on):
            return first
    _check(session, new, clock.local(now).date())
    _note(session, caller, person, "hiring.status_written", reason, now)
    row = first or StatusPeriod(
        id=new.id, person_id=new.person_id, kind=new.kind, from_on=new.from_on, at=now
    )
    row.from_on, row.until_on, row.by_id, row.at = new.from_on, new.until_on, caller.account_id, now
    session.add(row)
    session.flush()
    tell_person_change(session, {new.person_id})
    return row


def _check_same(first: StatusPeriod, new: NewStatus) -> None:
    if first.person_id != new.person_id:
        raise NotVisible
    if first.kind != new.kind:
        raise Conflict({"kind": first.kind.value}, {"kind": new.kind.value})


def _check(session: Session, new: NewStatus, today: date) -> None:
    if not FIRST_HIRE <= new.from_on <= today:
        raise FieldRefused("from_on", "hiring.status_day")
    if new.until_on and new.until_on < new.from_on:
        raise FieldRefused("until_on", "hiring.until_before_from")
    until = new.until_on or date.max
    for row in _periods(session, new.person_id):
        is_other = row.id != new.id and row.kind == new.kind
        if is_other and row.from_on <= until and (row.until_on or date.max) >= new.from_on:
            raise FieldRefused("from_on", "hiring.status_overlaps")
