"""Records that look like one person: shown to the town, decided by it, never by a machine."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain, combinations, groupby, islice
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, union
from sqlalchemy import delete as delete_rows
from sqlalchemy import select as columns
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


def in_town(caller: Caller) -> ColumnElement[bool]:
    """Say in SQL who is of a secretary's town: lives there, works there, or is on a roster."""
    towns = caller.places(Role.SECRETARY)
    employers = columns(col(Employer.id)).where(within(Employer.village_code, towns))
    lives = columns(col(Person.id)).where(within(Person.village_code, towns))
    hired = columns(col(Hire.person_id)).where(within(Hire.workplace_code, towns))
    listed = columns(col(Roster.person_id)).where(col(Roster.employer_id).in_(employers))
    return col(Person.id).in_(union(lives, hired, listed))


class Record(NamedTuple):
    """What is compared of a person."""

    id: UUID
    name: str
    born_on: date | None
    village_code: str | None
    phone: str | None


def pairs(session: Session, caller: Caller, most: int = MOST_PAIRS) -> tuple[int, list[Pair]]:
    """Return who looks like one person in the secretary's town and is undecided: all and some.

    The same name with birth year, village or the phone's last digits; or another spelling: the
    same village, birthday and family name. Compared here: a join of a town with itself takes the
    database a hundred times as long.
    """
    rows = session.execute(_records().where(in_town(caller)))
    people = sorted((Record(*row) for row in rows), key=lambda one: (one.name, one.id))
    decided = _decided(session, caller)
    alike = chain(_of_one_name(people), _of_two_spellings(people))
    found = (pair for pair in alike if (pair[0].id, pair[1].id) not in decided)
    first = list(islice(found, most))
    return len(first) + sum(1 for _ in found), _shown(session, first)


def undecided(
    session: Session, caller: Caller, couples: Collection[tuple[UUID, UUID]], shared: str
) -> list[Pair]:
    """Return those of some couples that are both of the town and not decided; they share this."""
    ids = {one for couple in couples for one in couple}
    rows = session.execute(_records().where(in_town(caller), col(Person.id).in_(ids)))
    people = {row[0]: Record(*row) for row in rows}
    decided = _decided(session, caller)
    found = [
        (people[one], people[other])
        for one, other in couples
        if one in people and other in people and (one, other) not in decided
    ]
    return [replace(pair, shared=(*pair.shared, shared)) for pair in _shown(session, found)]


def _records() -> Select[*tuple[Any, ...]]:
    return columns(
        col(Person.id),
        col(Person.name),
        col(Person.born_on),
        col(Person.village_code),
        col(Person.phone),
    )


def _decided(session: Session, caller: Caller) -> set[tuple[UUID, UUID]]:
    here = columns(col(Person.id)).where(in_town(caller))
    rows = session.execute(
        columns(col(SamePersonDecision.first_id), col(SamePersonDecision.second_id)).where(
            col(SamePersonDecision.first_id).in_(here)
        )
    )
    return {(first, second) for first, second in rows}


def _of_one_name(people: list[Record]) -> Iterator[tuple[Record, Record]]:
    """Yield who shares a name and something else; people in order of name and id."""
    for _, group in groupby(people, key=lambda one: one.name):
        for one, other in combinations(group, 2):
            if set(_shared(one, other)) - {"name"}:
                yield one, other


def _of_two_spellings(people: list[Record]) -> Iterator[tuple[Record, Record]]:
    alike: dict[tuple[Any, ...], list[Record]] = defaultdict(list)
    for one in people:
        if one.village_code and one.born_on:
            alike[one.village_code, one.born_on, one.name[:1]].append(one)
    for group in alike.values():
        for one, other in combinations(sorted(group, key=lambda each: each.id), 2):
            if one.name != other.name:
                yield one, other


def _shown(session: Session, found: list[tuple[Record, Record]]) -> list[Pair]:
    codes = {one.village_code for two in found for one in two if one.village_code}
    villages = {code: short_name(name) for code, name in names(session, codes).items()}
    return [
        Pair(mask(one, villages), mask(other, villages), _shared(one, other))
        for one, other in found
    ]


def mask(person: Person | Record, villages: dict[str, str]) -> Masked:
    """Return what may be shown of a record to tell it from another: no whole name or number."""
    return Masked(
        id=person.id,
        name=masked_name(person.name),
        birth_year=person.born_on.year if person.born_on else None,
        village=villages.get(person.village_code or ""),
        phone_tail=person.phone[-TAIL:] if person.phone else None,
    )


def _shared(one: Record, other: Record) -> tuple[str, ...]:
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
