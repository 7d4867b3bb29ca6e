"""Crews: the people of one employer who are ticked on one sheet."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from orchard import db
from orchard.accounts.rules import Caller
from orchard.errors import Conflict, NotVisible
from orchard.hiring import queries
from orchard.hiring.models import Crew


def make_crew(
    session: Session, caller: Caller, employer_id: UUID, name: str, *, id: UUID, now: datetime
) -> Crew:
    """Make a crew of an employer; sent twice it is one crew."""
    queries.employer_for(session, caller, employer_id)
    made = Crew(
        id=id, employer_id=employer_id, name=name, made_at=now, made_by_id=caller.account_id
    )
    db.insert_once(session, made)
    first = session.get_one(Crew, id)
    if first.employer_id not in caller.employers:
        raise NotVisible
    if (first.employer_id, first.name) != (employer_id, name):
        raise Conflict({"name": first.name}, {"name": name})
    return first


def end_crew(session: Session, caller: Caller, crew_id: UUID, *, now: datetime) -> Crew:
    """End a crew: its sheets stay, it is offered no more."""
    crew = queries.crew_for(session, caller, crew_id)
    if crew.ended_at is None:
        crew.ended_at = now
        session.add(crew)
        session.flush()
    return crew
