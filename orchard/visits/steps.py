"""What every step of a request needs: its row in the caller's scope, locked, and an event."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from orchard.accounts.rules import Caller, Role
from orchard.errors import NotVisible
from orchard.plots.models import Plot
from orchard.plots.queries import is_own
from orchard.visits import queries
from orchard.visits.models import VisitEvent, VisitRequest
from orchard.visits.rules import EventKind

# Upper rooms hang in what must happen in the same transaction: the roots fill this list. Called
# with the request as it now is and the event that made it so.
after_event: list[Callable[[Session, VisitRequest, VisitEvent], None]] = []


def held(session: Session, caller: Caller, request_id: UUID) -> VisitRequest:
    """Return, to be changed, a request for a plot that the caller works."""
    request, plot = locked(session, caller, request_id)
    if not is_own(caller, plot):
        raise NotVisible
    return request


def asked_or_held(session: Session, caller: Caller, request_id: UUID) -> VisitRequest:
    """Return, to be changed, a request that the caller asked or whose plot he works."""
    request, plot = locked(session, caller, request_id)
    if not is_own(caller, plot) and request.requested_by_id != caller.account_id:
        raise NotVisible
    return request


def in_charge(session: Session, caller: Caller, request_id: UUID) -> VisitRequest:
    """Return, to be changed, a request that the technician took or was given."""
    request = served(session, caller, request_id, lock=True)
    if request.technician_id != caller.account_id:
        raise NotVisible
    return request


def served(
    session: Session, caller: Caller, request_id: UUID, *, lock: bool = False
) -> VisitRequest:
    """Return a request of a town that the technician serves."""
    request = queries.request_for(session, caller, request_id)
    if request.town_code not in caller.places(Role.TECHNICIAN):
        raise NotVisible
    return lock_request(session, request_id) if lock else request


def of_district(session: Session, caller: Caller, request_id: UUID) -> VisitRequest:
    """Return, to be changed, any request of the caller's district."""
    request = lock_request(session, request_id)
    places = caller.places(Role.DISTRICT)
    if not any(request.town_code.startswith(place) for place in places):
        raise NotVisible
    return request


def locked(session: Session, caller: Caller, request_id: UUID) -> tuple[VisitRequest, Plot]:
    """Return a request in sight, to be changed, and its plot."""
    request = queries.request_for(session, caller, request_id)
    plot = session.get_one(Plot, request.plot_id)
    return lock_request(session, request_id), plot


def lock_request(session: Session, request_id: UUID) -> VisitRequest:
    """Return one request to be changed; NotVisible when there is none."""
    request = session.get(VisitRequest, request_id, with_for_update=True, populate_existing=True)
    if request is None:
        raise NotVisible
    return request


def note(
    session: Session,
    request: VisitRequest,
    caller: Caller | None,
    now: datetime,
    kind: EventKind,
    **facts: Any,
) -> VisitRequest:
    """Store the request as it now is, with the event that made it so."""
    if kind != EventKind.ASKED:
        request.version += 1
        session.add(request)
    write_event(session, request, caller, now, kind, **facts)
    return request


def write_event(
    session: Session,
    request: VisitRequest,
    caller: Caller | None,
    now: datetime,
    kind: EventKind,
    **facts: Any,
) -> None:
    """Write what happened as the request's newest version."""
    by_id = caller.account_id if caller else None
    event = VisitEvent(
        request_id=request.id, n=request.version, at=now, kind=kind, by_id=by_id, **facts
    )
    session.add(event)
    session.flush()
    for tell in after_event:
        tell(session, request, event)
