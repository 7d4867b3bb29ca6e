"""Openings and who asked to come, as pages and the JSON interface show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, null, or_
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from orchard.accounts.models import Account, Employer, Person
from orchard.accounts.rules import Caller, EmployerKind, Role
from orchard.errors import NotVisible
from orchard.hiring.models import Application, Hire, Opening
from orchard.hiring.rules import ApplicationState
from orchard.paging import Page, page
from orchard.places.models import Place
from orchard.places.queries import within
from orchard.places.rules import short_name, town_of

OFFICE_LOOKS_BACK = timedelta(days=31)  # the town's list keeps what is over for so long
MOST_OWN = 20


@dataclass(frozen=True)
class OpeningLine:
    """One opening: what is offered, by whom, where, and what has become of it."""

    opening: Opening
    employer: str
    employer_village: str
    kind: EmployerKind
    village: str
    town: str
    hired: int
    asked: int
    own_state: ApplicationState | None
    phone: str | None
    rank: int
    is_own: bool

    def state(self, today: date) -> str:
        """Return what has become of it: open, hidden, closed or over."""
        if self.opening.hidden_at:
            return "hidden"
        if self.opening.closed_at:
            return "closed"
        return "over" if self.opening.last_day < today else "open"


def openings_page(
    session: Session,
    caller: Caller | None,
    *,
    today: date,
    after: UUID | None = None,
    before: UUID | None = None,
) -> tuple[list[OpeningLine], Page]:
    """Return one page of openings: own village first, then the town, then the district, by day."""
    rank = _rank(caller)
    edges = [_edge(session, caller, rank, edge, today) for edge in (after, before)]
    keys = (rank, col(Opening.first_day), col(Opening.id))
    listed = _published(today)
    towns = _towns(caller)
    if towns:
        recent = col(Opening.last_day) >= today - OFFICE_LOOKS_BACK
        listed = and_(_of_towns(towns), recent)
    found = page(
        session, _openings(caller, rank).where(listed), keys, after=edges[0], before=edges[1]
    )
    return [_opening_line(caller, row) for row in found.rows], found


def own_openings(session: Session, caller: Caller) -> list[OpeningLine]:
    """Return the newest openings of the employers that the caller manages, in every state."""
    if not caller.employers:
        return []
    rows = session.execute(
        _openings(caller, _rank(caller))
        .where(col(Opening.employer_id).in_(caller.employers))
        .order_by(col(Opening.first_day).desc(), col(Opening.id).desc())
        .limit(MOST_OWN)
    )
    return [_opening_line(caller, row) for row in rows]


def openings_of(session: Session, employer_id: UUID, *, today: date) -> list[OpeningLine]:
    """Return the published openings of one employer, for everybody."""
    rows = session.execute(
        _openings(None, _rank(None))
        .where(col(Opening.employer_id) == employer_id, _published(today))
        .order_by(col(Opening.first_day), col(Opening.id))
        .limit(MOST_OWN)
    )
    return [_opening_line(None, row) for row in rows]


def opening_line(
    session: Session, caller: Caller | None, opening_id: UUID, *, today: date
) -> OpeningLine:
    """Return one opening in sight, or raise NotVisible."""
    rows = session.execute(
        _openings(caller, _rank(caller)).where(
            col(Opening.id) == opening_id, _in_sight(caller, today)
        )
    ).all()
    if not rows:
        raise NotVisible
    return _opening_line(caller, rows[0])


def _towns(caller: Caller | None) -> frozenset[str]:
    return caller.places(Role.SECRETARY, Role.DISTRICT) if caller else frozenset()


def _of_towns(towns: frozenset[str]) -> ColumnElement[bool]:
    return or_(within(Opening.workplace_code, towns), within(Employer.village_code, towns))


def _published(today: date) -> ColumnElement[bool]:
    return and_(
        col(Opening.closed_at).is_(None),
        col(Opening.hidden_at).is_(None),
        col(Opening.last_day) >= today,
    )


def _in_sight(caller: Caller | None, today: date) -> ColumnElement[bool]:
    """Published ones; in every state one's own, those of the own town, those one asked for."""
    ways = [_published(today)]
    if caller:
        asked = columns(col(Application.opening_id)).where(
            col(Application.person_id) == caller.person_id
        )
        ways += [col(Opening.employer_id).in_(caller.employers), col(Opening.id).in_(asked)]
    towns = _towns(caller)
    return or_(*ways, _of_towns(towns)) if towns else or_(*ways)


def _rank(caller: Caller | None) -> ColumnElement[int]:
    if caller is None or not caller.village_code:
        return literal(2)
    village = col(Opening.workplace_code) == caller.village_code
    town = within(Opening.workplace_code, [town_of(caller.village_code)])
    return case((village, 0), (town, 1), else_=2)


def _openings(caller: Caller | None, rank: ColumnElement[int]) -> Select[*tuple[Any, ...]]:
    hired = columns(func.count()).where(col(Hire.opening_id) == Opening.id).scalar_subquery()
    asked = columns(func.count()).where(
        col(Application.opening_id) == Opening.id,
        col(Application.state) == ApplicationState.OPEN,
    )
    own: Any = null()
    if caller:
        own = columns(col(Application.state)).where(
            col(Application.opening_id) == Opening.id,
            col(Application.person_id) == caller.person_id,
        )
        own = own.scalar_subquery()
    town: Any = aliased(Place)
    return (
        columns(
            Opening,
            col(Employer.name),
            col(Employer.village_code),
            col(Employer.kind),
            col(Place.name),
            town.name,
            hired,
            asked.scalar_subquery(),
            own,
            col(Account.phone),
            rank,
        )
        .join(Employer, col(Employer.id) == Opening.employer_id)
        .join(Place, col(Place.code) == Opening.workplace_code)
        .join(town, town.code == func.substr(Opening.workplace_code, 1, 9))
        .outerjoin(
            Account,
            and_(col(Account.id) == Opening.made_by_id, col(Account.disabled_at).is_(None)),
        )
    )


def _opening_line(caller: Caller | None, row: Any) -> OpeningLine:
    opening, employer, employer_village, kind, village, town, *others = row
    hired, asked, own, phone, rank = others
    is_own = caller is not None and opening.employer_id in caller.employers
    is_town = len(opening.workplace_code) == 9
    return OpeningLine(
        opening=opening,
        employer=employer,
        employer_village=employer_village,
        kind=kind,
        village="" if is_town else short_name(village),
        town=town,
        hired=hired,
        asked=asked if is_own else 0,
        own_state=ApplicationState(own) if own else None,
        phone=phone if caller else None,
        rank=rank,
        is_own=is_own,
    )


def _edge(
    session: Session,
    caller: Caller | None,
    rank: ColumnElement[int],
    opening_id: UUID | None,
    today: date,
) -> Sequence[Any] | None:
    if opening_id is None:
        return None
    line = opening_line(session, caller, opening_id, today=today)
    return line.rank, line.opening.first_day, line.opening.id


@dataclass(frozen=True)
class Applicant:
    """Somebody who asked to come, as the employer sees him."""

    person_id: UUID
    name: str
    phone: str | None
    village: str | None
    born_on: date | None
    state: ApplicationState


def applicants(session: Session, caller: Caller, opening_id: UUID) -> list[Applicant]:
    """Return who asked to come to an opening of the caller's employer; withdrawn ones are gone."""
    rows = session.execute(
        columns(Person, col(Application.state), col(Place.name))
        .join(Application, col(Application.person_id) == Person.id)
        .join(Opening, col(Opening.id) == Application.opening_id)
        .outerjoin(Place, col(Place.code) == Person.village_code)
        .where(
            col(Opening.id) == opening_id,
            col(Opening.employer_id).in_(caller.employers),
            col(Application.state) != ApplicationState.WITHDRAWN,
        )
        .order_by(col(Application.at), col(Person.id))
        .limit(200)
    )
    return [
        Applicant(one.id, one.name, one.phone, village and short_name(village), one.born_on, state)
        for one, state, village in rows
    ]
