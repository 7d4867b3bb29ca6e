"""A grower's morning in three queries: plots with their forecasts, tasks, the reminder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session

from orchard import clock, db
from orchard.accounts.rules import Caller
from orchard.places.models import Place
from orchard.places.rules import LENGTHS, Level
from orchard.plots.models import Plot
from orchard.plots.queries import OWN, OWN_OR_MANAGED, own_values
from orchard.plots.rules import fruit_of
from orchard.reminders.queries import Told, newest_for
from orchard.tasks.naming import given_names
from orchard.tasks.queries import TaskLine, tasks_of_a_morning
from orchard.today.rules import COMING_SHOWN, DUE_SHOWN, UNDO_SHOWN, WARNINGS_SHOWN, largest
from orchard.weather.digest import Alert, Digest
from orchard.weather.models import Forecast
from orchard.weather.rules import Age, age_of
from orchard.weather.stored import from_text

TOWN_DIGITS = LENGTHS[Level.TOWN]


class PlotLine(NamedTuple):
    """What the page needs of one plot."""

    id: UUID
    name: str
    area_mu_x100: int
    variety: str
    cell: str
    elevation_m: int
    has_own_position: bool
    uses_town_point: bool
    town: str


@dataclass(frozen=True)
class Warned:
    """A warning, the plots that it is for (none means all), and fruit of theirs that it freezes."""

    alert: Alert
    plots: tuple[str, ...]
    fruit: str


@dataclass(frozen=True)
class Morning:
    """Everything on the page."""

    plots: dict[UUID, PlotLine]
    main: PlotLine | None
    digest: Digest | None
    age: Age
    warnings: list[Warned]
    due: list[TaskLine]
    more_tasks: int
    coming: list[TaskLine]
    undoable: list[TaskLine]
    given: dict[str, str]  # keys of the names of technicians' tasks, by occurrence
    message: Told | None
    local: datetime

    @property
    def due_now(self) -> int:
        """Return how many tasks wait today: late ones and those that are due."""
        return len(self.due) + self.more_tasks

    @property
    def hour(self) -> datetime:
        """Return the hour that runs; what a page says of the spray hours changes with it."""
        return self.local.replace(minute=0, second=0, microsecond=0)

    @property
    def uses_town_points(self) -> bool:
        """Say whether a forecast of the page is for a town's point or height."""
        return any(plot.uses_town_point for plot in self.plots.values())

    @property
    def cells(self) -> list[PlotLine]:
        """Return one plot of each forecast cell, the page's own first, for links."""
        first = [self.main] if self.main else []
        by_cell = {plot.cell: plot for plot in [*self.plots.values(), *first]}
        return sorted(by_cell.values(), key=lambda plot: plot is not self.main)


def morning(session: Session, caller: Caller, now: datetime) -> Morning:
    """Return the morning of the caller's own plots and those that he manages."""
    local = clock.local(now)
    plots, digests = _plots(session, caller)
    main = largest(plots.values())
    digest = digests.get(main.cell) if main else None
    tasks, settled = tasks_of_a_morning(session, caller, local.date(), now)
    due = [task for task in tasks if task.chip]
    coming = [task for task in tasks if not task.chip][:COMING_SHOWN]
    shown = [*due[:DUE_SHOWN], *coming, *settled[:UNDO_SHOWN]]
    return Morning(
        plots=plots,
        main=main,
        digest=digest,
        age=age_of(digest.fetched_at if digest else None, now),
        warnings=_warnings(plots, digests, now),
        due=due[:DUE_SHOWN],
        more_tasks=len(due[DUE_SHOWN:]),
        coming=coming,
        undoable=settled[:UNDO_SHOWN],
        given=given_names(session, shown),
        message=newest_for(session, caller.person_id, local.date()),
        local=local.replace(tzinfo=None),
    )


# Built once: building it on each page takes longer than the database does.
_P, _TOWN, _FORECAST = db.table_of(Plot).c, db.table_of(Place), db.table_of(Forecast)
_PLOTS = (
    select(
        _P.id,
        _P.name,
        _P.area_mu_x100,
        _P.variety,
        _P.cell,
        _P.cell_elevation_m,
        _P.lat.is_not(None),
        _P.lat.is_(None) | _P.elevation_m.is_(None),
        _TOWN.c.name,
        _FORECAST.c.digest,
        _FORECAST.c.fetched_at,
    )
    .join(_TOWN, _TOWN.c.code == func.substr(_P.village_code, 1, TOWN_DIGITS))
    .outerjoin(_FORECAST, _FORECAST.c.cell == _P.cell)
    .order_by(_P.name, _P.id)
)
_CHOSEN = {True: _PLOTS.where(OWN_OR_MANAGED), False: _PLOTS.where(OWN)}


def _plots(session: Session, caller: Caller) -> tuple[dict[UUID, PlotLine], dict[str, Digest]]:
    """Return the plots by id, and the digest of each of their cells with a readable forecast."""
    plots, digests = {}, {}
    chosen = _CHOSEN[bool(caller.employers)]
    for *facts, text, at in db.rows(session, chosen, own_values(caller)):
        plot = PlotLine(*facts)
        plots[plot.id] = plot
        digest = from_text(text, at) if text is not None else None
        if digest:
            digests[plot.cell] = digest
    return plots, digests


def _warnings(
    plots: dict[UUID, PlotLine], digests: dict[str, Digest], now: datetime
) -> list[Warned]:
    """Return the worst warnings over all plots: one a night or day and level, with its plots.

    So nobody is told of the hard frost of a plot of his that lies higher.
    """
    local = clock.local(now).replace(tzinfo=None)
    inside: dict[str, list[PlotLine]] = {}
    for plot in plots.values():
        inside.setdefault(plot.cell, []).append(plot)
    met: dict[tuple[str, date, int], list[tuple[Alert, PlotLine]]] = {}
    for cell, digest in digests.items():
        for alert in digest.warnings(local) if digest.age(now).advises else ():
            each = met.setdefault((alert.kind, alert.on, alert.level), [])
            each += [(alert, plot) for plot in inside[cell]]
    return _worst_first([_warned(each, len(plots)) for each in met.values()])[:WARNINGS_SHOWN]


def _warned(met: Sequence[tuple[Alert, PlotLine]], count: int) -> Warned:
    """Return a warning for some of so many plots, by the alert of the worst of them."""
    by_heat = sorted((alert for alert, _ in met), key=lambda each: each.extreme_c)
    worst = by_heat[0] if by_heat[0].kind == "frost" else by_heat[-1]
    names = () if len(met) == count else tuple(plot.name for _, plot in met)
    harmed = {fruit_of(plot.variety) for alert, plot in met if alert.harms(fruit_of(plot.variety))}
    return Warned(worst, names, min(harmed, default=""))


def _worst_first(found: Sequence[Warned]) -> list[Warned]:
    return sorted(found, key=lambda each: (-each.alert.level, each.alert.begins))
