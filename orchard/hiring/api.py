"""Openings and who wants to come as JSON: the same services as the pages."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from flask import g
from flask_openapi3 import Tag
from pydantic import Field, WithJsonSchema

from orchard import clock, db, units
from orchard.errors import NotVisible
from orchard.fields import Shape, Version
from orchard.hiring import listing, openings
from orchard.hiring.forms import OfferFacts, RateFenX100
from orchard.hiring.rules import PayBasis, works
from orchard.web.interface import Interface

bp = Interface("api_hiring", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="hiring")])
RateText = Annotated[
    RateFenX100,
    WithJsonSchema({"type": "string", "examples": ["130"], "description": "A decimal of yuan"}),
]


class OpeningPath(Shape):
    """Which opening."""

    opening_id: UUID


class EmployerPath(Shape):
    """Which employer."""

    employer_id: UUID


class ApplicantPath(OpeningPath):
    """Who asked to come to which opening."""

    person_id: UUID


class ListQuery(Shape):
    """Which part of a list: what follows or precedes a row."""

    after: UUID | None = None
    before: UUID | None = None


class NewOpeningBody(OfferFacts):
    """A new opening; the id is made by the sender (UUID, version 7)."""

    id: UUID
    employer_id: UUID
    rate_yuan: RateText


class ChangeOpeningBody(OfferFacts):
    """A change of the version that was read before."""

    version: Version
    rate_yuan: RateText


class OpeningOut(Shape):
    """One opening; the rate is a string of yuan."""

    id: UUID
    employer_id: UUID
    employer: str
    employer_kind: str
    work: str
    workplace_code: str
    town: str
    village: str
    people: int
    hired: int
    first_day: date
    days: int
    basis: PayBasis
    rate_yuan: str
    note: str
    state: str = Field(description="open, hidden, closed or over")
    application: str | None = Field(description="What became of the caller's own wish to come")
    phone: str | None
    version: int


class OpeningsOut(Shape):
    """One page of openings, the nearest first."""

    openings: list[OpeningOut]
    has_before: bool
    has_after: bool


class ApplicantOut(Shape):
    """Somebody who asked to come."""

    person_id: UUID
    name: str
    phone: str | None
    village: str | None
    born_on: date | None
    state: str


class ApplicantsOut(Shape):
    """Who asked to come, the first first."""

    applications: list[ApplicantOut]


class StateOut(Shape):
    """What an application or opening is after it was touched."""

    state: str


class WorkOut(Shape):
    """One kind of work, with its source and confidence."""

    code: str
    toxic: bool
    at: str
    source: str
    confidence: str


class WorksOut(Shape):
    """The kinds of work to choose from."""

    works: list[WorkOut]


@bp.get("/works", endpoint="works", responses={200: WorksOut})
def work_list() -> dict[str, Any]:
    """Return the kinds of work to choose from."""
    rows = [WorkOut.model_validate(one, from_attributes=True) for one in works().values()]
    return WorksOut(works=rows).model_dump(mode="json")


@bp.get("/openings", endpoint="openings", responses={200: OpeningsOut})
def opening_list(query: ListQuery) -> dict[str, Any]:
    """Return one page of openings; for an office those of its town in every state."""
    with db.reading() as reading:
        lines, page = listing.openings_page(
            reading, g.caller, today=clock.today(), after=query.after, before=query.before
        )
    return OpeningsOut(
        openings=[_out(line) for line in lines],
        has_before=page.has_before,
        has_after=page.has_after,
    ).model_dump(mode="json")


@bp.get("/openings/<uuid:opening_id>", responses={200: OpeningOut})
def opening(path: OpeningPath) -> dict[str, Any]:
    """Return one opening in sight."""
    return _read(path.opening_id)


@bp.post("/openings", responses={201: OpeningOut})
def publish(body: NewOpeningBody) -> tuple[dict[str, Any], int]:
    """Publish an opening; the same id and content again is the first result."""
    with db.transaction() as writing:
        openings.publish(
            writing,
            g.caller,
            body.employer_id,
            body.at_rate(body.rate_yuan),
            id=body.id,
            now=clock.now(),
        )
    return _read(body.id), 201


@bp.put("/openings/<uuid:opening_id>", responses={200: OpeningOut})
def change_opening(path: OpeningPath, body: ChangeOpeningBody) -> dict[str, Any]:
    """Change an opening; 409 with both versions when it was changed since."""
    with db.transaction() as writing:
        openings.change(
            writing,
            g.caller,
            path.opening_id,
            body.at_rate(body.rate_yuan),
            version=body.version,
            now=clock.now(),
        )
    return _read(path.opening_id)


@bp.post("/openings/<uuid:opening_id>/close", responses={200: OpeningOut})
def close_opening(path: OpeningPath) -> dict[str, Any]:
    """Close an opening; twice is once."""
    with db.transaction() as writing:
        openings.close(writing, g.caller, path.opening_id, now=clock.now())
    return _read(path.opening_id)


@bp.post("/openings/<uuid:opening_id>/hide", responses={200: OpeningOut})
def hide_opening(path: OpeningPath) -> dict[str, Any]:
    """Hide an opening of the own town."""
    with db.transaction() as writing:
        openings.hide(writing, g.caller, path.opening_id, is_hidden=True, now=clock.now())
    return _read(path.opening_id)


@bp.post("/openings/<uuid:opening_id>/show", responses={200: OpeningOut})
def show_opening(path: OpeningPath) -> dict[str, Any]:
    """Show a hidden opening of the own town again."""
    with db.transaction() as writing:
        openings.hide(writing, g.caller, path.opening_id, is_hidden=False, now=clock.now())
    return _read(path.opening_id)


@bp.post("/openings/<uuid:opening_id>/apply", responses={200: StateOut})
def apply(path: OpeningPath) -> dict[str, Any]:
    """Ask to come; twice is once."""
    with db.transaction() as writing:
        made = openings.apply(writing, g.caller, path.opening_id, now=clock.now())
    return StateOut(state=made.state).model_dump(mode="json")


@bp.post("/openings/<uuid:opening_id>/withdraw", responses={200: StateOut})
def withdraw(path: OpeningPath) -> dict[str, Any]:
    """Take one's own wish back; twice is once."""
    with db.transaction() as writing:
        made = openings.withdraw(writing, g.caller, path.opening_id, now=clock.now())
    return StateOut(state=made.state).model_dump(mode="json")


@bp.get("/openings/<uuid:opening_id>/applications", responses={200: ApplicantsOut})
def applications(path: OpeningPath) -> dict[str, Any]:
    """Return who asked to come to an opening of one's own employer."""
    with db.reading() as reading:
        line = listing.opening_line(reading, g.caller, path.opening_id, today=clock.today())
        if not line.is_own:
            raise NotVisible
        found = listing.applicants(reading, g.caller, path.opening_id)
    rows = [ApplicantOut.model_validate(one, from_attributes=True) for one in found]
    return ApplicantsOut(applications=rows).model_dump(mode="json")


@bp.post(
    "/openings/<uuid:opening_id>/applications/<uuid:person_id>/decline", responses={200: StateOut}
)
def decline(path: ApplicantPath) -> dict[str, Any]:
    """Say no to somebody who asked; twice is once."""
    with db.transaction() as writing:
        made = openings.decline(writing, g.caller, path.opening_id, path.person_id, now=clock.now())
    return StateOut(state=made.state).model_dump(mode="json")


def _read(opening_id: UUID) -> dict[str, Any]:
    with db.reading() as reading:
        line = listing.opening_line(reading, g.caller, opening_id, today=clock.today())
    return _out(line).model_dump(mode="json")


def _out(line: listing.OpeningLine) -> OpeningOut:
    row = line.opening
    return OpeningOut(
        id=row.id,
        employer_id=row.employer_id,
        employer=line.employer,
        employer_kind=line.kind,
        work=row.work,
        workplace_code=row.workplace_code,
        town=line.town,
        village=line.village,
        people=row.people,
        hired=line.hired,
        first_day=row.first_day,
        days=row.days,
        basis=row.basis,
        rate_yuan=units.decimal_text(row.rate_fen_x100, 4),
        note=row.note,
        state=line.state(clock.today()),
        application=line.own_state,
        phone=line.phone,
        version=row.version,
    )
