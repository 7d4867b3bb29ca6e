"""Filling an empty database with an invented county of any size."""

from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from sqlmodel import Session, select

from orchard import ledger
from orchard.accounts.models import Account
from orchard.accounts.rules import EmployerKind
from orchard.errors import OrchardError
from orchard.places.models import Place
from orchard.places.queries import children, towns
from orchard.synth import bulk, land, names
from orchard.synth.rows import Holder, Rows

MEAN_X100 = 1_450  # a family's plot in Zhuxi: 385 of them on 5,600 mu
OF_EMPLOYERS = 0.03  # share of the plots that are an employer's, 20 times as large
KINDS = {
    EmployerKind.HOUSEHOLD: 70,
    EmployerKind.COOPERATIVE: 18,
    EmployerKind.COMPANY: 9,
    EmployerKind.PLANTATION: 2,
    EmployerKind.WORKSHOP: 1,
}
AT_ONCE = 20_000  # invented rows that are held before they are inserted


class NotEmpty(OrchardError):
    """Somebody has an account in this database; nothing is mixed with it."""

    code = "synth.not_empty"


@dataclass(frozen=True)
class Size:
    """How much of everything to invent."""

    plots: int
    people: int
    employers: int


def fill(session: Session, county: str, size: Size, *, seed: int, now: datetime) -> dict[str, int]:
    """Invent a county: few big towns and villages, many small plots, some large ones.

    The database is marked as a test's. Raises NotEmpty when anybody has an account in it.
    """
    if session.exec(select(Account.id).limit(1)).first() is not None:
        raise NotEmpty
    ledger.note(session, "purpose", ledger.Purpose.TEST)
    rows = Rows(Random(f"{seed}:county"), now)
    bulk.roomy(session)
    here = _laid_out(session, county, rows.rng)
    spots = [spot for _, spot in here.values()]
    weights = [spot.weight for spot in spots]
    growers = _growers(session, rows, spots, weights, size.people)
    firms = _firms(rows, spots, size.employers)
    rows.load(session)
    areas = iter(land.small_areas(rows.rng, size.plots, MEAN_X100))
    for area in areas:
        by_firm = bool(firms) and rows.rng.random() < OF_EMPLOYERS
        holder = rows.rng.choice(firms if by_firm or not growers else growers)
        town, spot = here[holder.village_code]
        parcel = land.parcel(rows.rng, spot, year=now.year)
        rows.plot(holder, parcel, area * 20 if by_firm else area, town)
        if len(rows.plots) >= AT_ONCE:
            rows.load(session)
    rows.load(session)
    return {"people": size.people, "employers": size.employers, "plots": size.plots}


def _laid_out(session: Session, county: str, rng: Random) -> dict[str, tuple[Place, land.Village]]:
    """Return where the orchards of every village lie, by its code."""
    found = {}
    for town in towns(session, county):
        codes = [code for code, _name in children(session, town.code)]
        point = (town.lat or 0.0, town.lon or 0.0, town.elevation_m or 0)
        share = min(rng.paretovariate(1.3), 6.0)  # a few towns hold most of the citrus
        for spot in land.villages(rng, codes, *point):
            found[spot.code] = (town, replace(spot, weight=spot.weight * share))
    return found


def _growers(
    session: Session, rows: Rows, spots: list[land.Village], weights: list[float], count: int
) -> list[Holder]:
    invented = names.people(rows.rng)
    growers = []
    for spot in rows.rng.choices(spots, weights, k=count):
        growers.append(rows.grower(spot.code, next(invented)))
        if len(rows.people) >= AT_ONCE:
            rows.load(session)
    return growers


def _firms(rows: Rows, spots: list[land.Village], count: int) -> list[Holder]:
    firms = []
    for number, spot in enumerate(rows.rng.choices(spots, k=count), 1):
        kind = rows.rng.choices(list(KINDS), list(KINDS.values()))[0]
        firms.append(rows.employer(spot.code, f"柑橘用工方{number}号", kind))
    return firms
