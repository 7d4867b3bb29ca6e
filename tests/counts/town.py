"""A town at work: who is counted in the page tests, and a stranger of another town."""

import re
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session

from orchard import db
from orchard.accounts import services as accounts
from orchard.accounts.models import ApiToken, Employer, Person
from orchard.accounts.rules import EmployerKind, Role
from orchard.attendance.models import Workday
from orchard.counts import services
from orchard.hiring.models import StatusPeriod
from orchard.hiring.rules import StatusKind
from tests import make
from tests.client import client

DAY = date(2026, 11, 20)
SEASON = "2026-AW"
CANARY = "金丝雀"


@dataclass
class Town:
    """The doors of the cast and the ids that tests ask for."""

    tokens: dict[str, str]
    bearers: dict[str, str]
    firms: list[Employer]
    people: list[Person]
    other_firm: UUID


def fill(session: Session) -> Town:
    """Write 12 people at a plantation, 6 of whom also worked for a household, and a stranger."""
    tokens = {}
    for name, role, place in (
        ("secretary", Role.SECRETARY, make.ZHUXI),
        ("other", Role.SECRETARY, make.DADE),
        ("district", Role.DISTRICT, "500154"),
        ("grower", Role.GROWER, make.ZHUXI),
    ):
        tokens[name] = make.signed_in(session, role, place=place)[1]
    plantation = make.employer(session, name="竹溪柑橘种植基地", verified_at=make.NOW)
    household = make.employer(
        session, name="王琼兴家果园", kind=EmployerKind.HOUSEHOLD, verified_at=make.NOW
    )
    alone = make.employer(session, name="李正家果园", kind=EmployerKind.HOUSEHOLD)
    people = [
        make.worker(
            session,
            name=f"张秀英{number}",
            phone=make.phone(5000 + number),
            born_on=date(1980 + number, 5, 1),
        )
        for number in range(12)
    ]
    far = make.employer(session, name=f"{CANARY}基地", village_code=make.OTHER_VILLAGE)
    stranger = make.worker(session, name=f"{CANARY}工", village_code=make.OTHER_VILLAGE)
    lift(session, *people[:8])
    hired = [
        *((plantation, person) for person in people),
        *((household, person) for person in people[:6]),
        (alone, people[0]),
        (far, stranger),
    ]
    hires = [make.hire(session, firm, person) for firm, person in hired]
    tick(session, [hire.id for hire in hires])
    return Town(tokens, {}, [plantation, household, alone], people, far.id)


def fill_with_bearers(session: Session) -> Town:
    """Write the same town, with a program's token for each office and for a worker."""
    made = fill(session)
    for name, role, place in (
        ("secretary", Role.SECRETARY, make.ZHUXI),
        ("other", Role.SECRETARY, make.DADE),
        ("district", Role.DISTRICT, "500154"),
        ("worker", Role.WORKER, make.ZHUXI),
    ):
        caller = make.caller(session, role, place=place)
        made.bearers[name] = accounts.new_token()
        hashed = accounts.token_hash(made.bearers[name])
        session.add(ApiToken(account_id=caller.account_id, token_hash=hashed, made_at=make.NOW))
    return made


def work(session: Session, firm: Employer, person: Person, day: date = DAY, half_days: int = 2):
    """Hire somebody for one day, and keep the counts as a sheet does."""
    hire = make.hire(session, firm, person)
    tick(session, [hire.id], day, half_days)
    return hire


def tick(session: Session, hire_ids: list[UUID], day: date = DAY, half_days: int = 2) -> None:
    """Write a day of some hires, and keep the counts as a sheet does."""
    session.add_all(
        Workday(hire_id=hire_id, day=day, half_days=half_days, written_at=make.NOW)
        for hire_id in hire_ids
    )
    session.flush()
    services.hires_changed(session, hire_ids, [day])


def tick_all(hire_ids: list[UUID], day: date) -> None:
    """Write a day of many hires in a transaction of its own."""
    with db.transaction() as session:
        tick(session, hire_ids, day)


def lift(session: Session, *people: Person) -> None:
    """Say that some are registered as lifted out of poverty."""
    session.add_all(
        StatusPeriod(
            person_id=person.id, kind=StatusKind.LIFTED_OUT, from_on=date(2020, 12, 31), at=make.NOW
        )
        for person in people
    )
    session.flush()
    services.people_changed(session, [person.id for person in people])


def tiles(text: str) -> list[str]:
    """Return the figures on top of a page."""
    return re.findall(r"<b>([^<]+)<i>", text)


def page_of(town: Town) -> str:
    """Return the secretary's page of counts."""
    return client(town.tokens["secretary"]).get("/counts").text
