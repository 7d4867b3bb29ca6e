"""The list of people that an office or an employer sees, masked where it must be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from orchard.accounts.models import Account, Grant, Person
from orchard.accounts.queries import people_visible_to, person_for
from orchard.accounts.rules import Caller, Role, is_masked, masked_name, masked_phone
from orchard.errors import NotVisible
from orchard.paging import Page, page
from orchard.places.models import Place
from orchard.places.rules import short_name


@dataclass(frozen=True)
class PersonLine:
    """One row of the list of people, names and phones masked where they must be."""

    id: UUID
    name: str
    phone: str | None
    village: str | None
    roles: tuple[str, ...]
    has_account: bool
    is_disabled: bool


def people_page(
    session: Session,
    caller: Caller,
    *,
    name: str = "",
    after: UUID | None = None,
    before: UUID | None = None,
) -> tuple[list[PersonLine], Page]:
    """Return one page of the people in sight, by name; a name is searched by its beginning."""
    statement = _people(caller)
    if name:
        statement = statement.where(col(Person.name).startswith(name, autoescape=True))
    keys = (col(Person.name), col(Person.id))
    edges = [_edge(session, caller, edge) for edge in (after, before)]
    found = page(session, statement, keys, after=edges[0], before=edges[1])
    return _lines(session, caller, found.rows), found


def person_line(session: Session, caller: Caller, person_id: UUID) -> PersonLine:
    """Return one person as the list shows him, or raise NotVisible."""
    rows = session.execute(_people(caller).where(col(Person.id) == person_id)).all()
    if not rows:
        raise NotVisible
    return _lines(session, caller, rows)[0]


def _people(caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select_columns(Person, col(Place.name), col(Account.id), col(Account.disabled_at))
        .outerjoin(Place, col(Place.code) == Person.village_code)
        .outerjoin(Account, col(Account.person_id) == Person.id)
        .where(people_visible_to(caller))
    )


def _edge(session: Session, caller: Caller, person_id: UUID | None) -> tuple[str, UUID] | None:
    if person_id is None:
        return None
    edge = person_for(session, caller, person_id)
    return edge.name, edge.id


def _lines(session: Session, caller: Caller, rows: Sequence[Any]) -> list[PersonLine]:
    accounts = [row[2] for row in rows if row[2]]
    roles: dict[UUID, list[Role]] = {}
    for account_id, role in session.execute(
        select_columns(col(Grant.account_id), col(Grant.role))
        .where(col(Grant.account_id).in_(accounts), col(Grant.ended_at).is_(None))
        .distinct()
    ):
        roles.setdefault(account_id, []).append(role)
    return [
        PersonLine(
            id=person.id,
            name=seen_name(caller, person),
            phone=seen_phone(caller, person),
            village=short_name(village) if village else None,
            roles=tuple(role for role in Role if role in roles.get(account_id, [])),
            has_account=account_id is not None,
            is_disabled=disabled_at is not None,
        )
        for person, village, account_id, disabled_at in rows
    ]


def seen_name(caller: Caller, person: Person) -> str:
    """Return a name as the caller may see it."""
    is_open = person.id == caller.person_id or not is_masked(caller)
    return person.name if is_open else masked_name(person.name)


def seen_phone(caller: Caller, person: Person) -> str | None:
    """Return a phone as the caller may see it."""
    is_open = person.id == caller.person_id or not is_masked(caller)
    return person.phone if is_open or person.phone is None else masked_phone(person.phone)
