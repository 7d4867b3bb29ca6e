"""ID numbers for the pay ledger: asked for from the first pay line on, sealed, shown masked."""

from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from orchard import db
from orchard.accounts.doors import check_proved
from orchard.accounts.models import Employer, Grant, Person
from orchard.accounts.rules import Caller, Role
from orchard.accounts.services import audit
from orchard.errors import FieldRefused, NotVisible, Refused
from orchard.hiring.models import Hire
from orchard.hiring.queries import confirmed
from orchard.wages import id_numbers
from orchard.wages.models import IdClash, IdNumber, PayLine
from orchard.wages.sealing import KeyMissing, newest_key, number_hash, seal, unseal

NO_PERSON = UUID(int=0)


class NotYet(Refused):
    """Before the first pay line nobody needs the number, so it is not kept."""

    code = "wages.id.not_yet"


def written_for(employer_id: Any) -> ColumnElement[bool]:
    """Say in SQL whether a manager of an employer, or one who was it then, wrote a number."""
    held = aliased(Grant)
    return (
        columns(col(held.id))
        .where(
            col(held.account_id) == IdNumber.written_by_id,
            col(held.role) == Role.MANAGER,
            col(held.employer_id) == employer_id,
            col(held.granted_at) <= IdNumber.written_at,
            or_(col(held.ended_at).is_(None), col(held.ended_at) > IdNumber.written_at),
        )
        .correlate_except(held)
        .exists()
    )


def shown_to(employer_id: Any) -> ColumnElement[bool]:
    """Say in SQL whose numbers an employer sees: that he wrote, or of who confirmed his hire."""
    return or_(written_for(employer_id), confirmed(col(IdNumber.person_id), employer_id))


def _holds(
    session: Session, caller: Caller, person_id: UUID, rule: Callable[[Any], ColumnElement[bool]]
) -> bool:
    """Say whether a number is the caller's own, or under a rule of one of his employers."""
    if person_id == caller.person_id:
        return True
    asked = (
        columns(col(IdNumber.person_id))
        .join(Employer, col(Employer.id).in_(caller.employers))
        .where(col(IdNumber.person_id) == person_id, rule(col(Employer.id)))
    )
    return session.execute(asked.limit(1)).first() is not None


def masked_id(session: Session, caller: Caller, person_id: UUID) -> str | None:
    """Return a person's ID number masked: one's own, or one that one's employer may see."""
    found = session.get(IdNumber, person_id)
    return found.masked if found and _holds(session, caller, person_id, shown_to) else None


def is_kept_back(session: Session, caller: Caller, person_id: UUID) -> bool:
    """Say whether there is a number that the caller may not see."""
    found = session.get(IdNumber, person_id)
    return found is not None and not _holds(session, caller, person_id, shown_to)


def may_hold(session: Session, caller: Caller, person_id: UUID) -> Person:
    """Return whose number the caller may set: his own, or of somebody his employer pays.

    Raises NotVisible for anybody else, and NotYet before the first pay line.
    """
    person = session.get(Person, person_id)
    hires = columns(col(Hire.id)).where(col(Hire.person_id) == person_id)
    if person_id != caller.person_id:
        hires = hires.where(col(Hire.employer_id).in_(caller.employers))
    if person is None or (
        person_id != caller.person_id and session.execute(hires.limit(1)).first() is None
    ):
        raise NotVisible
    line = session.execute(
        columns(col(PayLine.id)).where(col(PayLine.hire_id).in_(hires)).limit(1)
    ).first()
    if line is None:
        raise NotYet
    return person


def write_number(
    session: Session,
    caller: Caller,
    person_id: UUID,
    typed: str,
    *,
    now: datetime,
    today: date,
    hand_over: bool = False,
) -> IdNumber | None:
    """Seal a person's number; the same number again changes nothing.

    A number that somebody else wrote is never replaced by a manager, nor compared with a guess.
    A number that another record has is refused; with hand_over the pair goes to the town's list
    instead, and None is returned: nothing of the other record is told.
    """
    may_hold(session, caller, person_id)
    card = id_numbers.read(typed, today)
    for started_on in _hired_on(session, person_id):
        id_numbers.check_age(card.born_on, started_on)
    hashed = number_hash(card.number)
    kept = session.get(IdNumber, person_id, with_for_update=True, populate_existing=True)
    is_same = kept is not None and kept.keyed_hash == hashed
    if kept and not _holds(session, caller, person_id, shown_to if is_same else written_for):
        raise FieldRefused(id_numbers.FIELD, "wages.id.by_another")
    if kept and is_same:
        return kept
    other = _holder(session, hashed)
    if other not in (None, person_id):
        _clash(session, caller, person_id, other, hand_over, now)
        return None
    row = kept or IdNumber(
        person_id=person_id, key_id="", sealed=b"", keyed_hash=hashed, masked="", written_at=now
    )
    row.key_id, row.sealed = seal(card.number, person_id)
    row.keyed_hash, row.masked = hashed, card.masked
    row.written_at, row.written_by_id = now, caller.account_id
    if kept:
        row.version += 1
        session.add(row)
    elif not db.insert_once(session, row):
        return _raced(session, caller, person_id, hashed, hand_over, now)
    audit(session, "wages.id_written", person_id, now=now, by=caller.account_id)
    session.flush()
    return row


def _hired_on(session: Session, person_id: UUID) -> Collection[date]:
    asked = select(col(Hire.started_on)).where(Hire.person_id == person_id)
    return session.exec(asked.order_by(col(Hire.started_on))).all()


def _holder(session: Session, hashed: str) -> UUID | None:
    return session.exec(select(IdNumber.person_id).where(IdNumber.keyed_hash == hashed)).first()


def _raced(
    session: Session, caller: Caller, person_id: UUID, hashed: str, hand_over: bool, now: datetime
) -> IdNumber | None:
    """Answer a number that somebody else stored at the same moment."""
    other = _holder(session, hashed)
    if other == person_id:
        return session.get_one(IdNumber, person_id, populate_existing=True)
    _clash(session, caller, person_id, other, hand_over, now)
    return None


def _clash(
    session: Session,
    caller: Caller,
    person_id: UUID,
    other: UUID | None,
    hand_over: bool,
    now: datetime,
) -> None:
    if not hand_over or other is None:
        raise FieldRefused(id_numbers.FIELD, "wages.id.elsewhere")
    pair = sorted((person_id, other))
    clash = IdClash(person_id=pair[0], other_id=pair[1], at=now, by_id=caller.account_id)
    if db.insert_once(session, clash):
        audit(session, "wages.id_clash", person_id, now=now, by=caller.account_id)


def own_number(session: Session, caller: Caller, *, now: datetime) -> str:
    """Return one's own number in full, after the secret was given again lately; audited."""
    check_proved(session, caller.session_id, now=now)
    kept = session.get(IdNumber, caller.person_id)
    if kept is None:
        raise NotVisible
    audit(session, "wages.id_read", caller.person_id, now=now, by=caller.account_id)
    return unseal(kept.key_id, kept.sealed, caller.person_id)


class Sealed(NamedTuple):
    """What a round of sealing again did; last: where the next round goes on, or None."""

    done: int
    unopened: int
    last: UUID | None


def seal_again(session: Session, after: UUID = NO_PERSON, *, most: int = 500) -> Sealed:
    """Seal numbers with the newest key after it was changed; what no key opens stays as it is."""
    older = (col(IdNumber.key_id) != newest_key()) & (col(IdNumber.person_id) > after)
    rows = session.exec(
        select(IdNumber)
        .where(older)
        .order_by(col(IdNumber.person_id))
        .limit(most)
        .with_for_update()
    ).all()
    done = sum(_seal_one(session, kept) for kept in rows)
    session.flush()
    return Sealed(done, len(rows) - done, rows[-1].person_id if len(rows) == most else None)


def _seal_one(session: Session, kept: IdNumber) -> bool:
    try:
        number = unseal(kept.key_id, kept.sealed, kept.person_id)
    except KeyMissing:
        return False
    kept.key_id, kept.sealed = seal(number, kept.person_id)
    session.add(kept)
    return True


def without_number(hires: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say in SQL who has a pay line of some hires and no ID number: for the review list."""
    paid = columns(col(Hire.person_id)).join(PayLine, col(PayLine.hire_id) == Hire.id).where(hires)
    has = columns(col(IdNumber.person_id)).where(col(IdNumber.person_id) == Person.id)
    return col(Person.id).in_(paid) & ~has.exists()


def missing_numbers(session: Session, hires: ColumnElement[bool]) -> int:
    """Return how many people with a pay line of some hires have no ID number."""
    asked = select(func.count()).select_from(Person).where(without_number(hires))
    return int(session.exec(asked).one())


def clashes(session: Session, people: ColumnElement[bool]) -> list[tuple[UUID, UUID]]:
    """Return the couples of records of some people that gave one number, the newest first."""
    ids = columns(col(Person.id)).where(people)
    rows = session.exec(
        select(IdClash.person_id, IdClash.other_id)
        .where(col(IdClash.person_id).in_(ids), col(IdClash.other_id).in_(ids))
        .order_by(col(IdClash.at).desc(), col(IdClash.person_id), col(IdClash.other_id))
    )
    return list(rows.all())
