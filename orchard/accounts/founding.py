"""What the commands do without a caller: the first accounts, and tokens for programs."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, select

from orchard.accounts.models import Account, ApiToken, Employer, Person
from orchard.accounts.queries import account_by_phone, grants_at
from orchard.accounts.rules import Role
from orchard.accounts.services import audit, grant, make_card, new_token, open_account, token_hash
from orchard.errors import NotVisible, Refused
from orchard.fields import PersonName, phone_or_none
from orchard.places.models import Place


class Unusable(Refused):
    """Name, phone, place or employer of a first account is not one."""

    code = "accounts.unusable"


@dataclass(frozen=True)
class Founding:
    """An account as the command line names it."""

    name: str
    phone: str
    role: str
    place_code: str
    employer_id: UUID | None = None


def found(session: Session, asked: Founding, *, now: datetime) -> str:
    """Open an account or add a role to it; return the secret of its new card."""
    phone = phone_or_none(asked.phone)
    if phone is None:
        raise Unusable(what=asked.phone)
    account = account_by_phone(session, phone) or _open(session, asked, phone, now)
    scope = _scope(session, asked)
    held = [
        (one.role, one.place_code, one.employer_id) for one, _ in grants_at(session, account.id)
    ]
    if (Role(asked.role), *scope) not in held:
        place_code, employer_id = scope
        grant(
            session,
            account,
            Role(asked.role),
            now=now,
            place_code=place_code,
            employer_id=employer_id,
        )
        audit(session, "accounts.granted", account.id, now=now, by=None, reason=asked.role)
    audit(session, "accounts.card_made", account.id, now=now, by=None)
    return make_card(session, account, now=now)


def _open(session: Session, asked: Founding, phone: str, now: datetime) -> Account:
    try:
        name = TypeAdapter(PersonName).validate_python(asked.name)
    except ValidationError:
        raise Unusable(what=asked.name) from None
    village = asked.place_code if len(asked.place_code) == 12 else None
    person = Person(name=name, phone=phone, village_code=village, created_at=now)
    session.add(person)
    session.flush()
    return open_account(session, person, phone, now=now)


def _scope(session: Session, asked: Founding) -> tuple[str | None, UUID | None]:
    if asked.employer_id:
        if session.get(Employer, asked.employer_id) is None:
            raise Unusable(what=asked.employer_id)
        return None, asked.employer_id
    if asked.role == Role.MANAGER:
        raise Unusable(what="--employer")
    if session.exec(select(Place.code).where(Place.code == asked.place_code)).first() is None:
        raise Unusable(what=asked.place_code)
    return asked.place_code, None


def make_token(session: Session, phone: str, *, now: datetime) -> str:
    """Make a bearer token with the rights of an account; shown once, stored as a hash."""
    number = phone_or_none(phone)
    account = account_by_phone(session, number) if number else None
    if account is None or account.disabled_at:
        raise NotVisible
    secret = new_token()
    session.add(ApiToken(account_id=account.id, token_hash=token_hash(secret), made_at=now))
    audit(session, "accounts.token_made", account.id, now=now, by=None)
    session.flush()
    return secret
