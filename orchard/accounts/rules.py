"""Who may be what, how long a session lasts, and when guessing is stopped."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from orchard.errors import Refused


class Role(StrEnum):
    """What an account may be at a place or for an employer."""

    GROWER = "grower"
    WORKER = "worker"
    TECHNICIAN = "technician"
    MANAGER = "manager"
    SECRETARY = "secretary"
    DISTRICT = "district"


PIN_ROLES = frozenset({Role.GROWER, Role.WORKER})


class EmployerKind(StrEnum):
    """What kind of employer hires (用工方)."""

    HOUSEHOLD = "household"
    COOPERATIVE = "cooperative"
    COMPANY = "company"
    PLANTATION = "plantation"
    WORKSHOP = "workshop"


class SecretKind(StrEnum):
    """What an account signs in with; a PIN counts only on a device that was let in."""

    PIN = "pin"
    PASSWORD = "password"  # noqa: S105 - a kind, not a secret


class Sex(StrEnum):
    """A field of its own, never derived from an ID number (decision 8)."""

    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True)
class Held:
    """One role that the caller holds, at a place or for an employer.

    is_own: he manages his own household, which he opened himself (decision 16): no office, so
    that it asks for no password and no short session.
    """

    role: Role
    place_code: str | None
    employer_id: UUID | None
    is_own: bool = False


@dataclass(frozen=True)
class Caller:
    """Who is asking: a value that never changes during a request."""

    account_id: UUID
    person_id: UUID
    session_id: UUID | None
    name: str
    held: tuple[Held, ...]
    locale: str | None = None
    village_code: str | None = None

    @cached_property
    def roles(self) -> frozenset[str]:
        """Return the roles held anywhere."""
        return frozenset(grant.role for grant in self.held)

    def places(self, *roles: Role) -> frozenset[str]:
        """Return the codes of the places where one of the roles is held."""
        return frozenset(
            grant.place_code for grant in self.held if grant.role in roles and grant.place_code
        )

    @cached_property
    def employers(self) -> frozenset[UUID]:
        """Return the employers that the caller manages."""
        return frozenset(
            grant.employer_id
            for grant in self.held
            if grant.role == Role.MANAGER and grant.employer_id
        )


@dataclass(frozen=True)
class SessionLife:
    """How long a session lives without use, and at most."""

    idle: timedelta
    whole: timedelta

    @property
    def touch_every(self) -> timedelta:
        """Return how stale the time of last use may get, so that reading seldom writes."""
        return self.idle / 30


# Decision 13; the strictest role of an account decides.
LIVES = {
    Role.GROWER: SessionLife(timedelta(days=30), timedelta(days=180)),
    Role.WORKER: SessionLife(timedelta(days=30), timedelta(days=180)),
    Role.MANAGER: SessionLife(timedelta(hours=12), timedelta(days=7)),
    Role.TECHNICIAN: SessionLife(timedelta(hours=12), timedelta(days=7)),
    Role.SECRETARY: SessionLife(timedelta(minutes=30), timedelta(hours=12)),
    Role.DISTRICT: SessionLife(timedelta(minutes=15), timedelta(hours=12)),
}

WRONG_TRIES = 5  # decision 12: wrong tries per account, then
LOCKED_FOR = timedelta(minutes=15)  # this long nobody signs in to it
TRIES_PER_ADDRESS = 20  # reliability.md 2.1: tries per address and hour
ADDRESS_WINDOW = timedelta(hours=1)
PROVED_LASTS = timedelta(minutes=10)  # reliability.md 6.5.5: a proof ages as fast as a code
NUMBER_DIGITS = 12  # of a card: with the phone's five tries at most 3,360 guesses of 10^12
CARD_LASTS = timedelta(days=7)  # a printed card reaches a hillside within a week


class WrongSignIn(Refused):
    """Phone, device and secret do not fit together; which of them is never told."""

    code = "accounts.wrong_sign_in"


class WrongCard(Refused):
    """Phone and card number do not fit together, or the card is over; which is never told."""

    code = "accounts.wrong_card"


class TooManyTries(Refused):
    """Guessing is stopped for a while."""

    code = "accounts.too_many_tries"


class OutsideRight(Refused):
    """The account also holds a role that is another office's to manage."""

    code = "accounts.ask_district"


class NoAccount(Refused):
    """The person is recorded without a phone, so there is no account."""

    code = "accounts.no_account"


class NotProved(Refused):
    """The secret must be given again before it can be changed."""

    code = "accounts.not_proved"


class CardSpent(Refused):
    """The link or card was used, has expired, or never existed."""

    code = "accounts.card_spent"


def life_of(roles: Iterable[str]) -> SessionLife:
    """Return the shortest life among an account's roles."""
    lives = [LIVES[Role(role)] for role in roles] or [LIVES[Role.DISTRICT]]
    return min(lives, key=lambda life: (life.idle, life.whole))


def uses_pin(roles: Iterable[str]) -> bool:
    """Say whether the account signs in by PIN on a known device: growers and workers only."""
    return frozenset(roles) <= PIN_ROLES


def is_alive(life: SessionLife, *, begun_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Say whether a session may still be used."""
    return now < seen_at + life.idle and now < begun_at + life.whole


def is_proved(proved_at: datetime, now: datetime) -> bool:
    """Say whether the secret was given so lately that it may be changed."""
    return now < proved_at + PROVED_LASTS


def is_locked(wrong: Sequence[datetime], now: datetime) -> bool:
    """Say whether the last wrong tries, newest first, lock an account now."""
    if len(wrong) < WRONG_TRIES:
        return False
    newest, oldest = wrong[0], wrong[WRONG_TRIES - 1]
    return now < newest + LOCKED_FOR and newest - oldest < LOCKED_FOR


def effective(held: Iterable[Held], kind: SecretKind | None) -> tuple[Held, ...]:
    """Return the roles in force: a role of the office needs a password, a PIN is too weak."""
    return tuple(
        one for one in held if kind != SecretKind.PIN or one.role in PIN_ROLES or one.is_own
    )


def door_roles(held: Iterable[Held]) -> frozenset[str]:
    """Return the roles that decide how strict the door is: one's own household does not."""
    return frozenset(one.role for one in held if not one.is_own)


def is_own_household(role: str, granted_by_id: UUID | None, account_id: UUID) -> bool:
    """Say whether a role was taken by opening one's own household: he gave it to himself."""
    return role == Role.MANAGER and granted_by_id == account_id


BELOW_DISTRICT = frozenset(Role) - {Role.DISTRICT}
BY_TOWN = frozenset({Role.GROWER, Role.WORKER, Role.MANAGER})


def may_give(caller: Caller, role: Role, *, at: str, employer_id: UUID | None = None) -> bool:
    """Say whether the caller may give or manage a role (access matrix: account, create).

    A secretary: growers, workers and managers of the own town; a manager: workers of the own
    employer; the district: every role below its own. at is the place of the role, or the
    village of its employer.
    """
    if role in BELOW_DISTRICT and is_inside(at, caller.places(Role.DISTRICT)):
        return True
    if role in BY_TOWN and is_inside(at, caller.places(Role.SECRETARY)):
        return True
    return role == Role.WORKER and employer_id in caller.employers


def is_inside(code: str, places: Iterable[str]) -> bool:
    """Say whether a place lies in one of some places: a code begins with its parent's."""
    return any(code.startswith(place) for place in places)


def roles_to_give(caller: Caller) -> tuple[Role, ...]:
    """Return the roles that the caller may give anywhere, for the form."""
    if Role.DISTRICT in caller.roles:
        return tuple(role for role in Role if role in BELOW_DISTRICT)
    if Role.SECRETARY in caller.roles:
        return tuple(role for role in Role if role in BY_TOWN)
    return (Role.WORKER,) if caller.employers else ()


def is_masked(caller: Caller) -> bool:
    """Say whether names and phones of others are masked: for town and district they are."""
    return bool(caller.roles & {Role.SECRETARY, Role.DISTRICT})


def masked_name(name: str) -> str:
    """Return the first character of a name and a star."""
    return f"{name[:1]}*"


def masked_phone(phone: str) -> str:
    """Return 3 digits, stars and 4 digits of a number."""
    plain = phone.removeprefix("+86")
    return f"{plain[:3]}****{plain[-4:]}"
