"""What the JSON interface tells who works on requests: technicians and offices."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from orchard.fields import Shape
from orchard.visits.figures import Figures
from orchard.visits.queries import RequestLine
from orchard.visits.rules import Outcome, State
from orchard.visits.shapes import VisitRequestOut


class WaitingVisitsOut(Shape):
    """What nobody took for days."""

    days: int = Field(description="From how many days on a request waits long")
    count: int = Field(description="In all the caller's towns; the district reads no more")
    requests: list[VisitRequestOut] = Field(description="Of a secretary's towns, the oldest first")


class VisitTechnicianOut(Shape):
    """A technician who may be given a request."""

    account_id: UUID = Field(description="What handing over and reassigning take as `to`")
    name: str


class VisitTechniciansOut(Shape):
    """The other technicians of a request's town."""

    technicians: list[VisitTechnicianOut]


class DistrictVisitOut(VisitTechniciansOut):
    """One open request as the district reads it: without whose plot it is."""

    id: UUID
    town: str
    problem: str
    state: str
    asked_at: datetime
    technician: str | None


class DistrictVisitsOut(Shape):
    """The open requests of a district, the most urgent first."""

    requests: list[DistrictVisitOut]


class VisitReassignedOut(Shape):
    """Who has a request now; the district reads no more of it."""

    id: UUID
    technician_id: UUID


class VisitDayOut(Shape):
    """One coming day of a technician's diary."""

    day: date
    is_off: bool
    visits: list[VisitRequestOut]


class VisitDiaryOut(Shape):
    """The coming days, and what waits to be put on one."""

    most_a_day: int
    days: list[VisitDayOut]
    waiting: list[VisitRequestOut]


class VisitRoundOut(Shape):
    """Today's visits by village, done ones as well, and those of days before without a record."""

    day: date
    visits: list[VisitRequestOut]
    overdue: list[VisitRequestOut]
    ratings: int
    faces: dict[int, int] | None = Field(description="How many of each, 3 is good; null: too few")


class VisitFiguresOut(Shape):
    """What became of the requests of 12 months in one town."""

    town: str
    closed: int
    visited: int
    answered: int
    cancelled: int
    still_open: int
    adoption_checked: int
    applied: int
    partly: int
    not_applied: int
    disputed: int


class AllVisitFiguresOut(Shape):
    """The figures of each town that the caller serves."""

    towns: list[VisitFiguresOut]


def district_out(line: RequestLine, there: list[tuple[UUID, str]]) -> DistrictVisitOut:
    """Tell the district one request, and the technicians of its town without who has it."""
    row = line.request
    return DistrictVisitOut(
        id=row.id,
        town=row.town_code,
        problem=row.problem,
        state=row.state,
        asked_at=row.asked_at,
        technician=line.technician,
        technicians=others_out(there, row.technician_id),
    )


def others_out(there: list[tuple[UUID, str]], but: UUID | None) -> list[VisitTechnicianOut]:
    """Tell the technicians of a town without one account."""
    return [VisitTechnicianOut(account_id=id_, name=name) for id_, name in there if id_ != but]


def figures_out(found: Figures) -> VisitFiguresOut:
    """Tell the figures of one town."""
    return VisitFiguresOut(
        town=found.town_code,
        closed=found.closed,
        visited=found.of(State.VISITED),
        answered=found.of(State.ANSWERED),
        cancelled=found.of(State.CANCELLED),
        still_open=found.open,
        adoption_checked=found.checked,
        applied=found.took(Outcome.APPLIED),
        partly=found.took(Outcome.PARTLY),
        not_applied=found.took(Outcome.NOT),
        disputed=found.disputed,
    )
