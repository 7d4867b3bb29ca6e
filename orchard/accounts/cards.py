"""What a card opens: by its one-time link, or by the number that is printed for people to type."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select, update

from orchard.accounts.doors import set_secret
from orchard.accounts.models import Account, Invitation
from orchard.accounts.rules import NUMBER_DIGITS, CardSpent, SecretKind
from orchard.accounts.services import begin_session, card_secret, keyed_hash, token_hash


@dataclass(frozen=True)
class Made:
    """A card just made: the number on it, and until when it opens the door."""

    number: str
    until: datetime


def card_number(card_id: UUID) -> str:
    """Return the digits to be typed from a card; like its link they are stored nowhere."""
    return str(int(keyed_hash(f"card number:{card_id.hex}"), 16))[-NUMBER_DIGITS:]


def made(session: Session, secret: str) -> Made | None:
    """Return what is printed on the card of a link."""
    card = session.exec(
        select(Invitation).where(Invitation.token_hash == token_hash(secret))
    ).one_or_none()
    return Made(card_number(card.id), card.expires_at) if card else None


def secret_of(session: Session, phone: str, number: str, *, now: datetime) -> str | None:
    """Return the link's secret of the card with this number for this phone, if it still opens."""
    running = session.exec(
        select(Invitation.id)
        .join(Account, col(Account.id) == Invitation.account_id)
        .where(
            Account.phone == phone,
            col(Account.disabled_at).is_(None),
            col(Invitation.finished_at).is_(None),
            col(Invitation.expires_at) > now,
        )
    ).all()
    fitting = [id for id in running if hmac.compare_digest(card_number(id), number)]
    return card_secret(fitting[0]) if fitting else None


def account_of_card(session: Session, token: str, *, now: datetime) -> Account:
    """Return whose card this device has used but not finished with, or raise CardSpent."""
    account = session.exec(
        select(Account)
        .join(Invitation, col(Invitation.account_id) == Account.id)
        .where(
            Invitation.token_hash == token_hash(token),
            col(Invitation.used_at).is_not(None),
            col(Invitation.finished_at).is_(None),
            col(Invitation.expires_at) > now,
            col(Account.disabled_at).is_(None),
        )
    ).one_or_none()
    if account is None:
        raise CardSpent
    return account


def finish_card(
    session: Session, token: str, hashed: str, kind: SecretKind, *, now: datetime, browser: str
) -> str:
    """Set the first or a new secret with a used card; end all old sessions; begin one."""
    account = account_of_card(session, token, now=now)
    done = session.execute(
        update(Invitation)
        .where(
            col(Invitation.token_hash) == token_hash(token), col(Invitation.finished_at).is_(None)
        )
        .values(finished_at=now)
        .returning(col(Invitation.id))
    ).scalar_one_or_none()
    if done is None:
        raise CardSpent
    set_secret(session, account, hashed, kind, now=now, but=None)
    return begin_session(session, account, now=now, browser=browser)
