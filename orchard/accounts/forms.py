"""What people type at the doors and when they invite."""

from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints

from orchard import units
from orchard.accounts.rules import Role
from orchard.fields import Input, OptionalId, OptionalPhone, PersonName, Phone

Secret = Annotated[str, StringConstraints(min_length=1, max_length=200)]  # nothing trimmed
TypedPhone = Annotated[str, StringConstraints(min_length=1, max_length=40)]
PlaceCode = Annotated[
    str,
    BeforeValidator(lambda value: units.plain(value) if isinstance(value, str) else value),
    Field(pattern=r"^[0-9]{9}([0-9]{3})?$"),
]


class SignInForm(Input):
    """Phone and secret; the phone's shape is judged like a wrong secret."""

    phone: TypedPhone
    secret: Secret


class SecretForm(Input):
    """A new PIN or password."""

    secret: Secret


class InvitationForm(Input):
    """Whom to invite as what, and where; the id was made when the form was shown."""

    id: UUID
    name: PersonName
    phone: OptionalPhone = None
    place_code: PlaceCode
    role: Role
    employer_id: OptionalId = None


class PhoneForm(Input):
    """The phone that somebody recorded without one has now; the id is the card's."""

    id: UUID
    phone: Phone
    role: Role


class CardForm(Input):
    """A new card; the id was made when the page was shown."""

    id: UUID


class SearchForm(Input):
    """The beginning of a name."""

    name: PersonName


class EndRoleForm(Input):
    """Which role of somebody ends."""

    grant_id: UUID
