"""What a hire, a day and a line are made of, and at what time of day they are written down."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from orchard import clock
from orchard.hiring.rules import PayBasis, Relation

HIRED_AT, TICKED_AT, PAID_AT = 7, 18, 19  # o'clock: when it is written down
WHOLE, HALF = 2, 1
SUNDAY = 6


def moment(day: date, hour: int = TICKED_AT) -> datetime:
    """Return an hour of a local day as it is stored."""
    return datetime.combine(day, time(hour), clock.ZONE).astimezone(UTC)


def days_from(first: date, count: int, *, without: Collection[date] = ()) -> list[date]:
    """Return so many working days from a day on: no Sundays, none of those left out."""
    found: list[date] = []
    while len(found) < count:
        if first.weekday() != SUNDAY and first not in without:
            found.append(first)
        first += timedelta(days=1)
    return found


@dataclass(frozen=True)
class Pay:
    """What a unit of work is paid: the basis and hundredths of a fen."""

    basis: PayBasis
    rate_fen_x100: int


@dataclass(frozen=True)
class Job:
    """What somebody is hired for: the employer's side of a hire."""

    employer_id: UUID
    work: str
    workplace_code: str
    pay: Pay
    crew_id: UUID | None = None
    relation: Relation = Relation.SERVICE


@dataclass(frozen=True)
class Line:
    """A pay line as far as its payment needs to know it."""

    id: UUID
    worked_on: date
    quantity_x100: int
    amount_fen: int


@dataclass(frozen=True)
class Correction:
    """Which line another one corrects, and why."""

    line_id: UUID | None = None
    why: str = ""


EARNED = Correction()
