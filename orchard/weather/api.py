"""Forecast and alerts of a plot as JSON: the same digest that the pages read."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import g
from flask_openapi3 import Tag
from pydantic import Field

from orchard import clock, db
from orchard.fields import Shape
from orchard.plots.models import Plot
from orchard.plots.queries import plot_for
from orchard.weather.bar import WORDS
from orchard.weather.digest import Alert, Day, Digest
from orchard.weather.queries import digest_of_cell
from orchard.weather.rules import CREDIT, LEVEL_NAMES, age_of
from orchard.web.interface import Interface

bp = Interface("api_weather", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="weather")])


class PlotPath(Shape):
    """Which plot."""

    plot_id: UUID = Field(description="Id of a plot that the caller may see")


class SprayHour(Shape):
    """Whether one hour is fit for spraying, and why not."""

    hour: int
    verdict: str
    reason: str


class DayOut(Shape):
    """One day of a forecast; null is not known, never nothing."""

    date: date
    low_c: float | None
    high_c: float | None
    weather: str
    rain_mm: float | None
    frost: str | None
    frost_known: bool
    heat: str | None
    heat_known: bool
    spray: list[SprayHour] | None


class AlertOut(Shape):
    """Frost of one night or heat of one day, in local time."""

    kind: str
    level: str
    date: date
    begins: datetime
    ends: datetime
    extreme_c: float
    hours: int


class AgeOut(Shape):
    """How old the forecast is: fresh, stressed (3 h), grey (24 h), silent (72 h) or none."""

    state: str
    fetched_at: datetime | None


class AlertsOut(Shape):
    """The warnings of the coming 72 hours; none is no all-clear unless the age advises."""

    plot_id: UUID
    age: AgeOut
    alerts: list[AlertOut]
    credit: str


class ForecastOut(AlertsOut):
    """Seven days of one plot."""

    has_own_position: bool
    elevation_m: int | None
    days: list[DayOut]


@bp.get("/plots/<uuid:plot_id>/forecast", responses={200: ForecastOut})
def forecast(path: PlotPath) -> dict[str, Any]:
    """Return the coming days of a plot with frost, heat and spray hours."""
    plot, digest = _of(path.plot_id)
    told = _alerts(plot, digest)
    days = digest.coming(clock.today(), 7) if digest else []
    advises = digest is not None and digest.age(clock.now()).advises
    return ForecastOut(
        **told.model_dump(),
        has_own_position=plot.has_own_position,
        elevation_m=digest.elevation_m if digest else None,
        days=[_day(day, advises) for day in days],
    ).model_dump(mode="json")


@bp.get("/plots/<uuid:plot_id>/alerts", responses={200: AlertsOut})
def alerts(path: PlotPath) -> dict[str, Any]:
    """Return the frost and heat warnings of a plot."""
    return _alerts(*_of(path.plot_id)).model_dump(mode="json")


def _of(plot_id: UUID) -> tuple[Plot, Digest | None]:
    with db.reading() as session:
        plot = plot_for(session, g.caller, plot_id)
        return plot, digest_of_cell(session, plot.cell)


def _alerts(plot: Plot, digest: Digest | None) -> AlertsOut:
    now = clock.now()
    fetched_at = digest.fetched_at if digest else None
    age = age_of(fetched_at, now)
    near = digest.warnings(clock.local(now).replace(tzinfo=None)) if digest else []
    return AlertsOut(
        plot_id=plot.id,
        age=AgeOut(state=age.state, fetched_at=fetched_at),
        alerts=[_alert(alert) for alert in near if age.advises],
        credit=CREDIT,
    )


def _alert(alert: Alert) -> AlertOut:
    return AlertOut(
        kind=alert.kind,
        level=LEVEL_NAMES[alert.level],
        date=alert.on,
        begins=alert.begins.replace(tzinfo=clock.zone()),
        ends=alert.ends.replace(tzinfo=clock.zone()),
        extreme_c=alert.extreme_c,
        hours=alert.hours,
    )


def _day(day: Day, advises: bool) -> DayOut:
    told = [
        SprayHour(hour=hour, verdict=WORDS[verdict], reason=why.name.lower())
        for hour, verdict, why in day.hours
    ]
    return DayOut(
        date=day.on,
        low_c=day.low_c,
        high_c=day.high_c,
        weather=day.word,
        rain_mm=day.rain_mm,
        frost=None if day.frost is None or not advises else LEVEL_NAMES[day.frost],
        frost_known=day.frost_known and advises,
        heat=None if day.heat is None else LEVEL_NAMES[day.heat],
        heat_known=day.heat_known,
        spray=told if advises else None,
    )
