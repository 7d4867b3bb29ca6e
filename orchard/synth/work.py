"""Hires, their work days and people's status, in the size and with the skew of a county."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import func, insert, literal
from sqlalchemy import select as columns
from sqlmodel import Session, col

from orchard import clock, db
from orchard.accounts.models import Employer, Person
from orchard.attendance.models import Workday
from orchard.hiring.models import Crew, Hire, HireEvent, Roster, StatusPeriod
from orchard.hiring.rules import HireEventKind
from orchard.places.rules import town_of
from orchard.synth import bulk
from orchard.synth.bulk import Value
from orchard.synth.stretches import WORKS, Days, Stretch, Weighted, stretches

SEASONS = 4  # half years of work that are invented, the running one included
CHUNK = 5_000  # hires of one transaction
NEAR = 0.7  # share of hires of people of the employer's own town
LIFTED_OUT, MONITORED = 0.12, 0.1  # share of people with a status; of those, the monitored
FROM_AFAR = 0.07  # share of people who were registered in another district
AFAR = "511724"  # a neighbouring county in Sichuan
EMPLOYER_POWER, PERSON_POWER = 0.8, 0.35  # of the Zipf-like skew, as in the limit's bench
HIRE = (
    *("id", "person_id", "employer_id", "crew_id", "work", "workplace_code", "registered_code"),
    *("relation", "basis", "started_on", "ended_on", "terms", "version", "made_at"),
)
WORKDAY = ["hire_id", "day", "half_days", "version", "written_at"]


@dataclass
class Cast:
    """The people and employers of the county, by number; ids as the database writes them."""

    people: list[str] = field(default_factory=list)
    villages: list[str] = field(default_factory=list)
    of_town: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    firms: list[tuple[str, str, str]] = field(default_factory=list)  # id, village, crew


@dataclass
class Drawn:
    """What chance is asked for, hire by hire."""

    rng: Random
    cast: Cast
    days: Days
    stretches: list[Stretch]
    firms: Weighted
    people: Weighted
    near: dict[str, Weighted]

    def person(self, town: str) -> int:
        """Return somebody of a town, or of anywhere in the county."""
        near = self.near.get(town)
        if near and self.rng.random() < NEAR:
            return self.cast.of_town[town][near.draw(self.rng)]
        return self.people.draw(self.rng)


def first_day(today: date) -> date:
    """Return the first day of the half year three half years ago (from March, from September)."""
    month = today.year * 12 + today.month - 1
    begun = month - (month - 2) % 6 - 6 * (SEASONS - 1)
    return date(begun // 12, begun % 12 + 1, 1)


def fill_work(workdays: int, *, seed: int, now: datetime) -> dict[str, int]:
    """Invent exactly so many work days, chunk by chunk, each in a transaction of its own."""
    rng = Random(f"{seed}:work")
    today = clock.local(now).date()
    with db.transaction() as session:
        bulk.roomy(session)
        cast = _cast(session, rng, now)
        _status(session, rng, cast, now)
    drawn = Drawn(
        rng,
        cast,
        Days(first_day(today), today),
        stretches(rng),
        Weighted(rng, len(cast.firms), EMPLOYER_POWER, shuffled=True),
        Weighted(rng, len(cast.people), PERSON_POWER, shuffled=True),
        {
            town: Weighted(rng, len(people), PERSON_POWER, shuffled=True)
            for town, people in cast.of_town.items()
        },
    )
    hires = _write(drawn, workdays, now)
    with db.transaction() as session:
        _registered(session, now)
        session.connection().exec_driver_sql("ANALYZE")
    return {"hires": hires, "workdays": workdays}


def _cast(session: Session, rng: Random, now: datetime) -> Cast:
    """Read who there is, and give each employer a crew."""
    cast = Cast()
    people = columns(col(Person.id), col(Person.village_code)).where(
        col(Person.village_code).is_not(None)
    )
    for number, (person_id, village) in enumerate(session.execute(people.order_by(col(Person.id)))):
        cast.people.append(bulk.key(person_id))
        cast.villages.append(village)
        cast.of_town[town_of(village)].append(number)
    firms = columns(col(Employer.id), col(Employer.village_code)).order_by(col(Employer.id))
    for firm_id, village in session.execute(firms):
        crew = f"{rng.getrandbits(128):032x}"
        cast.firms.append((bulk.key(firm_id), village, crew))
    made = bulk.moment(session, now)
    rows = ((crew, firm, "一组", made) for firm, _village, crew in cast.firms)
    bulk.load(session, Crew, ("id", "employer_id", "name", "made_at"), rows)
    return cast


def _status(session: Session, rng: Random, cast: Cast, now: datetime) -> None:
    made = bulk.moment(session, now)

    def rows() -> Iterator[tuple[Value, ...]]:
        for person in cast.people:
            if rng.random() < LIFTED_OUT:
                kind = "monitored" if rng.random() < MONITORED else "lifted_out"
                yield f"{rng.getrandbits(128):032x}", person, kind, "2020-12-31", made

    bulk.load(session, StatusPeriod, ("id", "person_id", "kind", "from_on", "at"), rows())


def _write(drawn: Drawn, workdays: int, now: datetime) -> int:
    """Write hires and their days; ids rise, so that both tables grow at their end."""
    left, number = workdays, 0
    milliseconds = int((now - timedelta(days=1)).timestamp() * 1000)
    while left:
        hires: list[tuple[Value, ...]] = []
        days: list[tuple[Value, ...]] = []
        with db.transaction() as session:
            bulk.roomy(session)
            made = bulk.moment(session, now)
            while left and len(hires) < CHUNK:
                hire_id = _rising(drawn.rng, milliseconds + number)
                begins = drawn.days.draw(drawn.rng)
                worked = _worked(drawn, begins)[:left]
                hires.append(_hire(drawn, hire_id, begins, worked, made))
                days += [(hire_id, day, half_days, 1, made) for day, half_days, _ in worked]
                left -= len(worked)
                number += 1
            bulk.load(session, Hire, HIRE, hires)
            bulk.load(session, Workday, WORKDAY, days)
    return number


def _rising(rng: Random, milliseconds: int) -> str:
    """Return a version 7 id that is larger than the one before."""
    chance = (0x7 << 76) | (rng.getrandbits(12) << 64) | (0b10 << 62) | rng.getrandbits(62)
    return f"{(milliseconds << 80) | chance:032x}"


def _worked(drawn: Drawn, begins: int) -> list[tuple[str, int, int]]:
    """Return (day, half days, number) of a stretch, as far as the days have come."""
    texts = drawn.days.texts
    stretch = drawn.stretches[drawn.rng.randrange(len(drawn.stretches))]
    return [
        (texts[begins + later], half_days, begins + later)
        for later, half_days in stretch.days
        if begins + later < len(texts)
    ]


def _hire(
    drawn: Drawn, hire_id: str, begins: int, worked: list[tuple[str, int, int]], made: str
) -> tuple[Value, ...]:
    rng, cast = drawn.rng, drawn.cast
    firm, village, crew = cast.firms[drawn.firms.draw(rng)]
    person = drawn.person(town_of(village))
    is_afar = hash_of(cast.people[person]) < FROM_AFAR
    over = worked[-1][2] < len(drawn.days.texts) - 7
    return (
        hire_id,
        cast.people[person],
        firm,
        crew,
        rng.choice(WORKS[drawn.days.all[begins].month]),
        village,
        AFAR if is_afar else cast.villages[person],
        "service",
        "day",
        drawn.days.texts[begins],
        worked[-1][0] if over else None,
        "",
        1,
        made,
    )


def hash_of(key: str) -> float:
    """Return a number from 0 to 1 that a person keeps: he is from afar in every hire."""
    return int(key[-6:], 16) / 0xFFFFFF


def _registered(session: Session, now: datetime) -> None:
    """Enter every hire's first event, and every hired person into his employers' lists."""
    hire, roster, event = (db.table_of(model) for model in (Hire, Roster, HireEvent))
    session.execute(
        insert(event).from_select(
            ["hire_id", "version", "kind", "at", "note", "facts"],
            columns(
                hire.c.id,
                literal(1),
                literal(HireEventKind.MADE, event.c.kind.type),
                hire.c.made_at,
                literal(""),
                literal(""),
            ),
        )
    )
    session.execute(
        insert(roster).from_select(
            ["employer_id", "person_id", "registered_code", "is_linked", "at"],
            columns(
                hire.c.employer_id,
                hire.c.person_id,
                func.min(hire.c.registered_code),
                literal(False),
                literal(now, roster.c.at.type),
            ).group_by(hire.c.employer_id, hire.c.person_id),
        )
    )
