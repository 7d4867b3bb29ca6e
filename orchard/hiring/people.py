"""The people of an employer, and hires as pages and the JSON interface show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_
from sqlalchemy import select as columns
from sqlmodel import Session, col

from orchard.accounts.models import Account, Employer, Grant, Person
from orchard.accounts.rules import Caller, Role, Sex, masked_name, masked_phone
from orchard.errors import NotVisible
from orchard.hiring.models import Crew, Hire, HireEvent, Roster
from orchard.hiring.queries import is_known
from orchard.hiring.rules import HireEventKind
from orchard.paging import Page, page
from orchard.places.models import Place
from orchard.places.queries import within
from orchard.places.rules import short_name


@dataclass(frozen=True)
class WorkerLine:
    """Somebody an employer knows; of who was linked, phone and birthday once he agreed."""

    id: UUID
    name: str
    phone: str | None
    sex: Sex | None
    born_on: date | None
    registered_code: str | None
    running: int
    is_open: bool


def workers_page(
    session: Session,
    employer_id: UUID,
    *,
    today: date,
    after: UUID | None = None,
    before: UUID | None = None,
) -> tuple[list[WorkerLine], Page]:
    """Return one page of the people an employer knows, by name."""
    edges = [_edge(session, employer_id, edge, today) for edge in (after, before)]
    keys = (col(Person.name), col(Person.id))
    found = page(session, _workers(employer_id, today), keys, after=edges[0], before=edges[1])
    return [_worker_line(row) for row in found.rows], found


def worker_line(session: Session, employer_id: UUID, person_id: UUID, *, today: date) -> WorkerLine:
    """Return one of the people an employer knows, or raise NotVisible."""
    found = session.execute(_workers(employer_id, today).where(col(Person.id) == person_id)).first()
    if found is None:
        raise NotVisible
    return _worker_line(found)


def _edge(
    session: Session, employer_id: UUID, person_id: UUID | None, today: date
) -> tuple[str, UUID] | None:
    if person_id is None:
        return None
    line = worker_line(session, employer_id, person_id, today=today)
    return line.name, line.id


def _workers(employer_id: UUID, today: date) -> Select[*tuple[Any, ...]]:
    invited = (
        columns(col(Account.person_id))
        .join(Grant, col(Grant.account_id) == Account.id)
        .where(
            col(Grant.employer_id) == employer_id,
            col(Grant.role) == Role.WORKER,
            col(Grant.ended_at).is_(None),
        )
    )
    hires = columns(func.count()).where(
        col(Hire.employer_id) == employer_id, col(Hire.person_id) == Person.id
    )
    running = hires.where(or_(col(Hire.ended_on).is_(None), col(Hire.ended_on) >= today))
    return (
        columns(Person, Roster, running.scalar_subquery(), is_known(col(Person.id), employer_id))
        .outerjoin(
            Roster,
            and_(col(Roster.person_id) == Person.id, col(Roster.employer_id) == employer_id),
        )
        .where(or_(col(Roster.person_id).is_not(None), col(Person.id).in_(invited)))
    )


def _worker_line(row: Any) -> WorkerLine:
    person, roster, running, is_open = row
    return WorkerLine(
        id=person.id,
        name=person.name,
        phone=person.phone if is_open else None,
        sex=person.sex,
        born_on=person.born_on if is_open else None,
        registered_code=(roster.registered_code if roster else None) or person.village_code,
        running=running,
        is_open=is_open,
    )


@dataclass(frozen=True)
class HireLine:
    """One hire with the names behind its ids; without is_open no phone of his can be dialled."""

    hire: Hire
    name: str
    phone: str | None
    is_open: bool
    employer: str
    workplace: str
    crew: str | None
    last: HireEventKind
    is_mine: bool


def hires_page(
    session: Session,
    caller: Caller,
    *,
    after: UUID | None = None,
    before: UUID | None = None,
) -> tuple[list[HireLine], Page]:
    """Return one page of the hires in sight: those that have not ended first, by name.

    A town's by village and first day: the index has them in this order, however many there are.
    """
    is_office = not caller.employers and Role.WORKER not in caller.roles
    by_name = (_rank(), col(Person.name), col(Hire.id))
    by_place = (col(Hire.workplace_code), col(Hire.started_on), col(Hire.id))
    keys: Sequence[Any] = by_place if is_office else by_name
    edges = [_hire_edge(session, caller, edge, is_office) for edge in (after, before)]
    found = page(session, _hires(caller), keys, after=edges[0], before=edges[1])
    return [_hire_line(caller, row) for row in found.rows], found


def hires_of(
    session: Session, caller: Caller, employer_id: UUID, person_id: UUID
) -> list[HireLine]:
    """Return the hires of one person with one employer, the newest first."""
    rows = session.execute(
        _hires(caller)
        .where(col(Hire.employer_id) == employer_id, col(Hire.person_id) == person_id)
        .order_by(col(Hire.started_on).desc(), col(Hire.id).desc())
        .limit(50)
    )
    return [_hire_line(caller, row) for row in rows]


def hire_line(session: Session, caller: Caller, hire_id: UUID) -> HireLine:
    """Return one hire in sight, or raise NotVisible."""
    found = session.execute(_hires(caller).where(col(Hire.id) == hire_id)).first()
    if found is None:
        raise NotVisible
    return _hire_line(caller, found)


def _rank() -> ColumnElement[int]:
    return case((col(Hire.ended_on).is_(None), 0), else_=1)


def in_sight(caller: Caller) -> ColumnElement[bool]:
    """Say in SQL whose hires the caller sees: his own, his employers', the served town's."""
    ways: list[ColumnElement[bool]] = []
    if Role.WORKER in caller.roles:
        ways.append(col(Hire.person_id) == caller.person_id)
    towns = caller.places(Role.SECRETARY)
    if towns:
        ways.append(within(Hire.workplace_code, towns))
    if caller.employers or not ways:
        ways.append(col(Hire.employer_id).in_(caller.employers))
    return or_(*ways)


def _hires(caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        columns(
            Hire,
            col(Person.name),
            col(Person.phone),
            col(Employer.name),
            col(Place.name),
            col(Crew.name),
            col(HireEvent.kind),
            is_known(col(Hire.person_id), col(Hire.employer_id)),
        )
        .join(Person, col(Person.id) == Hire.person_id)
        .join(Employer, col(Employer.id) == Hire.employer_id)
        .join(Place, col(Place.code) == Hire.workplace_code)
        .outerjoin(Crew, col(Crew.id) == Hire.crew_id)
        .outerjoin(
            HireEvent,
            and_(col(HireEvent.hire_id) == Hire.id, col(HireEvent.version) == col(Hire.version)),
        )
        .where(in_sight(caller))
    )


def _hire_line(caller: Caller, row: Any) -> HireLine:
    hire, name, phone, employer, workplace, crew, last, is_agreed = row
    is_mine = hire.person_id == caller.person_id
    is_ours = is_mine or hire.employer_id in caller.employers
    is_open = is_mine or (is_ours and is_agreed)
    return HireLine(
        hire=hire,
        name=name if is_ours else masked_name(name),
        phone=phone if is_open else phone and masked_phone(phone),
        is_open=is_open,
        employer=employer,
        workplace=short_name(workplace),
        crew=crew,
        last=last or HireEventKind.MADE,
        is_mine=is_mine,
    )


def _hire_edge(
    session: Session, caller: Caller, hire_id: UUID | None, is_office: bool
) -> Sequence[Any] | None:
    if hire_id is None:
        return None
    row = session.execute(_hires(caller).where(col(Hire.id) == hire_id)).first()
    if row is None:
        raise NotVisible
    hire: Hire = row[0]
    if is_office:
        return hire.workplace_code, hire.started_on, hire.id
    return (0 if hire.ended_on is None else 1), row[1], hire.id
