"""Helpers of the tests about people: an invitation as the office fills it in."""

from sqlmodel import Session

from orchard.accounts import people
from orchard.accounts.rules import Caller, Role
from orchard.ids import new_id
from tests import make


def asked(**values) -> people.Invited:
    """Return a form as it was filled in, with some fields otherwise."""
    return people.Invited(
        **{
            "id": new_id(),
            "name": "王五",
            "phone": make.phone(7001),
            "place_code": make.VILLAGE,
            "role": Role.GROWER,
            **values,
        }
    )


def invite(session: Session, caller: Caller, **values):
    """Invite somebody now."""
    return people.invite(session, caller, asked(**values), now=make.NOW)
