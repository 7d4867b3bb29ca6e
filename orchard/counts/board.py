"""The page of a town's counts and the one of the district, made of what is kept."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, case, func, select, true
from sqlmodel import Session, col

from orchard import ledger
from orchard.counts import periods, shown
from orchard.counts.course import Change, changes
from orchard.counts.models import ReviewCount
from orchard.counts.periods import Period
from orchard.counts.queries import (
    FIGURES,
    KEPT_COUNT,
    Asked,
    Counts,
    EmployerCount,
    kept_towns,
    recount,
)
from orchard.counts.records import EMPLOYER
from orchard.counts.rules import KEPT, KINDS, NOBODY, UNVERIFIED, Block
from orchard.counts.suppression import Hidden
from orchard.places.models import Place
from orchard.places.queries import within
from orchard.places.rules import LENGTHS, Level, short_name

NOTHING = Block()
JOB = "counts"  # the row of the schedule that compares every night


@dataclass(frozen=True)
class Row:
    """One village or town of a table; shows_lifted: whether its status figure is shown."""

    code: str
    name: str
    block: Block
    change: Change | None = None
    shows_lifted: bool = False


@dataclass(frozen=True)
class Waiting:
    """How many records wait for a look, and when they were counted last."""

    count: int
    counted_at: datetime | None


@dataclass(frozen=True)
class Board:
    """Everything on a town's page.

    summed: the rows by employer added up; changes: the month and the season beside the one before.
    """

    name: str
    first: date
    last: date
    counts: Counts
    hides_lifted: Hidden | None
    summed: int
    employers: int
    span: Period | None = None
    changes: tuple[Change, ...] = ()
    villages: tuple[Row, ...] = ()
    waiting: Waiting = Waiting(0, None)
    repaired_at: datetime | None = None

    @property
    def shows_total_lifted(self) -> bool:
        """Say whether the town's own lifted-out figure is shown."""
        return self.hides_lifted is not None and not self.hides_lifted.total

    def shows_lifted(self, one: EmployerCount) -> bool:
        """Say whether an employer's lifted-out figure is shown."""
        return self.hides_lifted is not None and one.id not in self.hides_lifted.lower

    @property
    def apart(self) -> Block:
        """Return the counts of the households that the town has not verified."""
        return self.counts.by_kind.get(UNVERIFIED, NOTHING)


def town_board(session: Session, town: str, span: Period, today: date) -> Board:
    """Return the page of a town for a month or season, from what is kept."""
    month = periods.month_of(min(max(today, span.first), span.last)) if span.is_season else span
    pairs = {one: periods.before(one) for one in (month, span)}
    codes = {one.code for pair in pairs.items() for one in pair}
    blocks = _kept(session, town, codes)
    kinds = {kind: blocks.get((span.code, kind), NOTHING) for kind in KINDS}
    top, summed, employers = _top(session, town, span.code)
    name, waiting = _town(session, town)
    counts = Counts(blocks.get((span.code, ""), NOTHING), kinds, top)
    persons = {(code, town): block.persons for (code, kind), block in blocks.items() if not kind}
    return Board(
        name=name,
        first=span.first,
        last=span.last,
        counts=counts,
        hides_lifted=shown.hidden_in_town(counts, span)[0],
        summed=summed,
        employers=employers,
        span=span,
        changes=tuple(changes(session, pairs.items(), persons, [town], today)[town]),
        villages=_villages(session, town, span.code),
        waiting=waiting,
        repaired_at=repaired(session),
    )


def hides_lifted(session: Session, town: str, span: Period) -> bool:
    """Say whether a town's page hides the town's own lifted-out figure of a month or season."""
    blocks = _kept(session, town, {span.code})
    kinds = {kind: blocks.get((span.code, kind), NOTHING) for kind in KINDS}
    whole, top = blocks.get((span.code, ""), NOTHING), _top(session, town, span.code)[0]
    return shown.hidden_in_town(Counts(whole, kinds, top), span)[0].total


def span_board(session: Session, asked: Asked) -> Board:
    """Return the page of a town for any span, counted anew: no status, and no villages."""
    counts = recount(session, asked)
    name, waiting = _town(session, asked.place)
    named = [one for one in counts.by_employer if one.kind != UNVERIFIED]
    return Board(
        name=name,
        first=asked.first,
        last=asked.last,
        counts=Counts(counts.total, counts.by_kind, counts.by_employer[: shown.ROWS]),
        hides_lifted=None,
        summed=sum(one.block.persons for one in named),
        employers=len(counts.by_employer),
        waiting=waiting,
    )


def _kept(session: Session, place: str, codes: set[str]) -> dict[tuple[str, str], Block]:
    """Return the whole and the kinds of a place by period and kind ("" for the whole)."""
    rows = session.execute(
        select(KEPT_COUNT.c.period, KEPT_COUNT.c.kind, *FIGURES).where(
            KEPT_COUNT.c.period.in_(sorted(codes)),
            KEPT_COUNT.c.place_code == place,
            KEPT_COUNT.c.kind.in_(["", *KINDS]),
            KEPT_COUNT.c.employer_id == NOBODY,
        )
    )
    return {(period, kind): Block(*figures) for period, kind, *figures in rows}


def _top(session: Session, place: str, code: str) -> tuple[tuple[EmployerCount, ...], int, int]:
    """Return the employers with most persons, the sum of all rows, and how many rows there are."""
    rows = session.execute(_top_rows(), {"place": place, "code": code}).all()
    top = (
        EmployerCount(id, name, kind, Block(*figures)) for _, _, id, name, kind, *figures in rows
    )
    return tuple(top), int(rows[0][0]) if rows else 0, int(rows[0][1]) if rows else 0


@cache
def _top_rows() -> Select[Any]:
    """Return the statement of _top(), built once: all rows are summed, few get their names."""
    mine = (
        KEPT_COUNT.c.period == bindparam("code"),
        KEPT_COUNT.c.place_code == bindparam("place"),
        KEPT_COUNT.c.employer_id != NOBODY,
        KEPT_COUNT.c.persons > 0,
    )
    inside = case((KEPT_COUNT.c.kind != UNVERIFIED, KEPT_COUNT.c.persons), else_=0)
    sums = select(func.sum(inside).label("persons"), func.count().label("rows")).where(*mine)
    first = select(KEPT_COUNT).where(*mine)
    first = first.order_by(KEPT_COUNT.c.persons.desc(), KEPT_COUNT.c.employer_id).limit(shown.ROWS)
    all_of_them, top = sums.subquery("all_of_them"), first.subquery("top")
    return (
        select(
            all_of_them.c.persons,
            all_of_them.c.rows,
            top.c.employer_id,
            EMPLOYER.c.name,
            top.c.kind,
            *(top.c[name] for name in KEPT),
        )
        .select_from(top)
        .join(EMPLOYER, EMPLOYER.c.id == top.c.employer_id)
        .join(all_of_them, true())
        .order_by(top.c.persons.desc(), top.c.employer_id)
    )


def _villages(session: Session, town: str, code: str) -> tuple[Row, ...]:
    rows = session.execute(
        select(KEPT_COUNT.c.place_code, col(Place.name), *FIGURES)
        .join(Place, col(Place.code) == KEPT_COUNT.c.place_code)
        .where(
            KEPT_COUNT.c.period == code,
            within(KEPT_COUNT.c.place_code, [town]),
            func.length(KEPT_COUNT.c.place_code) == LENGTHS[Level.VILLAGE],
            KEPT_COUNT.c.kind == "",
            KEPT_COUNT.c.persons > 0,
        )
        .order_by(KEPT_COUNT.c.persons.desc(), KEPT_COUNT.c.place_code)
    )
    return tuple(Row(code, short_name(name), Block(*figures)) for code, name, *figures in rows)


def _town(session: Session, town: str) -> tuple[str, Waiting]:
    """Return a town's name and how many of its records wait for a look, as last counted."""
    name, count, oldest = session.execute(
        select(
            func.max(col(Place.name)),
            func.sum(col(ReviewCount.waiting)),
            func.min(col(ReviewCount.counted_at)),
        )
        .select_from(Place)
        .outerjoin(ReviewCount, col(ReviewCount.town_code) == Place.code)
        .where(col(Place.code) == town)
    ).one()
    return str(name or town), Waiting(int(count or 0), oldest)


def repaired(session: Session) -> datetime | None:
    """Return when the last nightly look found kept counts that the records did not bear out."""
    run = ledger.last_runs(session, [JOB]).get(JOB)
    told = dict(pair.split("=") for pair in run.counts.split()) if run else {}
    drifted = any(told.get(name, "0") != "0" for name in ("lines", "figures"))
    return run.started_at if run and drifted else None


@dataclass(frozen=True)
class DistrictBoard:
    """Everything on the district's page: every town, beside the same period a year before.

    change: how the whole stands beside it; None before the period begins.
    """

    span: Period
    total: Block
    change: Change | None
    shows_lifted: bool
    towns: tuple[Row, ...]
    repaired_at: datetime | None = None


def district_board(session: Session, district: str, span: Period, today: date) -> DistrictBoard:
    """Return the page of the district for a month or season, from what is kept."""
    earlier = periods.year_before(span)
    now = kept_towns(session, span.code)
    blocks = _kept(session, district, {one.code for one in (span, earlier) if one})
    out, _ = shown.hidden_towns(now)
    kinds = {kind: blocks.get((span.code, kind), NOTHING) for kind in KINDS}
    counts = Counts(blocks.get((span.code, ""), NOTHING), kinds)
    names: Any = session.execute(
        select(col(Place.code), col(Place.name)).where(
            col(Place.parent_code) == district, col(Place.level) == Level.TOWN
        )
    )
    towns = {code: name for code, name in names}
    beside: dict[str, list[Change]] = {}
    if earlier:
        persons = _persons(span.code, district, now, counts.total)
        before = blocks.get((earlier.code, ""), NOTHING)
        persons |= _persons(earlier.code, district, kept_towns(session, earlier.code), before)
        beside = changes(session, [(span, earlier)], persons, [district, *towns], today)
    change = {code: next(iter(found), None) for code, found in beside.items()}
    rows = [
        Row(code, name, now.get(code, NOTHING), change.get(code), code in now.keys() - out)
        for code, name in towns.items()
    ]
    rows.sort(key=lambda row: (-row.block.persons, row.code))
    return DistrictBoard(
        span=span,
        total=counts.total,
        change=change.get(district),
        shows_lifted=not shown.hides_district_lifted(counts, span, now),
        towns=tuple(rows),
        repaired_at=repaired(session),
    )


def _persons(
    code: str, district: str, towns: dict[str, Block], whole: Block
) -> dict[tuple[str, str], int]:
    """Return the persons of the district and its towns by period and place."""
    found = {(code, town): block.persons for town, block in towns.items()}
    return {**found, (code, district): whole.persons}
