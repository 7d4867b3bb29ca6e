"""Signing in: tries that are counted, secrets that are checked, and what changes them."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from threading import BoundedSemaphore
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, func, true
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select, update

from orchard import units
from orchard.accounts import guessable
from orchard.accounts.models import Account, Device, Grant, Invitation, SignInAttempt, SignInSession
from orchard.accounts.queries import roles_of
from orchard.accounts.rules import (
    ADDRESS_WINDOW,
    TRIES_PER_ADDRESS,
    WRONG_TRIES,
    Caller,
    NotProved,
    Role,
    SecretKind,
    TooManyTries,
    is_locked,
    is_proved,
    uses_pin,
)
from orchard.accounts.services import (
    audit,
    begin_session,
    end_sessions_of,
    keyed_hash,
    token_hash,
)
from orchard.errors import NotVisible
from orchard.ids import new_id

# OWASP password storage cheat sheet: Argon2id with 19 MiB, two passes, one lane.
HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_turns = BoundedSemaphore(2)  # so that a crowd at the door takes 38 MiB, not 19 each


@dataclass(frozen=True)
class Door:
    """What a phone leads to: nothing of it is told before the secret fits."""

    account_id: UUID | None
    secret_hash: str | None
    kind: SecretKind | None
    is_open: bool


def hash_secret(secret: str) -> str:
    """Return a secret's stored form."""
    with _turns:
        return HASHER.hash(secret)


@cache
def _nobodys() -> str:
    """Return the hash that is checked where there is none, so that the work is the same."""
    return HASHER.hash("nobody signs in with this")


def fits(door: Door, secret: str) -> bool:
    """Check a secret, outside any transaction: the same work for known and unknown phones."""
    if door.kind != SecretKind.PASSWORD:
        secret = units.plain(secret)  # full-width digits of a Chinese keyboard
    with _turns:
        try:
            HASHER.verify(door.secret_hash or _nobodys(), secret)
        except (VerificationError, InvalidHashError):
            return False
    return door.is_open


def check_tries(
    session: Session, phone: str, address: str, *, now: datetime, but: UUID | None = None
) -> None:
    """Raise TooManyTries where guessing is stopped, before any secret is looked at."""
    others = (col(SignInAttempt.succeeded).is_(False), col(SignInAttempt.id) != (but or new_id()))
    who, tried = keyed_hash(phone), col(SignInAttempt.tried_at)
    last_right = (
        select(func.max(SignInAttempt.tried_at))
        .where(SignInAttempt.phone_hash == who, col(SignInAttempt.succeeded).is_(True))
        .scalar_subquery()
    )
    wrong = session.exec(
        select(SignInAttempt.tried_at)
        .where(SignInAttempt.phone_hash == who, *others, func.coalesce(tried > last_right, true()))
        .order_by(tried.desc())
        .limit(WRONG_TRIES)
    ).all()
    from_address = session.exec(
        select(func.count()).where(
            SignInAttempt.address_hash == keyed_hash(address), *others, tried > now - ADDRESS_WINDOW
        )
    ).one()
    if is_locked(wrong, now) or from_address >= TRIES_PER_ADDRESS:
        raise TooManyTries


def note_try(session: Session, phone: str, address: str, *, now: datetime) -> UUID:
    """Write a try down as wrong before it is judged, so that a crowd cannot slip through."""
    attempt = SignInAttempt(
        phone_hash=keyed_hash(phone), address_hash=keyed_hash(address), tried_at=now
    )
    session.add(attempt)
    session.flush()
    return attempt.id


def door_of(session: Session, phone: str, device_secret: str) -> Door:
    """Return what a phone leads to on this device."""
    row = session.exec(select(Account).where(Account.phone == phone)).one_or_none()
    known = session.exec(
        select(Device.id).where(
            Device.account_id == (row.id if row else new_id()),
            Device.secret_hash == token_hash(device_secret),
            col(Device.ended_at).is_(None),
        )
    ).first()
    if row is None or row.disabled_at or row.secret_hash is None:
        return Door(None, None, None, False)
    is_open = row.secret_kind == SecretKind.PASSWORD or known is not None
    return Door(row.id, row.secret_hash, row.secret_kind, is_open)


def sign_in(
    session: Session, account_id: UUID, attempt_id: UUID, *, now: datetime, browser: str
) -> str:
    """Begin a session after a secret fitted; return its secret for the cookie."""
    account = session.get(Account, account_id)
    if account is None or account.disabled_at:
        raise NotVisible
    note_right(session, attempt_id)
    return begin_session(session, account, now=now, browser=browser)


def note_right(session: Session, attempt_id: UUID) -> None:
    """Turn a try that was written down as wrong into a right one."""
    session.execute(
        update(SignInAttempt).where(col(SignInAttempt.id) == attempt_id).values(succeeded=True)
    )


def prove(session: Session, session_id: UUID, attempt_id: UUID, *, now: datetime) -> None:
    """Note that the secret was given again in a running session."""
    note_right(session, attempt_id)
    session.execute(
        update(SignInSession).where(col(SignInSession.id) == session_id).values(proved_at=now)
    )


def check_proved(session: Session, session_id: UUID | None, *, now: datetime) -> None:
    """Raise NotProved unless the secret was given lately in this session."""
    found = session.get(SignInSession, session_id) if session_id else None
    if found is None or not is_proved(found.proved_at, now):
        raise NotProved


def is_let_in_by(account_id: Any, employer_id: Any) -> ColumnElement[bool]:
    """Say in SQL whether the card an account came in by last was made by the employer himself.

    Whoever made the card may have used it: what is done behind it is not surely the person's act.
    """
    card, held = aliased(Invitation), aliased(Grant)
    maker = (
        columns(col(card.made_by_id))
        .where(col(card.account_id) == account_id, col(card.used_at).is_not(None))
        .order_by(col(card.used_at).desc(), col(card.id).desc())
        .limit(1)
        .correlate_except(card)
        .scalar_subquery()
    )
    return (
        columns(col(held.id))
        .where(
            col(held.account_id) == maker,
            col(held.role) == Role.MANAGER,
            col(held.employer_id) == employer_id,
        )
        .correlate_except(held)
        .exists()
    )


def set_secret(
    session: Session,
    account: Account,
    hashed: str,
    kind: SecretKind,
    *,
    now: datetime,
    but: UUID | None,
) -> None:
    """Store a new secret and end the account's other sessions."""
    account.secret_hash, account.secret_kind = hashed, kind
    session.add(account)
    end_sessions_of(session, account.id, now=now, but=but)
    audit(session, "accounts.secret_set", account.id, now=now, by=account.id)
    session.flush()


def change_secret(
    session: Session, caller: Caller, hashed: str, kind: SecretKind, *, now: datetime
) -> None:
    """Store a new secret for the caller, who proved the old one lately in this session."""
    check_proved(session, caller.session_id, now=now)
    account = session.get_one(Account, caller.account_id, with_for_update=True)
    set_secret(session, account, hashed, kind, now=now, but=caller.session_id)


def kind_for(session: Session, account_id: UUID) -> SecretKind:
    """Return what an account signs in with: staff need a password."""
    is_pin = uses_pin(roles_of(session, account_id))
    return SecretKind.PIN if is_pin else SecretKind.PASSWORD


def checked_secret(kind: SecretKind, secret: str, phone: str) -> str:
    """Return a new secret as it will be stored, or refuse it; slow on purpose."""
    if kind == SecretKind.PIN:
        secret = units.plain(secret)
        guessable.check_pin(secret, phone)
    else:
        guessable.check_password(secret, phone)
    return hash_secret(secret)
