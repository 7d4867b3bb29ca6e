"""The people of an employer: registered with or without a phone, never merged by a machine."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from orchard import db
from orchard.accounts.models import Account, Person
from orchard.accounts.rules import Caller, Sex
from orchard.accounts.services import audit
from orchard.errors import Conflict, FieldRefused, NotVisible, Refused
from orchard.hiring import queries
from orchard.hiring.models import Hire, Roster, SamePerson
from orchard.hiring.rules import ELSEWHERE, REGISTERED, check_age
from orchard.places.models import Place

MOST_ALIKE = 5
TAIL = 4  # digits of a phone that point at the same person


class LooksKnown(Refused):
    """Somebody who looks like the same person is registered: choose him, or say he is new."""

    code = "hiring.looks_known"


@dataclass(frozen=True)
class NewPerson:
    """Whom an employer registers. same_as: the one chosen; is_new: none of those shown."""

    id: UUID
    employer_id: UUID
    name: str
    sex: Sex | None
    born_on: date | None
    registered_code: str | None
    phone: str | None = None
    same_as: UUID | None = None
    is_new: bool = False

    def facts(self) -> dict[str, Any]:
        """Return what is stored of a person, and what two sendings agree about."""
        code = self.registered_code or ""
        return {
            "name": self.name,
            "sex": self.sex,
            "born_on": self.born_on,
            "phone": self.phone,
            "village_code": code if len(code) == 12 else None,
        }


def register_person(session: Session, caller: Caller, new: NewPerson, *, now: datetime) -> Person:
    """Register somebody with an employer once, or take in the one who was chosen.

    Raises LooksKnown while somebody alike is there and nobody was chosen nor called new.
    """
    queries.employer_for(session, caller, new.employer_id)
    if session.get(Person, new.id):
        return _again(session, new)
    check_registered(session, new.registered_code)
    alike = {person.id: person for person in lookalikes(session, new)}
    if new.same_as:
        if new.same_as not in alike:
            raise FieldRefused("same_as", "hiring.not_alike")
        return _link(session, caller, alike[new.same_as], new, now)
    if alike and not new.is_new:
        raise LooksKnown
    person = Person(id=new.id, **new.facts(), created_at=now)
    if not db.insert_once(session, person):
        return _again(session, new)
    _enter(session, caller, new, new.id, now, is_linked=False)
    audit(session, "hiring.registered", new.id, now=now, by=caller.account_id)
    session.flush()
    return session.get_one(Person, new.id)


def _again(session: Session, new: NewPerson) -> Person:
    first = session.get_one(Person, new.id)
    if session.get(Roster, (new.employer_id, new.id)) is None:
        raise NotVisible
    sent = new.facts()
    kept = {name: getattr(first, name) for name in sent}
    if kept != sent:
        raise Conflict(_shown(kept), _shown(sent))
    return first


def _shown(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value and str(value) for name, value in facts.items()}


def _link(
    session: Session, caller: Caller, person: Person, new: NewPerson, now: datetime
) -> Person:
    """Put a known person on the roster; what nobody had recorded of him is filled in."""
    person = session.get_one(Person, person.id, with_for_update=True)
    for name, value in new.facts().items():
        if getattr(person, name) is None and value is not None:
            setattr(person, name, value)
    session.add(person)
    _enter(session, caller, new, person.id, now, is_linked=True)
    audit(session, "hiring.linked", person.id, now=now, by=caller.account_id)
    session.flush()
    return person


def _enter(
    session: Session,
    caller: Caller,
    new: NewPerson,
    person_id: UUID,
    now: datetime,
    *,
    is_linked: bool,
) -> None:
    row = Roster(
        employer_id=new.employer_id,
        person_id=person_id,
        registered_code=new.registered_code,
        is_linked=is_linked,
        at=now,
        by_id=caller.account_id,
    )
    db.insert_once(session, row)


@dataclass(frozen=True)
class PersonFacts:
    """What an employer fills in or corrects of somebody on his roster; None leaves it."""

    name: str
    sex: Sex | None = None
    born_on: date | None = None
    registered_code: str | None = None
    phone: str | None = None


def correct_person(
    session: Session,
    caller: Caller,
    employer_id: UUID,
    person_id: UUID,
    facts: PersonFacts,
    *,
    now: datetime,
) -> Person:
    """Fill in what nobody had recorded; change what stands only where no one else relies on it."""
    queries.employer_for(session, caller, employer_id)
    row = session.get(Roster, (employer_id, person_id), with_for_update=True)
    if row is None:
        raise NotVisible
    check_registered(session, facts.registered_code)
    person = session.get_one(Person, person_id, with_for_update=True, populate_existing=True)
    may_change = not row.is_linked and _is_alone(session, employer_id, person_id)
    for name in ("name", "sex", "born_on", "phone"):
        kept, sent = getattr(person, name), getattr(facts, name)
        if sent is None or sent == kept:
            continue
        if kept is not None and not may_change:
            raise FieldRefused(name, "hiring.not_yours_to_change")
        setattr(person, name, sent)
    _check_hires(session, person)
    if facts.registered_code:
        row.registered_code = facts.registered_code
        if person.village_code is None and len(facts.registered_code) == 12:
            person.village_code = facts.registered_code
    session.add_all([person, row])
    audit(session, "hiring.corrected", person_id, now=now, by=caller.account_id)
    session.flush()
    return person


def _is_alone(session: Session, employer_id: UUID, person_id: UUID) -> bool:
    """Say whether a record is this employer's alone: no account, on no other roster."""
    others = select(Roster.employer_id).where(
        Roster.person_id == person_id, Roster.employer_id != employer_id
    )
    account = select(Account.id).where(Account.person_id == person_id)
    return all(session.exec(found).first() is None for found in (others, account))


def _check_hires(session: Session, person: Person) -> None:
    rows = session.exec(select(Hire).where(Hire.person_id == person.id)).all()
    for hire in rows:
        check_age(person.born_on, hire.work, hire.started_on)


def check_registered(session: Session, code: str | None) -> None:
    """Refuse a registered place that is no village of this county and no district's code."""
    if code is None or code == ELSEWHERE:
        return
    if not REGISTERED.fullmatch(code) or (len(code) == 12 and session.get(Place, code) is None):
        raise FieldRefused("registered_code", "hiring.registered_unknown")


def lookalikes(session: Session, new: NewPerson) -> list[Person]:
    """Return who looks like the same person: the same name, and birth year, village or phone.

    Names are normalised as they are typed. A record that counts as another is not offered.
    """
    facts = new.facts()
    same = [
        *([_in_year(facts["born_on"].year)] if facts["born_on"] else []),
        *([col(Person.village_code) == facts["village_code"]] if facts["village_code"] else []),
        *([col(Person.phone).endswith(facts["phone"][-TAIL:])] if facts["phone"] else []),
    ]
    if not same:
        return []
    doubled = select(SamePerson.person_id)
    rows = session.exec(
        select(Person)
        .where(
            Person.name == new.name,
            Person.id != new.id,
            or_(*same),
            col(Person.id).not_in(doubled),
        )
        .order_by(col(Person.created_at), col(Person.id))
        .limit(MOST_ALIKE)
    )
    return list(rows.all())


def _in_year(year: int) -> ColumnElement[bool]:
    return col(Person.born_on).between(date(year, 1, 1), date(year, 12, 31))
