"""The office's overview: plots, growers, late tasks, forecast age and failed jobs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, distinct, func, select
from sqlmodel import Session, col

from orchard import ledger
from orchard.accounts.models import Account
from orchard.accounts.rules import Caller, Role
from orchard.overdue import overdue
from orchard.overview.rules import FAILURES_SHOWN_H, hidden
from orchard.places.models import Place
from orchard.places.queries import within
from orchard.places.rules import short_name
from orchard.plots.models import Plot
from orchard.tasks.models import Task
from orchard.tasks.queries import is_late
from orchard.timetable import TIMETABLE
from orchard.weather.models import Forecast, WeatherAlarm
from orchard.weather.queries import alarm_of
from orchard.weather.rules import age_of

VILLAGE_DIGITS, TOWN_DIGITS = 12, 9
_ALONE = case((col(Account.id).is_(None), Plot.grower_id), else_=None)  # growers without account


@dataclass(frozen=True)
class Line:
    """One village, or for the district one town."""

    code: str
    name: str
    plots: int
    area_mu_x100: int
    growers: int
    without_account: int
    late_tasks: int


@dataclass(frozen=True)
class ForecastState:
    """How old the forecasts of some places are, and how many cells have none."""

    newest: datetime | None
    oldest: datetime | None
    cells: int
    without: int
    reasons: str


@dataclass(frozen=True)
class FailedRun:
    """A run of a job that did not do its work; job and why are keys of the page's words."""

    job: str
    why: str
    slot: datetime
    attempts: int


@dataclass(frozen=True)
class Overview:
    """Everything on the page."""

    lines: list[Line]
    growers: int
    without_account: int
    forecasts: ForecastState
    failed_jobs: list[FailedRun]
    late_jobs: tuple[str, ...]  # due and run by nobody, or running far too long
    jobs_stand: bool  # nobody runs any
    by_town: bool
    weather_alarm: WeatherAlarm | None = None

    def total(self, field: str) -> int:
        """Return the sum over the rows of what lies in one village only: never of people."""
        return sum(getattr(line, field) for line in self.lines)

    @property
    def hidden(self) -> frozenset[str]:
        """Return the codes of the towns whose row the district does not see."""
        if not self.by_town:
            return frozenset()
        return hidden({line.code: line.growers for line in self.lines})

    def is_grey(self, now: datetime) -> bool:
        """Say whether the oldest forecast is too old to be trusted."""
        return age_of(self.forecasts.oldest, now).is_old


def overview(session: Session, caller: Caller, *, today: date, now: datetime) -> Overview:
    """Return the overview of the caller's towns by village, or of the district by town."""
    codes = caller.places(Role.SECRETARY, Role.TECHNICIAN)
    by_town = not codes
    if by_town:
        codes = caller.places(Role.DISTRICT)
    growers, alone = session.execute(
        select(func.count(distinct(col(Plot.grower_id))), func.count(distinct(_ALONE)))
        .outerjoin(Account, col(Account.person_id) == Plot.grower_id)
        .where(within(Plot.village_code, codes), col(Plot.ended_at).is_(None))
    ).one()
    jobs = overdue(session, now)
    return Overview(
        growers=growers,
        without_account=alone,
        lines=_lines(session, codes, TOWN_DIGITS if by_town else VILLAGE_DIGITS, today),
        forecasts=forecast_state(session, codes),
        failed_jobs=_failed(session, now - timedelta(hours=FAILURES_SHOWN_H)),
        late_jobs=tuple(sorted({_known(name) for name in (*jobs.unclaimed, *jobs.hung)})),
        jobs_stand=jobs.is_at_a_stand(now),
        by_town=by_town,
        weather_alarm=alarm_of(session, today),
    )


def _known(job: str) -> str:
    """Return a job's name, or "other" for one that is in the timetable no more."""
    return job if job in {row.name for row in TIMETABLE} else "other"


def _failed(session: Session, since: datetime) -> list[FailedRun]:
    return [
        FailedRun(
            _known(run.job),
            "silent" if run.error == ledger.SILENT else "raised",
            run.slot,
            run.attempt,
        )
        for run in ledger.failed_since(session, since)
    ]


def _lines(session: Session, codes: Collection[str], digits: int, today: date) -> list[Line]:
    here: ColumnElement[str] = func.substr(Plot.village_code, 1, digits)
    standing = within(Plot.village_code, codes), col(Plot.ended_at).is_(None)
    groups = (
        select(
            here.label("code"),
            func.count().label("plots"),
            func.sum(col(Plot.area_mu_x100)).label("area"),
            func.count(distinct(col(Plot.grower_id))).label("growers"),
            func.count(distinct(_ALONE)).label("alone"),
        )
        .outerjoin(Account, col(Account.person_id) == Plot.grower_id)
        .where(*standing)
        .group_by(here)
        .subquery()
    )
    late = (
        select(here.label("code"), func.count().label("late"))
        .join(Task, col(Task.plot_id) == Plot.id)
        .where(*standing, is_late(today))
        .group_by(here)
        .subquery()
    )
    rows: Any = session.execute(
        select(col(Place.code), col(Place.name), *groups.c, func.coalesce(late.c.late, 0))
        .join(groups, groups.c.code == col(Place.code))
        .outerjoin(late, late.c.code == col(Place.code))
        .order_by(col(Place.code))
    )
    return [
        Line(code, short_name(name), plots, int(area), growers, without, waiting)
        for code, name, _, plots, area, growers, without, waiting in rows
    ]


def forecast_state(session: Session, codes: Collection[str]) -> ForecastState:
    """Return the age of the forecasts that the plots of some places need."""
    cells = (
        select(col(Plot.cell))
        .where(within(Plot.village_code, codes), col(Plot.ended_at).is_(None))
        .distinct()
        .subquery()
    )
    newest, oldest, count, known = session.execute(
        select(
            func.max(col(Forecast.fetched_at)),
            func.min(col(Forecast.fetched_at)),
            func.count(cells.c.cell),
            func.count(col(Forecast.fetched_at)),
        )
        .select_from(cells)
        .outerjoin(Forecast, col(Forecast.cell) == cells.c.cell)
    ).one()
    reasons = session.scalars(
        select(col(Forecast.reason))
        .join(cells, cells.c.cell == col(Forecast.cell))
        .where(col(Forecast.failures) > 0)
        .distinct()
        .limit(3)
    )
    return ForecastState(newest, oldest, count, count - known, " ".join(filter(None, reasons)))
