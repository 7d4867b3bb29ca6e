"""Reads over plots; the scope of a look-up is the permission."""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, type_coerce
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from orchard import db
from orchard.accounts.models import Account, Employer, Person
from orchard.accounts.rules import Caller, Role, is_masked, masked_name
from orchard.errors import NotVisible
from orchard.ids import IdText
from orchard.paging import Listing, Page, page
from orchard.places.models import Place
from orchard.places.queries import within
from orchard.places.rules import short_name, town_of
from orchard.plots.models import Plot, PlotChange

# own_plots() with its values apart, for statements that are built once.
_P = db.table_of(Plot).c
OWN = (_P.grower_id == bindparam("person_id")) & _P.ended_at.is_(None)
OWN_OR_MANAGED = or_(
    _P.grower_id == bindparam("person_id"),
    _P.employer_id.in_(bindparam("employers", expanding=True)),
) & _P.ended_at.is_(None)


def plots_visible_to(caller: Caller) -> SelectOfScalar[Plot]:
    """Select own plots, the managed employers', and those of the towns served."""
    return select(Plot).where(_in_sight(caller))


def _in_sight(caller: Caller) -> ColumnElement[bool]:
    """Say in SQL which plots are in sight; ways that the caller does not have are left out.

    With the town alone the index gives the rows in their order; an OR would sort all of them.
    """
    towns = caller.places(Role.TECHNICIAN, Role.SECRETARY)
    ways = [within(Plot.village_code, towns)] if towns else []
    if Role.GROWER in caller.roles or caller.employers or not towns:
        ways.append(_works(caller))
    return and_(or_(*ways), col(Plot.ended_at).is_(None))


def own_values(caller: Caller) -> dict[str, Any]:
    """Return the values of OWN or, for a caller with employers, of OWN_OR_MANAGED."""
    managed = {"employers": list(caller.employers)} if caller.employers else {}
    return {"person_id": caller.person_id, **managed}


def _works(caller: Caller) -> ColumnElement[bool]:
    own = col(Plot.grower_id) == caller.person_id
    return or_(own, col(Plot.employer_id).in_(caller.employers)) if caller.employers else own


def plot_for(session: Session, caller: Caller, plot_id: UUID) -> Plot:
    """Return one plot, or raise NotVisible as if it did not exist."""
    plot = session.exec(plots_visible_to(caller).where(Plot.id == plot_id)).one_or_none()
    if plot is None:
        raise NotVisible
    return plot


def own_plots(caller: Caller) -> SelectOfScalar[Plot]:
    """Select the plots that the caller works: his own and the managed employers'."""
    return select(Plot).where(_works(caller), col(Plot.ended_at).is_(None))


def own_plot_for(session: Session, caller: Caller, plot_id: UUID) -> Plot:
    """Return one plot that the caller works, or raise NotVisible."""
    plot = session.exec(own_plots(caller).where(Plot.id == plot_id)).one_or_none()
    if plot is None:
        raise NotVisible
    return plot


def is_own(caller: Caller, plot: Plot) -> bool:
    """Say whether the caller works a plot and so may correct it."""
    return plot.grower_id == caller.person_id or plot.employer_id in caller.employers


@dataclass(frozen=True)
class PlotLine:
    """One row of the list: the plot, its village and who works it."""

    plot: Plot
    village: str
    holder: str


class PlotRow(NamedTuple):
    """What the page shows of one plot in the list."""

    id: str
    name: str
    area_mu_x100: int
    variety: str
    village: str
    holder: str
    is_own: bool


def plot_rows(
    session: Session, caller: Caller, *, after: UUID | None = None, before: UUID | None = None
) -> tuple[list[PlotRow], Page]:
    """Return one page of the plots in sight with what a reader sees of them, in one query."""
    edges = [_edge(session, caller, edge) for edge in (after, before)]
    towns = sorted(caller.places(Role.TECHNICIAN, Role.SECRETARY))
    works = Role.GROWER in caller.roles or bool(caller.employers) or not towns
    listing = _rows_of(len(towns), works, bool(caller.employers))
    values = own_values(caller) | {f"from_{n}": code for n, code in enumerate(towns)}
    values |= {f"until_{n}": code + ":" for n, code in enumerate(towns)}
    found = listing.page(session, after=edges[0], before=edges[1], values=values)
    masks = is_masked(caller)
    return [_plot_row(row, masks) for row in found.rows], found


@cache
def _rows_of(towns: int, works: bool, manages: bool) -> Listing:
    """Return the list for so many towns: built once, as in_sight() has it."""
    place, person, employer = (db.table_of(model) for model in (Place, Person, Employer))
    ways: list[ColumnElement[bool]] = [
        (_P.village_code >= bindparam(f"from_{n}")) & (_P.village_code < bindparam(f"until_{n}"))
        for n in range(towns)
    ]
    if works:
        ways.append(OWN_OR_MANAGED if manages else OWN)
    statement = (
        select_columns(
            type_coerce(_P.id, IdText),
            _P.name,
            _P.area_mu_x100,
            _P.variety,
            place.c.name,
            func.coalesce(employer.c.name, person.c.name),
            _P.grower_id == bindparam("person_id"),
            _P.employer_id.is_(None),
        )
        .join_from(db.table_of(Plot), place, place.c.code == _P.village_code)
        .outerjoin(person, person.c.id == _P.grower_id)
        .outerjoin(employer, employer.c.id == _P.employer_id)
        .where(or_(*ways), _P.ended_at.is_(None))
    )
    return Listing(statement, (_P.village_code, _P.name, _P.id), db.rows)


def _plot_row(row: Any, masks: bool) -> PlotRow:
    id_, name, area, variety, village, holder, is_own, by_person = row
    shown = masked_name(holder) if masks and by_person and not is_own else holder
    return PlotRow(id_, name, area, variety, short_name(village), shown, bool(is_own))


def plot_page(
    session: Session, caller: Caller, *, after: UUID | None = None, before: UUID | None = None
) -> tuple[list[PlotLine], Page]:
    """Return one page of the plots in sight, by village and name, in one query."""
    keys = (col(Plot.village_code), col(Plot.name), col(Plot.id))
    edges = [_edge(session, caller, edge) for edge in (after, before)]
    found = page(session, _lines(caller), keys, after=edges[0], before=edges[1])
    return [_line(caller, row) for row in found.rows], found


def plot_line(session: Session, caller: Caller, plot_id: UUID) -> PlotLine:
    """Return one plot as the list shows it, or raise NotVisible."""
    row = session.execute(_lines(caller).where(col(Plot.id) == plot_id)).one_or_none()
    if row is None:
        raise NotVisible
    return _line(caller, row)


def _lines(caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select_columns(Plot, col(Place.name), col(Person.name), col(Employer.name))
        .join(Place, col(Place.code) == Plot.village_code)
        .outerjoin(Person, col(Person.id) == Plot.grower_id)
        .outerjoin(Employer, col(Employer.id) == Plot.employer_id)
        .where(_in_sight(caller))
    )


def _line(caller: Caller, row: Any) -> PlotLine:
    plot, village, person, employer = row
    hide = person and is_masked(caller) and plot.grower_id != caller.person_id
    return PlotLine(plot, short_name(village), masked_name(person) if hide else person or employer)


def _edge(session: Session, caller: Caller, plot_id: UUID | None) -> tuple[str, str, UUID] | None:
    if plot_id is None:
        return None
    edge = plot_for(session, caller, plot_id)
    return edge.village_code, edge.name, edge.id


@dataclass(frozen=True)
class Change:
    """One version in a plot's history: what each changed fact was and became."""

    version: int
    at: datetime
    by: str | None
    facts: tuple[tuple[str, Any, Any], ...]
    is_start: bool
    is_end: bool


def history(session: Session, caller: Caller, plot_id: UUID, most: int = 50) -> list[Change]:
    """Return the versions of a plot in sight, the newest first."""
    rows = session.execute(
        select_columns(PlotChange, col(Person.name))
        .join(Plot, col(Plot.id) == PlotChange.plot_id)
        .outerjoin(Account, col(Account.id) == PlotChange.by_id)
        .outerjoin(Person, col(Person.id) == Account.person_id)
        .where(col(PlotChange.plot_id) == plot_id, _in_sight(caller))
        .order_by(col(PlotChange.version).desc())
        .limit(most)
    )
    return [_as_change(change, name, is_masked(caller)) for change, name in rows]


def _as_change(change: PlotChange, name: str | None, mask: bool) -> Change:
    """Masked: the first character of the name, and no position."""
    before, after = json.loads(change.before), json.loads(change.after)
    hidden = {"lat", "lon"} if mask else set()
    facts = tuple(
        (fact, before.get(fact), after[fact])
        for fact in after
        if before and before.get(fact) != after[fact] and fact not in hidden
    )
    by = masked_name(name) if mask and name else name
    return Change(change.version, change.at, by, facts, not before, not after)


def home_towns(session: Session, caller: Caller) -> frozenset[str]:
    """Return the towns in which the caller may have plots: his own and his employers'."""
    codes = set(caller.places(Role.GROWER)) | {caller.village_code or ""}
    if caller.employers:
        rows = session.exec(
            select(Employer.village_code).where(col(Employer.id).in_(caller.employers))
        )
        codes |= set(rows.all())
    return frozenset(town_of(code) for code in codes if code)


def villages_to_offer(session: Session, caller: Caller) -> dict[str, list[tuple[str, str]]]:
    """Return the villages in which the caller may have plots, by the name of their town."""
    town = select(Place.code, Place.name).where(col(Place.code).in_(home_towns(session, caller)))
    towns = dict(session.exec(town).all())
    rows = session.exec(
        select(Place.code, Place.name, Place.parent_code)
        .where(col(Place.parent_code).in_(towns))
        .order_by(Place.code)
    )
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for code, name, parent in rows:
        found[towns[parent or ""]].append((code, short_name(name)))
    return dict(found)


def employers_of(session: Session, caller: Caller) -> list[tuple[UUID, str]]:
    """Return the employers that the caller manages, for the choice of whose plot it is."""
    rows = session.exec(
        select(Employer.id, Employer.name)
        .where(col(Employer.id).in_(caller.employers))
        .order_by(Employer.name, col(Employer.id))
    )
    return list(rows.all())
