"""What people type at the doors and when they invite."""

import re
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints

from orchard import units
from orchard.accounts.rules import NUMBER_DIGITS, Role
from orchard.fields import Input, OptionalId, OptionalPhone, PersonName, Phone, wrong

GAPS = re.compile(r"[\s.\u00b7-]+")  # between the groups of a card's number


def _digits(value: Any) -> Any:
    """Return the digits of a card's number, however they were grouped."""
    text = GAPS.sub("", units.plain(value)) if isinstance(value, str) else ""
    if not re.fullmatch(rf"\d{{{NUMBER_DIGITS}}}", text, re.ASCII):
        raise wrong("accounts.form.card_number")
    return text


Secret = Annotated[str, StringConstraints(min_length=1, max_length=200)]  # nothing trimmed
TypedPhone = Annotated[str, StringConstraints(min_length=1, max_length=40)]
CardNumber = Annotated[str, BeforeValidator(_digits)]
PlaceCode = Annotated[
    str,
    BeforeValidator(lambda value: units.plain(value) if isinstance(value, str) else value),
    Field(pattern=r"^[0-9]{9}([0-9]{3})?$"),
]


class SignInForm(Input):
    """Phone and secret; the phone's shape is judged like a wrong secret."""

    phone: TypedPhone
    secret: Secret


class CardNumberForm(Input):
    """The phone and the number on the card of the person it was made for."""

    phone: TypedPhone
    number: CardNumber


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
