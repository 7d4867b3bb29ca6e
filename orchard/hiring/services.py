"""Hires: made, changed, ended by an employer, confirmed or objected to by the worker."""

import json
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, update

from orchard import clock, db
from orchard.accounts.models import Person
from orchard.accounts.rules import Caller
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.hiring import queries
from orchard.hiring.checks import check_days, check_facts, check_kind, check_person
from orchard.hiring.models import Application, Hire, HireEvent, Roster
from orchard.hiring.rules import (
    DAYS_AHEAD,
    ApplicationState,
    HireEventKind,
    PayBasis,
    Relation,
    check_age,
)

# Upper rooms hang in what must happen in the same transaction: the roots fill this list. Called
# with the persons of whom a status, a double or a hire's registered place or workplace changed.
after_person_change: list[Callable[[Session, Collection[UUID]], None]] = []


@dataclass(frozen=True, kw_only=True)
class HireFacts:
    """What an employer may still change about a hire."""

    crew_id: UUID | None
    work: str
    workplace_code: str
    registered_code: str | None
    relation: Relation
    basis: PayBasis
    started_on: date
    terms: str = ""


@dataclass(frozen=True, kw_only=True)
class NewHire(HireFacts):
    """Whom an employer hires for what, where, and on which terms."""

    id: UUID
    person_id: UUID
    employer_id: UUID
    opening_id: UUID | None


def facts_of(hire: Hire) -> HireFacts:
    """Return what stands about a hire."""
    return HireFacts(**{name: getattr(hire, name) for name in HireFacts.__dataclass_fields__})


def as_json(facts: Any) -> dict[str, Any]:
    """Return the facts of a dataclass as they are compared, kept and shown."""
    return {
        name: value if value is None or isinstance(value, int) else str(value)
        for name, value in asdict(facts).items()
    }


def make_hire(session: Session, caller: Caller, hire: NewHire, *, now: datetime) -> Hire:
    """Hire somebody whom the employer knows; the same form again is the first hire."""
    queries.employer_for(session, caller, hire.employer_id)
    first = session.get(Hire, hire.id)
    if first is None:
        today = clock.local(now).date()
        check_facts(session, hire.employer_id, hire, today)
        check_person(session, hire)
        made = Hire(**asdict(hire), made_at=now, made_by_id=caller.account_id)
        if db.insert_once(session, made):
            _note(session, made, HireEventKind.MADE, caller, now, sent=as_json(hire))
            _enter(session, hire, caller, now)
            _answer_application(session, hire, now)
            return session.get_one(Hire, hire.id)
        first = session.get_one(Hire, hire.id)
    return _same(session, first, hire, caller)


def _same(session: Session, first: Hire, hire: NewHire, caller: Caller) -> Hire:
    if first.employer_id not in caller.employers:
        raise NotVisible
    begun = session.get(HireEvent, (first.id, 1))
    kept, sent = json.loads(begun.facts) if begun else {}, as_json(hire)
    if kept != sent:
        raise Conflict(kept, sent)
    return first


def _enter(session: Session, hire: NewHire, caller: Caller, now: datetime) -> None:
    known = Roster(
        employer_id=hire.employer_id,
        person_id=hire.person_id,
        registered_code=hire.registered_code,
        at=now,
        by_id=caller.account_id,
    )
    if not db.insert_once(session, known) and hire.registered_code:
        session.execute(
            update(Roster)
            .where(
                col(Roster.employer_id) == hire.employer_id,
                col(Roster.person_id) == hire.person_id,
            )
            .values(registered_code=hire.registered_code)
        )


def _answer_application(session: Session, hire: NewHire, now: datetime) -> None:
    if hire.opening_id is None:
        return
    session.execute(
        update(Application)
        .where(
            col(Application.opening_id) == hire.opening_id,
            col(Application.person_id) == hire.person_id,
            col(Application.state) != ApplicationState.WITHDRAWN,
        )
        .values(state=ApplicationState.HIRED, changed_at=now)
    )


def _note(
    session: Session,
    hire: Hire,
    kind: HireEventKind,
    caller: Caller,
    now: datetime,
    *,
    sent: dict[str, Any] | None = None,
    note: str = "",
) -> None:
    session.add(
        HireEvent(
            hire_id=hire.id,
            version=hire.version,
            kind=kind,
            at=now,
            by_id=caller.account_id,
            note=note,
            facts=json.dumps(sent, ensure_ascii=False) if sent else "",
        )
    )
    session.flush()


def change_hire(
    session: Session,
    caller: Caller,
    hire_id: UUID,
    facts: HireFacts,
    *,
    version: int,
    now: datetime,
) -> Hire:
    """Change a hire's terms, work or places; the worker is asked to confirm it again."""
    hire = _locked(session, caller, hire_id)
    before, sent = as_json(facts_of(hire)), as_json(facts)
    is_stale = hire.version != version
    if is_stale and not _was_this(session, hire_id, version + 1, caller, sent):
        raise Conflict({**before, "version": hire.version}, sent)
    if is_stale or before == sent:
        return hire
    _check_change(session, hire, facts, clock.local(now).date())
    return _changed(session, caller, hire, facts, now)


def _check_change(session: Session, hire: Hire, facts: HireFacts, today: date) -> None:
    is_same_crew = facts.crew_id == hire.crew_id  # it may have ended since
    to_check = replace(facts, crew_id=None) if is_same_crew else facts
    check_facts(session, hire.employer_id, to_check, today)
    check_days(session, hire.id, facts.started_on, hire.ended_on)
    check_kind(session, hire.id, hire, facts)
    born_on = session.get_one(Person, hire.person_id).born_on
    check_age(born_on, facts.work, facts.started_on)


def _changed(
    session: Session,
    caller: Caller,
    hire: Hire,
    facts: HireFacts,
    now: datetime,
) -> Hire:
    counted = (hire.registered_code, hire.workplace_code)
    for name, value in asdict(facts).items():
        setattr(hire, name, value)
    hire.version += 1
    session.add(hire)
    _note(session, hire, HireEventKind.CHANGED, caller, now, sent=as_json(facts))
    if counted != (hire.registered_code, hire.workplace_code):
        tell_person_change(session, {hire.person_id})
    return hire


def _locked(session: Session, caller: Caller, hire_id: UUID) -> Hire:
    queries.managed_hire_for(session, caller, hire_id)
    return session.get_one(Hire, hire_id, with_for_update=True, populate_existing=True)


def _was_this(
    session: Session,
    hire_id: UUID,
    version: int,
    caller: Caller,
    sent: dict[str, Any],
) -> bool:
    """Say whether a version was made by this very form before."""
    made = session.get(HireEvent, (hire_id, version))
    if made is None or (made.kind, made.by_id) != (HireEventKind.CHANGED, caller.account_id):
        return False
    return bool(json.loads(made.facts) == sent)


def end_hire(
    session: Session,
    caller: Caller,
    hire_id: UUID,
    *,
    ended_on: date,
    version: int,
    now: datetime,
) -> Hire:
    """End a hire on its last day, or correct that day; sent twice it ends once."""
    hire = _locked(session, caller, hire_id)
    if hire.ended_on == ended_on:
        return hire
    if hire.version != version:
        raise Conflict(
            {"ended_on": str(hire.ended_on), "version": hire.version}, {"ended_on": str(ended_on)}
        )
    last = clock.local(now).date() + timedelta(days=DAYS_AHEAD)
    if not hire.started_on <= ended_on <= last:
        raise FieldRefused("ended_on", "hiring.end_out_of_range")
    check_days(session, hire_id, hire.started_on, ended_on)
    hire.ended_on = ended_on
    hire.version += 1
    session.add(hire)
    _note(session, hire, HireEventKind.ENDED, caller, now, sent={"ended_on": str(ended_on)})
    return hire


def answer_hire(
    session: Session,
    caller: Caller,
    hire_id: UUID,
    kind: HireEventKind,
    *,
    version: int,
    note: str = "",
    now: datetime,
) -> Hire:
    """Confirm one's own hire or object to it, in the version that was seen."""
    found = queries.hire_for(session, caller, hire_id)
    if found.person_id != caller.person_id:
        raise NotVisible
    hire = session.get_one(Hire, hire_id, with_for_update=True, populate_existing=True)
    last = session.get_one(HireEvent, (hire_id, hire.version))
    if (last.kind, last.note, last.by_id) == (kind, note, caller.account_id):
        return hire
    if hire.version != version:
        raise Conflict({**as_json(facts_of(hire)), "version": hire.version}, {"version": version})
    hire.version += 1
    session.add(hire)
    _note(session, hire, kind, caller, now, note=note)
    return hire


def tell_person_change(session: Session, person_ids: Collection[UUID]) -> None:
    """Tell the upper rooms in the same transaction that what is counted of persons changed."""
    for tell in after_person_change:
        tell(session, person_ids)
