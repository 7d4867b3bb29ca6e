"""How long traces of the doors are kept; records of work and the audit are never deleted here."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, delete, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

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
    spent = and_(col(Invitation.expires_at) < before, _is_past())
    return {
        "tries": _delete(session, SignInAttempt, col(SignInAttempt.tried_at) < before),
        "sessions": _delete(session, SignInSession, dead),
        "cards": _delete(session, Invitation, spent),
    }


def _is_past() -> ColumnElement[bool]:
    """Say of a card whether its account has come in by a later one, or never by this one.

    The one it came in by last says who could have used it: see doors.is_let_in_by().
    """
    later = aliased(Invitation)
    used, since = col(Invitation.used_at), col(later.used_at)
    comes_later = or_(since > used, and_(since == used, col(later.id) > col(Invitation.id)))
    same = col(later.account_id) == col(Invitation.account_id)
    return or_(used.is_(None), exists(select(later.id).where(same, comes_later)))


def _delete(session: Session, model: type[Any], where: Any) -> int:
    done = session.execute(delete(model).where(where))
    return cast(CursorResult[Any], done).rowcount
