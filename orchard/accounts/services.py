"""Opening accounts, cards and sessions: the verbs that doors, people and commands share."""

import hashlib
import hmac
import secrets
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select, update

from orchard import db, settings
from orchard.accounts.models import (
    Account,
    ApiToken,
    AuditLine,
    Device,
    Grant,
    Invitation,
    Person,
    SignInSession,
)
from orchard.accounts.rules import CARD_LASTS, CardSpent, Role
from orchard.ids import new_id

TOKEN_BYTES = 24  # 192 bits


def new_token() -> str:
    """Return a secret for a device, a session or an interface."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Return the form in which a high-entropy secret is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed_hash(value: str) -> str:
    """Return the form in which a guessable value, such as a phone, is compared."""
    key = settings.get().key("secret_key").encode()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


def card_secret(card_id: UUID) -> str:
    """Return a card's secret: made from its id and the key outside the database.

    So the same form sent twice shows the same card, and the secret is stored nowhere.
    """
    return keyed_hash(f"card:{card_id.hex}")[:48]


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
    """Give an account one role at a place or for an employer; it acts from the next request on."""
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


def end_grant(session: Session, grant_id: UUID, *, now: datetime) -> None:
    """Take a role back; it is gone at the next request."""
    session.execute(
        update(Grant)
        .where(col(Grant.id) == grant_id, col(Grant.ended_at).is_(None))
        .values(ended_at=now)
    )


def make_card(
    session: Session,
    account: Account,
    *,
    now: datetime,
    by: UUID | None = None,
    id: UUID | None = None,
) -> str:
    """Make a one-time link for a card and return its secret; older cards end.

    The same id again is the same card, as long as nobody has used it.
    """
    card = Invitation(
        id=id or new_id(),
        account_id=account.id,
        token_hash="",
        made_by_id=by,
        made_at=now,
        expires_at=now + CARD_LASTS,
    )
    secret = card_secret(card.id)
    card.token_hash = token_hash(secret)
    if db.insert_once(session, card):
        _end_cards(session, account.id, but=card.id, now=now)
        return secret
    first = session.get(Invitation, card.id)
    if first is None or first.account_id != account.id or first.used_at or first.expires_at <= now:
        raise CardSpent
    return secret


def _end_cards(session: Session, account_id: UUID, *, but: UUID, now: datetime) -> None:
    session.execute(
        update(Invitation)
        .where(
            col(Invitation.account_id) == account_id,
            col(Invitation.id) != but,
            col(Invitation.finished_at).is_(None),
            col(Invitation.expires_at) > now,
        )
        .values(expires_at=now)
    )


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
    _know_device(session, account, token_hash(device_secret), now)
    audit(session, "accounts.let_in", account.id, now=now, by=account.id)
    session.flush()
    return account


def _know_device(session: Session, account: Account, secret_hash: str, now: datetime) -> None:
    known = session.exec(
        select(Device).where(Device.account_id == account.id, Device.secret_hash == secret_hash)
    ).one_or_none()
    if known is None:
        session.add(Device(account_id=account.id, secret_hash=secret_hash, let_in_at=now))
    elif known.ended_at:
        known.ended_at = None
        session.add(known)


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


def end_sessions_of(
    session: Session, account_id: UUID, *, now: datetime, but: UUID | None = None
) -> None:
    """End every running session of an account, or every other one."""
    kept = [col(SignInSession.id) != but] if but else []
    session.execute(
        update(SignInSession)
        .where(
            col(SignInSession.account_id) == account_id,
            col(SignInSession.ended_at).is_(None),
            *kept,
        )
        .values(ended_at=now)
    )


def end_tokens_of(session: Session, account_id: UUID, *, now: datetime) -> None:
    """End every bearer token of an account."""
    session.execute(
        update(ApiToken)
        .where(col(ApiToken.account_id) == account_id, col(ApiToken.ended_at).is_(None))
        .values(ended_at=now)
    )


def choose_language(session: Session, account_id: UUID, locale: str) -> None:
    """Keep a language with the account."""
    session.execute(update(Account).where(col(Account.id) == account_id).values(locale=locale))


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
