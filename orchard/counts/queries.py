"""Reads over the counts: recounted from the records for any span, or as they are kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import Session

from orchard import db
from orchard.counts.models import PeriodCount, PeriodHire
from orchard.counts.periods import Period
from orchard.counts.records import EMPLOYER, HIRE, kind_of_employer, lines, totals
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
from orchard.places.queries import within

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


@dataclass(frozen=True)
class EmployerCount:
    """The counts of one employer."""

    id: UUID
    name: str
    kind: str
    block: Block


@dataclass(frozen=True)
class Counts:
    """The counts of a place and span: the whole, by kind, by employer (most persons first)."""

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
    alone = asked.employer_id is not None or asked.kind == UNVERIFIED
    span = Period("", asked.first, asked.last)
    table = totals(lines([span], *_conditions(asked)), with_unverified=alone).subquery()
    names = dict.fromkeys(KINDS, Block())
    total, employers = Block(), []
    statement = select(table, EMPLOYER.c.name).outerjoin(
        EMPLOYER, EMPLOYER.c.id == table.c.employer_id
    )
    for part, kind, employer_id, *figures, name in session.execute(statement):
        block = Block(*map(int, figures))
        if part == "total":
            total = block
        elif part == "kind":
            names[kind] = block
        else:
            employers.append(EmployerCount(employer_id, name, kind, block))
    employers.sort(key=lambda one: (-one.block.persons, one.name, one.id))
    return Counts(total, names, tuple(employers))


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    found = [within(HIRE.c.workplace_code, [asked.place])]
    if asked.kind is not None:
        found.append(kind_of_employer() == asked.kind)
    if asked.employer_id is not None:
        found.append(HIRE.c.employer_id == asked.employer_id)
    return found


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
