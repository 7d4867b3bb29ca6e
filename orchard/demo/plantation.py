"""The 300-mu plantation's year 2022: 39 workers, 71 hires, 1,364 days, 190,080 yuan."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from orchard.accounts.rules import Sex
from orchard.attendance.models import HeatDay
from orchard.attendance.rules import HeatRule
from orchard.demo.cast import ZHUXI
from orchard.demo.facts import Job, Line, Pay, days_from, moment
from orchard.demo.labour import OTHER_DISTRICTS, Age, Labour, Worker
from orchard.demo.papers import put_number
from orchard.demo.records import Records
from orchard.hiring.rules import PayBasis
from orchard.wages.rules import Proof

# feature page 4.2: by where the 39 are registered, by age, and by status
OF_VILLAGE, OF_TOWN, OF_DISTRICT, OF_OTHERS = 21, 9, 4, 5
OVER_AGE, LIFTED_OUT = 18, 9
OLDEST = date(1949, 11, 5)  # 72 in the whole year
ELDERLY = Age(oldest=1950, youngest=1961)  # over 60: over age in every group
YOUNGER = Age(oldest=1973, youngest=1998)  # under 50: over age in none
BOTH_HARVESTS = 19  # the picker who is hired twice for picking

DAY_RATE = Pay(PayBasis.DAY, 1_200_000)  # 120 yuan
JIN_RATE = Pay(PayBasis.JIN, 1_500)  # 0.15 yuan
JIN_X100 = 100_000  # 1,000 jin a day, over all of a picker's days
STEPS, JIN_STEP_X100 = 24, 500  # by how much a day may differ: 24 x 5 jin
PAID_AFTER = timedelta(days=3)
RATES_FROM = date(2022, 1, 1)

STOPPED = {date(2022, 8, 16): 41.2, date(2022, 8, 17): 41.0}
SHORTENED = {date(2022, 8, day): 38.0 + day / 100 for day in (11, 12, 18, 19)}
OVERRULED = date(2022, 8, 12)
WHY_OVERRULED = "山坡阴面除草，早晚两段，中午休息"
FREE = {*STOPPED, *SHORTENED} - {OVERRULED}  # the weeders stayed at home


def _days(year: int, month: int, day: int, count: int) -> tuple[date, ...]:
    return tuple(days_from(date(year, month, day), count, without=FREE))


@dataclass(frozen=True)
class Stretch:
    """One stretch of work: who, what, and on which days."""

    crew: str
    work: str
    people: range
    days: tuple[date, ...]
    pay: Pay = DAY_RATE


STRETCHES = (
    Stretch("采果一组", "picking", range(20), _days(2022, 1, 4, 22), JIN_RATE),
    Stretch("采果二组", "picking", range(BOTH_HARVESTS, 39), _days(2022, 2, 18, 22), JIN_RATE),
    Stretch("修剪组", "pruning", range(8), _days(2022, 3, 17, 15)),
    Stretch("打药组", "spraying", range(5), _days(2022, 5, 5, 20)),
    Stretch("疏果组", "thinning", range(8, 20), _days(2022, 7, 1, 12)),
    Stretch("除草组", "weeding", range(5, 11), _days(2022, 8, 1, 20)),
)


@dataclass(frozen=True)
class Picker:
    """One of the 39 before he has a name."""

    home: str
    is_old: bool
    is_lifted: bool


class Plantation:
    """The plantation, who works there and what he earns."""

    def __init__(self, records: Records, labour: Labour, employer_id: UUID, village: str) -> None:
        self.records, self.labour = records, labour
        self.job = Job(employer_id, "picking", village, DAY_RATE)
        self.pickers = self._pickers()
        self.workers: list[Worker] = []
        self.manager_id: UUID | None = None  # who wrote the ID numbers

    def _pickers(self) -> list[Picker]:
        """Return the 39 in an order that says nothing of them."""
        rng, village = self.records.rng, self.job.workplace_code
        others = [code for code in self.labour.villages[ZHUXI] if code != village]
        towns = sorted(set(self.labour.villages) - {ZHUXI})
        local = [
            *[village] * OF_VILLAGE,
            *rng.choices(others, k=OF_TOWN),
            *(rng.choice(self.labour.villages[rng.choice(towns)]) for _ in range(OF_DISTRICT)),
        ]
        homes = [*local, *rng.choices(OTHER_DISTRICTS, k=OF_OTHERS)]
        lifted = {*rng.sample(range(len(local)), LIFTED_OUT - 1), len(local)}
        old = set(rng.sample(range(len(homes)), OVER_AGE))
        found = [Picker(home, number in old, number in lifted) for number, home in enumerate(homes)]
        return rng.sample(found, len(found))

    def hire_all(self) -> None:
        """Gather the 39 people, their hires, days, lines and payments."""
        oldest = next(picker for picker in self.pickers if picker.is_old)
        for picker in self.pickers:
            age = Age(born_on=OLDEST, sex=Sex.MALE) if picker is oldest else YOUNGER
            if picker.is_old and picker is not oldest:
                age = ELDERLY
            worker = self.labour.invent(picker.home, RATES_FROM, age)
            if picker.is_lifted:
                self.labour.lift(worker)
            self.workers.append(worker)
            self.records.by_id = self.manager_id
            put_number(self.records, worker, STRETCHES[0].days[-1])
            self.records.by_id = None
        for stretch in STRETCHES:
            self.work(stretch)

    def work(self, stretch: Stretch) -> None:
        """Let some people work a stretch, paid with proof a few days after its last day."""
        crew = self.crew(stretch)
        for number in stretch.people:
            hire_id, lines = self.hired(self.workers[number], stretch, crew)
            proof = Proof.SIGNATURE if number % 3 else Proof.BANK_RECEIPT
            self.pay(self.workers[number], lines, proof)

    def crew(self, stretch: Stretch) -> UUID:
        """Gather the crew of a stretch, which is no more when the stretch is over."""
        first, last = stretch.days[0], stretch.days[-1]
        return self.records.crew(self.job.employer_id, stretch.crew, first, last)

    def hired(self, worker: Worker, stretch: Stretch, crew: UUID) -> tuple[UUID, list[Line]]:
        """Gather one hire with its days and the line of each."""
        job = replace(self.job, work=stretch.work, pay=stretch.pay, crew_id=crew)
        days = stretch.days
        hire_id = self.records.hire(worker.id, worker.home, job, days[0], days[-1])
        quantities = self._quantities(stretch)
        lines = []
        for day, quantity_x100 in zip(days, quantities, strict=True):
            self.records.workday(hire_id, day)
            lines.append(self.records.line(hire_id, day, stretch.pay, quantity_x100))
        return hire_id, lines

    def _quantities(self, stretch: Stretch) -> list[int]:
        """Return a whole day each, or 1,000 jin a day on average, no two days alike."""
        if stretch.pay.basis == PayBasis.DAY:
            return [100] * len(stretch.days)
        rng = self.records.rng
        steps = [rng.randint(1, STEPS) * JIN_STEP_X100 for _ in range(len(stretch.days) // 2)]
        changes = [*steps, *(-step for step in steps)]
        rng.shuffle(changes)
        return [JIN_X100 + change for change in changes]

    def pay(self, worker: Worker, lines: Sequence[Line], proof: Proof) -> None:
        """Gather the payment of some lines."""
        paid_on = max(line.worked_on for line in lines) + PAID_AFTER
        self.records.payment(self.job, worker.id, paid_on, lines, proof)

    def rates(self) -> None:
        """Gather what the plantation pays for each work."""
        for work, pay in sorted({(stretch.work, stretch.pay) for stretch in STRETCHES}, key=str):
            self.records.rate(replace(self.job, work=work, pay=pay), RATES_FROM)

    def guests(self, people: int) -> list[Worker]:
        """Return some who only pick, live in the town and have neither age nor status to count."""
        first = STRETCHES[1].people.start + 1
        return [
            worker
            for picker, worker in zip(self.pickers[first:], self.workers[first:], strict=True)
            if picker.home.startswith(ZHUXI) and not (picker.is_old or picker.is_lifted)
        ][:people]


def add_heat(records: Records, employer_id: UUID) -> None:
    """Gather the days of August that were too hot: two stopped, four shortened, one overruled."""
    for day, high_c in STOPPED.items():
        records.add(HeatDay, employer_id=employer_id, day=day, rule=HeatRule.STOP, high_c=high_c)
    for day, high_c in SHORTENED.items():
        overruled = {"overruled_at": moment(day, 6), "reason": WHY_OVERRULED}
        records.add(
            HeatDay,
            employer_id=employer_id,
            day=day,
            rule=HeatRule.SIX_HOURS,
            high_c=high_c,
            **(overruled if day == OVERRULED else {}),
        )
