"""From the call for a technician to the day of his visit; every step is kept as an event."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from orchard import clock, db
from orchard.accounts.rules import Caller, Role
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.places.rules import town_of
from orchard.plots.models import Plot
from orchard.plots.queries import is_own, plot_for
from orchard.visits import desk, queries, rules, steps
from orchard.visits.catalogue import problems
from orchard.visits.models import VisitEvent, VisitRequest
from orchard.visits.rules import MINE, OPEN, EventKind, State


def ask(
    session: Session, caller: Caller, *, id: UUID, plot_id: UUID, problem: str, now: datetime
) -> VisitRequest:
    """Ask for a visit to a plot that one works, or for a grower of the own town; free."""
    plot = plot_for(session, caller, plot_id)
    may_ask_for_others = town_of(plot.village_code) in caller.places(Role.SECRETARY)
    if not is_own(caller, plot) and not may_ask_for_others:
        raise NotVisible
    if problem not in problems():
        raise FieldRefused("problem", "web.form.enum")
    request = VisitRequest(
        id=id,
        plot_id=plot.id,
        town_code=town_of(plot.village_code),
        requested_by_id=caller.account_id,
        problem=problem,
        rank_at=rules.rank_at(now, problems()[problem].harm),
        asked_at=now,
    )
    if not db.insert_once(session, request):
        return _same(session, caller, request)
    steps.note(session, session.get_one(VisitRequest, id), caller, now, EventKind.ASKED)
    return session.get_one(VisitRequest, id)


def _same(session: Session, caller: Caller, sent: VisitRequest) -> VisitRequest:
    """Answer a repeated form: the first result, or 409 where the content differs."""
    first = session.get_one(VisitRequest, sent.id)
    if first.requested_by_id != caller.account_id:
        raise NotVisible
    kept, typed = (_content(each) for each in (first, sent))
    if kept != typed:
        raise Conflict(kept, typed)
    return first


def _content(request: VisitRequest) -> dict[str, str]:
    return {"plot_id": str(request.plot_id), "problem": request.problem}


def take(session: Session, caller: Caller, request_id: UUID, *, now: datetime) -> VisitRequest:
    """Take a request out of the town's pool: of many technicians exactly one gets it."""
    steps.served(session, caller, request_id)
    taken = session.execute(
        update(VisitRequest)
        .where(
            col(VisitRequest.id) == request_id,
            col(VisitRequest.state) == State.ASKED,
        )
        .values(
            state=State.TAKEN,
            technician_id=caller.account_id,
            version=col(VisitRequest.version) + 1,
        )
        .returning(col(VisitRequest.id))
        .execution_options(synchronize_session=False)
    ).first()
    request = session.get_one(VisitRequest, request_id, populate_existing=True)
    if taken:
        steps.write_event(session, request, caller, now, EventKind.TAKEN)
        return request
    if request.technician_id is None:
        raise rules.NotNow
    if request.technician_id != caller.account_id:
        raise rules.TakenByOther(name=desk.account_name(session, request.technician_id))
    return request


def hand_over(
    session: Session, caller: Caller, request_id: UUID, to: UUID, *, now: datetime
) -> VisitRequest:
    """Give an own request to another technician of its town; the district may move any."""
    if Role.DISTRICT in caller.roles:
        request = steps.of_district(session, caller, request_id)
        rules.check_state(request.state, OPEN)
    else:
        request = _handed(session, caller, request_id, to)
        if request.technician_id == to:
            return request
        rules.check_state(request.state, MINE)
    if to not in dict(desk.technicians_of(session, request.town_code)):
        raise FieldRefused("to", "visits.no_such_technician")
    if request.technician_id == to:
        return request
    before, request.technician_id = request.technician_id, to
    on_day = _give_up_day(request, State.TAKEN)
    facts = {"from_id": before, "to_id": to, "on_day": on_day}
    return steps.note(session, request, caller, now, EventKind.HANDED_OVER, **facts)


def _give_up_day(request: VisitRequest, state: State) -> date | None:
    """Take a request off the diary; return the day on which it stood."""
    on_day = request.on_day
    request.state, request.on_day, request.slot = state, None, None
    return on_day


def _handed(session: Session, caller: Caller, request_id: UUID, to: UUID) -> VisitRequest:
    """Return an own request, or one that this very caller handed to this person before."""
    request = steps.served(session, caller, request_id, lock=True)
    is_done = request.technician_id == to and queries.was_owner(session, request, caller)
    if request.technician_id != caller.account_id and not is_done:
        raise NotVisible
    return request


def answer(
    session: Session, caller: Caller, request_id: UUID, text: str, *, now: datetime
) -> VisitRequest:
    """Answer by phone or in writing instead of a visit: the request is closed."""
    request = steps.served(session, caller, request_id, lock=True)
    if request.technician_id not in (None, caller.account_id):
        raise rules.TakenByOther(name=desk.account_name(session, request.technician_id))
    if request.state == State.ANSWERED and queries.answer_of(session, request.id) == text:
        return request
    rules.check_state(request.state, OPEN)
    request.technician_id = caller.account_id
    on_day = _give_up_day(request, State.ANSWERED)
    facts = {"text": text, "on_day": on_day}
    return steps.note(session, request, caller, now, EventKind.ANSWERED, **facts)


def cancel(session: Session, caller: Caller, request_id: UUID, *, now: datetime) -> VisitRequest:
    """Take a request back: by who works the plot, or by who asked."""
    request = steps.asked_or_held(session, caller, request_id)
    if request.state == State.CANCELLED:
        return request
    rules.check_state(request.state, OPEN)
    return _close(session, request, caller, now)


def cancel_of_ended(session: Session, plot: Plot, _today: date) -> None:
    """Close the open requests of a plot that was given up, in the same transaction."""
    if plot.ended_at is None:
        return
    rows = session.exec(
        select(VisitRequest)
        .where(VisitRequest.plot_id == plot.id, col(VisitRequest.state).in_(OPEN))
        .with_for_update()
    )
    for request in rows.all():
        _close(session, request, None, plot.ended_at)


def _close(
    session: Session, request: VisitRequest, caller: Caller | None, now: datetime
) -> VisitRequest:
    _give_up_day(request, State.CANCELLED)
    return steps.note(session, request, caller, now, EventKind.CANCELLED)


def nobody_there(
    session: Session, caller: Caller, request_id: UUID, *, now: datetime
) -> VisitRequest:
    """Note that the technician came and met nobody; the visit waits for a new day."""
    request = steps.in_charge(session, caller, request_id)
    return _missed(session, request, caller, now, EventKind.NOBODY_THERE)


def did_not_come(
    session: Session, caller: Caller, request_id: UUID, *, now: datetime
) -> VisitRequest:
    """Note that the technician did not come on the day; the visit waits for a new one."""
    request = steps.held(session, caller, request_id)
    return _missed(session, request, caller, now, EventKind.DID_NOT_COME)


def _missed(
    session: Session, request: VisitRequest, caller: Caller, now: datetime, kind: EventKind
) -> VisitRequest:
    last = session.get(VisitEvent, (request.id, request.version))
    if last and (last.kind, last.by_id) == (kind, caller.account_id):
        return request
    rules.check_state(request.state, {State.SCHEDULED})
    if request.on_day is None or request.on_day > clock.local(now).date():
        raise rules.NotToday
    on_day = _give_up_day(request, State.TAKEN)
    return steps.note(session, request, caller, now, kind, on_day=on_day)
