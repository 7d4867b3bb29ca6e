"""Opening accounts, letting devices in, signing in and out."""

import hashlib
import hmac
import secrets
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select, update

from orchard import settings
from orchard.accounts.models import (
    Account,
    AuditLine,
    Device,
    Grant,
    Invitation,
    Person,
    SignInSession,
)
from orchard.accounts.rules import CARD_LASTS, CardSpent, Role

TOKEN_BYTES = 24  # 192 bits


def new_token() -> str:
    """Return a secret for a link, a device, a session or an interface."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Return the form in which a high-entropy secret is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed_hash(value: str) -> str:
    """Return the form in which a guessable value, such as a phone, is compared."""
    key = settings.get().key("secret_key").encode()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


def open_account(
    session: Session, person: Person, phone: str, *, now: datetime, id: UUID | None = None
) -> Account:
    """Open the one account of a person; nobody can sign in to it before a device is let in."""
    account = Account(person_id=person.id, phone=phone, created_at=now)
    if id:
        account.id = id
    session.add(account)
    session.flush()
    return account


def grant(
    session: Session,
    account: Account,
    role: Role,
    *,
    now: datetime,
    place_code: str | None = None,
    employer_id: UUID | None = None,
    by: UUID | None = None,
) -> Grant:
    """Give an account one role at a place or for an employer."""
    given = Grant(
        account_id=account.id,
        role=role,
        place_code=place_code,
        employer_id=employer_id,
        granted_by_id=by,
        granted_at=now,
    )
    session.add(given)
    session.flush()
    return given


def make_card(
    session: Session, account: Account, *, now: datetime, by: UUID | None = None
) -> str:
    """Make a one-time link for a card and return its secret, which is stored nowhere."""
    token = new_token()
    session.add(
        Invitation(
            account_id=account.id,
            token_hash=token_hash(token),
            made_by_id=by,
            made_at=now,
            expires_at=now + CARD_LASTS,
        )
    )
    session.flush()
    return token


def let_in(session: Session, token: str, device_secret: str, *, now: datetime) -> Account:
    """Use a card up and let the device in for its account, or raise CardSpent."""
    used = session.execute(
        update(Invitation)
        .where(
            col(Invitation.token_hash) == token_hash(token),
            col(Invitation.used_at).is_(None),
            col(Invitation.expires_at) > now,
        )
        .values(used_at=now)
        .returning(col(Invitation.account_id))
    ).scalar_one_or_none()
    account = session.get(Account, used) if used else None
    if account is None or account.disabled_at:
        raise CardSpent
    known = session.exec(
        select(Device).where(
            Device.account_id == account.id, Device.secret_hash == token_hash(device_secret)
        )
    ).one_or_none()
    if known is None:
        session.add(
            Device(
                account_id=account.id, secret_hash=token_hash(device_secret), let_in_at=now
            )
        )
    elif known.ended_at:
        known.ended_at = None
        session.add(known)
    session.flush()
    return account


def begin_session(session: Session, account: Account, *, now: datetime, browser: str = "") -> str:
    """Begin a new session and return its secret for the cookie."""
    token = new_token()
    session.add(
        SignInSession(
            account_id=account.id,
            token_hash=token_hash(token),
            begun_at=now,
            seen_at=now,
            proved_at=now,
            browser=browser[:40],
        )
    )
    session.flush()
    return token


def touch_session(session: Session, session_id: UUID, *, now: datetime) -> None:
    """Note that a session is in use."""
    session.execute(
        update(SignInSession).where(col(SignInSession.id) == session_id).values(seen_at=now)
    )


def end_session(session: Session, session_id: UUID, *, now: datetime) -> None:
    """End one session; the next request with its cookie is not signed in."""
    session.execute(
        update(SignInSession)
        .where(col(SignInSession.id) == session_id, col(SignInSession.ended_at).is_(None))
        .values(ended_at=now)
    )


def audit(
    session: Session,
    action: str,
    subject: object,
    *,
    now: datetime,
    by: UUID | None,
    place_code: str | None = None,
    reason: str = "",
) -> None:
    """Write who did what to which record; never what the record says."""
    session.add(
        AuditLine(
            at=now,
            account_id=by,
            action=action,
            subject=str(subject),
            place_code=place_code,
            reason=reason[:200],
        )
    )
