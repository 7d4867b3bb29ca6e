"""Sheets and work days as JSON: the same services as the pages."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from flask import g
from flask_openapi3 import Tag
from pydantic import Field

from orchard import clock, db, fields, units
from orchard.attendance import queries, rules, services
from orchard.attendance.forms import DayBody, SheetBody
from orchard.attendance.models import HeatDay
from orchard.errors import FieldRefused
from orchard.fields import Shape
from orchard.hiring.queries import hire_for, managed_hire_for
from orchard.web.interface import Interface

bp = Interface("api_attendance", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="attendance")])
LONGEST = 400  # days that one list answers


Day = Annotated[fields.Day, Field(ge=date(2000, 1, 1), le=date(2999, 12, 31))]


class SheetPath(Shape):
    """Which crew's sheet of which local day."""

    crew_id: UUID
    day: Day


class HirePath(Shape):
    """Whose days."""

    hire_id: UUID


class DayPath(HirePath):
    """Which local day of which hire."""

    day: Day


class DaysQuery(Shape):
    """Which days; the last 60 unless given."""

    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")


class HeatOut(Shape):
    """What heat does to outdoor work: stop, six_hours or shorten; who overruled and why."""

    rule: str
    high_c: float
    overruled_at: datetime | None
    reason: str


class TickOut(Shape):
    """One person of a sheet; version 0: nothing is stored."""

    hire_id: UUID
    name: str
    half_days: int
    version: int


class SheetOut(Shape):
    """A sheet; send its version back with what is corrected."""

    crew_id: UUID
    day: date
    version: int
    saved_at: datetime | None
    person_days: str
    heat: HeatOut | None
    people: list[TickOut]


class WorkdayOut(Shape):
    """One work day of one hire; version over 1 means that it was corrected."""

    hire_id: UUID
    day: date
    half_days: int
    person_days: str
    version: int


class WorkdaysOut(Shape):
    """Work days of one hire, the oldest first."""

    days: list[WorkdayOut]


@bp.get("/crews/<uuid:crew_id>/sheets/<day>", responses={200: SheetOut})
def sheet(path: SheetPath) -> dict[str, Any]:
    """Return a crew's sheet of a day as it stands."""
    return _sheet(path)


@bp.put("/crews/<uuid:crew_id>/sheets/<day>", responses={200: SheetOut})
def save_sheet(path: SheetPath, body: SheetBody) -> dict[str, Any]:
    """Save a whole sheet; the same content again changes nothing, other content needs its version.

    A day older than 7 days needs a reason; whole days in the heat need overrule.
    """
    ticks = {one.hire_id: one.half_days for one in body.people}
    if len(ticks) != len(body.people):
        raise FieldRefused("people", "web.form.invalid")
    now = clock.now()
    with db.transaction() as writing:
        view = queries.sheet_for(writing, g.caller, path.crew_id, path.day)
        if body.overrule:
            services.overrule_heat(
                writing, g.caller, view.crew.employer_id, path.day, body.overrule, now=now
            )
        services.save_sheet(
            writing,
            g.caller,
            path.crew_id,
            path.day,
            ticks,
            now=now,
            version=body.version,
            reason=body.reason,
        )
    return _sheet(path)


def _sheet(path: SheetPath) -> dict[str, Any]:
    with db.reading() as reading:
        view = queries.sheet_for(reading, g.caller, path.crew_id, path.day)
    rules.check_day(path.day, clock.today())
    people = [
        TickOut(hire_id=row.hire.id, name=row.name, **row.stored._asdict()) for row in view.rows
    ]
    return SheetOut(
        crew_id=path.crew_id,
        day=path.day,
        version=view.version,
        saved_at=view.sheet.saved_at if view.sheet else None,
        person_days=_person_days(sum(one.half_days for one in people)),
        heat=_heat(view.heat),
        people=people,
    ).model_dump(mode="json")


def _heat(heat: HeatDay | None) -> HeatOut | None:
    if heat is None:
        return None
    return HeatOut(
        rule=heat.rule.value,
        high_c=heat.high_c,
        overruled_at=heat.overruled_at,
        reason=heat.reason,
    )


def _person_days(half_days: int) -> str:
    return units.x100_to_text(half_days * 50)


@bp.get("/hires/<uuid:hire_id>/workdays", responses={200: WorkdaysOut})
def days(path: HirePath, query: DaysQuery) -> dict[str, Any]:
    """Return the work days of a hire of the caller himself or of an employer that he manages."""
    last = query.last or clock.today()
    first = query.first or last - rules.LISTED
    if (last - first).days > LONGEST:
        raise FieldRefused("from", "web.form.invalid")
    with db.reading() as reading:
        hire_for(reading, g.caller, path.hire_id)
        lines = queries.days_of(reading, [path.hire_id], first, last)
    return WorkdaysOut(days=[_day(*line) for line in lines]).model_dump(mode="json")


@bp.put("/hires/<uuid:hire_id>/workdays/<day>", responses={200: WorkdayOut})
def put(path: DayPath, body: DayBody) -> dict[str, Any]:
    """Write one day; the same again changes nothing, another value needs the stored version."""
    half_days = rules.DAYS[body.day] if body.day else body.half_days
    if half_days is None or (body.day and body.half_days is not None):
        raise FieldRefused("half_days", "web.form.missing")
    now = clock.now()
    with db.transaction() as writing:
        hire = managed_hire_for(writing, g.caller, path.hire_id)
        if body.overrule:
            services.overrule_heat(
                writing, g.caller, hire.employer_id, path.day, body.overrule, now=now
            )
        written = services.put_workday(
            writing,
            g.caller,
            path.hire_id,
            path.day,
            half_days,
            now=now,
            version=body.version,
            reason=body.reason,
        )
    stored = (written.half_days, written.version) if written else (0, 0)
    return _day(path.hire_id, path.day, *stored).model_dump(mode="json")


def _day(hire_id: UUID, day: date, half_days: int, version: int) -> WorkdayOut:
    return WorkdayOut(
        hire_id=hire_id,
        day=day,
        half_days=half_days,
        person_days=_person_days(half_days),
        version=version,
    )
