"""Who is asking: sessions, tokens and grants in one look."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, Table, bindparam, func, or_, true
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from orchard import db
from orchard.accounts import rules
from orchard.accounts.models import (
    Account,
    ApiToken,
    AuditLine,
    Employer,
    Grant,
    Person,
    SignInSession,
)
from orchard.accounts.rules import Caller, Held, Role
from orchard.errors import NotVisible
from orchard.places.models import Place
from orchard.places.queries import within
from orchard.places.rules import short_name, town_of


class Running(NamedTuple):
    """The running session of a caller: its row's id, and when it was last used."""

    id: UUID
    seen_at: datetime


# Built once: one runs on every page, and building it takes longer than the database does.
_SESSION, _TOKEN = db.table_of(SignInSession), db.table_of(ApiToken)
_ACCOUNT, _PERSON, _GRANT = db.table_of(Account), db.table_of(Person), db.table_of(Grant)
_WHO = (
    _ACCOUNT.c.id,
    _ACCOUNT.c.person_id,
    _PERSON.c.name,
    _PERSON.c.village_code,
    _ACCOUNT.c.locale,
    _ACCOUNT.c.secret_kind,
    _GRANT.c.role,
    _GRANT.c.place_code,
    _GRANT.c.employer_id,
    _GRANT.c.granted_by_id,
)


def _who(start: FromClause, *more: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """Select an account with its grants in force, from where it is looked up."""
    return (
        columns(*_WHO, *more)
        .select_from(start)
        .join(_PERSON, _PERSON.c.id == _ACCOUNT.c.person_id)
        .outerjoin(_GRANT, (_GRANT.c.account_id == _ACCOUNT.c.id) & _GRANT.c.ended_at.is_(None))
    )


def _door(table: Table, *more: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """Select who a secret belongs to that has not ended."""
    return _who(table.join(_ACCOUNT, _ACCOUNT.c.id == table.c.account_id), *more).where(
        table.c.token_hash == bindparam("token_hash"),
        table.c.ended_at.is_(None),
        _ACCOUNT.c.disabled_at.is_(None),
    )


_OF_SESSION = _door(_SESSION, _SESSION.c.id, _SESSION.c.begun_at, _SESSION.c.seen_at)
_OF_TOKEN = _door(_TOKEN)
_OF_ACCOUNT = _who(_ACCOUNT).where(
    _ACCOUNT.c.id == bindparam("account_id", type_=_ACCOUNT.c.id.type)
)


def caller_of_session(
    session: Session, token_hash: str, *, now: datetime
) -> tuple[Caller, Running] | None:
    """Return who a session belongs to, in one query; None when it has ended."""
    rows = db.rows(session, _OF_SESSION, {"token_hash": token_hash})
    if not rows:
        return None
    session_id, begun_at, seen_at = rows[0][-3:]
    life = rules.life_of(rules.door_roles(_held(rows)))
    if not rules.is_alive(life, begun_at=begun_at, seen_at=seen_at, now=now):
        return None
    return _caller(rows, session_id), Running(session_id, seen_at)


def caller_of_token(session: Session, token_hash: str) -> Caller | None:
    """Return who a bearer token belongs to; None when it has ended."""
    rows = db.rows(session, _OF_TOKEN, {"token_hash": token_hash})
    return _caller(rows, None) if rows else None


def caller_of_account(session: Session, account_id: UUID) -> Caller | None:
    """Return the caller that an account would be, for commands and jobs."""
    rows = db.rows(session, _OF_ACCOUNT, {"account_id": account_id})
    return _caller(rows, None) if rows else None


def _caller(rows: Any, session_id: UUID | None) -> Caller:
    account_id, person_id, name, village_code, locale, kind = rows[0][:6]
    in_force = rules.effective(_held(rows), kind)
    return Caller(account_id, person_id, session_id, name, in_force, locale, village_code)


def _held(rows: Any) -> list[Held]:
    return [
        Held(Role(row[6]), row[7], row[8], rules.is_own_household(row[6], row[9], row[0]))
        for row in rows
        if row[6]
    ]


def account_by_phone(session: Session, phone: str) -> Account | None:
    """Return the account of a phone number in its stored form."""
    return session.exec(select(Account).where(Account.phone == phone)).one_or_none()


def roles_of(session: Session, account_id: UUID) -> frozenset[str]:
    """Return the roles that an account holds now, but that over the own household."""
    rows = session.exec(
        select(Grant.role, Grant.granted_by_id).where(
            Grant.account_id == account_id, col(Grant.ended_at).is_(None)
        )
    )
    return frozenset(role for role, by in rows if not rules.is_own_household(role, by, account_id))


def grants_at(session: Session, account_id: UUID) -> list[tuple[Grant, str]]:
    """Return the roles that an account holds now, and the place of each or of its employer."""
    rows = session.exec(
        select(Grant, func.coalesce(Grant.place_code, Employer.village_code))
        .outerjoin(Employer, col(Employer.id) == Grant.employer_id)
        .where(Grant.account_id == account_id, col(Grant.ended_at).is_(None))
        .order_by(col(Grant.granted_at), col(Grant.id))
    )
    return list(rows.all())


def people_visible_to(caller: Caller) -> ColumnElement[bool]:
    """Say whom the caller may see: oneself, those of the own town, the workers of the own employer.

    Of a town are those who live in it or hold a role there; a database holds one county.
    """
    towns = caller.places(Role.SECRETARY, Role.DISTRICT)
    if db.county() in towns:
        return true()
    employers = select(Employer.id).where(within(Employer.village_code, towns))
    held = (
        select(Account.person_id)
        .join(Grant, col(Grant.account_id) == Account.id)
        .where(
            col(Grant.ended_at).is_(None),
            or_(
                within(Grant.place_code, towns),
                col(Grant.employer_id).in_(employers),
                col(Grant.employer_id).in_(caller.employers),
            ),
        )
    )
    return or_(
        col(Person.id) == caller.person_id,
        within(Person.village_code, towns),
        col(Person.id).in_(held),
    )


def person_for(session: Session, caller: Caller, person_id: UUID) -> Person:
    """Return one person, or raise NotVisible as if there were none."""
    found = session.exec(
        select(Person).where(Person.id == person_id, people_visible_to(caller))
    ).one_or_none()
    if found is None:
        raise NotVisible
    return found


def sessions_of(session: Session, caller: Caller, *, now: datetime) -> list[SignInSession]:
    """Return the caller's own running sessions, the newest use first."""
    life = rules.life_of(rules.door_roles(caller.held))
    rows = session.exec(
        select(SignInSession)
        .where(
            SignInSession.account_id == caller.account_id,
            col(SignInSession.ended_at).is_(None),
            col(SignInSession.seen_at) > now - life.idle,
        )
        .order_by(col(SignInSession.seen_at).desc(), col(SignInSession.id))
        .limit(20)
    )
    return [
        row
        for row in rows
        if rules.is_alive(life, begun_at=row.begun_at, seen_at=row.seen_at, now=now)
    ]


def own_session_for(session: Session, caller: Caller, session_id: UUID) -> SignInSession:
    """Return one of the caller's own sessions, or raise NotVisible."""
    found = session.get(SignInSession, session_id)
    if found is None or found.account_id != caller.account_id:
        raise NotVisible
    return found


def audit_about(session: Session, caller: Caller, most: int = 20) -> list[AuditLine]:
    """Return what was done about the caller's own account, the newest first."""
    rows = session.exec(
        select(AuditLine)
        .where(col(AuditLine.subject).in_([str(caller.account_id), str(caller.person_id)]))
        .order_by(col(AuditLine.at).desc(), col(AuditLine.id).desc())
        .limit(most)
    )
    return list(rows.all())


def employers_to_offer(session: Session, caller: Caller) -> list[tuple[UUID, str]]:
    """Return the employers that the caller may invite for: his own, and the town's."""
    towns = caller.places(Role.SECRETARY, Role.DISTRICT)
    rows = session.exec(
        select(Employer.id, Employer.name)
        .where(or_(within(Employer.village_code, towns), col(Employer.id).in_(caller.employers)))
        .order_by(Employer.name, col(Employer.id))
        .limit(200)
    )
    return list(rows.all())


def places_to_offer(session: Session, caller: Caller) -> list[tuple[str, str]]:
    """Return the places that the caller may invite into: villages of a town, towns of a district.

    A manager invites into the villages of his employers' towns.
    """
    codes = set(caller.places(Role.SECRETARY, Role.DISTRICT))
    villages = session.exec(
        select(Employer.village_code).where(col(Employer.id).in_(caller.employers))
    )
    codes |= {town_of(code) for code in villages}
    rows = session.exec(
        select(Place.code, Place.name).where(col(Place.parent_code).in_(codes)).order_by(Place.code)
    )
    return list(rows.all())


def own_facts(session: Session, caller: Caller) -> tuple[Account, list[tuple[Grant, str | None]]]:
    """Return the caller's account and each role with the name of its place or employer."""
    account = session.get_one(Account, caller.account_id)
    rows = session.exec(
        select(Grant, func.coalesce(Employer.name, Place.name))
        .outerjoin(Employer, col(Employer.id) == Grant.employer_id)
        .outerjoin(Place, col(Place.code) == Grant.place_code)
        .where(Grant.account_id == caller.account_id, col(Grant.ended_at).is_(None))
        .order_by(col(Grant.granted_at), col(Grant.id))
    )
    return account, [(held, short_name(name) if name else None) for held, name in rows]


def is_session_of(session: Session, token_hash: str, account_id: UUID) -> bool:
    """Say whether a session, running or ended, belongs to an account."""
    found = session.exec(
        select(SignInSession.account_id).where(SignInSession.token_hash == token_hash)
    ).first()
    return found == account_id


def name_of(session: Session, person_id: UUID) -> str:
    """Return a person's name for a page of his own."""
    return session.get_one(Person, person_id).name
