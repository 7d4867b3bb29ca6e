"""What is looked up before a hire is written: places, crew, opening, the person."""

from collections.abc import Callable
from datetime import date
from typing import Protocol
from uuid import UUID

from sqlmodel import Session

from orchard import db
from orchard.accounts.models import Person
from orchard.errors import FieldRefused
from orchard.hiring.models import Crew, Opening
from orchard.hiring.queries import is_known_to
from orchard.hiring.roster import check_registered
from orchard.hiring.rules import PayBasis, check_age, check_start, check_work
from orchard.places.models import Place
from orchard.places.rules import county_of

# The room above says on which days, first and last, a hire was worked: the roots fill this list.
worked: list[Callable[[Session, UUID], tuple[date, date] | None]] = []


class Facts(Protocol):
    """What is checked of a hire, new or changed."""

    @property
    def crew_id(self) -> UUID | None: ...
    @property
    def work(self) -> str: ...
    @property
    def workplace_code(self) -> str: ...
    @property
    def registered_code(self) -> str | None: ...
    @property
    def started_on(self) -> date: ...


class Kind(Protocol):
    """What of a hire decides which rate a worked day has."""

    @property
    def work(self) -> str: ...
    @property
    def basis(self) -> PayBasis: ...


class Whole(Facts, Protocol):
    """A hire about to be made."""

    @property
    def person_id(self) -> UUID: ...
    @property
    def employer_id(self) -> UUID: ...
    @property
    def opening_id(self) -> UUID | None: ...


def check_facts(session: Session, employer_id: UUID, facts: Facts, today: date) -> None:
    """Refuse what no hire of an employer can say."""
    check_work(facts.work)
    check_start(facts.started_on, today)
    check_workplace(session, facts.workplace_code)
    check_registered(session, facts.registered_code)
    crew = session.get(Crew, facts.crew_id) if facts.crew_id else None
    if facts.crew_id and (crew is None or crew.employer_id != employer_id or crew.ended_at):
        raise FieldRefused("crew_id", "hiring.crew_unknown")


def check_workplace(session: Session, code: str) -> None:
    """Refuse a workplace that is no town or village of this county."""
    place = session.get(Place, code)
    if place is None or len(code) < 9 or county_of(code) != db.county():
        raise FieldRefused("workplace_code", "hiring.workplace_unknown")


def check_person(session: Session, hire: Whole) -> None:
    """Refuse whom the employer does not know, who is too young, and another's opening."""
    person = session.get(Person, hire.person_id)
    if person is None or not is_known_to(session, hire.employer_id, hire.person_id):
        raise FieldRefused("person_id", "hiring.not_on_roster")
    check_age(person.born_on, hire.work, hire.started_on)
    opening = session.get(Opening, hire.opening_id) if hire.opening_id else None
    if hire.opening_id and (opening is None or opening.employer_id != hire.employer_id):
        raise FieldRefused("opening_id", "hiring.opening_unknown")


def check_kind(session: Session, hire_id: UUID, before: Kind, after: Kind) -> None:
    """Refuse other work or another basis once a day was worked: its pay was agreed on these."""
    changed = [name for name in ("work", "basis") if getattr(before, name) != getattr(after, name)]
    if changed and any(ask(session, hire_id) for ask in worked):
        raise FieldRefused(changed[0], "hiring.worked_already")


def check_days(session: Session, hire_id: UUID, started_on: date, ended_on: date | None) -> None:
    """Refuse days of a hire that are out of order, or leave out a day that was worked."""
    if ended_on and started_on > ended_on:
        raise FieldRefused("started_on", "hiring.ends_before")
    for ask in worked:
        days = ask(session, hire_id)
        if days and days[0] < started_on:
            raise FieldRefused("started_on", "hiring.worked_before", day=days[0].isoformat())
        if days and ended_on and days[1] > ended_on:
            raise FieldRefused("ended_on", "hiring.worked_after", day=days[1].isoformat())
