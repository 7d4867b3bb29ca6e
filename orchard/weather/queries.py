"""Reads over forecasts: small digests for pages, what is due for the job, ages for health."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import bindparam, func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from orchard import db
from orchard.plots.models import Plot
from orchard.weather.digest import Digest
from orchard.weather.models import Forecast, WeatherAlarm
from orchard.weather.rules import Age, Asked, age_of, cells_together
from orchard.weather.stored import from_text


class Cell(NamedTuple):
    """One cell to ask for: its point, how often in a row that failed, with how many others."""

    key: str
    asked: Asked
    failures: int
    company: int


class Kept(NamedTuple):
    """What is stored of a cell's hours: the last good ones, and those held as doubtful."""

    hours: bytes | None
    held: bytes | None


@dataclass(frozen=True)
class Ages:
    """How the county's forecasts stand, for health and the town's overview."""

    cells: int
    without: int
    failing: int
    oldest_at: datetime | None
    youngest_at: datetime | None


def cells_wanted(session: Session) -> dict[str, Asked]:
    """Return each cell that has plots, with the mean point of them."""
    rows = session.exec(
        select(
            Plot.cell,
            func.avg(Plot.cell_lat),
            func.avg(Plot.cell_lon),
            func.avg(Plot.cell_elevation_m),
        )
        .where(col(Plot.ended_at).is_(None))
        .group_by(Plot.cell)
        .order_by(Plot.cell)
    )
    return {
        cell: Asked(round(float(lat), 3), round(float(lon), 3), round(float(height)))
        for cell, lat, lon, height in rows
    }


def cells_due(session: Session, *, now: datetime, again: bool) -> list[Cell]:
    """Return the cells to ask for now.

    For a pull every wanted cell that is not waiting for its next try; again asks only for
    those whose waiting is over and for new ones.
    """
    rows = session.exec(
        select(Forecast.cell, Forecast.failures, Forecast.next_try_at, Forecast.detail)
    )
    known = {cell: (failures, waits, detail) for cell, failures, waits, detail in rows}
    due = []
    for key, asked in cells_wanted(session).items():
        failures, waits, detail = known.get(key, (0, now, ""))
        if (not again) if waits is None else waits <= now:
            due.append(Cell(key, asked, failures, cells_together(failures, detail)))
    return due


def kept_of(session: Session, keys: Collection[str]) -> dict[str, Kept]:
    """Return the stored hours of some cells."""
    rows = session.exec(
        select(Forecast.cell, Forecast.hours, Forecast.held).where(col(Forecast.cell).in_(keys))
    )
    return {cell: Kept(hours, held) for cell, hours, held in rows}


# Built once: building it on each page takes longer than the database does.
_F = db.table_of(Forecast).c
_DIGESTS = columns(_F.cell, _F.digest, _F.fetched_at).where(
    _F.cell.in_(bindparam("cells", expanding=True)), _F.digest.is_not(None)
)


def digests_for(session: Session, cells: Collection[str]) -> dict[str, Digest]:
    """Return the digest of each cell that has a readable forecast, in one look."""
    if not cells:
        return {}
    rows = session.execute(_DIGESTS, {"cells": list(set(cells))})
    told = {cell: from_text(text, at) for cell, text, at in rows if text is not None}
    return {cell: digest for cell, digest in told.items() if digest}


def digest_of_cell(session: Session, cell: str) -> Digest | None:
    """Return the digest of one cell, or None when it has no readable forecast."""
    return digests_for(session, [cell]).get(cell)


def age_of_cell(session: Session, cell: str, now: datetime) -> Age:
    """Return how old the forecast of one cell is; one that never had any has none."""
    at = session.scalar(select(Forecast.fetched_at).where(Forecast.cell == cell))
    return age_of(at, now)


def ages(session: Session) -> Ages:
    """Return how many cells have a forecast, and the age of the oldest and youngest."""
    counted = columns(
        func.count(),
        func.count(col(Forecast.fetched_at)),
        func.count().filter(col(Forecast.failures) > 0),
        func.min(Forecast.fetched_at),
        func.max(Forecast.fetched_at),
    )
    total, filled, failing, oldest, youngest = session.execute(counted.select_from(Forecast)).one()
    return Ages(total, total - filled, failing, oldest, youngest)


def alarm_of(session: Session, on: date) -> WeatherAlarm | None:
    """Return the alarm of a local day, if there was one."""
    return session.get(WeatherAlarm, on)
