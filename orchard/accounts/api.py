"""Oneself and the people of an office as JSON: the same services as the pages."""

from typing import Any
from uuid import UUID

from flask import g, url_for
from flask_openapi3 import Tag
from pydantic import Field

from orchard import clock, db, settings
from orchard.accounts import cards, directory, giving, managing, people
from orchard.accounts.forms import CardForm, EndRoleForm, InvitationForm, PhoneForm
from orchard.fields import Shape
from orchard.web.interface import Interface

bp = Interface("api_accounts", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="people")])


class PersonPath(Shape):
    """Which person."""

    person_id: UUID


class ListQuery(Shape):
    """Which part of the list: what follows or precedes a person."""

    after: UUID | None = None
    before: UUID | None = None


class RoleOut(Shape):
    """One role, at a place or for an employer."""

    role: str
    place_code: str | None
    employer_id: UUID | None


class MeOut(Shape):
    """Who the token speaks for."""

    account_id: UUID
    person_id: UUID
    name: str
    village_code: str | None
    roles: list[RoleOut]


class PersonOut(Shape):
    """One person in sight; name and phone are masked for an office."""

    id: UUID
    name: str
    phone: str | None
    village: str | None
    roles: list[str]
    has_account: bool
    is_disabled: bool


class GivenRoleOut(Shape):
    """One role that the caller may take back; of: the place or the employer."""

    id: UUID
    role: str
    of: str


class GivenRolesOut(Shape):
    """The roles of a person that the caller may take back, the oldest first."""

    roles: list[GivenRoleOut]


class EndedRoleOut(Shape):
    """The role that ended; whoever held it may be out of sight now."""

    grant_id: UUID


class PeopleOut(Shape):
    """One page of people, by name."""

    people: list[PersonOut]
    has_before: bool
    has_after: bool


class InvitedOut(Shape):
    """Who was let in, and the one-time link when a card was made."""

    person_id: UUID
    link: str | None = Field(description="None without a phone, or with an account already")
    number: str | None = Field(description="Of the same card, for who types it instead")


@bp.get("/me", responses={200: MeOut})
def me() -> dict[str, Any]:
    """Return who the token speaks for."""
    who = g.caller
    return MeOut(
        account_id=who.account_id,
        person_id=who.person_id,
        name=who.name,
        village_code=who.village_code,
        roles=[RoleOut.model_validate(held, from_attributes=True) for held in who.held],
    ).model_dump(mode="json")


@bp.get("/people", endpoint="people", responses={200: PeopleOut})
def people_list(query: ListQuery) -> dict[str, Any]:
    """Return one page of the people in sight."""
    with db.reading() as reading:
        lines, page = directory.people_page(
            reading, g.caller, after=query.after, before=query.before
        )
    return PeopleOut(
        people=[PersonOut.model_validate(line, from_attributes=True) for line in lines],
        has_before=page.has_before,
        has_after=page.has_after,
    ).model_dump(mode="json")


@bp.get("/people/<uuid:person_id>", responses={200: PersonOut})
def person(path: PersonPath) -> dict[str, Any]:
    """Return one person in sight."""
    return _read(path.person_id)


@bp.post("/people", responses={201: InvitedOut})
def invite(body: InvitationForm) -> tuple[dict[str, Any], int]:
    """Let somebody in once; the same id and content again is the first result."""
    with db.transaction() as writing:
        asked = people.Invited(**body.model_dump())
        outcome = people.invite(writing, g.caller, asked, now=clock.now())
    return _invited(outcome.person_id, outcome.card), 201


@bp.post("/people/<uuid:person_id>/cards", responses={201: InvitedOut})
def new_card(path: PersonPath, body: CardForm) -> tuple[dict[str, Any], int]:
    """Make a new card; the older ones end."""
    with db.transaction() as writing:
        card = managing.new_card(writing, g.caller, path.person_id, id=body.id, now=clock.now())
    return _invited(path.person_id, card), 201


@bp.post("/people/<uuid:person_id>/account", responses={201: InvitedOut})
def phone(path: PersonPath, body: PhoneForm) -> tuple[dict[str, Any], int]:
    """Open the account of somebody recorded without a phone, who has one now."""
    with db.transaction() as writing:
        card = people.open_for(
            writing, g.caller, path.person_id, **body.model_dump(), now=clock.now()
        )
    return _invited(path.person_id, card), 201


@bp.post("/people/<uuid:person_id>/disable", responses={200: PersonOut})
def disable(path: PersonPath) -> dict[str, Any]:
    """Disable an account: its sessions and tokens end at once."""
    with db.transaction() as writing:
        managing.disable(writing, g.caller, path.person_id, now=clock.now())
    return _read(path.person_id)


@bp.post("/people/<uuid:person_id>/enable", responses={200: PersonOut})
def enable(path: PersonPath) -> dict[str, Any]:
    """Open a disabled account again."""
    with db.transaction() as writing:
        managing.enable(writing, g.caller, path.person_id, now=clock.now())
    return _read(path.person_id)


@bp.get("/people/<uuid:person_id>/roles", responses={200: GivenRolesOut})
def roles(path: PersonPath) -> dict[str, Any]:
    """Return the roles of a person that the caller may take back."""
    with db.reading() as reading:
        held = giving.roles_of(reading, g.caller, path.person_id)
    rows = [GivenRoleOut.model_validate(one, from_attributes=True) for one in held]
    return GivenRolesOut(roles=rows).model_dump(mode="json")


@bp.post("/people/<uuid:person_id>/roles/end", responses={200: EndedRoleOut})
def end_role(path: PersonPath, body: EndRoleForm) -> dict[str, Any]:
    """Take one role back; it is gone at the next request."""
    with db.transaction() as writing:
        giving.take_back(writing, g.caller, path.person_id, body.grant_id, now=clock.now())
    return EndedRoleOut(grant_id=body.grant_id).model_dump(mode="json")


def _read(person_id: UUID) -> dict[str, Any]:
    with db.reading() as reading:
        line = directory.person_line(reading, g.caller, person_id)
    return PersonOut.model_validate(line, from_attributes=True).model_dump(mode="json")


def _invited(person_id: UUID, card: str | None) -> dict[str, Any]:
    with db.reading() as reading:
        made = cards.made(reading, card) if card else None
    token = f"{db.county()}.{card}" if card and len(settings.get().counties) > 1 else card
    link = url_for("accounts.card", token=token, _external=True) if token else None
    number = made.number if made else None
    return InvitedOut(person_id=person_id, link=link, number=number).model_dump(mode="json")
