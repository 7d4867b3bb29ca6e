"""Keeping the counts: in the transaction that changes a record, rebuilt at night, compared.

keep() is hung into the rooms below. It locks the persons first: two employers who tick the same
new person at once would otherwise each count him, because neither sees the other's rows.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from orchard import clock, db
from orchard.accounts.models import Person
from orchard.counts.models import PeriodCount, PeriodHire
from orchard.counts.periods import Period, between, periods_of
from orchard.counts.records import HIRE, RECORDS, SAME, WORKDAY, given, lines
from orchard.counts.rules import (
    KEPT,
    Added,
    Figures,
    Line,
    Scope,
    Where,
    contributions,
    difference,
    places_of,
)

PERSON = db.table_of(Person)
KEPT_HIRE, KEPT_COUNT = db.table_of(PeriodHire), db.table_of(PeriodCount)
# One row at a time: SQLite would look through the whole table for a list of pairs.
GONE = KEPT_HIRE.delete().where(
    KEPT_HIRE.c.period == bindparam("of_period"), KEPT_HIRE.c.hire_id == bindparam("of_hire")
)
NO_FIGURES: Figures = (0,) * len(KEPT)
Lines = dict[tuple[str, UUID], Line]
LINES = select(*(KEPT_HIRE.c[name] for name in Line._fields))
MINE = LINES.where(
    KEPT_HIRE.c.period.in_(bindparam("codes", expanding=True)), KEPT_HIRE.c.person_id.in_(RECORDS)
)


def hires_changed(session: Session, hire_ids: Collection[UUID], days: Collection[date]) -> None:
    """Keep the counts after work days or pay lines were written (hook of two rooms)."""
    if hire_ids and days:
        people = session.scalars(select(HIRE.c.person_id).where(HIRE.c.id.in_(hire_ids)))
        keep(session, set(people), {one for day in days for one in periods_of(day)})


def people_changed(session: Session, person_ids: Collection[UUID]) -> None:
    """Keep the counts after a status, a double record or a hire's facts changed (hook)."""
    keep(session, person_ids)


def keep(
    session: Session, person_ids: Collection[UUID], periods: Collection[Period] | None = None
) -> int:
    """Count some persons anew in some periods, or in all of theirs; say how many lines changed.

    person_ids are records; all the records that count as the same person are counted with them.
    A fixed number of statements, however many persons they are.
    """
    records = _locked(session, person_ids)
    if not records:
        return 0
    chosen = list(periods) if periods is not None else _periods_of(session, records)
    if not chosen:
        return 0
    codes = [one.code for one in chosen]
    told = {"codes": codes, "records": sorted(records)}
    old = _lines(session, MINE, told)
    new = _lines(session, _anew(len(codes)), {**given(chosen), **told})
    return _write(session, old, new, now=clock.now())


def _locked(session: Session, person_ids: Collection[UUID]) -> set[UUID]:
    """Lock all the records of some persons, in one order, and return them."""
    held: set[UUID] = set()
    wanted = set(person_ids)
    while not wanted <= held:
        lock = select(PERSON.c.id).where(PERSON.c.id.in_(wanted)).order_by(PERSON.c.id)
        session.execute(lock.with_for_update(key_share=True)).all()
        held = wanted
        wanted = held | _doubles(session, held)  # asked again: a decision may just have come
    return held


def _doubles(session: Session, records: Collection[UUID]) -> set[UUID]:
    """Return the other records of the same persons."""
    theirs = select(SAME.c.other_id).where(SAME.c.person_id.in_(records))
    rows = session.execute(
        select(SAME.c.person_id, SAME.c.other_id).where(
            or_(SAME.c.other_id.in_(records), SAME.c.other_id.in_(theirs))
        )
    )
    return {record for row in rows for record in row}


def _periods_of(session: Session, records: Collection[UUID]) -> list[Period]:
    """Return every period in which one of some persons ever worked."""
    first, last = session.execute(
        select(func.min(WORKDAY.c.day), func.max(WORKDAY.c.day))
        .join(HIRE, HIRE.c.id == WORKDAY.c.hire_id)
        .where(HIRE.c.person_id.in_(records))
    ).one()
    return between(first, last) if first else []


@cache
def _anew(periods: int) -> Select[Any]:
    """Return the statement over so many periods, built once: it runs with every sheet."""
    return lines(periods, by_records=True)


def _lines(session: Session, statement: Select[Any], told: dict[str, Any]) -> Lines:
    rows = (Line(*row) for row in session.execute(statement, told))
    return {(line.period, line.hire_id): line for line in rows}


def _write(session: Session, old: Lines, new: Lines, *, now: datetime) -> int:
    """Write what differs: the hires' lines, and the difference of what they add up to."""
    gone = [key for key in old if key not in new]
    changed = [line for key, line in new.items() if old.get(key) != line]
    if gone:
        session.execute(GONE, [{"of_period": code, "of_hire": hire_id} for code, hire_id in gone])
    if changed:
        put_lines(session, changed)
    moved = [*changed, *(old[key] for key in gone)]
    moved += [old[line.period, line.hire_id] for line in changed if (line[0], line[1]) in old]
    if moved:
        only = {where for line in moved for where in places_of(line)}
        add_figures(session, difference(_added(old, only), _added(new, only)), now=now)
    return len(gone) + len(changed)


def _added(given: Lines, only: set[Where]) -> Added:
    """Return what some lines add up to where something moved, each person once in each scope."""
    people: dict[UUID, list[Line]] = {}
    for line in given.values():
        people.setdefault(line.person_id, []).append(line)
    total: Added = {}
    for own in people.values():
        for where, figures in contributions(own, only).items():
            before = total.get(where)
            total[where] = _sum(before, figures) if before else figures
    return total


def _sum(one: Figures, other: Figures) -> Figures:
    return tuple(a + b for a, b in zip(one, other, strict=True))


def _upsert(session: Session, table: Any) -> Any:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    return insert(table)


def put_lines(session: Session, changed: Iterable[Line]) -> None:
    """Write the kept lines of some hires."""
    insert = _upsert(session, KEPT_HIRE)
    rest = {name: insert.excluded[name] for name in Line._fields[2:]}
    session.execute(
        insert.on_conflict_do_update(index_elements=["period", "hire_id"], set_=rest),
        [line._asdict() for line in changed],
    )


def add_figures(session: Session, changes: Added, *, now: datetime) -> None:
    """Add to the kept figures, in one order for everybody, so that nobody waits in a circle.

    Each period begins with the county's row, even where nothing is added to it: hold() counts on
    it, and without it a change of an unverified household would slip past a repair.
    """
    if not changes:
        return
    first = Scope(db.county())
    held = {(period, first): NO_FIGURES for period, _ in changes}
    insert = _upsert(session, KEPT_COUNT)
    added = {name: KEPT_COUNT.c[name] + insert.excluded[name] for name in KEPT}
    key = ["period", "place_code", "kind", "employer_id"]
    session.execute(
        insert.on_conflict_do_update(
            index_elements=key, set_={**added, "changed_at": insert.excluded.changed_at}
        ),
        [
            {"period": period, **scope._asdict(), **_named(figures), "changed_at": now}
            for (period, scope), figures in sorted(
                (held | changes).items(), key=lambda row: (row[0][0], row[0][1] != first, row[0][1])
            )
        ],
    )


def hold(session: Session, period: str, *, now: datetime) -> None:
    """Let nobody else change the figures of a period until this transaction ends."""
    first = {"period": period, **Scope(db.county())._asdict()}
    row = {**first, **_named(NO_FIGURES), "changed_at": now}
    session.execute(_upsert(session, KEPT_COUNT).values(row).on_conflict_do_nothing())
    mine = [KEPT_COUNT.c[name] == value for name, value in first.items()]
    session.execute(select(KEPT_COUNT.c.period).where(*mine).with_for_update()).all()


def _named(figures: Figures) -> dict[str, int]:
    return dict(zip(KEPT, figures, strict=True))
