"""Who finds a request, its report and its photos, and for how long: conditions in SQL."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, false, or_
from sqlmodel import Session, col, select

from orchard.accounts.rules import Caller, Role
from orchard.plots.models import Plot
from orchard.visits.catalogue import service
from orchard.visits.models import VisitEvent, VisitRequest
from orchard.visits.rules import CLOSING, OPEN, EventKind

_R = VisitRequest


def held_by(caller: Caller) -> ColumnElement[bool]:
    """Say in SQL that the caller works the plot of a request."""
    own = col(Plot.grower_id) == caller.person_id
    return or_(own, col(Plot.employer_id).in_(caller.employers)) if caller.employers else own


def in_sight(caller: Caller) -> ColumnElement[bool]:
    """Say in SQL which requests are in sight: of the own plots, and of the towns served."""
    towns = caller.places(Role.TECHNICIAN, Role.SECRETARY)
    ways = [held_by(caller)] if caller.roles & {Role.GROWER, Role.MANAGER} else []
    if towns:
        ways.append(col(_R.town_code).in_(towns))
    return and_(or_(*ways) if ways else false(), col(Plot.ended_at).is_(None))


def assigned_to(caller: Caller, now: datetime) -> ColumnElement[bool]:
    """Say in SQL that a request is the technician's: open, or closed some days ago at most."""
    since = now - timedelta(service().assigned_after_days)
    closed = exists().where(
        col(VisitEvent.request_id) == col(_R.id),
        col(VisitEvent.kind).in_(CLOSING),
        col(VisitEvent.at) > since,
    )
    return and_(col(_R.technician_id) == caller.account_id, or_(col(_R.state).in_(OPEN), closed))


def report_in_sight(caller: Caller, now: datetime) -> ColumnElement[bool]:
    """Say in SQL whose record and photos are in sight (access matrix: visit report, photo).

    The holder's, the technician's in charge until some days after closing, and for some days of
    who handed it over.
    """
    since = now - timedelta(service().old_owner_reads_days)
    handed = exists().where(
        col(VisitEvent.request_id) == col(_R.id),
        col(VisitEvent.kind) == EventKind.HANDED_OVER,
        col(VisitEvent.from_id) == caller.account_id,
        col(VisitEvent.at) > since,
    )
    ways = [held_by(caller)] if caller.roles & {Role.GROWER, Role.MANAGER} else []
    if Role.TECHNICIAN in caller.roles:
        ways += [assigned_to(caller, now), handed]
    return and_(or_(*ways) if ways else false(), col(Plot.ended_at).is_(None))


def may_read_report(session: Session, caller: Caller, request: VisitRequest, now: datetime) -> bool:
    """Say whether the caller may read what was found: also the secretary of the town."""
    if request.town_code in caller.places(Role.SECRETARY):
        return True
    return sees_report(session, caller, request, now)


def sees_report(session: Session, caller: Caller, request: VisitRequest, now: datetime) -> bool:
    """Say whether the photos of a request are in the caller's sight, as report_in_sight says."""
    found = session.exec(
        select(_R.id)
        .join(Plot, col(Plot.id) == _R.plot_id)
        .where(_R.id == request.id, report_in_sight(caller, now))
    )
    return found.first() is not None


def is_assigned(session: Session, caller: Caller, request: VisitRequest, now: datetime) -> bool:
    """Say whether a request is the technician's, as assigned_to says."""
    found = session.exec(select(_R.id).where(_R.id == request.id, assigned_to(caller, now)))
    return found.first() is not None
