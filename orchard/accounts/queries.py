"""Who is asking: sessions, tokens and grants in one look."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from orchard.accounts.models import Account, ApiToken, Grant, Person, SignInSession
from orchard.accounts.rules import Caller, Held, Role, is_alive, life_of

_WHO = (
    Account.id,
    Account.person_id,
    Person.name,
    Person.village_code,
    Account.locale,
    Grant.role,
    Grant.place_code,
    Grant.employer_id,
)


def caller_of_session(
    session: Session, token_hash: str, *, now: datetime
) -> tuple[Caller, SignInSession] | None:
    """Return who a session belongs to, in one query; None when it has ended."""
    rows = session.execute(
        select(*_WHO, SignInSession)  # type: ignore[call-overload]
        .join(SignInSession, col(SignInSession.account_id) == Account.id)
        .join(Person, col(Person.id) == Account.person_id)
        .outerjoin(Grant, (col(Grant.account_id) == Account.id) & col(Grant.ended_at).is_(None))
        .where(
            SignInSession.token_hash == token_hash,
            col(SignInSession.ended_at).is_(None),
            col(Account.disabled_at).is_(None),
        )
    ).all()
    if not rows:
        return None
    kept: SignInSession = rows[0][-1]
    caller = _caller(rows, kept.id)
    life = life_of(caller.roles)
    if not is_alive(life, begun_at=kept.begun_at, seen_at=kept.seen_at, now=now):
        return None
    return caller, kept


def caller_of_token(session: Session, token_hash: str) -> Caller | None:
    """Return who a bearer token belongs to; None when it has ended."""
    rows = session.execute(
        select(*_WHO, ApiToken.id)  # type: ignore[call-overload]
        .join(ApiToken, col(ApiToken.account_id) == Account.id)
        .join(Person, col(Person.id) == Account.person_id)
        .outerjoin(Grant, (col(Grant.account_id) == Account.id) & col(Grant.ended_at).is_(None))
        .where(
            ApiToken.token_hash == token_hash,
            col(ApiToken.ended_at).is_(None),
            col(Account.disabled_at).is_(None),
        )
    ).all()
    return _caller(rows, None) if rows else None


def caller_of_account(session: Session, account_id: UUID) -> Caller | None:
    """Return the caller that an account would be, for commands and jobs."""
    rows = session.execute(
        select(*_WHO)  # type: ignore[call-overload]
        .join(Person, col(Person.id) == Account.person_id)
        .outerjoin(Grant, (col(Grant.account_id) == Account.id) & col(Grant.ended_at).is_(None))
        .where(Account.id == account_id)
    ).all()
    return _caller(rows, None) if rows else None


def _caller(rows: Any, session_id: UUID | None) -> Caller:
    account_id, person_id, name, village_code, locale = rows[0][:5]
    held = tuple(Held(Role(row[5]), row[6], row[7]) for row in rows if row[5])
    return Caller(account_id, person_id, session_id, name, held, locale, village_code)


def account_by_phone(session: Session, phone: str) -> Account | None:
    """Return the account of a phone number in its stored form."""
    return session.exec(select(Account).where(Account.phone == phone)).one_or_none()


def roles_of(session: Session, account_id: UUID) -> frozenset[str]:
    """Return the roles that an account holds now."""
    rows = session.exec(
        select(Grant.role).where(Grant.account_id == account_id, col(Grant.ended_at).is_(None))
    )
    return frozenset(rows.all())
