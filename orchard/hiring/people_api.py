"""People of an employer, statuses and doubles as JSON. One blueprint with the openings."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import g
from pydantic import Field

from orchard import clock, db
from orchard.accounts.rules import Sex
from orchard.fields import Shape
from orchard.hiring import doubles, people, queries, roster, status
from orchard.hiring.api import EmployerPath, ListQuery
from orchard.hiring.forms import (
    DecisionForm,
    PersonFactsForm,
    PersonForm,
    ReasonForm,
    StatusForm,
)
from orchard.hiring.hire_api import bp
from orchard.hiring.people_views import masked
from orchard.hiring.rules import StatusKind

__all__ = ["bp"]


class PersonPath(Shape):
    """Which person."""

    person_id: UUID


class WorkerPath(EmployerPath):
    """Whom of which employer."""

    person_id: UUID


class WorkerOut(Shape):
    """Somebody an employer knows; of who was only linked, no phone and birthday before a hire."""

    id: UUID
    name: str
    phone: str | None
    sex: Sex | None
    born_on: date | None
    registered_code: str | None
    running: int = Field(description="How many of his hires here have not ended")


class WorkersOut(Shape):
    """One page of the people an employer knows, by name."""

    people: list[WorkerOut]
    has_before: bool
    has_after: bool


class MaskedOut(Shape):
    """A record as it is shown to tell it from another."""

    id: UUID
    name: str
    birth_year: int | None
    village: str | None
    phone_tail: str | None


class AlikeOut(Shape):
    """Who looks like the same person."""

    people: list[MaskedOut]


class StatusOut(Shape):
    """One period."""

    id: UUID
    kind: StatusKind
    from_on: date
    until_on: date | None


class StatusesOut(Shape):
    """The periods of one person, the newest first."""

    periods: list[StatusOut]


class DoubleOut(Shape):
    """Two records that look like one person, and what they share."""

    first: MaskedOut
    second: MaskedOut
    shared: list[str]


class DoublesOut(Shape):
    """The pairs of a town that nobody has decided."""

    pairs: list[DoubleOut]


class DecisionOut(Shape):
    """What was decided of two records."""

    id: UUID
    first_id: UUID
    second_id: UUID
    is_same: bool


@bp.get("/employers/<uuid:employer_id>/people", responses={200: WorkersOut})
def workers(path: EmployerPath, query: ListQuery) -> dict[str, Any]:
    """Return one page of the people one's own employer knows."""
    with db.reading() as reading:
        queries.employer_for(reading, g.caller, path.employer_id)
        lines, page = people.workers_page(
            reading,
            path.employer_id,
            today=clock.today(),
            after=query.after,
            before=query.before,
        )
    return WorkersOut(
        people=[WorkerOut.model_validate(line, from_attributes=True) for line in lines],
        has_before=page.has_before,
        has_after=page.has_after,
    ).model_dump(mode="json")


@bp.get("/employers/<uuid:employer_id>/people/<uuid:person_id>", responses={200: WorkerOut})
def worker(path: WorkerPath) -> dict[str, Any]:
    """Return one of the people one's own employer knows."""
    return _worker(path.employer_id, path.person_id)


@bp.post("/employers/<uuid:employer_id>/people/lookalikes", responses={200: AlikeOut})
def lookalikes(path: EmployerPath, body: PersonForm) -> dict[str, Any]:
    """Return who looks like somebody about to be registered; writes nothing."""
    with db.reading() as reading:
        queries.employer_for(reading, g.caller, path.employer_id)
        found = masked(reading, roster.lookalikes(reading, body.person(path.employer_id)))
    rows = [MaskedOut.model_validate(one, from_attributes=True) for one in found]
    return AlikeOut(people=rows).model_dump(mode="json")


@bp.post("/employers/<uuid:employer_id>/people", responses={201: WorkerOut})
def register(path: EmployerPath, body: PersonForm) -> tuple[dict[str, Any], int]:
    """Register somebody once; refused while somebody alike is neither chosen nor ruled out."""
    with db.transaction() as writing:
        asked = body.person(path.employer_id)
        made = roster.register_person(writing, g.caller, asked, now=clock.now())
    return _worker(path.employer_id, made.id), 201


@bp.put("/employers/<uuid:employer_id>/people/<uuid:person_id>", responses={200: WorkerOut})
def correct_worker(path: WorkerPath, body: PersonFactsForm) -> dict[str, Any]:
    """Fill in or correct what is known of somebody."""
    with db.transaction() as writing:
        roster.correct_person(
            writing,
            g.caller,
            path.employer_id,
            path.person_id,
            roster.PersonFacts(**body.model_dump()),
            now=clock.now(),
        )
    return _worker(path.employer_id, path.person_id)


def _worker(employer_id: UUID, person_id: UUID) -> dict[str, Any]:
    with db.reading() as reading:
        queries.employer_for(reading, g.caller, employer_id)
        line = people.worker_line(reading, employer_id, person_id, today=clock.today())
    return WorkerOut.model_validate(line, from_attributes=True).model_dump(mode="json")


@bp.get("/my-status", responses={200: StatusesOut})
def my_status() -> dict[str, Any]:
    """Return what the town's register says of oneself."""
    with db.reading() as reading:
        return _periods(status.own(reading, g.caller))


@bp.post("/people/<uuid:person_id>/status/read", responses={200: StatusesOut})
def read_status(path: PersonPath, body: ReasonForm) -> dict[str, Any]:
    """Return the periods of a townsman for a reason, which is written down."""
    with db.transaction() as writing:
        rows = status.read(writing, g.caller, path.person_id, reason=body.reason, now=clock.now())
    return _periods(rows)


@bp.post("/people/<uuid:person_id>/status", responses={201: StatusOut})
def write_status(path: PersonPath, body: StatusForm) -> tuple[dict[str, Any], int]:
    """Write a period of a townsman, or correct its days."""
    new = status.NewStatus(person_id=path.person_id, **body.model_dump(exclude={"reason"}))
    with db.transaction() as writing:
        row = status.write(writing, g.caller, new, reason=body.reason, now=clock.now())
    return StatusOut.model_validate(row, from_attributes=True).model_dump(mode="json"), 201


def _periods(rows: Any) -> dict[str, Any]:
    found = [StatusOut.model_validate(row, from_attributes=True) for row in rows]
    return StatusesOut(periods=found).model_dump(mode="json")


@bp.get("/doubles", responses={200: DoublesOut})
def doubles_list() -> dict[str, Any]:
    """Return who looks like one person in the own town and is not decided."""
    with db.reading() as reading:
        _, found = doubles.pairs(reading, g.caller)
    rows = [DoubleOut.model_validate(pair, from_attributes=True) for pair in found]
    return DoublesOut(pairs=rows).model_dump(mode="json")


@bp.post("/doubles", responses={201: DecisionOut})
def decide(body: DecisionForm) -> tuple[dict[str, Any], int]:
    """Say that two records are one person or are not; a newer decision undoes it."""
    with db.transaction() as writing:
        made = doubles.decide(
            writing, g.caller, doubles.Decision(**body.model_dump()), now=clock.now()
        )
    return DecisionOut.model_validate(made, from_attributes=True).model_dump(mode="json"), 201
