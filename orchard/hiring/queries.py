"""Reads over hires: the scope of a look-up is the permission."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from orchard.accounts.doors import is_let_in_by
from orchard.accounts.models import Account, Employer, Grant, Person
from orchard.accounts.rules import Caller, Role
from orchard.errors import NotVisible
from orchard.hiring.models import (
    Application,
    Crew,
    Hire,
    HireEvent,
    Opening,
    Roster,
    SamePerson,
)
from orchard.hiring.rules import (
    ApplicationState,
    HireEventKind,
    Notice,
    Relation,
    age_notices,
    gap_notices,
)
from orchard.paging import History, newest
from orchard.places.queries import within


class Offered(Protocol):
    """A hire, made or about to be made."""

    @property
    def id(self) -> UUID: ...
    @property
    def person_id(self) -> UUID: ...
    @property
    def employer_id(self) -> UUID: ...
    @property
    def work(self) -> str: ...
    @property
    def relation(self) -> Relation: ...
    @property
    def started_on(self) -> date: ...


def confirmed(person_id: Any, employer_id: Any) -> ColumnElement[bool]:
    """Say in SQL whether a person confirmed a hire himself, not behind the employer's own card."""
    hire, event, account = aliased(Hire), aliased(HireEvent), aliased(Account)
    return (
        select_columns(col(hire.id))
        .join(event, col(event.hire_id) == hire.id)
        .join(account, col(account.id) == event.by_id)
        .where(
            col(hire.person_id) == person_id,
            col(hire.employer_id) == employer_id,
            col(event.kind) == HireEventKind.CONFIRMED,
            col(account.person_id) == person_id,
            ~is_let_in_by(col(account.id), employer_id),
        )
        .correlate_except(hire, event, account)
        .exists()
    )


def is_known(person_id: Any, employer_id: Any) -> ColumnElement[bool]:
    """Say in SQL whose phone and birthday an employer sees: of who was only linked, if he agreed.

    Whoever is linked to a roster by his name did nothing himself until he confirms a hire.
    """
    roster = aliased(Roster)
    linked = (
        select_columns(col(roster.person_id))
        .where(
            col(roster.person_id) == person_id,
            col(roster.employer_id) == employer_id,
            col(roster.is_linked),
        )
        .correlate_except(roster)
        .exists()
    )
    return or_(~linked, confirmed(person_id, employer_id))


def employer_for(session: Session, caller: Caller, employer_id: UUID) -> Employer:
    """Return an employer that the caller manages, or raise NotVisible."""
    found = session.get(Employer, employer_id) if employer_id in caller.employers else None
    if found is None:
        raise NotVisible
    return found


def employer_seen_by(session: Session, caller: Caller, employer_id: UUID) -> Employer:
    """Return an employer that the caller manages or whose town or district he serves."""
    found = session.exec(
        select(Employer).where(Employer.id == employer_id, served(caller))
    ).one_or_none()
    if found is None:
        raise NotVisible
    return found


def served(caller: Caller) -> ColumnElement[bool]:
    """Say in SQL which employers are the caller's own, or of the towns that he serves."""
    towns = caller.places(Role.SECRETARY, Role.DISTRICT)
    ways = [within(Employer.village_code, towns)] if towns else []
    if caller.employers or not towns:
        ways.append(col(Employer.id).in_(caller.employers))
    return or_(*ways)


def employers_of(session: Session, caller: Caller) -> list[Employer]:
    """Return the employers that the caller manages, by name."""
    rows = session.exec(
        select(Employer)
        .where(col(Employer.id).in_(caller.employers))
        .order_by(Employer.name, col(Employer.id))
    )
    return list(rows.all())


@dataclass(frozen=True)
class Known:
    """Somebody an employer may hire: his name, and the registered place as last heard."""

    name: str
    registered_code: str | None


def known_person(session: Session, employer_id: UUID, person_id: UUID) -> Known:
    """Return somebody an employer may hire, or raise NotVisible."""
    person = session.get(Person, person_id)
    if person is None or not is_known_to(session, employer_id, person_id):
        raise NotVisible
    row = session.get(Roster, (employer_id, person_id))
    heard = row.registered_code if row else None
    return Known(person.name, heard or person.village_code)


def is_known_to(session: Session, employer_id: UUID, person_id: UUID) -> bool:
    """Say whether an employer may hire somebody: on the roster, invited, or asking to come."""
    if session.get(Roster, (employer_id, person_id)):
        return True
    invited = (
        select(Grant.id)
        .join(Account, col(Account.id) == Grant.account_id)
        .where(
            Account.person_id == person_id,
            Grant.employer_id == employer_id,
            Grant.role == Role.WORKER,
            col(Grant.ended_at).is_(None),
        )
    )
    applied = (
        select(Opening.id)
        .join(Application, col(Application.opening_id) == Opening.id)
        .where(
            Opening.employer_id == employer_id,
            Application.person_id == person_id,
            Application.state != ApplicationState.WITHDRAWN,
        )
    )
    return any(session.exec(found).first() is not None for found in (invited, applied))


def own_hires(caller: Caller) -> SelectOfScalar[Hire]:
    """Select a worker's own hires and those of the employers that the caller manages."""
    return select(Hire).where(_in_hand(caller))


def _in_hand(caller: Caller) -> ColumnElement[bool]:
    ways: list[ColumnElement[bool]] = []
    if Role.WORKER in caller.roles:
        ways.append(col(Hire.person_id) == caller.person_id)
    if caller.employers or not ways:
        ways.append(col(Hire.employer_id).in_(caller.employers))
    return or_(*ways)


def hire_for(session: Session, caller: Caller, hire_id: UUID) -> Hire:
    """Return a hire of the caller himself or of an employer that he manages, or NotVisible."""
    found = session.exec(own_hires(caller).where(Hire.id == hire_id)).one_or_none()
    if found is None:
        raise NotVisible
    return found


def managed_hire_for(session: Session, caller: Caller, hire_id: UUID) -> Hire:
    """Return a hire of an employer that the caller manages, or raise NotVisible."""
    found = session.get(Hire, hire_id)
    if found is None or found.employer_id not in caller.employers:
        raise NotVisible
    return found


def hires_on(
    session: Session, employer_id: UUID, crew_id: UUID | None, day: date
) -> list[tuple[Hire, str]]:
    """Return who may be ticked on a day, by name: hires that run on it, of one crew if given."""
    crew = [col(Hire.crew_id) == crew_id] if crew_id else []
    rows = session.execute(
        select_columns(Hire, col(Person.name))
        .join(Person, col(Person.id) == Hire.person_id)
        .where(col(Hire.employer_id) == employer_id, *crew, runs_on(day))
        .order_by(col(Person.name), col(Hire.id))
    )
    return [(hire, name) for hire, name in rows]


def runs_on(day: date) -> ColumnElement[bool]:
    """Say in SQL which hires run on a day; both ends belong to them."""
    ended = col(Hire.ended_on)
    return (col(Hire.started_on) <= day) & or_(ended.is_(None), ended >= day)


def crews_of(session: Session, employer_id: UUID) -> list[Crew]:
    """Return the crews of an employer that have not ended, by name."""
    rows = session.exec(
        select(Crew)
        .where(Crew.employer_id == employer_id, col(Crew.ended_at).is_(None))
        .order_by(Crew.name, col(Crew.id))
    )
    return list(rows.all())


def crew_for(session: Session, caller: Caller, crew_id: UUID) -> Crew:
    """Return a crew of an employer that the caller manages, or raise NotVisible."""
    found = session.get(Crew, crew_id)
    if found is None or found.employer_id not in caller.employers:
        raise NotVisible
    return found


def events_of(session: Session, hire_id: UUID, before: int | None = None) -> History:
    """Return what happened to a hire before some version, the newest first."""
    events = select_columns(HireEvent).where(col(HireEvent.hire_id) == hire_id)
    found = newest(session, events, col(HireEvent.version), before=before)
    return History([event for (event,) in found.rows], found.earlier)


def counted_as(person_id: Any) -> ColumnElement[UUID]:
    """Return in SQL the person that a record counts as, after the town's decisions."""
    other = select_columns(col(SamePerson.other_id)).where(col(SamePerson.person_id) == person_id)
    return func.coalesce(other.scalar_subquery(), person_id)


def notices_for(session: Session, hire: Offered) -> list[Notice]:
    """Return what is to be told about a hire, made or about to be made, without refusing it."""
    person = session.get_one(Person, hire.person_id)
    rows = session.execute(
        select_columns(col(Hire.ended_on)).where(
            col(Hire.person_id) == hire.person_id,
            col(Hire.employer_id) == hire.employer_id,
            col(Hire.work) == hire.work,
            col(Hire.id) != hire.id,
            col(Hire.started_on) <= hire.started_on,
        )
    )
    ends = [row[0] for row in rows]
    told = gap_notices(ends, hire.started_on)
    if person.born_on:
        told += age_notices(person.born_on, person.sex, hire.relation, hire.started_on)
    return told
