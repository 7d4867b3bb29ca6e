"""Openings and who wants to come: published, changed, closed, hidden; asked, declined."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from orchard import clock, db
from orchard.accounts.models import Employer
from orchard.accounts.rules import Caller
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.hiring import queries
from orchard.hiring.checks import check_workplace
from orchard.hiring.employers import serves
from orchard.hiring.models import Application, Opening
from orchard.hiring.rules import (
    DAYS,
    DAYS_AHEAD,
    PEOPLE,
    AlreadyDecided,
    ApplicationState,
    OpeningOver,
    PayBasis,
    check_work,
)
from orchard.hiring.services import as_json


@dataclass(frozen=True)
class Offer:
    """What an employer offers."""

    work: str
    workplace_code: str
    people: int
    first_day: date
    days: int
    basis: PayBasis
    rate_fen_x100: int
    note: str = ""

    @property
    def last_day(self) -> date:
        """Return the last day of the work."""
        return self.first_day + timedelta(days=self.days - 1)


def offer_of(opening: Opening) -> Offer:
    """Return what an opening offers."""
    return Offer(**{name: getattr(opening, name) for name in Offer.__dataclass_fields__})


def publish(
    session: Session, caller: Caller, employer_id: UUID, offer: Offer, *, id: UUID, now: datetime
) -> Opening:
    """Publish an opening of an employer the caller manages; sent twice it is one opening."""
    queries.employer_for(session, caller, employer_id)
    first = session.get(Opening, id)
    if first is None:
        check_offer(session, offer, clock.local(now).date())
        made = Opening(
            **asdict(offer),
            id=id,
            employer_id=employer_id,
            last_day=offer.last_day,
            made_at=now,
            made_by_id=caller.account_id,
        )
        if db.insert_once(session, made):
            return session.get_one(Opening, id)
        first = session.get_one(Opening, id)
    if first.employer_id not in caller.employers:
        raise NotVisible
    kept, sent = as_json(offer_of(first)), as_json(offer)
    if kept != sent or first.employer_id != employer_id:
        raise Conflict(kept, sent)
    return first


def check_offer(session: Session, offer: Offer, today: date, since: date | None = None) -> None:
    """Refuse what cannot be offered; since: the first day that stood there before."""
    check_work(offer.work)
    check_workplace(session, offer.workplace_code)
    if not PEOPLE[0] <= offer.people <= PEOPLE[1]:
        raise FieldRefused("people", "hiring.people_out_of_range", most=PEOPLE[1])
    if not DAYS[0] <= offer.days <= DAYS[1]:
        raise FieldRefused("days", "hiring.days_out_of_range", most=DAYS[1])
    earliest = min(today, since or today)
    if not earliest <= offer.first_day <= today + timedelta(days=DAYS_AHEAD):
        raise FieldRefused("first_day", "hiring.first_day_out_of_range", days=DAYS_AHEAD)
    if offer.rate_fen_x100 <= 0:
        raise FieldRefused("rate", "hiring.rate_needed")


def change(
    session: Session,
    caller: Caller,
    opening_id: UUID,
    offer: Offer,
    *,
    version: int,
    now: datetime,
) -> Opening:
    """Change an open offer; of an older version it is refused with both."""
    opening = _own(session, caller, opening_id)
    kept, sent = as_json(offer_of(opening)), as_json(offer)
    if kept == sent:
        return opening
    if opening.version != version:
        raise Conflict({**kept, "version": opening.version}, sent)
    today = clock.local(now).date()
    if opening.closed_at:
        raise OpeningOver
    check_offer(session, offer, today, since=opening.first_day)
    for name, value in {**asdict(offer), "last_day": offer.last_day}.items():
        setattr(opening, name, value)
    opening.version += 1
    session.add(opening)
    session.flush()
    return opening


def _own(session: Session, caller: Caller, opening_id: UUID) -> Opening:
    found = session.get(Opening, opening_id, with_for_update=True, populate_existing=True)
    if found is None or found.employer_id not in caller.employers:
        raise NotVisible
    return found


def close(session: Session, caller: Caller, opening_id: UUID, *, now: datetime) -> Opening:
    """Close an opening; twice is once."""
    opening = _own(session, caller, opening_id)
    if opening.closed_at is None:
        opening.closed_at = now
        opening.version += 1
        session.add(opening)
        session.flush()
    return opening


def may_hide(caller: Caller | None, opening: Opening, employer_village: str) -> bool:
    """Say whether a caller serves the town where an opening is, or where its employer is."""
    codes = (opening.workplace_code, employer_village)
    return caller is not None and any(serves(caller, code) for code in codes)


def hide(
    session: Session, caller: Caller, opening_id: UUID, *, is_hidden: bool, now: datetime
) -> Opening:
    """Hide an opening of the own town from the list, or show it again."""
    opening = session.get(Opening, opening_id, with_for_update=True, populate_existing=True)
    if opening is None:
        raise NotVisible
    employer = session.get_one(Employer, opening.employer_id)
    if not may_hide(caller, opening, employer.village_code):
        raise NotVisible
    if (opening.hidden_at is not None) != is_hidden:
        opening.hidden_at = now if is_hidden else None
        opening.version += 1
        session.add(opening)
        session.flush()
    return opening


def is_over(opening: Opening, today: date) -> bool:
    """Say whether nobody can ask to come any more."""
    return bool(opening.closed_at or opening.hidden_at) or opening.last_day < today


def apply(session: Session, caller: Caller, opening_id: UUID, *, now: datetime) -> Application:
    """Ask to come to an opening; twice is once, and after a withdrawal it stands again."""
    found = session.get(Opening, opening_id)
    own = _application(session, opening_id, caller.person_id)
    if found is None or (own is None and found.hidden_at):
        raise NotVisible
    if own and own.state == ApplicationState.DECLINED:
        raise AlreadyDecided
    if own and own.state != ApplicationState.WITHDRAWN:
        return own
    if is_over(found, clock.local(now).date()):
        raise OpeningOver
    if own:
        return _set(session, own, ApplicationState.OPEN, now)
    made = Application(
        opening_id=opening_id,
        person_id=caller.person_id,
        state=ApplicationState.OPEN,
        at=now,
        changed_at=now,
    )
    db.insert_once(session, made)
    return session.get_one(Application, (opening_id, caller.person_id))


def _application(session: Session, opening_id: UUID, person_id: UUID) -> Application | None:
    key = (opening_id, person_id)
    return session.get(Application, key, with_for_update=True, populate_existing=True)


def _set(session: Session, own: Application, state: ApplicationState, now: datetime) -> Application:
    own.state, own.changed_at = state, now
    session.add(own)
    session.flush()
    return own


def withdraw(session: Session, caller: Caller, opening_id: UUID, *, now: datetime) -> Application:
    """Take one's own wish back; twice is once."""
    own = _application(session, opening_id, caller.person_id)
    if own is None:
        raise NotVisible
    if own.state == ApplicationState.WITHDRAWN:
        return own
    if own.state != ApplicationState.OPEN:
        raise AlreadyDecided
    return _set(session, own, ApplicationState.WITHDRAWN, now)


def decline(
    session: Session, caller: Caller, opening_id: UUID, person_id: UUID, *, now: datetime
) -> Application:
    """Say no to somebody who asked to come; twice is once."""
    _own(session, caller, opening_id)
    found = _application(session, opening_id, person_id)
    if found is None or found.state == ApplicationState.WITHDRAWN:
        raise NotVisible
    if found.state == ApplicationState.DECLINED:
        return found
    if found.state != ApplicationState.OPEN:
        raise AlreadyDecided
    return _set(session, found, ApplicationState.DECLINED, now)


def facts(opening: Opening) -> dict[str, Any]:
    """Return what an opening offers as it is compared and shown."""
    return as_json(offer_of(opening))
