"""Who is there already when the season begins: employers, growers, workers of 2022."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from orchard.accounts.models import Account, Employer, Grant, Person
from orchard.accounts.rules import Role, Sex
from orchard.demo.cast import ZHUXI
from orchard.demo.labour import Worker
from orchard.demo.living import caller_for
from orchard.hiring.models import Hire
from orchard.places.queries import within
from orchard.synth import names

BORN_ON = date(1968, 5, 12)  # the worker whose sign-in is printed
BORN_AFTER = date(1954, 1, 1)  # of those of 2022: who still goes picking


@dataclass(frozen=True)
class Firm:
    """An employer of the season, and the account that writes for it."""

    id: UUID
    village: str
    by_id: UUID | None = None


def firms(session: Session) -> dict[str, Firm]:
    """Return the employers that are there already; the first of the cast has a manager."""
    manager = caller_for(session, Role.MANAGER)
    return {
        row.name: Firm(
            row.id, row.village_code, manager.account_id if row.id in manager.employers else None
        )
        for row in session.exec(select(Employer))
    }


def owners(session: Session, number: int) -> list[tuple[Person, UUID]]:
    """Return the growers of Zhuxi who will open their households as employers."""
    rows = session.exec(
        select(Person, Account.id)
        .join(Account, col(Account.person_id) == Person.id)
        .join(Grant, col(Grant.account_id) == Account.id)
        .where(Grant.role == Role.GROWER, Grant.place_code == ZHUXI)
        .where(col(Person.phone) > names.phone(100))
        .order_by(col(Person.phone))
        .limit(number)
    )
    return list(rows)


def veterans(session: Session, most: int) -> list[Worker]:
    """Return who of Zhuxi picked for the plantation in 2022."""
    rows = session.exec(
        select(Person)
        .where(col(Person.id).in_(select(Hire.person_id)), within(Person.village_code, [ZHUXI]))
        .where(col(Person.born_on) > BORN_AFTER)
        .order_by(col(Person.id))
        .limit(most)
    )
    return [Worker(row.id, row.name, row.village_code, row.born_on or BORN_ON) for row in rows]


def shown(session: Session) -> Worker:
    """Return the worker whose sign-in is printed, now with age and sex."""
    person = session.get_one(Person, caller_for(session, Role.WORKER).person_id)
    person.born_on, person.sex = BORN_ON, Sex.FEMALE
    session.add(person)
    return Worker(person.id, person.name, person.village_code, BORN_ON, person.phone)
