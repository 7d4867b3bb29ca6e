"""Everything of one plot's day as JSON: tasks, alerts and spray windows."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import g
from flask_openapi3 import Tag
from pydantic import Field

from orchard import clock, db
from orchard.fields import Shape
from orchard.plots.queries import plot_for
from orchard.tasks.queries import TaskLine, open_tasks_for
from orchard.weather.bar import WORDS
from orchard.weather.digest import Digest
from orchard.weather.queries import digest_of_cell
from orchard.weather.rules import CREDIT, LEVEL_NAMES, age_of
from orchard.web.interface import Interface

bp = Interface("api_today", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="today")])


class PlotPath(Shape):
    """Which plot."""

    plot_id: UUID = Field(description="Id of a plot that the caller may see")


class DueTask(Shape):
    """One open task that is late, due, or due within a week."""

    id: str
    code: str
    due_on: date
    late_after: date
    late_days: int


class Warned(Shape):
    """Frost of one night or heat of one day."""

    kind: str
    level: str
    date: date
    extreme_c: float


class SprayWindow(Shape):
    """Verdict of one hour of today."""

    hour: int
    verdict: str
    reason: str


class TodayOut(Shape):
    """A plot's day; without advice when the forecast is too old to give it."""

    plot_id: UUID
    date: date
    forecast_state: str
    forecast_at: datetime | None
    tasks: list[DueTask]
    alerts: list[Warned]
    spray: list[SprayWindow]
    credit: str


@bp.get("/plots/<uuid:plot_id>/today", responses={200: TodayOut})
def one(path: PlotPath) -> dict[str, Any]:
    """Return tasks, alerts and spray windows of a plot for today."""
    now = clock.now()
    local = clock.local(now).replace(tzinfo=None)
    with db.reading() as session:
        plot = plot_for(session, g.caller, path.plot_id)
        digest = digest_of_cell(session, plot.cell)
        tasks = open_tasks_for(session, [plot.id], local.date(), now)
    age = age_of(digest.fetched_at if digest else None, now)
    told = digest if age.advises else None
    return TodayOut(
        plot_id=plot.id,
        date=local.date(),
        forecast_state=age.state,
        forecast_at=digest.fetched_at if digest else None,
        tasks=[_task(line) for line in tasks],
        alerts=_alerts(told, local),
        spray=_spray(told, local.date()),
        credit=CREDIT,
    ).model_dump(mode="json")


def _task(line: TaskLine) -> DueTask:
    return DueTask(
        id=line.token,
        code=line.code,
        due_on=line.do_on,
        late_after=line.late_after,
        late_days=line.late_days,
    )


def _alerts(digest: Digest | None, local: datetime) -> list[Warned]:
    near = digest.warnings(local) if digest else []
    return [
        Warned(
            kind=alert.kind,
            level=LEVEL_NAMES[alert.level],
            date=alert.on,
            extreme_c=alert.extreme_c,
        )
        for alert in near
    ]


def _spray(digest: Digest | None, today: date) -> list[SprayWindow]:
    days = digest.coming(today, 1) if digest else []
    return [
        SprayWindow(hour=hour, verdict=WORDS[verdict], reason=why.name.lower())
        for day in days
        if day.on == today
        for hour, verdict, why in day.hours
    ]
