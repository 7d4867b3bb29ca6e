"""Whether this installation is well: what /readyz, /metrics and `orchard doctor` tell."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlmodel import Session, col

from orchard import clock
from orchard.ledger import JobRun, RunState
from orchard.overdue import overdue
from orchard.plots.models import Plot
from orchard.weather.models import Forecast
from orchard.weather.queries import alarm_of
from orchard.weather.rules import age_of


@dataclass(frozen=True)
class Facts:
    """The state of one county, each part with its own verdict.

    unclaimed names the jobs that are due and that nobody runs, hung those that run for too long.
    """

    plots: int
    oldest_forecast_s: float | None
    forecast_is_old: bool
    cells_without: int
    last_run_s: float | None
    jobs_stand: bool
    unclaimed: tuple[str, ...]
    hung: tuple[str, ...]
    failed_24h: int
    weather_alarm: str | None = None

    @property
    def forecasts_ok(self) -> bool:
        """Say whether no plot's forecast is missing or grey."""
        if self.plots == 0:
            return True
        is_known = self.cells_without == 0 and self.oldest_forecast_s is not None
        return is_known and not self.forecast_is_old

    @property
    def jobs_ok(self) -> bool:
        """Say whether something runs the jobs, leaves none of them behind, and none hangs."""
        return not (self.jobs_stand or self.unclaimed or self.hung)


def is_alive(session: Session) -> bool:
    """Say whether the database answers."""
    return bool(session.execute(text("SELECT 1")).scalar_one())


def facts(session: Session, now: datetime) -> Facts:
    """Return the state of the county in force, in seven queries."""
    needed = (
        select(col(Plot.cell), func.count().label("plots"))
        .where(col(Plot.ended_at).is_(None))
        .group_by(col(Plot.cell))
        .subquery()
    )
    oldest, cells, known, plots = session.execute(
        select(
            func.min(col(Forecast.fetched_at)),
            func.count(needed.c.cell),
            func.count(col(Forecast.fetched_at)),
            func.coalesce(func.sum(needed.c.plots), 0),
        )
        .select_from(needed)
        .outerjoin(Forecast, col(Forecast.cell) == needed.c.cell)
    ).one()
    failed = session.scalars(
        select(func.count())
        .select_from(JobRun)
        .where(
            col(JobRun.state) == RunState.FAILED,
            col(JobRun.started_at) >= now - timedelta(hours=24),
        )
    ).one()
    alarm = alarm_of(session, clock.local(now).date())
    jobs = overdue(session, now)
    return Facts(
        plots=int(plots),
        oldest_forecast_s=(now - oldest).total_seconds() if oldest else None,
        forecast_is_old=age_of(oldest, now).is_old,
        cells_without=cells - known,
        last_run_s=(now - jobs.begun).total_seconds() if jobs.begun else None,
        jobs_stand=jobs.is_at_a_stand(now),
        unclaimed=jobs.unclaimed,
        hung=jobs.hung,
        failed_24h=failed,
        weather_alarm=alarm.reason if alarm else None,
    )
