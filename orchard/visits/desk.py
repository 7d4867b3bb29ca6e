"""What a technician and an office work from: the pool, the round, the diary, who is there."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col, select

from orchard.accounts.models import Account, Grant, Person
from orchard.accounts.rules import Caller, Role
from orchard.errors import NotVisible
from orchard.paging import Page, page
from orchard.places.queries import within
from orchard.plots.models import Plot
from orchard.visits import queries
from orchard.visits.catalogue import service
from orchard.visits.models import VisitDayOff, VisitRequest
from orchard.visits.queries import RequestLine
from orchard.visits.rules import MINE, State, check_state

MOST_ON_A_DESK = 200  # rows of a page that is worked from; a technician has some dozens
_R = VisitRequest
_LIVE = col(Plot.ended_at).is_(None)


def pool(
    session: Session, caller: Caller, *, after: UUID | None = None
) -> tuple[list[RequestLine], Page]:
    """Return the town's requests that nobody took, by risk and waiting time, page by page."""
    towns = caller.places(Role.TECHNICIAN, Role.SECRETARY)
    statement = queries.lines().where(
        col(_R.town_code).in_(towns), col(_R.state) == State.ASKED, _LIVE
    )
    edge = None
    if after:
        row = queries.request_for(session, caller, after)
        edge = (row.rank_at, row.id)
    found = page(session, statement, (col(_R.rank_at), col(_R.id)), after=edge)
    return queries.as_lines(session, caller, found.rows), found


def mine(session: Session, caller: Caller) -> list[RequestLine]:
    """Return what the technician took and has to put on a day, the most urgent first."""
    return _desk(session, caller, col(_R.state) == State.TAKEN, [col(_R.rank_at)])


def round_of(session: Session, caller: Caller, day: date) -> list[RequestLine]:
    """Return the technician's visits of one day by village, those done as well."""
    here = and_(col(_R.on_day) == day, col(_R.state).in_([State.SCHEDULED, State.VISITED]))
    return _desk(session, caller, here, [col(Plot.village_code), col(_R.slot)])


def overdue(session: Session, caller: Caller, today: date) -> list[RequestLine]:
    """Return the technician's visits of days that are over and that nobody recorded."""
    here = and_(col(_R.on_day) < today, col(_R.state) == State.SCHEDULED)
    return _desk(session, caller, here, [col(_R.on_day)])


def week(session: Session, caller: Caller, today: date) -> dict[date, list[RequestLine]]:
    """Return the technician's visits of the coming days, by day."""
    days = [today + timedelta(n) for n in range(service().days_ahead + 1)]
    here = and_(col(_R.on_day).between(days[0], days[-1]), col(_R.state) == State.SCHEDULED)
    found = _desk(session, caller, here, [col(_R.on_day), col(Plot.village_code)])
    by_day: dict[date, list[RequestLine]] = {day: [] for day in days}
    for line in found:
        if line.request.on_day:
            by_day[line.request.on_day].append(line)
    return by_day


def _desk(
    session: Session, caller: Caller, here: ColumnElement[bool], order: Sequence[Any]
) -> list[RequestLine]:
    statement = (
        queries.lines()
        .where(col(_R.technician_id) == caller.account_id, here, _LIVE)
        .order_by(*order, col(_R.id))
        .limit(MOST_ON_A_DESK)
    )
    return queries.lines_of(session, caller, statement)


def days_off(session: Session, technician_id: UUID, today: date) -> set[date]:
    """Return the coming days that a technician has off."""
    rows = session.exec(
        select(col(VisitDayOff.day)).where(
            VisitDayOff.technician_id == technician_id, col(VisitDayOff.day) >= today
        )
    )
    return set(rows)


def waiting_long(session: Session, caller: Caller, now: datetime) -> list[RequestLine]:
    """Return the requests of the caller's towns that nobody took for days, the oldest first."""
    before = now - timedelta(service().waiting_long_days)
    places = caller.places(Role.SECRETARY, Role.DISTRICT)
    statement = (
        queries.lines()
        .where(
            within(_R.town_code, places),
            col(_R.state) == State.ASKED,
            col(_R.asked_at) < before,
            _LIVE,
        )
        .order_by(col(_R.asked_at), col(_R.id))
        .limit(MOST_ON_A_DESK)
    )
    return queries.lines_of(session, caller, statement)


def open_of_district(session: Session, caller: Caller) -> list[RequestLine]:
    """Return the open requests of a district, the most urgent first, to be moved to others."""
    statement = (
        queries.lines()
        .where(
            within(_R.town_code, caller.places(Role.DISTRICT)),
            col(_R.state).in_([State.ASKED, *MINE]),
            _LIVE,
        )
        .order_by(col(_R.rank_at), col(_R.id))
        .limit(MOST_ON_A_DESK)
    )
    return queries.lines_of(session, caller, statement)


def own_line(session: Session, caller: Caller, request_id: UUID, now: datetime) -> RequestLine:
    """Return a request that the technician is in charge of and has to close.

    Raises NotVisible for another's, NotNow for a closed one.
    """
    line = queries.line_for(session, caller, request_id, now)
    if line.request.technician_id != caller.account_id:
        raise NotVisible
    check_state(line.request.state, MINE)
    return line


def account_name(session: Session, account_id: UUID | None) -> str:
    """Return the name of the person whose account it is, '' for none."""
    found = session.exec(
        select(Person.name)
        .join(Account, col(Account.person_id) == Person.id)
        .where(Account.id == account_id)
    )
    return found.first() or ""


def used_slots(session: Session, technician_id: UUID, on_day: date) -> list[int]:
    """Return the places of a technician's day that are taken."""
    rows = session.exec(
        select(_R.slot).where(
            _R.technician_id == technician_id, _R.on_day == on_day, col(_R.slot).is_not(None)
        )
    )
    return [slot for slot in rows if slot]


def technicians_of(session: Session, town_code: str) -> list[tuple[UUID, str]]:
    """Return the accounts of a town's technicians with their names."""
    rows = session.exec(
        select(Account.id, Person.name)
        .join(Person, col(Person.id) == Account.person_id)
        .join(Grant, col(Grant.account_id) == Account.id)
        .where(
            Grant.role == Role.TECHNICIAN,
            Grant.place_code == town_code,
            col(Grant.ended_at).is_(None),
            col(Account.disabled_at).is_(None),
        )
        .order_by(Person.name, col(Account.id))
    )
    return list(rows.all())
