"""Hiring in the cast of these tests, what is typed into its forms, which answer with a page."""

from sqlmodel import Session

from orchard.accounts.models import Employer, Person
from orchard.accounts.rules import Caller
from orchard.hiring.models import Application
from orchard.hiring.rules import ApplicationState
from tests import make

FIRST = {
    "born_on": lambda: "1980-05-01",
    "days": lambda: "5",
    "first_day": lambda: "2026-12-03",
    "on_day": lambda: "2026-11-01",
    "people": lambda: "8",
    "rate": lambda: "130",
    "reason": lambda: "核对名册",
    "work": lambda: "picking",
}
SHOWS = frozenset({"hires.create", "openings.create", "statuses.read"})  # a page to check or read
AUDITED = frozenset({"statuses.read"})  # each look is written down
STALE = frozenset({"hires.change", "hires.end"})  # others change the same hire meanwhile


def add_work(session: Session, worker: Caller, firm: Employer) -> dict[str, str]:
    """Write an opening that the worker asked for, a crew, and his hire; return their ids."""
    opening, crew = make.opening(session, firm), make.crew(session, firm)
    session.add(
        Application(
            opening_id=opening.id,
            person_id=worker.person_id,
            state=ApplicationState.OPEN,
            at=make.NOW,
            changed_at=make.NOW,
        )
    )
    own = session.get_one(Person, worker.person_id)
    hire = make.hire(session, firm, own, crew_id=crew.id)
    found = {"employer_id": firm, "opening_id": opening, "crew_id": crew, "hire_id": hire}
    return {name: str(row.id) for name, row in found.items()}
