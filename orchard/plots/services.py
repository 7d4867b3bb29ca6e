"""Registering, correcting and giving up plots; every version is kept."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from orchard import db
from orchard.accounts.rules import Caller, Role
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.places.models import Place
from orchard.places.queries import town_point
from orchard.places.rules import cell_of, county_of
from orchard.plots.models import Plot, PlotChange
from orchard.plots.queries import home_towns, own_plot_for
from orchard.plots.rules import check_facts

# Upper rooms hang in what must happen in the same transaction: the roots fill this list.
after_change: list[Callable[[Session, Plot, date], None]] = []
ONLY_SHOWN = frozenset({"name", "area_mu_x100", "tree_count"})  # nothing is worked out from these


@dataclass(frozen=True)
class Facts:
    """What a person says about a plot."""

    name: str
    village_code: str
    area_mu_x100: int
    variety: str
    planted_year: int | None = None
    tree_count: int | None = None
    elevation_m: int | None = None
    lat: float | None = None
    lon: float | None = None


def facts_of(plot: Plot) -> Facts:
    """Return what is stored about a plot."""
    return Facts(**{name: getattr(plot, name) for name in Facts.__dataclass_fields__})


def register_plot(
    session: Session,
    caller: Caller,
    facts: Facts,
    *,
    id: UUID,
    employer_id: UUID | None,
    now: datetime,
    today: date,
) -> Plot:
    """Register a plot of the caller or of an employer he manages; sent twice it is one plot."""
    holder = _holder(caller, employer_id)
    first = session.get(Plot, id)
    if first is None:
        _check(session, caller, facts, today)
        made: dict[str, Any] = {**holder, **asdict(facts), **_cell(session, facts)}
        plot = Plot(id=id, **made, created_at=now, created_by_id=caller.account_id)
        if db.insert_once(session, plot):
            session.add(_change(plot, {}, caller, now))
            session.flush()
            return _changed(session, session.get_one(Plot, id), today)
        first = session.get_one(Plot, id)
    return _same(session, caller, first, facts, holder)


def _holder(caller: Caller, employer_id: UUID | None) -> dict[str, UUID | None]:
    if employer_id is None and Role.GROWER in caller.roles:
        return {"grower_id": caller.person_id, "employer_id": None}
    if employer_id is None and len(caller.employers) == 1:
        employer_id = next(iter(caller.employers))
    if employer_id not in caller.employers:
        raise FieldRefused("employer_id", "plots.not_your_employer")
    return {"grower_id": None, "employer_id": employer_id}


def _same(
    session: Session, caller: Caller, first: Plot, facts: Facts, holder: dict[str, UUID | None]
) -> Plot:
    """Answer a repeated form: the first result, or 409 where the content differs."""
    if first.grower_id != caller.person_id and first.employer_id not in caller.employers:
        raise NotVisible
    begun = session.get(PlotChange, (first.id, 1))
    kept = json.loads(begun.after) if begun else asdict(facts_of(first))
    is_holder = (first.grower_id, first.employer_id) == tuple(holder.values())
    if first.ended_at or kept != asdict(facts) or not is_holder:
        is_ended = first.ended_at is not None
        raise Conflict({**asdict(facts_of(first)), "is_ended": is_ended}, asdict(facts))
    return first


def correct_plot(
    session: Session,
    caller: Caller,
    plot_id: UUID,
    facts: Facts,
    *,
    version: int,
    now: datetime,
    today: date,
) -> Plot:
    """Correct a plot; a correction of an older version is refused with both versions."""
    own_plot_for(session, caller, plot_id)
    plot = session.get_one(Plot, plot_id, with_for_update=True, populate_existing=True)
    if plot.ended_at:
        raise NotVisible
    before, sent = asdict(facts_of(plot)), asdict(facts)
    if plot.version != version:
        if _was_this(session, caller, plot_id, version + 1, sent):
            return plot
        raise Conflict({**before, "version": plot.version}, sent)
    if before == sent:
        return plot
    _check(session, caller, facts, today, village_before=plot.village_code)
    for name, value in {**sent, **_cell(session, facts)}.items():
        setattr(plot, name, value)
    plot.version += 1
    session.add(plot)
    session.add(_change(plot, before, caller, now))
    session.flush()
    different = {name for name in sent if sent[name] != before[name]}
    return plot if different <= ONLY_SHOWN else _changed(session, plot, today)


def _was_this(
    session: Session, caller: Caller, plot_id: UUID, version: int, sent: dict[str, Any]
) -> bool:
    """Say whether a version was made by this very form before."""
    made = session.get(PlotChange, (plot_id, version))
    return made is not None and made.by_id == caller.account_id and json.loads(made.after) == sent


def end_plot(
    session: Session, caller: Caller, plot_id: UUID, *, version: int, now: datetime, today: date
) -> None:
    """Give a plot up: it disappears from every list, its id is never used again."""
    plot = session.get(Plot, plot_id, with_for_update=True, populate_existing=True)
    if plot is None or (
        plot.grower_id != caller.person_id and plot.employer_id not in caller.employers
    ):
        raise NotVisible
    if plot.ended_at:
        return
    if plot.version != version:
        raise Conflict({"version": plot.version}, {"version": version})
    plot.ended_at = now
    plot.version += 1
    session.add(plot)
    session.add(_change(plot, asdict(facts_of(plot)), caller, now, is_end=True))
    session.flush()
    _changed(session, plot, today)


def _check(
    session: Session, caller: Caller, facts: Facts, today: date, village_before: str = ""
) -> None:
    village = session.get(Place, facts.village_code)
    towns = home_towns(session, caller)
    is_kept = facts.village_code == village_before
    if village is None or not (is_kept or village.parent_code in towns):
        raise FieldRefused("village_code", "plots.village_elsewhere")
    check_facts(
        variety=facts.variety,
        planted_year=facts.planted_year,
        lat=facts.lat,
        lon=facts.lon,
        county=county_of(facts.village_code),
        today=today,
    )


def _cell(session: Session, facts: Facts) -> dict[str, Any]:
    """Return the forecast cell of the own position, or of the town's point (decision 18)."""
    town = town_point(session, facts.village_code)
    lat, lon = (facts.lat, facts.lon) if facts.lat is not None else (town.lat, town.lon)
    height = facts.elevation_m if facts.elevation_m is not None else town.elevation_m
    if lat is None or lon is None:
        raise FieldRefused("lat", "plots.position_needed")
    if height is None:
        raise FieldRefused("elevation_m", "plots.elevation_needed")
    return {
        "cell": cell_of(lat, lon, height),
        "cell_lat": lat,
        "cell_lon": lon,
        "cell_elevation_m": height,
    }


def _change(
    plot: Plot, before: dict[str, Any], caller: Caller, now: datetime, *, is_end: bool = False
) -> PlotChange:
    after = {} if is_end else asdict(facts_of(plot))
    return PlotChange(
        plot_id=plot.id,
        version=plot.version,
        at=now,
        by_id=caller.account_id,
        before=json.dumps(before, ensure_ascii=False),
        after=json.dumps(after, ensure_ascii=False),
    )


def _changed(session: Session, plot: Plot, today: date) -> Plot:
    for tell in after_change:
        tell(session, plot, today)
    return plot
