"""Records that look like one person: shown to the town, decided by it, never by a machine."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, extract, func, or_
from sqlalchemy import delete as delete_rows
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from orchard import db
from orchard.accounts.models import Employer, Person
from orchard.accounts.rules import Caller, Role, masked_name
from orchard.accounts.services import audit
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.hiring.models import Hire, Roster, SamePerson, SamePersonDecision
from orchard.hiring.roster import TAIL
from orchard.hiring.services import tell_person_change
from orchard.places.queries import names, within
from orchard.places.rules import short_name

MOST_PAIRS = 100


@dataclass(frozen=True)
class Decision:
    """What a secretary says about two records."""

    id: UUID
    person_id: UUID
    other_id: UUID
    is_same: bool

    @property
    def pair(self) -> tuple[UUID, UUID]:
        """Return the two records, the smaller id first."""
        first, second = sorted((self.person_id, self.other_id))
        return first, second


@dataclass(frozen=True)
class Masked:
    """One of two records as the town sees it before it gives a reason."""

    id: UUID
    name: str
    birth_year: int | None
    village: str | None
    phone_tail: str | None


@dataclass(frozen=True)
class Pair:
    """Two records that look like one person, and what they share."""

    first: Masked
    second: Masked
    shared: tuple[str, ...]


def in_town(caller: Caller, person: Any = Person) -> ColumnElement[bool]:
    """Say in SQL who is of a secretary's town: lives there, works there, or is on a roster."""
    towns = caller.places(Role.SECRETARY)
    employers = select(Employer.id).where(within(Employer.village_code, towns))
    hired = select(Hire.person_id).where(within(Hire.workplace_code, towns))
    listed = select(Roster.person_id).where(col(Roster.employer_id).in_(employers))
    return or_(
        within(person.village_code, towns),
        person.id.in_(hired),
        person.id.in_(listed),
    )


def pairs(session: Session, caller: Caller, most: int = MOST_PAIRS) -> list[Pair]:
    """Return who looks like one person in the secretary's town and is not decided yet.

    The same name with birth year, village or the phone's last digits; or another spelling: the
    same village, birthday and family name.
    """
    first: Any = aliased(Person)
    second: Any = aliased(Person)
    same_year = extract("year", first.born_on) == extract("year", second.born_on)
    same_village = first.village_code == second.village_code
    same_tail = _tail(first.phone) == _tail(second.phone)
    spelled = and_(
        same_village,
        first.born_on == second.born_on,
        func.substr(first.name, 1, 1) == func.substr(second.name, 1, 1),
    )
    by_name = and_(first.name == second.name, or_(same_year, same_village, same_tail))
    decided = (
        select(SamePersonDecision.id)
        .where(
            col(SamePersonDecision.first_id) == first.id,
            col(SamePersonDecision.second_id) == second.id,
        )
        .exists()
    )
    found: dict[tuple[UUID, UUID], tuple[Person, Person]] = {}
    for alike in (by_name, spelled):
        rows = session.execute(
            columns(first, second)
            .where(alike, first.id < second.id, ~decided, in_town(caller, first))
            .where(in_town(caller, second))
            .order_by(first.name, first.id, second.id)
            .limit(most)
        )
        found |= {(one.id, other.id): (one, other) for one, other in rows}
    return _shown(session, list(found.values())[:most])


def _tail(phone: Any) -> ColumnElement[str]:
    return func.substr(phone, func.length(phone) - TAIL + 1)


def _shown(session: Session, found: list[tuple[Person, Person]]) -> list[Pair]:
    codes = {one.village_code for two in found for one in two if one.village_code}
    villages = {code: short_name(name) for code, name in names(session, codes).items()}
    return [
        Pair(mask(one, villages), mask(other, villages), _shared(one, other))
        for one, other in found
    ]


def mask(person: Person, villages: dict[str, str]) -> Masked:
    """Return what may be shown of a record to tell it from another: no whole name or number."""
    return Masked(
        id=person.id,
        name=masked_name(person.name),
        birth_year=person.born_on.year if person.born_on else None,
        village=villages.get(person.village_code or ""),
        phone_tail=person.phone[-TAIL:] if person.phone else None,
    )


def _shared(one: Person, other: Person) -> tuple[str, ...]:
    years = [who.born_on and who.born_on.year for who in (one, other)]
    tails = [who.phone and who.phone[-TAIL:] for who in (one, other)]
    facts = {
        "name": (one.name, other.name),
        "birth_year": tuple(years),
        "village": (one.village_code, other.village_code),
        "phone_tail": tuple(tails),
    }
    return tuple(name for name, (left, right) in facts.items() if left and left == right)


def decide(
    session: Session, caller: Caller, decision: Decision, *, now: datetime
) -> SamePersonDecision:
    """Say that two records are one person, or that they are not; a newer decision undoes it.

    The older record is the one that counts. The same form again is one decision.
    """
    if decision.person_id == decision.other_id:
        raise FieldRefused("other_id", "hiring.same_record")
    pair = decision.pair
    _check_seen(session, caller, pair)
    first = session.get(SamePersonDecision, decision.id)
    if first:
        return _first(first, decision)
    touched = sorted(_together(session, pair))
    session.exec(
        select(Person.id)
        .where(col(Person.id).in_(touched))
        .order_by(col(Person.id))
        .with_for_update()
    ).all()
    made = SamePersonDecision(
        id=decision.id,
        first_id=pair[0],
        second_id=pair[1],
        is_same=decision.is_same,
        by_id=caller.account_id,
        at=now,
    )
    if not db.insert_once(session, made):
        return _first(session.get_one(SamePersonDecision, decision.id), decision)
    for person_id in pair:
        audit(session, "hiring.same_person", person_id, now=now, by=caller.account_id)
    _settle(session, {*touched, *_together(session, pair)})
    return session.get_one(SamePersonDecision, decision.id)


def _check_seen(session: Session, caller: Caller, pair: tuple[UUID, UUID]) -> None:
    seen = session.exec(select(func.count()).where(col(Person.id).in_(pair), in_town(caller))).one()
    if seen != 2:
        raise NotVisible


def _first(first: SamePersonDecision, decision: Decision) -> SamePersonDecision:
    if (first.first_id, first.second_id) != decision.pair:
        raise NotVisible
    if first.is_same != decision.is_same:
        raise Conflict({"is_same": first.is_same}, {"is_same": decision.is_same})
    return first


def _together(session: Session, start: Iterable[UUID]) -> set[UUID]:
    """Return the records that decisions in force join with some, those included."""
    known: set[UUID] = set()
    edge = set(start)
    while edge:
        known |= edge
        edge = _neighbours(session, edge) - known
    return known


def _neighbours(session: Session, ids: Collection[UUID]) -> set[UUID]:
    rows = session.exec(
        select(SamePersonDecision)
        .where(
            or_(
                col(SamePersonDecision.first_id).in_(ids),
                col(SamePersonDecision.second_id).in_(ids),
            )
        )
        .order_by(col(SamePersonDecision.at), col(SamePersonDecision.id))
    )
    newest = {(row.first_id, row.second_id): row.is_same for row in rows}
    return {one for pair, is_same in newest.items() if is_same for one in pair}


def _settle(session: Session, touched: set[UUID]) -> None:
    """Rewrite which record each of some counts as, and tell the rooms that count."""
    session.execute(delete_rows(SamePerson).where(col(SamePerson.person_id).in_(touched)))
    left = set(touched)
    while left:
        group = _together(session, {left.pop()})
        left -= group
        rows = session.exec(
            select(Person)
            .where(col(Person.id).in_(group))
            .order_by(col(Person.created_at), col(Person.id))
        ).all()
        for other in rows[1:]:
            session.add(SamePerson(person_id=other.id, other_id=rows[0].id))
    session.flush()
    tell_person_change(session, touched)
