"""Hires and crews as JSON: the same services as the pages. One blueprint with the openings."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import g
from pydantic import Field
from sqlalchemy import select
from sqlmodel import col

from orchard import clock, db
from orchard.fields import Input, Line, Shape, Version
from orchard.hiring import crews, people, queries, services
from orchard.hiring.api import EmployerPath, ListQuery
from orchard.hiring.employer_api import bp
from orchard.hiring.forms import AnswerForm, ChangeHireForm, EndHireForm, NewHireForm
from orchard.hiring.models import HireEvent
from orchard.hiring.rules import HireEventKind, PayBasis, Relation
from orchard.paging import page

__all__ = ["bp"]


class HirePath(Shape):
    """Which hire."""

    hire_id: UUID


class CrewPath(Shape):
    """Which crew."""

    crew_id: UUID


class NewCrewBody(Input):
    """A new crew; the id is made by the sender."""

    id: UUID
    name: Line


class HireOut(Shape):
    """One hire; name and phone are masked for an office."""

    id: UUID
    person_id: UUID
    name: str
    phone: str | None
    employer_id: UUID
    employer: str
    crew_id: UUID | None
    crew: str | None
    opening_id: UUID | None
    work: str
    workplace_code: str
    workplace: str
    registered_code: str | None
    relation: Relation
    basis: PayBasis
    started_on: date
    ended_on: date | None
    terms: str
    version: int
    last_event: HireEventKind
    notices: list[str] = Field(description="What the employer is told without being refused")


class HiresOut(Shape):
    """One page of hires: those that have not ended first, by name."""

    hires: list[HireOut]
    has_before: bool
    has_after: bool


class EventOut(Shape):
    """One thing that happened to a hire."""

    version: int
    kind: HireEventKind
    at: datetime
    note: str


class EventsQuery(Shape):
    """What follows a version; the first of a hire unless given."""

    after: Version | None = None


class EventsOut(Shape):
    """One page of what happened to a hire, the oldest first."""

    events: list[EventOut]
    has_after: bool


class CrewOut(Shape):
    """One crew."""

    id: UUID
    employer_id: UUID
    name: str
    has_ended: bool


class CrewsOut(Shape):
    """The crews of an employer that have not ended, by name."""

    crews: list[CrewOut]


@bp.get("/hires", endpoint="hires", responses={200: HiresOut})
def hire_list(query: ListQuery) -> dict[str, Any]:
    """Return one page of the hires in sight."""
    with db.reading() as reading:
        lines, page = people.hires_page(reading, g.caller, after=query.after, before=query.before)
    return HiresOut(
        hires=[_out(line, []) for line in lines],
        has_before=page.has_before,
        has_after=page.has_after,
    ).model_dump(mode="json")


@bp.get("/hires/<uuid:hire_id>", responses={200: HireOut})
def hire(path: HirePath) -> dict[str, Any]:
    """Return one hire in sight, to its employer with what is to be known."""
    return _read(path.hire_id)


@bp.get("/hires/<uuid:hire_id>/events", responses={200: EventsOut})
def hire_events(path: HirePath, query: EventsQuery) -> dict[str, Any]:
    """Return one page of what happened to a hire, the oldest first."""
    events = select(HireEvent).where(col(HireEvent.hire_id) == path.hire_id)
    edge = None if query.after is None else (query.after,)
    with db.reading() as reading:
        people.hire_line(reading, g.caller, path.hire_id)
        found = page(reading, events, (col(HireEvent.version),), after=edge)
    rows = [EventOut.model_validate(one, from_attributes=True) for (one,) in found.rows]
    return EventsOut(events=rows, has_after=found.has_after).model_dump(mode="json")


@bp.post("/hires", responses={201: HireOut})
def make_hire(body: NewHireForm) -> tuple[dict[str, Any], int]:
    """Hire somebody; the same id and content again is the first result."""
    with db.transaction() as writing:
        services.make_hire(
            writing, g.caller, services.NewHire(**body.model_dump()), now=clock.now()
        )
    return _read(body.id), 201


@bp.put("/hires/<uuid:hire_id>", responses={200: HireOut})
def change_hire(path: HirePath, body: ChangeHireForm) -> dict[str, Any]:
    """Change a hire; 409 with both versions when it was changed since."""
    with db.transaction() as writing:
        services.change_hire(
            writing,
            g.caller,
            path.hire_id,
            body.facts(),
            version=body.version,
            now=clock.now(),
        )
    return _read(path.hire_id)


@bp.post("/hires/<uuid:hire_id>/end", responses={200: HireOut})
def end_hire(path: HirePath, body: EndHireForm) -> dict[str, Any]:
    """End a hire on its last day."""
    with db.transaction() as writing:
        services.end_hire(writing, g.caller, path.hire_id, **body.model_dump(), now=clock.now())
    return _read(path.hire_id)


@bp.post("/hires/<uuid:hire_id>/confirm", responses={200: HireOut})
def confirm_hire(path: HirePath, body: AnswerForm) -> dict[str, Any]:
    """Say that one's own hire is right."""
    return _answer(path.hire_id, HireEventKind.CONFIRMED, body)


@bp.post("/hires/<uuid:hire_id>/object", responses={200: HireOut})
def object_to_hire(path: HirePath, body: AnswerForm) -> dict[str, Any]:
    """Say that something about one's own hire is wrong."""
    return _answer(path.hire_id, HireEventKind.OBJECTED, body)


def _answer(hire_id: UUID, kind: HireEventKind, body: AnswerForm) -> dict[str, Any]:
    with db.transaction() as writing:
        services.answer_hire(
            writing,
            g.caller,
            hire_id,
            kind,
            version=body.version,
            note=body.note,
            now=clock.now(),
        )
    return _read(hire_id)


@bp.get("/employers/<uuid:employer_id>/crews", endpoint="crews", responses={200: CrewsOut})
def crew_list(path: EmployerPath) -> dict[str, Any]:
    """Return the crews of one's own employer."""
    with db.reading() as reading:
        queries.employer_for(reading, g.caller, path.employer_id)
        found = queries.crews_of(reading, path.employer_id)
    return CrewsOut(crews=[_crew(one) for one in found]).model_dump(mode="json")


@bp.post("/employers/<uuid:employer_id>/crews", responses={201: CrewOut})
def make_crew(path: EmployerPath, body: NewCrewBody) -> tuple[dict[str, Any], int]:
    """Make a crew; the same id and name again is the first result."""
    with db.transaction() as writing:
        made = crews.make_crew(
            writing, g.caller, path.employer_id, body.name, id=body.id, now=clock.now()
        )
    return _crew(made).model_dump(mode="json"), 201


@bp.post("/crews/<uuid:crew_id>/end", responses={200: CrewOut})
def end_crew(path: CrewPath) -> dict[str, Any]:
    """End a crew; twice is once."""
    with db.transaction() as writing:
        ended = crews.end_crew(writing, g.caller, path.crew_id, now=clock.now())
    return _crew(ended).model_dump(mode="json")


def _crew(crew: Any) -> CrewOut:
    return CrewOut(
        id=crew.id,
        employer_id=crew.employer_id,
        name=crew.name,
        has_ended=crew.ended_at is not None,
    )


def _read(hire_id: UUID) -> dict[str, Any]:
    with db.reading() as reading:
        line = people.hire_line(reading, g.caller, hire_id)
        is_own = line.hire.employer_id in g.caller.employers
        notices = queries.notices_for(reading, line.hire) if is_own else []
    return _out(line, [str(one) for one in notices]).model_dump(mode="json")


def _out(line: people.HireLine, notices: list[str]) -> HireOut:
    row = line.hire
    same = ("id", "person_id", "employer_id", "crew_id", "opening_id", "work", "workplace_code")
    more = ("registered_code", "relation", "basis", "started_on", "ended_on", "terms", "version")
    return HireOut(
        **{name: getattr(row, name) for name in same + more},
        name=line.name,
        phone=line.phone,
        employer=line.employer,
        crew=line.crew,
        workplace=line.workplace,
        last_event=line.last,
        notices=notices,
    )
