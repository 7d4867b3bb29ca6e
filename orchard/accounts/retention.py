"""How long traces of the doors are kept; records of work and the audit are never deleted here."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, or_
from sqlmodel import Session, col

from orchard.accounts.models import Invitation, SignInAttempt, SignInSession
from orchard.accounts.rules import LIVES

KEPT_FOR = timedelta(days=30)  # our own: a month of tries shows an attack, more is a list of habits
CLOCK_AGREES = timedelta(hours=24)  # reliability J4: a purge needs the clock to agree


def purge(session: Session, *, now: datetime) -> dict[str, int]:
    """Delete tries, dead sessions and spent or expired cards older than a month; return counts."""
    before = now - KEPT_FOR
    longest_idle = max(life.idle for life in LIVES.values())
    longest = max(life.whole for life in LIVES.values())
    dead = or_(
        col(SignInSession.ended_at) < before,
        col(SignInSession.seen_at) < before - longest_idle,
        col(SignInSession.begun_at) < before - longest,
    )
    return {
        "tries": _delete(session, SignInAttempt, col(SignInAttempt.tried_at) < before),
        "sessions": _delete(session, SignInSession, dead),
        "cards": _delete(session, Invitation, col(Invitation.expires_at) < before),
    }


def _delete(session: Session, model: type[Any], where: Any) -> int:
    done = session.execute(delete(model).where(where))
    return cast(CursorResult[Any], done).rowcount
