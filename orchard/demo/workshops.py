"""The nineteen workshops of 2022: who worked there, from when to when, on which days."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from orchard.accounts.models import Employer
from orchard.accounts.rules import EmployerKind, Sex
from orchard.demo.book import Shop, book
from orchard.demo.facts import HALF, WHOLE, Job, Pay, moment
from orchard.demo.labour import ANY_AGE, Age, Labour, Worker, chosen
from orchard.demo.records import Records
from orchard.hiring.models import RecognitionEvent, SamePerson, SamePersonDecision
from orchard.hiring.rules import PayBasis, RecognitionEventKind, Relation

WEEKS = {"all": {0, 1, 2, 3, 4}, "some": {1, 3, 5}, "late": {4, 5, 6, 0}}
PRESENT, IS_HALF = 0.92, 0.05
CREW = "车间"
HOLIDAYS = (  # the county's workshops stood still
    (date(2021, 2, 10), date(2021, 2, 18)),
    (date(2022, 1, 30), date(2022, 2, 6)),
    (date(2022, 5, 1), date(2022, 5, 3)),
)
DAY_RATE = Pay(PayBasis.DAY, 900_000)  # 90 yuan; no wage of these workshops is told, none is kept
Stint = tuple[date, date]


@dataclass
class Seat:
    """One of the people of a workshop: how long he stays, and who it is."""

    is_stable: bool
    is_rehired: bool = False
    is_lifted: bool = False
    goes: bool = False  # to another workshop in spring
    comes: bool = False  # from another workshop, in spring
    status_until: date | None = None
    worker: Worker | None = None


class Workshop:
    """A workshop with its seats; the stable ones come first."""

    def __init__(self, records: Records, labour: Labour, shop: Shop) -> None:
        self.records, self.labour, self.shop = records, labour, shop
        self.seats = [Seat(number < shop.stable) for number in range(shop.people)]
        steady = shop.rehired // 2
        for seat in [
            *self.seats[shop.stable - steady : shop.stable],
            *self.seats[shop.stable : shop.stable + shop.rehired - steady],
        ]:
            seat.is_rehired = True
        employer_id = records.new_id(shop.recognised_on)
        crew_id = records.crew(employer_id, CREW, shop.recognised_on, book().book_ends)
        contract = Relation.LABOUR_CONTRACT
        self.job = Job(employer_id, shop.work, shop.village, DAY_RATE, crew_id, contract)
        self._open()

    def _open(self) -> None:
        shop, opened_at = self.shop, moment(self.shop.recognised_on)
        self.records.add(
            Employer,
            id=self.job.employer_id,
            name=shop.name,
            kind=EmployerKind.WORKSHOP,
            village_code=shop.village,
            verified_at=opened_at,
            created_at=opened_at,
        )
        self.recognise(RecognitionEventKind.RECOGNISED, shop.recognised_on)
        if shop.watched_on:
            self.recognise(RecognitionEventKind.UNDER_WATCH, shop.watched_on)

    def recognise(self, kind: RecognitionEventKind, on_day: date) -> None:
        """Gather one step of the workshop's recognition."""
        self.records.add(
            RecognitionEvent,
            id=self.records.new_id(on_day),
            employer_id=self.job.employer_id,
            kind=kind,
            on_day=on_day,
            at=moment(on_day),
        )

    def goers(self) -> Iterator[Seat]:
        """Yield the seats of those who will go to another workshop, from the end."""
        return (seat for seat in reversed(self.seats) if not seat.goes)

    def comers(self) -> Iterator[Seat]:
        """Yield the seats for those who come from elsewhere, from the beginning."""
        return (seat for seat in self.seats if not seat.comes)

    def lift(self) -> None:
        """Say who is lifted out: those already said, and others by chance."""
        watched = [len(self.seats) - 1, 0] if self.shop.watched_on else []
        for number in watched:
            self.seats[number].is_lifted = True
        self.seats[0].status_until = self.shop.status_until
        said = [number for number, seat in enumerate(self.seats) if seat.is_lifted]
        spelled = self.shop.stable if self.shop.spelled else None
        among = [
            number
            for number, seat in enumerate(self.seats)
            if number in said or not (seat.goes or seat.comes or number == spelled)
        ]
        for number in chosen(self.records.rng, among, self.shop.lifted_out, said):
            self.seats[number].is_lifted = True

    def fill(self) -> None:
        """Find somebody for every seat that is empty, and write down when he worked."""
        self._earlier()
        for number, seat in enumerate(self.seats):
            stints = self._stints(seat)
            if seat.worker is None:
                age, name = ANY_AGE, None
                if self.shop.born_on and number == self.shop.stable - 1:
                    age = Age(born_on=self.shop.born_on, sex=Sex.FEMALE)
                if self.shop.spelled and number == self.shop.stable:
                    name = self.shop.spelled[0]
                seat.worker = self._found(stints[0][0], age, name)
                if seat.is_lifted:
                    self.labour.lift(seat.worker, seat.status_until)
            self._work(seat.worker, stints)

    def _found(self, known_on: date, age: Age = ANY_AGE, name: str | None = None) -> Worker:
        home = self.labour.home_near(self.shop.village)
        return self.labour.invent(home, known_on, age, name)

    def _work(self, worker: Worker, stints: Sequence[Stint]) -> None:
        for number, (first, last) in enumerate(stints):
            if number and worker.name in self.shop.spelled:
                worker = self._spelled_again(worker, first)
            hire_id = self.records.hire(worker.id, worker.home, self.job, first, last)
            for day, half_days in self._days(first, last):
                self.records.workday(hire_id, day, half_days)

    def pass_through(self, first: date, last: date) -> None:
        """Add somebody outside the seats, lifted out, who is there between two days."""
        worker = self._found(first)
        self.labour.lift(worker)
        self._work(worker, [(first, last)])

    def _spelled_again(self, worker: Worker, on_day: date) -> Worker:
        twin = self.labour.twin(worker, self.shop.spelled[1], on_day)
        decided_at = moment(on_day + timedelta(days=20))
        self.records.add(SamePerson, person_id=twin.id, other_id=worker.id)
        self.records.add(
            SamePersonDecision,
            id=self.records.new_id(on_day),
            first_id=min(twin.id, worker.id),
            second_id=max(twin.id, worker.id),
            is_same=True,
            at=decided_at,
        )
        return twin

    def _days(self, first: date, last: date) -> Iterator[tuple[date, int]]:
        rng, day = self.records.rng, first
        while day <= last:
            if self._is_open(day) and (day == first or rng.random() < PRESENT):
                yield day, HALF if rng.random() < IS_HALF else WHOLE
            day += timedelta(days=1)

    def _is_open(self, day: date) -> bool:
        closed = any(first <= day <= last for first, last in HOLIDAYS)
        return day.weekday() in WEEKS[self.shop.week] and not closed

    def _opening(self, first: date, within: int) -> date:
        """Return an open day, by chance among some days after one."""
        day = first + timedelta(days=self.records.rng.randint(0, within))
        while not self._is_open(day):
            day += timedelta(days=1)
        return day

    def _stints(self, seat: Seat) -> list[Stint]:
        """Return between which days somebody is hired, so that the told figures come out."""
        ends, late = book().book_ends, self.records.rng.random() < 0.5
        if seat.is_rehired:
            first = (self._opening(date(2022, 1, 4), 12), self._opening(date(2022, 2, 14), 20))
            second = self._opening(date(2022, 3, 28), 40)
            leaves = ends if seat.is_stable else self._opening(date(2022, 6, 1), 60)
            return [first, (second, leaves)]
        if seat.comes:
            return [(self._opening(date(2022, 4, 1), 70), ends)]
        if seat.is_stable:
            return [(self._opening(date(2021, 10, 8), 248), ends)]
        if seat.goes:
            return [(self._opening(date(2022, 1, 4), 10), self._opening(date(2022, 3, 1), 18))]
        if late and not self.shop.watched_on:
            return [(self._opening(date(2022, 6, 24), 70), ends)]
        begins = self._opening(date(2021, 12, 20), 120)
        return [(begins, self._opening(begins + timedelta(days=30), 50))]

    def _earlier(self) -> None:
        """Let those come and go who were there before the year that is told."""
        for number in range(self.shop.earlier):
            begins = self._opening(date(2020, 10, 9), 330)
            worker = self._found(begins)
            if number < self.shop.earlier_lifted_out:
                self.labour.lift(worker)
            self._work(worker, [(begins, self._opening(begins + timedelta(days=30), 50))])


def add_workshops(
    records: Records, labour: Labour, guests: Sequence[Worker]
) -> dict[str, Workshop]:
    """Gather the workshops, their people and days; some are pickers of the plantation too."""
    shops = {shop.code: Workshop(records, labour, shop) for shop in book().shops}
    moving = [(moved, number) for moved in book().moved for number in range(moved.people)]
    seats: list[tuple[Workshop, Seat, Seat]] = []
    for moved, number in moving:
        first, then = shops[moved.first], shops[moved.then]
        goer, comer = next(first.goers()), next(then.comers())
        goer.goes = comer.comes = True
        goer.is_lifted = comer.is_lifted = number < moved.lifted_out
        seats.append((first, goer, comer))
    waiting = iter(guests)
    for shop in shops.values():
        for _ in range(shop.shop.guests):
            comer = next(shop.comers())
            comer.comes, comer.worker = True, next(waiting)
        shop.lift()
    for first, goer, comer in seats:
        worker = first._found(date(2022, 1, 4))
        goer.worker = comer.worker = worker
        if goer.is_lifted:
            labour.lift(worker)
    for shop in shops.values():
        shop.fill()
    return shops
