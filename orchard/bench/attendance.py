"""A sheet of thirty people saved by the real service, with fsync and the counts it keeps."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from orchard import clock, db, schema
from orchard.accounts import queries as accounts
from orchard.accounts import services as doors
from orchard.accounts.models import Employer, Person
from orchard.accounts.rules import Caller, EmployerKind, Role
from orchard.attendance import rules, services
from orchard.bench import county
from orchard.bench.figures import Target, mid, p95, told
from orchard.counts.comparing import rebuild
from orchard.hiring.models import Crew, Hire
from orchard.hiring.rules import PayBasis, Relation
from orchard.places.queries import within
from orchard.places.rules import county_of
from orchard.places.services import load_places
from orchard.synth import names
from orchard.synth.services import Size, fill
from orchard.synth.work import fill_work

PEOPLE, ABSENT = 30, 3  # of one sheet
P95_MS = 60.0  # issue 3
# Issue 3 measures 5,000,000 work days of 250,000 people for 34,500 employers.
PEOPLE_PER_DAY, EMPLOYERS_PER_DAY = 0.05, 0.0069
MANAGER_PHONE = 980_000  # above those of the people whom synth invents


def build(folder: Path, workdays: int) -> None:
    """Build a county with so many work days, its people, and what is kept of their counts."""
    county.use(folder)
    schema.upgrade()
    now, code = clock.now(), db.county()
    people = max(int(workdays * PEOPLE_PER_DAY), 2 * PEOPLE)
    employers = max(int(workdays * EMPLOYERS_PER_DAY), 3)
    with db.transaction() as session:
        load_places(session, code)
    with db.transaction() as session:
        fill(session, code, Size(people // 10, people, employers), seed=1, now=now)
    fill_work(workdays, seed=1, now=now)
    with db.transaction() as session:
        rebuild(session, now=now)
        db.weigh(session)


def run(work: Path, *, workdays: int, crews: int) -> dict[str, Any]:
    """Save the sheets of fresh crews: new ones, the same again, and corrected ones."""
    begun = perf_counter()
    folder = work / "county"
    if (folder / "orchard.db").exists():
        county.use(folder)
    else:
        build(folder, workdays)
    built_s = perf_counter() - begun
    taken: dict[str, list[float]] = {"first": [], "again": [], "corrected": [], "bare": []}
    for number in range(crews):
        with db.transaction() as session:
            crew, ids, caller = _crew(session, number)
        days = [clock.today() - timedelta(back) for back in range(rules.correct_within() + 1)]
        for day in days[1:]:
            taken["first"].append(_saved(caller, crew, day, ids, ABSENT))
            taken["again"].append(_saved(caller, crew, day, ids, ABSENT))
            taken["corrected"].append(_saved(caller, crew, day, ids, ABSENT + 2))
        with _without_hooks():
            taken["bare"].append(_saved(caller, crew, days[0], ids, ABSENT))
    facts: dict[str, Any] = {"workdays": workdays, "people": PEOPLE, "built_s": round(built_s, 1)}
    for name, times in taken.items():
        facts[name] = {"sheets": len(times), "p50_ms": mid(times), "p95_ms": p95(times)}
    targets = [
        Target("p95 of a first sheet, ms", facts["first"]["p95_ms"], most=P95_MS),
        Target("p95 of a corrected sheet, ms", facts["corrected"]["p95_ms"], most=P95_MS),
    ]
    return told("attendance", facts, targets)


def _saved(caller: Caller, crew: UUID, day: date, ids: list[UUID], absent: int) -> float:
    """Save one sheet in a transaction of its own and return how long it took in milliseconds."""
    ticks = dict.fromkeys(ids[absent:], rules.WHOLE)
    begun = perf_counter()
    with db.transaction() as session:
        services.save_sheet(session, caller, crew, day, ticks, now=clock.now())
    return (perf_counter() - begun) * 1000


@contextmanager
def _without_hooks() -> Iterator[None]:
    hooks: list[Callable[..., None]] = list(services.after_change)
    services.after_change.clear()
    try:
        yield
    finally:
        services.after_change.extend(hooks)


def _crew(session: Session, number: int) -> tuple[UUID, list[UUID], Caller]:
    """Make an employer in the town with most hires, with a crew of people who work there."""
    now = clock.now()
    town = busiest_town(session)
    village = session.scalars(
        select(Hire.workplace_code).where(within(Hire.workplace_code, [town])).limit(1)
    ).one()
    firm = Employer(
        name=f"测量用工方{number}",
        kind=EmployerKind.PLANTATION,
        village_code=village,
        verified_at=now,
        created_at=now,
    )
    crew = Crew(employer_id=firm.id, name="测量组", made_at=now)
    for row in (firm, crew):
        session.add(row)
        session.flush()
    people = _people(session, town, number)
    hires = [_hire(firm, crew, person) for person in people]
    session.add_all(hires)
    session.flush()
    return crew.id, [hire.id for hire in hires], _manager(session, firm, number)


def busiest_town(session: Session) -> str:
    """Return the town with most hires."""
    town = func.substr(Hire.workplace_code, 1, 9)
    counted = select(town).group_by(town).order_by(func.count().desc()).limit(1)
    return str(session.scalars(counted).one())


def _people(session: Session, town: str, number: int) -> Sequence[Person]:
    """Return thirty people of a town, others for each crew; of the county where they are few."""
    for code in (county_of(town), town):
        within_it = within(Person.village_code, [code])
        count = session.exec(select(func.count()).select_from(Person).where(within_it)).one()
        if count >= PEOPLE:
            here, sets = within_it, count // PEOPLE
    rows = select(Person).where(here).order_by(col(Person.id))
    return session.exec(rows.offset(number % sets * PEOPLE).limit(PEOPLE)).all()


def _hire(firm: Employer, crew: Crew, person: Person) -> Hire:
    return Hire(
        person_id=person.id,
        employer_id=firm.id,
        crew_id=crew.id,
        work="picking",
        workplace_code=firm.village_code,
        registered_code=person.village_code,
        relation=Relation.SERVICE,
        basis=PayBasis.DAY,
        started_on=clock.today() - timedelta(30),
        made_at=crew.made_at,
    )


def _manager(session: Session, firm: Employer, number: int) -> Caller:
    now, phone = clock.now(), names.phone(MANAGER_PHONE + number)
    person = Person(name="测量员", phone=None, village_code=None, created_at=now)
    session.add(person)
    session.flush()
    account = doors.open_account(session, person, phone, now=now)
    doors.grant(session, account, Role.MANAGER, employer_id=firm.id, now=now)
    found = accounts.caller_of_account(session, account.id)
    if found is None:
        raise LookupError(phone)
    return found
