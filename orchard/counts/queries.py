"""Reads over the counts: recounted from the records for any span, or as they are kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select
from sqlmodel import Session

from orchard import db
from orchard.counts.models import PeriodCount, PeriodHire
from orchard.counts.periods import Period
from orchard.counts.records import EMPLOYER, HIRE, given, kind_of_employer, lines, totals
from orchard.counts.rules import (
    KEPT,
    KINDS,
    NOBODY,
    UNVERIFIED,
    Block,
    UnknownKind,
    UnknownPlace,
    WrongSpan,
)
from orchard.errors import NotVisible
from orchard.places.models import Place
from orchard.places.rules import LENGTHS, Level

KEPT_COUNT, KEPT_HIRE = db.table_of(PeriodCount), db.table_of(PeriodHire)
FIGURES = [KEPT_COUNT.c[name] for name in KEPT]
LONGEST = timedelta(days=366 * 30)


@dataclass(frozen=True)
class Asked:
    """What is to be counted: a place, a span of days, perhaps one kind or one employer."""

    place: str
    first: date
    last: date
    kind: str | None = None
    employer_id: UUID | None = None

    def check(self) -> None:
        """Raise a refusal for a span or kind that cannot be counted."""
        if self.first > self.last or self.last - self.first > LONGEST:
            raise WrongSpan
        if self.kind is not None and self.kind not in KINDS:
            raise UnknownKind

    @property
    def is_filtered(self) -> bool:
        """Say whether only a part of the place's hires is asked for."""
        return self.kind is not None or self.employer_id is not None

    @property
    def is_apart(self) -> bool:
        """Say whether unverified households belong to the whole: they alone may be asked for."""
        return self.employer_id is not None or self.kind == UNVERIFIED


@dataclass(frozen=True)
class EmployerCount:
    """The counts of one employer."""

    id: UUID
    name: str
    kind: str
    block: Block


@dataclass(frozen=True)
class Counts:
    """The counts of a place and span; employers with most persons first, then by id."""

    total: Block = Block()
    by_kind: Mapping[str, Block] = field(default_factory=dict)
    by_employer: tuple[EmployerCount, ...] = ()


def recount(session: Session, asked: Asked) -> Counts:
    """Count from the records, in one statement however large the place is.

    Raises UnknownPlace, WrongSpan, UnknownKind; NotVisible for an employer that is not there.
    """
    asked.check()
    if session.get(Place, asked.place) is None:
        raise UnknownPlace
    if asked.employer_id and not session.scalar(
        select(EMPLOYER.c.id).where(EMPLOYER.c.id == asked.employer_id)
    ):
        raise NotVisible
    told = {**given([Period("", asked.first, asked.last)]), "place": asked.place}
    told |= {"place_end": asked.place + ":", "kind": asked.kind, "employer": asked.employer_id}
    statement = _statement(asked.kind is not None, asked.employer_id is not None, asked.is_apart)
    total, employers = Block(), []
    names = dict.fromkeys(KINDS, Block())
    for part, kind, employer_id, *figures, name in session.execute(statement, told):
        block = Block(*map(int, figures))
        if part == "total":
            total = block
        elif part == "kind":
            names[kind] = block
        else:
            employers.append(EmployerCount(employer_id, name, kind, block))
    employers.sort(key=lambda one: (-one.block.persons, one.id))
    return Counts(total, names, tuple(employers))


@cache
def _statement(has_kind: bool, has_employer: bool, with_unverified: bool) -> Select[Any]:
    """Return the statement of a recount, built once for each way of asking."""
    code = HIRE.c.workplace_code  # a range, as places.queries.within: it holds the places inside
    where = [code >= bindparam("place"), code < bindparam("place_end")]
    by = kind_of_employer() == bindparam("kind") if has_kind else None
    if has_employer:
        where.append(HIRE.c.employer_id == bindparam("employer"))
    table = totals(lines(1, *where, by=by), with_unverified=with_unverified).subquery()
    named = EMPLOYER.c.id == table.c.employer_id
    return select(table, EMPLOYER.c.name).outerjoin(EMPLOYER, named)


def kept_block(session: Session, period: str, place: str) -> Block:
    """Return the counts of a place and period as they are kept."""
    row = session.execute(
        select(*FIGURES).where(
            KEPT_COUNT.c.period == period,
            KEPT_COUNT.c.place_code == place,
            KEPT_COUNT.c.kind == "",
            KEPT_COUNT.c.employer_id == NOBODY,
        )
    ).first()
    return Block(*row) if row else Block()


def kept_towns(session: Session, period: str) -> dict[str, Block]:
    """Return the counts of every town in a period as they are kept."""
    rows = session.execute(
        select(KEPT_COUNT.c.place_code, *FIGURES)
        .where(
            KEPT_COUNT.c.period == period,
            func.length(KEPT_COUNT.c.place_code) == LENGTHS[Level.TOWN],
            KEPT_COUNT.c.kind == "",
            KEPT_COUNT.c.persons > 0,
        )
        .order_by(KEPT_COUNT.c.place_code)
    )
    return {code: Block(*figures) for code, *figures in rows}


def best_paid(session: Session, period: str) -> dict[str, int]:
    """Return what the best paid person of each town made there in a period, in fen."""
    town = func.substr(KEPT_HIRE.c.workplace_code, 1, LENGTHS[Level.TOWN]).label("town")
    mine = KEPT_HIRE.c.period == period, KEPT_HIRE.c.kind != UNVERIFIED
    made = select(town, func.sum(KEPT_HIRE.c.wages_fen).label("fen")).where(*mine)
    person = made.group_by(town, KEPT_HIRE.c.person_id).subquery()
    rows = session.execute(select(person.c.town, func.max(person.c.fen)).group_by(person.c.town))
    return {code: int(fen) for code, fen in rows}
