"""Inviting: whom an office lets in, as what, inside its right."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from orchard import db
from orchard.accounts.models import Account, Employer, Invitation, Person
from orchard.accounts.queries import grants_at, person_for
from orchard.accounts.rules import (
    PIN_ROLES,
    Caller,
    Role,
    is_inside,
    may_give,
)
from orchard.accounts.services import (
    audit,
    grant,
    make_card,
)
from orchard.errors import Busy, Conflict, FieldRefused, NotVisible
from orchard.places.models import Place


@dataclass(frozen=True)
class Invited:
    """Who is to be let in as what, as an office typed it."""

    id: UUID
    name: str
    phone: str | None
    place_code: str
    role: Role
    employer_id: UUID | None = None

    @property
    def village_code(self) -> str | None:
        """Return the village, when the place is one."""
        return self.place_code if len(self.place_code) == 12 else None

    @property
    def of_employer(self) -> UUID | None:
        """Return the employer for whom he works or acts; other roles have none."""
        return self.employer_id if self.role in {Role.MANAGER, Role.WORKER} else None

    def facts(self) -> dict[str, str | None]:
        """Return what two sendings of the same form agree about."""
        return {"name": self.name, "phone": self.phone, "village_code": self.village_code}


@dataclass(frozen=True)
class Outcome:
    """What came of an invitation: the person, and the secret of the card if there is one."""

    person_id: UUID
    card: str | None


def invite(session: Session, caller: Caller, asked: Invited, *, now: datetime) -> Outcome:
    """Let somebody in once. Without a phone only the person is recorded.

    A phone that has an account already gets the role and no card, provided that the name is
    that account's too: who does not know both learns nothing but that the number is taken.
    """
    _check_right(session, caller, asked)
    first = session.get(Person, asked.id)
    if first is None:
        taken = _account_of(session, asked.phone)
        if taken and taken.person_id != asked.id:
            return _join(session, caller, taken, asked, now)
        if db.insert_once(session, _person(asked, now)):
            return Outcome(asked.id, _open(session, caller, asked, now))
    return _again(session, caller, asked, now)


def _check_right(session: Session, caller: Caller, asked: Invited) -> None:
    if session.get(Place, asked.place_code) is None:
        raise FieldRefused("place_code", "accounts.place_unknown")
    at, employer_id = asked.place_code, asked.of_employer
    if asked.role == Role.MANAGER or employer_id:
        employer = session.get(Employer, employer_id) if employer_id else None
        if employer is None:
            raise FieldRefused("employer_id", "accounts.employer_needed")
        at = employer.village_code
    needs_town = asked.role in {Role.TECHNICIAN, Role.SECRETARY}
    if needs_town and asked.village_code:
        raise FieldRefused("place_code", "accounts.town_needed")
    if not may_give(caller, asked.role, at=at, employer_id=employer_id):
        raise FieldRefused("role", "accounts.may_not_invite")
    if asked.phone is None and not _stays_in_sight(caller, asked):
        raise FieldRefused("phone", "accounts.phone_needed")


def _stays_in_sight(caller: Caller, asked: Invited) -> bool:
    """Say whether the caller will see somebody of whom only the home is recorded."""
    if is_inside(asked.place_code, caller.places(Role.DISTRICT)):
        return True
    return is_inside(asked.village_code or "", caller.places(Role.SECRETARY))


def _person(asked: Invited, now: datetime) -> Person:
    return Person(
        id=asked.id,
        name=asked.name,
        phone=asked.phone,
        village_code=asked.village_code,
        created_at=now,
    )


def _account_of(session: Session, phone: str | None) -> Account | None:
    return (
        session.exec(select(Account).where(Account.phone == phone)).one_or_none() if phone else None
    )


def _open(session: Session, caller: Caller, asked: Invited, now: datetime) -> str | None:
    audit_invited(session, caller, asked, asked.id, now)
    if asked.phone is None:
        return None
    account = Account(id=asked.id, person_id=asked.id, phone=asked.phone, created_at=now)
    if not db.insert_once(session, account):
        raise Busy  # the same number was invited at this very moment
    _give(session, caller, account, asked, now)
    return _first_card(session, caller, account, asked.id, now)


def _first_card(session: Session, caller: Caller, account: Account, id: UUID, now: datetime) -> str:
    """Make the card of a new account and note who made it: he could have used it himself."""
    audit(session, "accounts.card_made", account.id, now=now, by=caller.account_id)
    return make_card(session, account, now=now, by=caller.account_id, id=id)


def _join(
    session: Session, caller: Caller, account: Account, asked: Invited, now: datetime
) -> Outcome:
    person = session.get(Person, account.person_id)
    if person is None or person.name != asked.name or account.disabled_at:
        raise FieldRefused("phone", "accounts.phone_taken")
    has_it = any(
        (one.role, one.employer_id, one.place_code) == (asked.role, *_scope(asked).values())
        for one, _ in grants_at(session, account.id)
    )
    if not has_it:
        audit_invited(session, caller, asked, person.id, now)
        _give(session, caller, account, asked, now)
    return Outcome(person.id, None)


def _scope(asked: Invited) -> dict[str, UUID | str | None]:
    place_code = None if asked.of_employer else asked.place_code
    return {"employer_id": asked.of_employer, "place_code": place_code}


def _give(
    session: Session, caller: Caller, account: Account, asked: Invited, now: datetime
) -> None:
    scope = _scope(asked)
    grant(
        session,
        account,
        asked.role,
        now=now,
        place_code=scope["place_code"],  # type: ignore[arg-type]
        employer_id=scope["employer_id"],  # type: ignore[arg-type]
        by=caller.account_id,
    )
    audit(
        session,
        "accounts.granted",
        account.id,
        now=now,
        by=caller.account_id,
        place_code=asked.place_code,
        reason=asked.role,
    )


def audit_invited(
    session: Session, caller: Caller, asked: Invited, person_id: UUID, now: datetime
) -> None:
    """Note who invited whom."""
    audit(
        session,
        "accounts.invited",
        person_id,
        now=now,
        by=caller.account_id,
        place_code=asked.place_code,
    )


def _again(session: Session, caller: Caller, asked: Invited, now: datetime) -> Outcome:
    """Answer the same form sent again with its first result."""
    first = person_for(session, caller, asked.id)
    sent = asked.facts()
    kept = {name: getattr(first, name) for name in sent}
    if kept != sent:
        raise Conflict({}, {})  # what is stored belongs to another form: it is not shown
    account = _account_of(session, asked.phone)
    if account is None:
        return Outcome(first.id, None)
    if account.person_id != first.id:
        raise NotVisible
    return Outcome(
        first.id, make_card(session, account, now=now, by=caller.account_id, id=first.id)
    )


def open_for(
    session: Session,
    caller: Caller,
    person_id: UUID,
    *,
    phone: str,
    role: Role,
    id: UUID,
    now: datetime,
) -> str:
    """Open the account of somebody recorded without a phone, who has one now; return the card.

    Sent twice it is one account, with the same card until it is used.
    """
    person = person_for(session, caller, person_id)
    village = person.village_code or ""
    if role not in PIN_ROLES or not may_give(caller, role, at=village):
        raise FieldRefused("role", "accounts.may_not_invite")
    person = session.get_one(Person, person_id, with_for_update=True)
    own = session.exec(select(Account).where(Account.person_id == person_id)).one_or_none()
    if own is None and _account_of(session, phone) is None:
        own = _account_for(session, person, phone, now)
        _give(session, caller, own, Invited(person_id, person.name, phone, village, role), now)
        return _first_card(session, caller, own, id, now)
    card = session.get(Invitation, id)
    if own is None or own.phone != phone or card is None or card.account_id != own.id:
        raise FieldRefused("phone", "accounts.phone_taken")
    return make_card(session, own, now=now, by=caller.account_id, id=id)


def _account_for(session: Session, person: Person, phone: str, now: datetime) -> Account:
    account = Account(person_id=person.id, phone=phone, created_at=now)
    if not db.insert_once(session, account):
        raise Busy  # the same number was given to somebody at this very moment
    person.phone = phone
    session.add(person)
    session.flush()
    return account
