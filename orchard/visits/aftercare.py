"""After a visit: was he there, how was it, and was the advice applied."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from orchard.accounts.rules import Caller
from orchard.errors import FieldRefused, NotVisible
from orchard.plots.models import Plot
from orchard.plots.queries import is_own
from orchard.tasks import services as tasks
from orchard.tasks.models import Reason
from orchard.tasks.models import State as TaskState
from orchard.visits import reports, rules, sight, steps
from orchard.visits.models import Prescription, VisitRecord
from orchard.visits.rules import EventKind, Outcome, Why

# Why a grower's task is left out, in the words of the calendar (tasks.models.Reason).
LEFT_OUT = {
    Why.COST: Reason.NO_MONEY,
    Why.LABOUR: Reason.NO_HANDS,
    Why.WEATHER: Reason.RAIN,
    Why.NOT_SOLD: Reason.OTHER,
    Why.NOT_CONVINCED: Reason.NOT_NEEDED,
}


def confirm(
    session: Session, caller: Caller, request_id: UUID, *, came: bool, now: datetime
) -> VisitRecord:
    """Let the holder say whether the technician was there on the day of the record."""
    request = steps.held(session, caller, request_id)
    kept = _record_of(session, request_id)
    if kept.came is not came:
        kept.came, kept.confirmed_at = came, now
        session.add(kept)
        text = "came" if came else "did_not_come"
        steps.note(session, request, caller, now, EventKind.CONFIRMED, text=text)
    return kept


def rate(
    session: Session, caller: Caller, request_id: UUID, *, face: int, now: datetime
) -> VisitRecord:
    """Let the holder give one of three faces; no event, so that nobody reads who gave which."""
    steps.held(session, caller, request_id)
    kept = _record_of(session, request_id)
    if kept.rating != face:
        kept.rating, kept.rated_at = face, now
        session.add(kept)
        session.flush()
    return kept


def _record_of(session: Session, request_id: UUID) -> VisitRecord:
    kept = session.get(VisitRecord, request_id, with_for_update=True, populate_existing=True)
    if kept is None:
        raise rules.NotNow
    return kept


def follow_up(
    session: Session,
    caller: Caller,
    prescription_id: UUID,
    *,
    outcome: Outcome,
    why: Why | None,
    now: datetime,
) -> Prescription:
    """Note whether a prescription was applied; what the holder says settles his task too."""
    row = session.get(Prescription, prescription_id)
    if row is None:
        raise NotVisible
    request, plot = steps.locked(session, caller, row.request_id)
    mine = is_own(caller, plot)
    if not mine and not sight.is_assigned(session, caller, request, now):
        raise NotVisible
    if row.withdrawn_at:
        raise rules.NotNow
    why = None if outcome == Outcome.APPLIED else why
    if outcome == Outcome.NOT and why is None:
        raise FieldRefused("why", "visits.why_missing")
    if (row.outcome, row.why, row.followed_by_id) == (outcome, why, caller.account_id):
        return row
    row.outcome, row.why = outcome, why
    row.followed_at, row.followed_by_id = now, caller.account_id
    session.add(row)
    if mine:
        _settle(session, caller, plot, row, now)
    text = f"{row.n} {outcome.value} {why.value if why else ''}".strip()
    steps.note(session, request, caller, now, EventKind.FOLLOWED_UP, text=text)
    return row


def _settle(session: Session, caller: Caller, plot: Plot, row: Prescription, now: datetime) -> None:
    """Settle the grower's own task as he says: applied is done, not applied is left out."""
    key = tasks.prescription_key(plot.id, row.id)
    task = reports.task_of(session, key)
    if task is None or row.outcome == Outcome.PARTLY:
        return
    if row.outcome == Outcome.APPLIED:
        tasks.mark_done(session, caller, key, now=now)
    elif row.why and task.state == TaskState.OPEN:
        tasks.skip(session, caller, key, reason=LEFT_OUT[row.why], now=now)
