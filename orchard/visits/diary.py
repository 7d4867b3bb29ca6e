"""A technician's diary: which day a visit is put on, and which days he has off."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from orchard import clock
from orchard.accounts.models import Account
from orchard.accounts.rules import Caller
from orchard.errors import FieldRefused
from orchard.visits import desk, rules, steps
from orchard.visits.catalogue import service
from orchard.visits.models import VisitDayOff, VisitRequest
from orchard.visits.rules import MINE, EventKind, State


def put_on_day(
    session: Session, caller: Caller, request_id: UUID, on_day: date, *, now: datetime
) -> VisitRequest:
    """Put an own request on a day with room in the diary, or move it to another."""
    request = steps.in_charge(session, caller, request_id)
    if (request.state, request.on_day) == (State.SCHEDULED, on_day):
        return request
    rules.check_state(request.state, MINE)
    today = clock.local(now).date()
    rules.check_day(on_day, today=today, days_ahead=service().days_ahead)
    session.get(Account, caller.account_id, with_for_update=True)  # one diary, one writer
    if session.get(VisitDayOff, (caller.account_id, on_day)):
        raise FieldRefused("on_day", "visits.day_off")
    used = desk.used_slots(session, caller.account_id, on_day)
    slot = rules.free_slot(used, service().visits_a_day)
    request.state, request.on_day, request.slot = State.SCHEDULED, on_day, slot
    return steps.note(session, request, caller, now, EventKind.SCHEDULED, on_day=on_day)


def set_day_off(
    session: Session, caller: Caller, day: date, *, is_off: bool, now: datetime
) -> None:
    """Keep a day of the own diary free, or open it again; visits already put on it refuse it."""
    session.get(Account, caller.account_id, with_for_update=True)
    there = session.get(VisitDayOff, (caller.account_id, day))
    if is_off and there is None:
        rules.check_day(day, today=clock.local(now).date(), days_ahead=365)
        if desk.used_slots(session, caller.account_id, day):
            raise FieldRefused("on_day", "visits.day_has_visits")
        session.add(VisitDayOff(technician_id=caller.account_id, day=day, at=now))
    if not is_off and there:
        session.delete(there)
    session.flush()
