"""Who may be what, how long a session lasts, and when guessing is stopped."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from orchard.errors import FieldRefused, Refused


class Role(StrEnum):
    """What an account may be at a place or for an employer."""

    GROWER = "grower"
    WORKER = "worker"
    TECHNICIAN = "technician"
    MANAGER = "manager"
    SECRETARY = "secretary"
    DISTRICT = "district"


PIN_ROLES = frozenset({Role.GROWER, Role.WORKER})
TOWN_ROLES = frozenset({Role.TECHNICIAN, Role.SECRETARY})


class EmployerKind(StrEnum):
    """What kind of employer hires (用工方)."""

    HOUSEHOLD = "household"
    COOPERATIVE = "cooperative"
    COMPANY = "company"
    PLANTATION = "plantation"
    WORKSHOP = "workshop"


class Sex(StrEnum):
    """A field of its own, never derived from an ID number (decision 8)."""

    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True)
class Held:
    """One role that the caller holds, at a place or for an employer."""

    role: Role
    place_code: str | None
    employer_id: UUID | None


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

    @property
    def roles(self) -> frozenset[str]:
        """Return the roles held anywhere."""
        return frozenset(grant.role for grant in self.held)

    def places(self, *roles: Role) -> frozenset[str]:
        """Return the codes of the places where one of the roles is held."""
        return frozenset(
            grant.place_code for grant in self.held if grant.role in roles and grant.place_code
        )

    @property
    def employers(self) -> frozenset[UUID]:
        """Return the employers that the caller manages."""
        return frozenset(grant.employer_id for grant in self.held if grant.employer_id)


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
PIN_DIGITS = 6  # decision 12
PASSWORD_LENGTH = range(12, 129)  # decision 12: staff, at least 12 characters
CARD_LASTS = timedelta(days=7)  # a printed card reaches a hillside within a week


class WrongSignIn(Refused):
    """Phone, device and secret do not fit together; which of them is never told."""

    code = "accounts.wrong_sign_in"


class TooManyTries(Refused):
    """Guessing is stopped for a while."""

    code = "accounts.too_many_tries"


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


def is_alive(
    life: SessionLife, *, begun_at: datetime, seen_at: datetime, now: datetime
) -> bool:
    """Say whether a session may still be used."""
    return now < seen_at + life.idle and now < begun_at + life.whole


def check_pin(pin: str) -> None:
    """Refuse a PIN that is not six digits, or that anybody would guess first."""
    if len(pin) != PIN_DIGITS or not (pin.isascii() and pin.isdigit()):
        raise FieldRefused("secret", "accounts.pin_shape")
    steps = {int(b) - int(a) for a, b in zip(pin, pin[1:], strict=False)}
    if steps <= {0} or steps == {1} or steps == {-1}:
        raise FieldRefused("secret", "accounts.pin_easy")


def check_password(password: str, common: frozenset[str]) -> None:
    """Refuse a password that is too short, too long or on the list of common ones."""
    if len(password) not in PASSWORD_LENGTH:
        raise FieldRefused("secret", "accounts.password_length")
    if password.lower() in common:
        raise FieldRefused("secret", "accounts.password_common")


def check_may_invite(caller: Caller, role: Role, place_code: str | None) -> None:
    """Refuse an invitation outside the caller's own office (access matrix: account, create).

    A secretary invites growers, workers and managers of the own town; a manager invites
    workers; the district invites every role below its own.
    """
    if Role.DISTRICT in caller.roles and role != Role.DISTRICT:
        return
    towns = caller.places(Role.SECRETARY)
    in_town = any(place_code and place_code.startswith(town) for town in towns)
    if in_town and role in {Role.GROWER, Role.WORKER, Role.MANAGER}:
        return
    if Role.MANAGER in caller.roles and role == Role.WORKER:
        return
    raise FieldRefused("role", "accounts.may_not_invite")
