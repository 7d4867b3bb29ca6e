"""The season of today: crews at work until yesterday, openings, households that hire too."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from random import Random
from uuid import UUID

from sqlmodel import Session

from orchard.accounts.models import Employer, Grant
from orchard.accounts.rules import EmployerKind, Role
from orchard.attendance.models import Sheet
from orchard.demo import whereabouts
from orchard.demo.cast import ZHUXI, cast
from orchard.demo.earnings import SETTLED_AGO, Earnings
from orchard.demo.facts import HALF, SUNDAY, WHOLE, Job, moment
from orchard.demo.labour import Age, Labour, Worker, rural_villages
from orchard.demo.living import caller_for
from orchard.demo.offers import add_offers
from orchard.demo.papers import put_number
from orchard.demo.plan import HOUSEHOLD, Team, Wage, plan
from orchard.demo.records import Records
from orchard.demo.whereabouts import Firm
from orchard.hiring.rules import Relation

SEED = "zhuxi-season"
FIRST_PHONE = 30_001
KNOWN_BEFORE = timedelta(days=60)  # people and rates are there before anybody is hired
AGES = Age(oldest=1954, youngest=2006)
LIFTED_OUT, PRESENT, IS_HALF = 0.35, 0.88, 0.06
OF_2022 = 12  # of a crew of the plantation: who picked there then
ADVANCE_FEN = 20_000
WITHOUT_NUMBER = 2  # of a crew
TWICE_AGO = 4  # days ago: somebody was ticked by two employers
FIRM_WITH_HELP, FIRM_WITH_TWIN = "竹溪春橙农业公司", "灵泉果业专业合作社"


@dataclass(frozen=True)
class Crew:
    """A team at work: its employer's side, its people."""

    team: Team
    job: Job
    wage: Wage
    members: list[Worker]


class Season:
    """What is gathered of the season, and the day on which it is."""

    def __init__(self, session: Session, records: Records, today: date) -> None:
        self.session, self.records, self.today = session, records, today
        phones = count(FIRST_PHONE)
        self.labour = Labour(records, rural_villages(session), phones=phones)
        self.firms = whereabouts.firms(session)
        households = sum(team.employer == HOUSEHOLD for team in plan().teams)
        self.owners = whereabouts.owners(session, households)
        self.veterans = whereabouts.veterans(session, 2 * OF_2022)
        self.shown = whereabouts.shown(session)
        self.earnings = Earnings(records, today)
        self.crews: list[Crew] = []
        self.managers: dict[UUID, UUID | None] = {}  # of the employers, by their accounts

    def ago(self, days: int) -> date:
        """Return the day that was so many days ago."""
        return self.today - timedelta(days=days)

    def work(self, team: Team) -> Crew:
        """Gather a team: its hires, sheets, days and what it earned."""
        first = self.ago(team.days_ago[0])
        firm = self.household(team) if team.employer == HOUSEHOLD else self.firms[team.employer]
        self.records.by_id = self.managers[firm.id] = firm.by_id
        work = plan().work(team.work, first.month)
        wage = plan().wage(team.pay, work)
        crew_id = self.records.crew(firm.id, team.name, first) if team.name else None
        job = Job(firm.id, work, firm.village, wage.pay, crew_id, Relation.SERVICE)
        self.records.rate(job, first - KNOWN_BEFORE)
        crew = Crew(team, job, wage, self._members(team, firm))
        self.crews.append(crew)
        self._hire(crew, first)
        self.records.by_id = None
        return crew

    def household(self, team: Team) -> Firm:
        """Gather a household that its grower opened as an employer, and let him manage it."""
        person, account_id = self.owners.pop(0)
        opened = self.ago(team.days_ago[0] + 5)
        at = moment(opened)
        firm = Firm(self.records.new_id(opened), str(person.village_code), account_id)
        self.records.add(
            Employer,
            id=firm.id,
            name=f"{person.name}家果园",
            kind=EmployerKind.HOUSEHOLD,
            village_code=firm.village,
            opened_by_id=person.id,
            verified_at=at + timedelta(days=1) if team.verified else None,
            created_at=at,
        )
        self.records.add(
            Grant,
            id=self.records.new_id(opened),
            account_id=account_id,
            role=Role.MANAGER,
            employer_id=firm.id,
            granted_at=at,
        )
        self.firms.setdefault(HOUSEHOLD, firm)
        return firm

    def _members(self, team: Team, firm: Firm) -> list[Worker]:
        found: list[Worker] = []
        if not self.crews:  # the first crew: the worker whose sign-in is printed is in it
            found.append(self.shown)
        if team.again:
            begin = 4 + sum(crew.team.again for crew in self.crews)
            found += self.crews[0].members[begin : begin + team.again]
        if team.employer == FIRM_WITH_TWIN:
            known = self.crews[1].members[1]
            found.append(self.labour.twin(known, known.name, self.ago(team.days_ago[0])))
        if team.employer == cast().firms[0].name:
            found += self.veterans[:OF_2022]
            del self.veterans[:OF_2022]
        while len(found) < team.people:
            found.append(self._invent(firm))
        return found

    def _invent(self, firm: Firm) -> Worker:
        home = self.labour.home_near(firm.village)
        worker = self.labour.invent(home, self.today - KNOWN_BEFORE, AGES)
        if self.records.rng.random() < LIFTED_OUT:
            self.labour.lift(worker)
        return worker

    def _hire(self, crew: Crew, first: date) -> None:
        last = self.ago(crew.team.days_ago[1]) if crew.team.days_ago[1] else None
        days = self._days(first, last or self.ago(1))
        for worker in crew.members:
            came = [(day, self._half_days(day == days[0])) for day in days]
            came = [(day, half_days) for day, half_days in came if half_days]
            self.hire(crew, worker, came, last)
        if crew.job.crew_id:
            for day in days:
                self._sheet(crew, day)

    def hire(
        self, crew: Crew, worker: Worker, came: list[tuple[date, int]], last: date | None
    ) -> None:
        """Gather one hire with its days and what they earned."""
        hire_id = self.records.hire(worker.id, worker.home, crew.job, came[0][0], last)
        for day, half_days in came:
            self.records.workday(hire_id, day, half_days)
        self.earnings.earn(crew.job, crew.wage, (hire_id, worker), came)

    def _days(self, first: date, last: date) -> list[date]:
        span = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return [day for day in span if day.weekday() != SUNDAY]

    def _half_days(self, is_first: bool) -> int:
        if not is_first and self.records.rng.random() > PRESENT:
            return 0
        return HALF if self.records.rng.random() < IS_HALF else WHOLE

    def _sheet(self, crew: Crew, day: date) -> None:
        self.records.add(
            Sheet,
            id=self.records.new_id(day),
            employer_id=crew.job.employer_id,
            crew_id=crew.job.crew_id,
            day=day,
            saved_at=moment(day),
            saved_by_id=self.records.by_id,
        )

    def speak(self) -> None:
        """Let two of the first crew say something about their pay; one had money in advance."""
        crew, earnings = self.crews[0], self.earnings
        shown, other = crew.members[:2]
        account_id = caller_for(self.session, Role.WORKER).account_id
        earnings.confirm(shown, account_id)
        self.records.advance(crew.job, shown.id, self.ago(5), ADVANCE_FEN)
        account_id = self.labour.open_account(other, ZHUXI, self.ago(crew.team.days_ago[0]))
        earnings.object(other, account_id, crew.wage.pay.basis)

    def show_papers(self) -> None:
        """Let most people have shown their ID cards; the employers miss the others."""
        for crew in self.crews:
            self.records.by_id = self.managers[crew.job.employer_id]
            for worker in crew.members[:-WITHOUT_NUMBER]:
                put_number(self.records, worker, self.ago(SETTLED_AGO))
        self.records.by_id = None

    def help_out(self) -> None:
        """Let two employers tick one worker for the same day: listed for review."""
        crew = next(crew for crew in self.crews if crew.team.employer == FIRM_WITH_HELP)
        day = next(day for day in map(self.ago, count(TWICE_AGO)) if day.weekday() != SUNDAY)
        outside = replace(crew, job=replace(crew.job, crew_id=None))
        self.hire(outside, self.crews[1].members[0], [(day, WHOLE)], day)


def add_season(session: Session, *, today: date) -> None:
    """Insert the season as it stands this morning: yesterday is ticked, today is not."""
    season = Season(session, Records(Random(SEED)), today)
    for team in plan().teams:
        season.work(team)
    season.help_out()
    season.show_papers()
    season.speak()
    applicants = [season.shown, *season.crews[-2].members, *season.crews[-1].members]
    add_offers(season.records, season.firms, applicants, today)
    season.records.insert(session)
