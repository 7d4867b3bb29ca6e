"""Sheets and work days: who knocks at which record, and who finds it."""

from typing import Any

from sqlmodel import Session

from orchard.accounts.models import Person
from orchard.ids import new_id
from tests import make
from tests.access.case import FREE, Case
from tests.access.cast import CANARY, NEIGHBOURS, Cast, Faces

DAY = "2026-11-20"
# Of hires: the worker's own, a fellow's at the same firm, of the town's and the other town's firm.
HIRES = ("day:own", "day:fellow", "day:neighbour", "day:other", "day:unknown")
CREWS = ("day:own", "day:ended", "day:neighbour", "day:other", "day:unknown")
OF_FIRM = {"day:own", "day:fellow"}


def _step(cast: Cast, subject: str) -> dict[str, Any]:
    return {"version": "0", "step": "save"}


def _day(cast: Cast, subject: str) -> dict[str, Any]:
    return {"version": "0", "half_days": "1"}


SHEET, DAYS = Case("crew:sheet"), Case("hire:managed")
CASES: dict[str, Case] = {
    "api_attendance.days": Case("hire:days"),
    "api_attendance.put": Case("hire:managed", lambda cast, subject: {"day": "half"}),
    "api_attendance.save_sheet": Case("crew:sheet", lambda cast, subject: {"people": []}),
    "api_attendance.sheet": SHEET,
    "attendance.correct": Case("hire:managed", _day),
    "attendance.day": DAYS,
    "attendance.days": DAYS,
    "attendance.list": FREE,
    "attendance.save": Case("crew:sheet", _step),
    "attendance.sheet": SHEET,
}
REACH: dict[str, dict[str, set[str]]] = {
    "hire:days": {"manager": OF_FIRM, "worker": {"day:own"}},
    "hire:managed": {"manager": OF_FIRM},
    "crew:sheet": {"manager": {"day:own", "day:ended"}},
}
SUBJECTS: dict[str, tuple[str, ...]] = {
    "hire:days": HIRES,
    "hire:managed": HIRES,
    "crew:sheet": CREWS,
}


def fill(session: Session, cast: Cast, faces: Faces) -> None:
    """Write the records that are knocked at into the cast's records, by kind and subject."""
    crew = make.crew(session, faces.firm)
    ended_crew = make.crew(session, faces.firm, name="散了的组", ended_at=make.NOW)
    near_crew = make.crew(session, faces.neighbour_firm, name=f"{NEIGHBOURS}组")
    other_crew = make.crew(session, faces.other_firm, name=f"{CANARY}组")
    neighbour = make.worker(session, name=f"{NEIGHBOURS}工")
    worker = session.get_one(Person, faces.callers["worker"].person_id)
    stranger = make.worker(session, name=f"{CANARY}工", village_code=make.OTHER_VILLAGE)
    cast.records["sheets"] = {
        "day:own": crew.id,
        "day:ended": ended_crew.id,
        "day:neighbour": near_crew.id,
        "day:other": other_crew.id,
        "day:unknown": new_id(),
    }
    cast.records["days"] = {
        "day:own": make.hire(session, faces.firm, worker, crew_id=crew.id).id,
        "day:fellow": make.hire(session, faces.firm, crew_id=crew.id).id,
        "day:neighbour": make.hire(
            session, faces.neighbour_firm, neighbour, crew_id=near_crew.id
        ).id,
        "day:other": make.hire(session, faces.other_firm, stranger, crew_id=other_crew.id).id,
        "day:unknown": new_id(),
    }


def values(cast: Cast, subject: str) -> dict[str, Any]:
    """Return the values of this room's address arguments for a subject."""
    if not subject.startswith("day:"):
        return {"day": DAY}
    return {
        "day": DAY,
        "crew_id": cast.records["sheets"].get(subject),
        "hire_id": cast.records["days"].get(subject),
    }
