"""Employers as pages and the JSON interface show them."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from orchard.accounts.models import Employer
from orchard.accounts.rules import Caller
from orchard.errors import NotVisible
from orchard.hiring import queries
from orchard.hiring.models import RecognitionEvent
from orchard.hiring.rules import RecognitionEventKind
from orchard.paging import Page, page
from orchard.places.models import Place
from orchard.places.rules import short_name


@dataclass(frozen=True)
class EmployerLine:
    """One employer: who, where, whether the town stands for it, and its recognition."""

    employer: Employer
    village: str
    town: str
    recognition: RecognitionEventKind | None
    since: date | None


def employers_page(
    session: Session,
    caller: Caller,
    *,
    today: date,
    after: UUID | None = None,
    before: UUID | None = None,
) -> tuple[list[EmployerLine], Page]:
    """Return one page of one's own employers or the town's, by village and name."""
    edges: list[tuple[str, str, UUID] | None] = []
    for edge in (after, before):
        found = queries.employer_seen_by(session, caller, edge) if edge else None
        edges.append((found.village_code, found.name, found.id) if found else None)
    keys = (col(Employer.village_code), col(Employer.name), col(Employer.id))
    statement = _employers(today).where(queries.served(caller))
    rows = page(session, statement, keys, after=edges[0], before=edges[1])
    return [_employer_line(row) for row in rows.rows], rows


def employer_line(session: Session, employer_id: UUID, *, today: date) -> EmployerLine:
    """Return one employer as everybody may see it, or raise NotVisible."""
    row = session.execute(_employers(today).where(col(Employer.id) == employer_id)).first()
    if row is None:
        raise NotVisible
    return _employer_line(row)


def _employers(today: date) -> Select[*tuple[Any, ...]]:
    def newest(column: Any) -> Any:
        return (
            columns(column)
            .where(
                col(RecognitionEvent.employer_id) == Employer.id,
                col(RecognitionEvent.on_day) <= today,
            )
            .order_by(col(RecognitionEvent.on_day).desc(), col(RecognitionEvent.at).desc())
            .limit(1)
            .scalar_subquery()
        )

    town: Any = aliased(Place)
    return (
        columns(
            Employer,
            col(Place.name),
            town.name,
            newest(col(RecognitionEvent.kind)),
            newest(col(RecognitionEvent.on_day)),
        )
        .join(Place, col(Place.code) == Employer.village_code)
        .join(town, town.code == col(Place.parent_code))
    )


def _employer_line(row: Any) -> EmployerLine:
    employer, village, town, kind, since = row
    return EmployerLine(
        employer, short_name(village), town, RecognitionEventKind(kind) if kind else None, since
    )
