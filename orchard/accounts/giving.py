"""The roles of somebody that the caller could have given, and taking one back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from orchard.accounts.models import Account, Employer, Grant
from orchard.accounts.queries import grants_at, person_for
from orchard.accounts.rules import Caller, OutsideRight, Role, may_give
from orchard.accounts.services import audit, end_grant
from orchard.places import queries as places
from orchard.places.rules import short_name


@dataclass(frozen=True)
class GivenRole:
    """One role of somebody: where, or for which employer."""

    id: UUID
    role: Role
    of: str


def roles_of(session: Session, caller: Caller, person_id: UUID) -> list[GivenRole]:
    """Return the roles of a person in sight that the caller may take back, the oldest first."""
    account = _account_of(session, caller, person_id)
    held = _takeable(session, caller, account) if account else []
    named = places.names(session, {one.place_code for one in held if one.place_code})
    firms = _names(session, {one.employer_id for one in held if one.employer_id})
    return [
        GivenRole(
            one.id,
            Role(one.role),
            firms[one.employer_id] if one.employer_id else short_name(named[one.place_code or ""]),
        )
        for one in held
    ]


def take_back(
    session: Session, caller: Caller, person_id: UUID, grant_id: UUID, *, now: datetime
) -> None:
    """End a role that the caller could have given; it is gone at the next request.

    Raises NotVisible for people out of sight, and OutsideRight for other roles and for one's own:
    an office that shuts itself out could not open again. Ended already, nothing changes.
    """
    account = _account_of(session, caller, person_id)
    ended = session.get(Grant, grant_id)
    if account and ended and ended.account_id == account.id and ended.ended_at:
        return
    if account is None or grant_id not in [one.id for one in _takeable(session, caller, account)]:
        raise OutsideRight
    end_grant(session, grant_id, now=now)
    audit(session, "accounts.role_ended", account.id, now=now, by=caller.account_id)


def _account_of(session: Session, caller: Caller, person_id: UUID) -> Account | None:
    person = person_for(session, caller, person_id)
    return session.exec(select(Account).where(Account.person_id == person.id)).one_or_none()


def _takeable(session: Session, caller: Caller, account: Account) -> list[Grant]:
    if account.id == caller.account_id:
        return []
    return [
        one
        for one, at in grants_at(session, account.id)
        if may_give(caller, Role(one.role), at=at, employer_id=one.employer_id)
    ]


def _names(session: Session, ids: set[UUID]) -> dict[UUID, str]:
    rows = session.exec(select(Employer.id, Employer.name).where(col(Employer.id).in_(ids)))
    return dict(rows.all())
