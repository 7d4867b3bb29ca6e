"""Looking ahead for days too hot to work, from the forecasts of where an employer's people are."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy import select as columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from orchard import db
from orchard.attendance import rules
from orchard.attendance.models import HeatDay
from orchard.hiring.models import Hire
from orchard.hiring.queries import runs_on
from orchard.places.models import Place
from orchard.places.rules import Level, cell_of, town_of
from orchard.plots.models import Plot
from orchard.weather.queries import digests_for

NOON = 12
Highs = dict[UUID, float]


def days_ahead(local: datetime) -> list[date]:
    """Return the days to look at: before noon also the day that begins."""
    today = local.date()
    tomorrow = today + timedelta(days=1)
    return [today, tomorrow] if local.hour < NOON else [tomorrow]


def look_ahead(session: Session, day: date, *, now: datetime) -> dict[str, int]:
    """Write what the newest forecasts say of a day's heat for each employer with outdoor work.

    A day that is not hot any more is struck out, unless somebody overruled it: that stays on
    record. Where no forecast may speak, what stood stays. Harmless when it runs again.
    """
    highs = _highs(session, day, now)
    hot = {who: (high, rules.heat_rule(high, day)) for who, high in highs.items()}
    rows = [
        {"employer_id": who, "day": day, "rule": rule, "high_c": high, "reason": ""}
        for who, (high, rule) in sorted(hot.items(), key=lambda item: item[0])
        if rule
    ]
    _upsert(session, rows)
    cool = [who for who, (_, rule) in hot.items() if rule is None]
    standing = session.execute(
        columns(col(HeatDay.employer_id)).where(
            col(HeatDay.day) == day, col(HeatDay.overruled_at).is_(None)
        )
    )
    gone = set(cool) & set(standing.scalars())
    session.execute(
        delete(HeatDay).where(col(HeatDay.day) == day, col(HeatDay.employer_id).in_(gone))
    )
    return {"employers": len(highs), "hot": len(rows), "cooler": len(gone)}


def _upsert(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    table = db.table_of(HeatDay)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    made = insert(table)
    session.execute(
        made.on_conflict_do_update(
            index_elements=list(table.primary_key),
            set_={"rule": made.excluded.rule, "high_c": made.excluded.high_c},
        ),
        [dict(row) for row in rows],
    )


def _highs(session: Session, day: date, now: datetime) -> Highs:
    """Return the highest temperature forecast for each employer's outdoor workplaces."""
    work = session.execute(
        columns(col(Hire.employer_id), col(Hire.workplace_code), col(Hire.work))
        .where(runs_on(day))
        .distinct()
    )
    places = {(who, code) for who, code, kind in work if rules.is_outdoor(kind)}
    own, of_village = _plot_cells(session, {code for _, code in places})
    towns = _town_cells(session, {town_of(code) for _, code in places})
    at = {
        (who, code): own.get((who, code)) or of_village.get(code) or towns.get(town_of(code), set())
        for who, code in places
    }
    digests = digests_for(session, set().union(*at.values()))
    high_of = {
        cell: found.high_c
        for cell, digest in digests.items()
        if digest.age(now).advises
        for found in digest.days
        if found.on == day and found.high_c is not None
    }
    highs: Highs = {}
    for (who, _), cells in at.items():
        known = [high_of[cell] for cell in cells if cell in high_of]
        if known:
            highs[who] = max(*known, highs.get(who, known[0]))
    return highs


def _plot_cells(
    session: Session, villages: set[str]
) -> tuple[dict[tuple[UUID, str], set[str]], dict[str, set[str]]]:
    """Return the forecast cells of each employer's own plots in a village, and of all there."""
    rows = session.execute(
        columns(col(Plot.employer_id), col(Plot.village_code), col(Plot.cell))
        .where(col(Plot.ended_at).is_(None))
        .distinct()
    )
    own: dict[tuple[UUID, str], set[str]] = defaultdict(set)
    every: dict[str, set[str]] = defaultdict(set)
    for employer_id, village, cell in rows:
        if village in villages:
            every[village].add(cell)
            if employer_id:
                own[employer_id, village].add(cell)
    return own, every


def _town_cells(session: Session, towns: set[str]) -> dict[str, set[str]]:
    """Return the cell of each town's point, which stands in where no plot lies."""
    rows = session.execute(
        columns(col(Place.code), col(Place.lat), col(Place.lon), col(Place.elevation_m)).where(
            col(Place.level) == Level.TOWN
        )
    )
    return {
        code: {cell_of(lat, lon, height)}
        for code, lat, lon, height in rows
        if code in towns and None not in (lat, lon, height)
    }
