"""Employers as JSON: the same services as the pages. One blueprint with the openings."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import g

from orchard import clock, db
from orchard.accounts.rules import EmployerKind
from orchard.fields import Shape
from orchard.hiring import directory, employers
from orchard.hiring.api import EmployerPath, ListQuery, bp
from orchard.hiring.forms import CorrectEmployerForm, EmployerForm, StepForm
from orchard.hiring.rules import RecognitionEventKind

__all__ = ["bp"]


class EmployerLineOut(Shape):
    """One employer as everybody may read it."""

    id: UUID
    name: str
    kind: EmployerKind
    village_code: str
    village: str
    town: str
    is_verified: bool
    recognition: RecognitionEventKind | None
    recognition_since: date | None


class EmployerLinesOut(Shape):
    """One page of one's own employers or the town's, by village and name."""

    employers: list[EmployerLineOut]
    has_before: bool
    has_after: bool


@bp.get("/employers", endpoint="employers", responses={200: EmployerLinesOut})
def employer_list(query: ListQuery) -> dict[str, Any]:
    """Return one page of one's own employers, or of the town's."""
    with db.reading() as reading:
        lines, page = directory.employers_page(
            reading, g.caller, today=clock.today(), after=query.after, before=query.before
        )
    return EmployerLinesOut(
        employers=[_employer_out(line) for line in lines],
        has_before=page.has_before,
        has_after=page.has_after,
    ).model_dump(mode="json")


@bp.get("/employers/<uuid:employer_id>", responses={200: EmployerLineOut})
def employer(path: EmployerPath) -> dict[str, Any]:
    """Return one employer."""
    return _employer(path.employer_id)


@bp.post("/employers", responses={201: EmployerLineOut})
def open_employer(body: EmployerForm) -> tuple[dict[str, Any], int]:
    """Open one's own household, or for an office any employer."""
    with db.transaction() as writing:
        employers.open_employer(
            writing, g.caller, employers.NewEmployer(**body.model_dump()), now=clock.now()
        )
    return _employer(body.id), 201


@bp.put("/employers/<uuid:employer_id>", responses={200: EmployerLineOut})
def correct_employer(path: EmployerPath, body: CorrectEmployerForm) -> dict[str, Any]:
    """Correct name and village; 409 where they are not those that were seen."""
    with db.transaction() as writing:
        employers.correct(
            writing,
            g.caller,
            path.employer_id,
            name=body.name,
            village_code=body.village_code,
            seen=(body.seen_name, body.seen_village_code),
            now=clock.now(),
        )
    return _employer(path.employer_id)


@bp.post("/employers/<uuid:employer_id>/verify", responses={200: EmployerLineOut})
def verify_employer(path: EmployerPath) -> dict[str, Any]:
    """Say for the town that an employer is what he says."""
    with db.transaction() as writing:
        employers.verify(writing, g.caller, path.employer_id, now=clock.now())
    return _employer(path.employer_id)


@bp.post("/employers/<uuid:employer_id>/steps", responses={201: EmployerLineOut})
def recognise(path: EmployerPath, body: StepForm) -> tuple[dict[str, Any], int]:
    """Write one step of a workshop's recognition."""
    with db.transaction() as writing:
        step = employers.NewStep(**body.model_dump())
        employers.recognise(writing, g.caller, path.employer_id, step, now=clock.now())
    return _employer(path.employer_id), 201


def _employer(employer_id: UUID) -> dict[str, Any]:
    with db.reading() as reading:
        line = directory.employer_line(reading, employer_id, today=clock.today())
    return _employer_out(line).model_dump(mode="json")


def _employer_out(line: directory.EmployerLine) -> EmployerLineOut:
    row = line.employer
    return EmployerLineOut(
        id=row.id,
        name=row.name,
        kind=row.kind,
        village_code=row.village_code,
        village=line.village,
        town=line.town,
        is_verified=row.verified_at is not None,
        recognition=line.recognition,
        recognition_since=line.since,
    )
