"""Accounts that an office could have made: disabled, opened again, given a new card."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select, update

from orchard.accounts.models import Account
from orchard.accounts.queries import grants_at, person_for
from orchard.accounts.rules import Caller, NoAccount, OutsideRight, Role, may_give
from orchard.accounts.services import audit, end_sessions_of, end_tokens_of, make_card


def managed_account(session: Session, caller: Caller, person_id: UUID) -> Account:
    """Return an account that the caller may disable or give a new card, or refuse.

    Every role of the account must be one that the caller could have given: a card of an account
    that holds more would open another office's door.
    """
    person = person_for(session, caller, person_id)
    account = session.exec(
        select(Account).where(Account.person_id == person.id).with_for_update()
    ).one_or_none()
    if account is None:
        raise NoAccount
    if not _manages(session, caller, account):
        raise OutsideRight
    return account


def _manages(session: Session, caller: Caller, account: Account) -> bool:
    return account.id != caller.account_id and all(
        may_give(caller, Role(one.role), at=at, employer_id=one.employer_id)
        for one, at in grants_at(session, account.id)
    )


def may_manage(session: Session, caller: Caller, person_id: UUID) -> bool:
    """Say whether the caller may disable the account of a person or give it a new card."""
    account = session.exec(select(Account).where(Account.person_id == person_id)).one_or_none()
    return account is not None and _manages(session, caller, account)


def new_card(session: Session, caller: Caller, person_id: UUID, *, id: UUID, now: datetime) -> str:
    """Make a new card for somebody whose phone was lost or PIN forgotten; older cards end."""
    account = managed_account(session, caller, person_id)
    if account.disabled_at:
        raise OutsideRight
    secret = make_card(session, account, now=now, by=caller.account_id, id=id)
    audit(session, "accounts.card_made", account.id, now=now, by=caller.account_id)
    return secret


def disable(session: Session, caller: Caller, person_id: UUID, *, now: datetime) -> None:
    """Disable an account and end its sessions; it is out at its next request."""
    account = managed_account(session, caller, person_id)
    if account.disabled_at:
        return
    account.disabled_at = now
    session.add(account)
    end_sessions_of(session, account.id, now=now)
    end_tokens_of(session, account.id, now=now)
    audit(session, "accounts.disabled", account.id, now=now, by=caller.account_id)
    session.flush()


def enable(session: Session, caller: Caller, person_id: UUID, *, now: datetime) -> None:
    """Open a disabled account again; nobody is signed in by it."""
    account = managed_account(session, caller, person_id)
    done = session.execute(
        update(Account)
        .where(col(Account.id) == account.id, col(Account.disabled_at).is_not(None))
        .values(disabled_at=None)
        .returning(col(Account.id))
    ).scalar_one_or_none()
    if done:
        audit(session, "accounts.enabled", account.id, now=now, by=caller.account_id)
