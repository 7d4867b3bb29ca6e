"""Who is told that a technician comes on a day, comes on another one, or does not come."""

import json
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_
from sqlmodel import Session, col, select

from orchard import clock
from orchard.accounts.models import Account, Grant
from orchard.plots.models import Plot
from orchard.reminders import services
from orchard.reminders.queries import ToTell, is_managing, newest_about
from orchard.reminders.rules import Kind, morning_ends
from orchard.visits.desk import account_name
from orchard.visits.models import VisitEvent, VisitRequest
from orchard.visits.rules import EventKind

PUTS = EventKind.SCHEDULED
GIVES_UP = frozenset({EventKind.HANDED_OVER, EventKind.NOBODY_THERE, EventKind.ANSWERED})
ENDS = frozenset({EventKind.DID_NOT_COME, EventKind.CANCELLED, EventKind.RECORDED})
COMES = ("scheduled", "moved")  # of the words, those that name a day to wait for


def visit_changed(session: Session, request: VisitRequest, event: VisitEvent) -> None:
    """Owe who waits for a visit one message about its day; what was not sent yet is replaced."""
    if event.kind in {PUTS, *GIVES_UP, *ENDS}:  # what was told before is not true any more
        services.take_back(session, Kind.VISIT, request.id.hex)
    if event.on_day is None or event.kind not in {PUTS, *GIVES_UP}:
        return
    facts = {
        "what": event.kind.value,
        "who": account_name(session, request.technician_id),
        "plot": session.get_one(Plot, request.plot_id).name,
    }
    about, until = f"{request.id.hex}.{event.n}", morning_ends(_useful_on(event, event.on_day))
    told = [
        ToTell(person_id, event.on_day, Kind.VISIT, facts | moved, until, about)
        for person_id in _waiting(session, request, event)
        for moved in [_moved(session, person_id, request, event)]
    ]
    services.tell(session, told, now=event.at)


def _useful_on(event: VisitEvent, on_day: date) -> date:
    """Return the last day on which it helps to know: that nobody comes, also a day later."""
    if event.kind == PUTS:
        return on_day
    return max(on_day, clock.local(event.at).date()) + timedelta(1)


def _moved(
    session: Session, person_id: UUID, request: VisitRequest, event: VisitEvent
) -> dict[str, str]:
    """Return which day a person was told before, if he has to forget it now."""
    before = newest_about(session, person_id, Kind.VISIT, request.id.hex)
    if event.kind != PUTS or before is None or before.local_date == event.on_day:
        return {}
    if json.loads(before.params)["what"] not in COMES:
        return {}
    return {"what": "moved", "was": before.local_date.isoformat()}


def _waiting(session: Session, request: VisitRequest, event: VisitEvent) -> list[UUID]:
    """Return who works the plot and who asked for him, as far as they have an account.

    Who made the change himself knows it.
    """
    rows = session.exec(
        select(Account.person_id)
        .join(Plot, col(Plot.id) == request.plot_id)
        .where(
            or_(
                col(Account.id) == request.requested_by_id,
                col(Account.person_id) == Plot.grower_id,
                _manages(),
            ),
            col(Account.disabled_at).is_(None),
            col(Account.id) != event.by_id,
        )
        .order_by(col(Account.person_id))
    )
    return list(rows)


def _manages() -> ColumnElement[bool]:
    return exists().where(
        col(Grant.account_id) == Account.id,
        col(Grant.employer_id) == Plot.employer_id,
        *is_managing(),
    )
