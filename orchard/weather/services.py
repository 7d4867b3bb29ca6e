"""Asking for forecasts and keeping what is good; nobody asks while holding the writer."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, cast

from sqlalchemy import bindparam, delete, update
from sqlmodel import Session, col, select

from orchard import clock, db, logs
from orchard.plots.models import Plot
from orchard.weather import gateway
from orchard.weather.acceptance import element_at, is_doubtful, parse
from orchard.weather.digest import digest_of
from orchard.weather.models import Forecast, WeatherAlarm
from orchard.weather.queries import Cell, Kept
from orchard.weather.rules import CELLS_A_CALL, NoForecast, Reason, wait_s
from orchard.weather.series import Series, pack
from orchard.weather.stored import temps_of, to_text

CLAIM = timedelta(minutes=5)  # a pull cut short is taken up again after this, and
CLAIM_A_CALL = timedelta(seconds=gateway.DEADLINE_S)  # this for each call it may need
FRESH = ("lat", "lon", "elevation_m", "fetched_at", "digest", "hours", "held")
TRIED = ("tried_at", "next_try_at", "failures", "reason", "detail")

log = logs.get("weather")


@dataclass
class Outcome:
    """What one batch brought: rows to replace, rows that stay with a reason."""

    fresh: list[dict[str, Any]] = field(default_factory=list)
    stale: list[dict[str, Any]] = field(default_factory=list)
    refusal: NoForecast | None = None
    calls: int = 1


def claim(session: Session, cells: Sequence[Cell], *, now: datetime) -> None:
    """Make sure each cell has a row, and that no other run asks for it meanwhile."""
    until = now + CLAIM + len(cells) // CELLS_A_CALL * CLAIM_A_CALL
    rows = [
        {
            "cell": cell.key,
            "lat": cell.asked.lat,
            "lon": cell.asked.lon,
            "elevation_m": cell.asked.elevation_m,
            "failures": 0,
            "reason": "",
            "detail": "",
        }
        for cell in cells
    ]
    db.insert_all_once(session, Forecast, rows)
    _update(session, ("next_try_at",), [{"key": c.key, "next_try_at": until} for c in cells])


def forget_unwanted(session: Session) -> None:
    """Delete the forecasts of cells in which no plot is left."""
    wanted = select(Plot.cell).where(col(Plot.ended_at).is_(None))
    session.execute(delete(Forecast).where(col(Forecast.cell).not_in(wanted)))


def batches(cells: Sequence[Cell], url: str, fallback: str) -> Iterator[tuple[str, Sequence[Cell]]]:
    """Yield (server, at most a hundred cells); the try after a failure goes to the fallback."""

    def way(cell: Cell) -> tuple[str, int]:
        return fallback if fallback and cell.failures % 2 else url, cell.company

    for (address, size), group in groupby(sorted(cells, key=way), key=way):
        alike = list(group)
        for at in range(0, len(alike), size):
            yield address, alike[at : at + size]


def ask(
    url: str,
    cells: Sequence[Cell],
    kept: Mapping[str, Kept],
    *,
    now: datetime,
    silent: dict[str, NoForecast],
) -> Outcome:
    """Ask one server for some cells and judge the answer; nothing is written here.

    A server that failed in this round stands in silent and is not asked again.
    """
    if url in silent:
        return refused(silent[url], cells, kept, now=now, calls=0)
    try:
        body = gateway.ask(url, [cell.asked for cell in cells])
        return judge(parse(body, len(cells)), cells, kept, now=now)
    except NoForecast as refusal:
        if refusal.ends_round:
            silent[url] = refusal
        return refused(refusal, cells, kept, now=now)


def judge(
    answer: Sequence[Any], cells: Sequence[Cell], kept: Mapping[str, Kept], *, now: datetime
) -> Outcome:
    """Judge every element alone: the good ones replace, the others leave what is stored."""
    outcome, jitter = Outcome(), _jitter()
    local = clock.local(now).replace(tzinfo=None)
    for index, cell in enumerate(cells):
        old = kept.get(cell.key, Kept(None, None))
        held = old.held
        try:
            found = element_at(answer, index, cell.asked, local)
            if _contradicts(found, old):
                held = pack(found)
                raise NoForecast(Reason.DOUBTFUL)
            outcome.fresh.append(_fresh(cell, found, now))
        except NoForecast as refusal:
            outcome.stale.append(_stale(cell, refusal, held, now, jitter))
    return outcome


def refused(
    refusal: NoForecast,
    cells: Sequence[Cell],
    kept: Mapping[str, Kept],
    *,
    now: datetime,
    calls: int = 1,
) -> Outcome:
    """Return that a whole answer was not used: every cell keeps what it has."""
    jitter = _jitter()
    nothing = Kept(None, None)
    rows = [_stale(cell, refusal, kept.get(cell.key, nothing).held, now, jitter) for cell in cells]
    return Outcome(stale=rows, refusal=refusal, calls=calls)


def _jitter() -> float:
    """Return one number for a whole batch, so that its cells stay together."""
    return secrets.randbelow(1000) / 1000


def _contradicts(found: Series, old: Kept) -> bool:
    """Say whether an answer is far from the stored one, and no earlier answer agrees with it."""
    before, held = temps_of(old.hours), temps_of(old.held)
    if before is None or not is_doubtful(before, found):
        return False
    return held is None or is_doubtful(held, found)


def _fresh(cell: Cell, found: Series, now: datetime) -> dict[str, Any]:
    return {
        "key": cell.key,
        "lat": cell.asked.lat,
        "lon": cell.asked.lon,
        "elevation_m": cell.asked.elevation_m,
        "fetched_at": now,
        "digest": to_text(digest_of(found, cell.asked.elevation_m)),
        "hours": pack(found),
        "held": None,
        "tried_at": now,
        "next_try_at": None,
        "failures": 0,
        "reason": "",
        "detail": "",
    }


def _stale(
    cell: Cell, refusal: NoForecast, held: bytes | None, now: datetime, jitter: float
) -> dict[str, Any]:
    failures = cell.failures + 1
    return {
        "key": cell.key,
        "held": held,
        "tried_at": now,
        "next_try_at": now + timedelta(seconds=wait_s(refusal, failures, now, jitter)),
        "failures": failures,
        "reason": refusal.reason.value,
        "detail": refusal.detail,
    }


def store(session: Session, outcome: Outcome, *, now: datetime) -> bool:
    """Keep what a batch brought, one statement for each kind; say whether staff is alarmed."""
    _update(session, FRESH + TRIED, outcome.fresh)
    _update(session, ("held", *TRIED), outcome.stale)
    refusal = outcome.refusal
    if refusal is None or not refusal.is_alarm:
        return False
    alarm = WeatherAlarm(
        on=clock.local(now).date(), at=now, reason=refusal.reason.value, detail=refusal.detail
    )
    if not db.insert_once(session, alarm):
        return False
    log.warning("weather_alarm", reason=refusal.reason.value, status=refusal.status)
    return True


def _update(session: Session, columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    table = cast(Any, Forecast).__table__
    values: dict[str, Any] = {name: bindparam(name) for name in columns}
    statement = update(table).where(table.c.cell == bindparam("key")).values(values)
    session.connection().execute(statement, list(rows))
