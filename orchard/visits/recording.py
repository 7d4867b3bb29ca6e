"""What was found and prescribed on a visit: written down once, and corrected for some days."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, func, select

from orchard import clock
from orchard.accounts.rules import Caller
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.ids import new_id
from orchard.tasks import services as tasks
from orchard.visits import reports, rules, steps
from orchard.visits.catalogue import actions, diagnoses, service
from orchard.visits.models import Prescription, VisitRecord, VisitRecordChange, VisitRequest
from orchard.visits.rules import MINE, EventKind, State


@dataclass(frozen=True)
class Advice:
    """One thing to do by a day."""

    action: str
    due_on: date
    product: str = ""
    phi_days: int | None = None


@dataclass(frozen=True)
class Found:
    """What a technician writes down of a visit."""

    visited_on: date
    found: str
    diagnosis: str
    advice: tuple[Advice, ...] = ()


def record(
    session: Session, caller: Caller, request_id: UUID, found: Found, *, now: datetime
) -> VisitRecord:
    """Write down a visit; its prescriptions stand among the plot's tasks at once."""
    request = steps.in_charge(session, caller, request_id)
    first = session.get(VisitRecord, request_id)
    if first:
        return _same(session, first, found)
    rules.check_state(request.state, MINE)
    _check(request, found, now)
    made = VisitRecord(
        request_id=request.id,
        by_id=caller.account_id,
        visited_on=found.visited_on,
        found=found.found,
        diagnosis=found.diagnosis,
        recorded_at=now,
    )
    session.add(made)
    session.flush()
    for advice in found.advice:
        _prescribe(session, request, advice)
    _keep(session, made, caller, now, before={}, after=_as_json(found))
    request.state, request.slot, request.on_day = State.VISITED, None, found.visited_on
    steps.note(session, request, caller, now, EventKind.RECORDED, on_day=found.visited_on)
    return made


def correct(
    session: Session,
    caller: Caller,
    request_id: UUID,
    found: Found,
    *,
    version: int,
    now: datetime,
) -> VisitRecord:
    """Correct a record within its days; the old values are kept beside the new ones."""
    request = steps.in_charge(session, caller, request_id)
    kept = session.get(VisitRecord, request_id, with_for_update=True, populate_existing=True)
    if kept is None or kept.by_id != caller.account_id:
        raise NotVisible
    before = found_of(session, kept)
    if before == found:
        return kept
    rules.check_correctable(kept.recorded_at, now=now, days=service().correct_within_days)
    if kept.version != version:
        raise Conflict({**_as_json(before), "version": kept.version}, _as_json(found))
    _check(request, found, now, before=before)
    kept.visited_on, kept.found, kept.diagnosis = found.visited_on, found.found, found.diagnosis
    kept.version += 1
    session.add(kept)
    _change_advice(session, caller, request, found.advice, now)
    _keep(session, kept, caller, now, before=_as_json(before), after=_as_json(found))
    request.on_day = found.visited_on
    steps.note(session, request, caller, now, EventKind.CORRECTED, on_day=found.visited_on)
    return kept


def found_of(session: Session, kept: VisitRecord) -> Found:
    """Return what stands written of a visit."""
    rows = reports.prescriptions_of(session, kept.request_id)
    advice = tuple(_advice(row) for row in rows)
    return Found(kept.visited_on, kept.found, kept.diagnosis, advice)


def _advice(row: Prescription) -> Advice:
    return Advice(row.action, row.due_on, row.product, row.phi_days)


def _same(session: Session, first: VisitRecord, found: Found) -> VisitRecord:
    kept = found_of(session, first)
    if kept != found:
        raise Conflict({**_as_json(kept), "version": first.version}, _as_json(found))
    return first


def _check(request: VisitRequest, found: Found, now: datetime, before: Found | None = None) -> None:
    today, asked = clock.local(now).date(), clock.local(request.asked_at).date()
    if not asked <= found.visited_on <= today:
        raise FieldRefused("visited_on", "visits.visited_outside")
    if found.diagnosis not in diagnoses():
        raise FieldRefused("diagnosis", "web.form.enum")
    if len(found.advice) > rules.MOST_PRESCRIPTIONS:
        raise FieldRefused("advice", "visits.too_many_prescriptions", n=rules.MOST_PRESCRIPTIONS)
    kept = before.advice if before else ()
    for number, advice in enumerate(found.advice, 1):
        if advice not in kept:
            _check_advice(advice, number, today)


def _check_advice(advice: Advice, number: int, today: date) -> None:
    if advice.action not in actions():
        raise FieldRefused(f"action_{number}", "web.form.enum")
    last = today + timedelta(rules.DUE_WITHIN_DAYS)
    if not today <= advice.due_on <= last:
        raise FieldRefused(f"due_on_{number}", "visits.due_outside", n=rules.DUE_WITHIN_DAYS)
    rules.check_product(f"product_{number}", advice.product, service().denied)


def _prescribe(session: Session, request: VisitRequest, advice: Advice) -> None:
    newest = session.exec(
        select(func.max(Prescription.n)).where(Prescription.request_id == request.id)
    ).one()
    row = Prescription(
        id=new_id(),
        request_id=request.id,
        n=(newest or 0) + 1,
        action=advice.action,
        product=advice.product,
        due_on=advice.due_on,
        phi_days=advice.phi_days,
    )
    session.add(row)
    session.flush()
    action = actions()[advice.action]
    tasks.prescribe(
        session,
        tasks.prescription_key(request.plot_id, row.id),
        due_on=advice.due_on,
        late_after=advice.due_on + timedelta(action.on_time_days),
        window_to=advice.due_on + timedelta(action.until_days),
        harm=action.harm,
    )


def _change_advice(
    session: Session,
    caller: Caller,
    request: VisitRequest,
    wanted: Sequence[Advice],
    now: datetime,
) -> None:
    """Withdraw what is no longer prescribed and its open task; prescribe what is new."""
    left = list(wanted)
    for row in reports.prescriptions_of(session, request.id):
        if _advice(row) in left:
            left.remove(_advice(row))
            continue
        row.withdrawn_at = now
        session.add(row)
        tasks.withdraw(session, caller, tasks.prescription_key(request.plot_id, row.id), now=now)
    for advice in left:
        _prescribe(session, request, advice)


def _keep(
    session: Session,
    kept: VisitRecord,
    caller: Caller,
    now: datetime,
    **values: Any,
) -> None:
    texts = {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}
    session.add(
        VisitRecordChange(
            request_id=kept.request_id,
            version=kept.version,
            at=now,
            by_id=caller.account_id,
            **texts,
        )
    )
    session.flush()


def _as_json(found: Found) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(asdict(found), default=str))
    return plain
