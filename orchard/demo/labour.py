"""Inventing the people who work for others: who they are, where they are registered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count
from random import Random
from uuid import UUID

from sqlmodel import Session

from orchard.accounts.models import Account, Grant, Person
from orchard.accounts.rules import Role, Sex
from orchard.demo.cast import COUNTY
from orchard.demo.facts import HIRED_AT, moment
from orchard.demo.records import Records
from orchard.hiring.models import StatusPeriod
from orchard.hiring.rules import StatusKind
from orchard.places.queries import children
from orchard.places.rules import town_of
from orchard.synth import names

FIRST_PHONE = 20_001  # after the growers'; the block is names.INVENTED_PHONES
HAS_PHONE, IS_WOMAN, IS_MONITORED = 0.7, 0.58, 0.15
IS_NEAR, IS_OF_TOWN, IS_OF_DISTRICT = 0.35, 0.84, 0.96  # of whom a workshop finds, cumulated
OTHER_DISTRICTS = ("500101", "500235", "500229")  # Wanzhou, Yunyang, Chengkou
STATUS_FROM = date(2014, 1, 1)
STATUS_DAYS = 7 * 365
RURAL = "2"  # the tenth digit of a village's code; a neighbourhood's is 0


@dataclass(frozen=True)
class Age:
    """Between which birth years somebody is invented, or one birth date; and the sex."""

    oldest: int = 1963
    youngest: int = 2000
    born_on: date | None = None
    sex: Sex | None = None


@dataclass(frozen=True)
class Worker:
    """One invented person who works for others."""

    id: UUID
    name: str
    home: str | None
    born_on: date
    phone: str | None = None


ANY_AGE = Age()


@dataclass
class Labour:
    """Whoever was invented so far; nobody shares a name with a neighbour."""

    records: Records
    villages: dict[str, list[str]]
    known: set[tuple[str, str | None]] = field(default_factory=set)
    phones: "count[int]" = field(default_factory=lambda: count(FIRST_PHONE))

    def invent(
        self, home: str, known_on: date, age: Age = ANY_AGE, name: str | None = None
    ) -> Worker:
        """Invent somebody registered at a place, known from a day on."""
        rng = self.records.rng
        sex = age.sex or (Sex.FEMALE if rng.random() < IS_WOMAN else Sex.MALE)
        born = age.born_on or date(rng.randint(age.oldest, age.youngest), 1, 1) + timedelta(
            days=rng.randrange(365)
        )
        phone = names.phone(next(self.phones)) if rng.random() < HAS_PHONE else None
        made = Worker(self.records.new_id(known_on), name or self._name(home), home, born, phone)
        return self._register(made, sex, known_on)

    def twin(self, worker: Worker, name: str, known_on: date) -> Worker:
        """Write the same human being down a second time, under another spelling."""
        made = replace(worker, id=self.records.new_id(known_on), name=name, phone=None)
        return self._register(made, None, known_on)

    def _register(self, worker: Worker, sex: Sex | None, known_on: date) -> Worker:
        self.records.add(
            Person,
            id=worker.id,
            name=worker.name,
            phone=worker.phone,
            sex=sex,
            born_on=worker.born_on,
            village_code=worker.home if worker.home and worker.home.startswith(COUNTY) else None,
            created_at=moment(known_on, HIRED_AT),
        )
        return worker

    def _name(self, home: str) -> str:
        for name in names.people(self.records.rng):
            if (name, home) not in self.known:
                self.known.add((name, home))
                return name
        raise LookupError(home)

    def home_near(self, workplace: str) -> str:
        """Return where somebody is registered whom an employer of a village finds."""
        rng, drawn = self.records.rng, self.records.rng.random()
        if drawn < IS_NEAR:
            return workplace
        if drawn < IS_OF_TOWN:
            return rng.choice(self.villages[town_of(workplace)])
        if drawn < IS_OF_DISTRICT:
            return rng.choice(self.villages[rng.choice(sorted(self.villages))])
        return rng.choice(OTHER_DISTRICTS)

    def lift(self, worker: Worker, until: date | None = None) -> None:
        """Give somebody a status that counts, long before he is hired; a monitored one may end."""
        rng = self.records.rng
        is_monitored = rng.random() < IS_MONITORED or until
        kind = StatusKind.MONITORED if is_monitored else StatusKind.LIFTED_OUT
        self.status(worker, kind, STATUS_FROM + timedelta(rng.randrange(STATUS_DAYS)), until)

    def status(
        self, worker: Worker, kind: StatusKind, from_on: date, until: date | None = None
    ) -> None:
        """Give somebody a status between two days."""
        self.records.add(
            StatusPeriod,
            id=self.records.new_id(from_on),
            person_id=worker.id,
            kind=kind,
            from_on=from_on,
            until_on=until,
            at=moment(from_on),
        )

    def open_account(self, worker: Worker, town: str, on_day: date) -> UUID:
        """Give somebody an account as a worker, and return its id."""
        account_id, at = self.records.new_id(on_day), moment(on_day, HIRED_AT)
        phone = worker.phone or names.phone(next(self.phones))
        self.records.add(Account, id=account_id, person_id=worker.id, phone=phone, created_at=at)
        self.records.add(
            Grant,
            id=self.records.new_id(on_day),
            account_id=account_id,
            role=Role.WORKER,
            place_code=town,
            granted_at=at,
        )
        return account_id


def rural_villages(session: Session) -> dict[str, list[str]]:
    """Return the codes of the villages of every town, without its neighbourhoods."""
    found = {}
    for town, _name in children(session, COUNTY):
        codes = [code for code, _ in children(session, town)]
        rural = [code for code in codes if code[9] == RURAL]
        if rural:
            found[town] = rural
    return found


def chosen(rng: Random, among: Collection[int], size: int, first: Sequence[int] = ()) -> set[int]:
    """Return so many of the numbers, those named first and the others by chance."""
    rest = [each for each in among if each not in first]
    return {*first, *rng.sample(rest, size - len(first))}
