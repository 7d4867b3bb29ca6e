"""Employers: a household opened by himself, others by the town; verified, recognised, corrected."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session, col, select

from orchard import clock, db
from orchard.accounts.models import Account, Employer, Person
from orchard.accounts.rules import Caller, EmployerKind, Role, is_inside
from orchard.accounts.services import audit, grant
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.hiring import queries
from orchard.hiring.models import Hire, RecognitionEvent
from orchard.hiring.rules import RecognitionEventKind, check_step
from orchard.hiring.services import tell_person_change
from orchard.places.models import Place
from orchard.places.rules import town_of


@dataclass(frozen=True)
class NewEmployer:
    """Who is to hire, as somebody typed it."""

    id: UUID
    name: str
    kind: EmployerKind
    village_code: str

    def facts(self) -> dict[str, str]:
        """Return what two sendings of the same form agree about."""
        return {"name": self.name, "kind": self.kind.value, "village_code": self.village_code}


@dataclass(frozen=True)
class NewStep:
    """One step of a workshop's recognition."""

    id: UUID
    kind: RecognitionEventKind
    on_day: date


def serves(caller: Caller, code: str) -> bool:
    """Say whether a place lies in a town or district that the caller serves."""
    return is_inside(code, caller.places(Role.SECRETARY, Role.DISTRICT))


def home_towns(caller: Caller) -> frozenset[str]:
    """Return the towns in which the caller may open his own household."""
    codes = caller.places(Role.GROWER, Role.WORKER) | {caller.village_code or ""}
    return frozenset(town_of(code) for code in codes if code)


def open_employer(session: Session, caller: Caller, new: NewEmployer, *, now: datetime) -> Employer:
    """Open an employer: the office any kind in its town, others their own household, unverified."""
    is_office = bool(caller.roles & {Role.SECRETARY, Role.DISTRICT})
    first = session.get(Employer, new.id)
    if first is None:
        if is_office:
            _check_office(session, caller, new)
        else:
            _check_own(session, caller, new)
        made = Employer(
            id=new.id,
            name=new.name,
            kind=new.kind,
            village_code=new.village_code,
            opened_by_id=None if is_office else caller.person_id,
            verified_at=now if is_office else None,
            created_at=now,
        )
        if db.insert_once(session, made):
            if not is_office:
                _make_manager(session, caller, new, now)
            audit(session, "hiring.employer_opened", new.id, now=now, by=caller.account_id)
            session.flush()
            return session.get_one(Employer, new.id)
        first = session.get_one(Employer, new.id)
    return _same(caller, first, new)


def _check_office(session: Session, caller: Caller, new: NewEmployer) -> None:
    _check_village(session, new.village_code)
    if not serves(caller, new.village_code):
        raise FieldRefused("village_code", "hiring.village_elsewhere")


def _check_own(session: Session, caller: Caller, new: NewEmployer) -> None:
    _check_village(session, new.village_code)
    if new.kind != EmployerKind.HOUSEHOLD:
        raise FieldRefused("kind", "hiring.only_household")
    if not is_inside(new.village_code, home_towns(caller)):
        raise FieldRefused("village_code", "hiring.village_elsewhere")
    session.get_one(Person, caller.person_id, with_for_update=True)  # one household, also at once
    if household_of(session, caller) is not None:
        raise FieldRefused("name", "hiring.household_open")


def _check_village(session: Session, code: str) -> None:
    if len(code) != 12 or session.get(Place, code) is None:
        raise FieldRefused("village_code", "hiring.village_elsewhere")


def household_of(session: Session, caller: Caller) -> Employer | None:
    """Return the caller's own household, if he has opened one."""
    return session.exec(select(Employer).where(Employer.opened_by_id == caller.person_id)).first()


def _make_manager(session: Session, caller: Caller, new: NewEmployer, now: datetime) -> None:
    """Give the opener the role himself: accounts.rules takes that for his own household."""
    account = session.get_one(Account, caller.account_id)
    grant(
        session,
        account,
        Role.MANAGER,
        now=now,
        employer_id=new.id,
        by=account.id,
    )


def _same(caller: Caller, first: Employer, new: NewEmployer) -> Employer:
    if first.opened_by_id != caller.person_id and not serves(caller, first.village_code):
        raise NotVisible
    kept = {"name": first.name, "kind": first.kind.value, "village_code": first.village_code}
    if kept != new.facts():
        raise Conflict(kept, new.facts())
    return first


def verify(session: Session, caller: Caller, employer_id: UUID, *, now: datetime) -> Employer:
    """Say for the town that an employer is what he says; twice is once."""
    found = _served(session, caller, employer_id)
    if found.verified_at is None:
        found.verified_at = now
        session.add(found)
        audit(session, "hiring.employer_verified", employer_id, now=now, by=caller.account_id)
        session.flush()
        hired = session.exec(select(Hire.person_id).where(Hire.employer_id == employer_id)).all()
        tell_person_change(session, set(hired))  # his hires count with the others from now on
    return found


def _served(session: Session, caller: Caller, employer_id: UUID) -> Employer:
    found = session.get(Employer, employer_id, with_for_update=True, populate_existing=True)
    if found is None or not serves(caller, found.village_code):
        raise NotVisible
    return found


def correct(
    session: Session,
    caller: Caller,
    employer_id: UUID,
    *,
    name: str,
    village_code: str,
    seen: tuple[str, str],
    now: datetime,
) -> Employer:
    """Correct name and village; seen: what stood there when the form was shown."""
    queries.employer_seen_by(session, caller, employer_id)
    found = session.get_one(Employer, employer_id, with_for_update=True, populate_existing=True)
    kept, sent = (found.name, found.village_code), (name, village_code)
    if kept == sent:
        return found
    if kept != seen:
        names = ("name", "village_code")
        raise Conflict(dict(zip(names, kept, strict=True)), dict(zip(names, sent, strict=True)))
    _check_village(session, village_code)
    is_move = town_of(village_code) != town_of(found.village_code)
    if is_move and not is_inside(village_code, caller.places(Role.DISTRICT)):
        raise FieldRefused("village_code", "hiring.village_elsewhere")
    found.name, found.village_code = name, village_code
    session.add(found)
    audit(session, "hiring.employer_corrected", employer_id, now=now, by=caller.account_id)
    session.flush()
    return found


def recognise(
    session: Session, caller: Caller, employer_id: UUID, step: NewStep, *, now: datetime
) -> RecognitionEvent:
    """Write one step of a workshop's recognition; the same form again is one step."""
    employer = _served(session, caller, employer_id)
    first = session.get(RecognitionEvent, step.id)
    if first:
        if first.employer_id != employer_id:
            raise NotVisible
        kept, sent = (first.kind, first.on_day), (step.kind, step.on_day)
        if kept != sent:
            raise Conflict({"kind": first.kind.value}, {"kind": step.kind.value})
        return first
    if employer.kind != EmployerKind.WORKSHOP:
        raise FieldRefused("kind", "hiring.only_workshop")
    if step.on_day > clock.local(now).date():
        raise FieldRefused("on_day", "hiring.day_to_come")
    last = recognition_on(session, employer_id, date.max)
    check_step(step.kind, step.on_day, (last.on_day, last.kind) if last else None)
    made = RecognitionEvent(
        id=step.id,
        employer_id=employer_id,
        kind=step.kind,
        on_day=step.on_day,
        by_id=caller.account_id,
        at=now,
    )
    session.add(made)
    audit(session, "hiring.recognition", employer_id, now=now, by=caller.account_id)
    session.flush()
    return made


def recognition_on(session: Session, employer_id: UUID, day: date) -> RecognitionEvent | None:
    """Return the step of recognition in force on a day."""
    return session.exec(
        select(RecognitionEvent)
        .where(RecognitionEvent.employer_id == employer_id, RecognitionEvent.on_day <= day)
        .order_by(col(RecognitionEvent.on_day).desc(), col(RecognitionEvent.at).desc())
        .limit(1)
    ).first()
