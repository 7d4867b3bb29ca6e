"""A small county at random: people who overlap in every way that a count can trip over."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlmodel import Session, SQLModel

from orchard import db
from orchard.accounts.models import Employer, Person
from orchard.accounts.rules import EmployerKind
from orchard.attendance.models import Workday
from orchard.hiring.models import Hire, SamePerson, StatusPeriod
from orchard.hiring.rules import ELSEWHERE, PayBasis, Relation, StatusKind
from orchard.wages.models import PayLine
from orchard.wages.rules import LineKind
from tests.make import NOW

FIRST, LAST = date(2026, 7, 20), date(2027, 3, 20)  # three seasons, nine months
HOMES = (
    "500154118201",
    "500154118202",
    "500154118203",
    "500154100201",
    "500154118",
    "500154",
    "500101",
    ELSEWHERE,
    None,
)
WORK = ("500154118201", "500154118202", "500154118203", "500154100201", "500154100202")


@dataclass
class County:
    """What was made, for tests that change it further."""

    people: list[UUID]
    employers: list[UUID]
    hires: list[UUID]
    days: list[tuple[UUID, date]]


def fill(session: Session, rng: Random) -> County:
    """Write a random county; the same random source gives the same one."""
    made = County([], [], [], [])
    people = [_person(rng) for _ in range(rng.randint(2, 14))]
    employers = [_employer(rng) for _ in range(rng.randint(1, 6))]
    made.people = [row["id"] for row in people]
    made.employers = [row["id"] for row in employers]
    hires = [_hire(rng, made) for _ in range(rng.randint(4, 30))]
    made.hires = [row["id"] for row in hires]
    days = [row for hire in hires for row in _days(rng, hire["id"])]
    for hire in hires:
        hire.update(_run(rng, [row["day"] for row in days if row["hire_id"] == hire["id"]]))
    made.days = [(row["hire_id"], row["day"]) for row in days]
    statuses = [_status(rng, made) for _ in range(rng.randint(0, 6))]
    for model, rows in (
        (Person, people),
        (Employer, employers),
        (Hire, hires),
        (Workday, days),
        (StatusPeriod, statuses),
        (SamePerson, _doubles(rng, made.people)),
    ):
        insert(session, model, rows)
    lines = [row for key in made.days for row in _pay(rng, *key)]
    insert(session, PayLine, [row for row in lines if row["kind"] == LineKind.EARNED])
    insert(session, PayLine, [row for row in lines if row["kind"] != LineKind.EARNED])
    return made


def insert(session: Session, model: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    """Insert rows as they are."""
    db.insert_all_once(session, model, rows)


def new(rng: Random) -> UUID:
    """Return an id from the random source."""
    return UUID(int=rng.getrandbits(128), version=4)


def _person(rng: Random) -> dict[str, Any]:
    return {"id": new(rng), "name": "张秀英", "village_code": WORK[0], "created_at": NOW}


def _employer(rng: Random) -> dict[str, Any]:
    return {
        "id": new(rng),
        "name": f"用工方{rng.randrange(100)}",
        "kind": rng.choice(list(EmployerKind)),
        "village_code": rng.choice(WORK),
        "verified_at": rng.choice([None, NOW]),
        "created_at": NOW,
    }


def _hire(rng: Random, made: County) -> dict[str, Any]:
    return {
        "id": new(rng),
        "person_id": rng.choice(made.people),
        "employer_id": rng.choice(made.employers),
        "work": "picking",
        "workplace_code": rng.choice(WORK),
        "registered_code": rng.choice(HOMES),
        "relation": Relation.SERVICE,
        "basis": PayBasis.DAY,
        "made_at": NOW,
    }


def _run(rng: Random, days: list[date]) -> dict[str, Any]:
    """Begin a hire on its first work day or before; end it on the last one, later, or not yet."""
    first, last = (min(days), max(days)) if days else (any_day(rng),) * 2
    before, after = rng.choice([0, 0, 1, 40]), rng.choice([0, 0, 1, 40, None])
    ended_on = None if after is None else last + timedelta(after)
    return {"started_on": first - timedelta(before), "ended_on": ended_on}


def any_day(rng: Random) -> date:
    """Return a day; the edges of seasons and months are hit often."""
    if rng.random() < 0.3:
        month = rng.choice(
            [date(2026, 9, 1), date(2026, 12, 1), date(2027, 1, 1), date(2027, 3, 1)]
        )
        return month - timedelta(rng.randint(0, 1))
    return FIRST + timedelta(rng.randrange((LAST - FIRST).days))


def _days(rng: Random, hire_id: UUID) -> list[dict[str, Any]]:
    days = {any_day(rng) for _ in range(rng.randrange(8))}
    return [
        {
            "hire_id": hire_id,
            "day": day,
            "half_days": rng.choice([0, 1, 2, 2]),
            "version": 1,
            "written_at": NOW,
        }
        for day in sorted(days)
    ]


def _status(rng: Random, made: County) -> dict[str, Any]:
    first = any_day(rng) - timedelta(rng.choice([0, 0, 30, 400]))
    return {
        "id": new(rng),
        "person_id": rng.choice(made.people),
        "kind": rng.choice(list(StatusKind)),
        "from_on": first,
        "until_on": rng.choice([None, first, first + timedelta(20)]),
        "at": NOW,
    }


def _doubles(rng: Random, people: list[UUID]) -> list[dict[str, Any]]:
    """Say of some records that they are another's; that one has no such row of its own."""
    half = len(people) // 2
    return [
        {"person_id": person, "other_id": rng.choice(people[half:])}
        for person in people[:half]
        if rng.random() < 0.3
    ]


def _pay(rng: Random, hire_id: UUID, day: date) -> list[dict[str, Any]]:
    if rng.random() < 0.3:
        return []
    earned = _line(rng, hire_id, day, rng.randrange(5_000, 20_000))
    more = _line(rng, hire_id, day, rng.randrange(-3_000, 3_000))
    more |= {"kind": LineKind.CORRECTION, "corrects_id": earned["id"], "note": "数错了"}
    return [earned, more] if rng.random() < 0.3 else [earned]


def _line(rng: Random, hire_id: UUID, day: date, amount_fen: int) -> dict[str, Any]:
    return {
        "id": new(rng),
        "hire_id": hire_id,
        "worked_on": day,
        "kind": LineKind.EARNED,
        "basis": PayBasis.DAY,
        "quantity_x100": 100,
        "rate_fen_x100": amount_fen * 100,
        "amount_fen": amount_fen,
        "corrects_id": None,
        "note": "",
        "made_at": NOW,
    }
