"""A year of calls for a technician that came to an end, and those that are open now.

features-advice-employment.md 4.3: 260 requests in 12 months, 231 visited, 19 answered by phone,
10 cancelled; adoption checked for 140 visits: 91 applied, 27 partly, 22 not.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sqlmodel import Session, col, select

from orchard import clock
from orchard.accounts.models import Account, Grant
from orchard.accounts.queries import caller_of_account
from orchard.accounts.rules import Caller, Role
from orchard.demo.calls import Holder, Year
from orchard.demo.cast import ZHUXI
from orchard.demo.living import caller_for
from orchard.ids import new_id
from orchard.places.queries import within
from orchard.plots.models import Plot
from orchard.reminders import arrivals
from orchard.visits import diary, services
from orchard.visits.models import VisitEvent
from orchard.visits.rules import Outcome, State

VISITED, ANSWERED, CANCELLED = 231, 19, 10
CHECKED = {Outcome.APPLIED: 91, Outcome.PARTLY: 27, Outcome.NOT: 22}
FIRST_AGO, LAST_AGO = 358, 25  # days ago of the year's calls
NEW_VISITS, NEW_AGO = 8, (13, 6)  # of them in the last two weeks; their advice is still open
DISPUTED = 3  # visits of which the grower says that nobody came


def add_year(session: Session, *, now: datetime) -> None:
    """Write the calls of the last 12 months that came to an end."""
    rng = Random("calls")
    holders = holders_of_zhuxi(session)
    shown = caller_for(session, Role.GROWER)
    mine = [each for each in holders if each.holder_id == shown.account_id]
    year = Year(rng, technicians(session))
    outcomes: list[Outcome | None] = [o for o, count in CHECKED.items() for _ in range(count)]
    sound = VISITED - len(outcomes) - NEW_VISITS
    kinds: list[tuple[State, Outcome | None]] = [(State.VISITED, each) for each in outcomes]
    kinds += [(State.VISITED, None)] * sound
    kinds += [(State.ANSWERED, None)] * ANSWERED + [(State.CANCELLED, None)] * CANCELLED
    rng.shuffle(kinds)
    disputed = DISPUTED
    for state, outcome in kinds:
        call = year.call(rng.choice(holders), _moment(rng, now, FIRST_AGO, LAST_AGO))
        if state == State.CANCELLED:
            year.cancelled(call)
        elif state == State.ANSWERED:
            year.answered(call)
        else:
            is_sound = outcome is None
            came = False if is_sound and disputed else True if rng.random() < 0.8 else None
            disputed -= came is False
            year.visited(call, outcome, came=came, is_sound=is_sound)
    expert = caller_for(session, Role.TECHNICIAN).account_id
    for holder in [mine[0], *rng.sample(holders, NEW_VISITS - 1)]:
        call = year.call(holder, _moment(rng, now, *NEW_AGO), expert)
        year.visited(call, None, came=None)
    year.insert(session)


def technicians(session: Session) -> list[UUID]:
    """Return the accounts of the technicians of Zhuxi, in a fixed order."""
    rows = session.exec(
        select(Account.id)
        .join(Grant, col(Grant.account_id) == Account.id)
        .where(Grant.role == Role.TECHNICIAN, Grant.place_code == ZHUXI)
        .order_by(Account.phone)
    )
    return list(rows)


def _moment(rng: Random, now: datetime, first: int, last: int) -> datetime:
    """Return a moment of daylight so many days ago."""
    day = clock.local(now).date() - timedelta(rng.randint(last, first))
    morning = datetime(day.year, day.month, day.day, 7, tzinfo=clock.zone())
    return morning + timedelta(minutes=rng.randint(0, 12 * 60))


def holders_of_zhuxi(session: Session) -> list[Holder]:
    """Return the plots of Zhuxi, each with who asks for it: the cadre where nobody can."""
    cadre = caller_for(session, Role.SECRETARY).account_id
    manager = caller_for(session, Role.MANAGER)
    rows = session.execute(
        select(Plot.id, Plot.employer_id, Account.id)
        .outerjoin(Account, col(Account.person_id) == Plot.grower_id)
        .where(within(Plot.village_code, [ZHUXI]), col(Plot.ended_at).is_(None))
        .order_by(col(Plot.id))
    )
    found = []
    for plot_id, employer_id, account_id in rows:
        own = manager.account_id if employer_id in manager.employers else account_id
        found.append(Holder(plot_id, own or cadre, own))
    return found


# The open calls: (hours ago, trouble, what was done with it). The first two are the printed
# grower's, the third the printed manager's; the rest are neighbours'.
NOW = (
    (50, "yellow", "today"),
    (3, "unknown", "pool"),
    (30, "spots", "tomorrow"),
    (75, "twigs", "pool"),
    (60, "fruit", "pool"),
    (26, "insects", "pool"),
    (9, "yellow", "pool"),
    (5, "spots", "pool"),
    (70, "insects", "today"),
    (64, "spots", "today"),
    (52, "fruit", "today"),
    (48, "insects", "tomorrow"),
    (40, "unknown", "taken"),
    (28, "yellow", "taken"),
    (22, "fruit", "other"),
)


def add_open(session: Session, *, now: datetime) -> None:
    """Write the calls of the last days, by the services: a pool, a round, a diary."""
    rng, experts = Random("open calls"), technicians(session)
    expert = caller_for(session, Role.TECHNICIAN)
    other = caller_of_account(session, next(id_ for id_ in experts if id_ != expert.account_id))
    holders = list(_whose(session, rng))
    for (hours, problem, then), holder in zip(NOW, holders, strict=True):
        at = now - timedelta(hours=hours)
        asker = caller_of_account(session, holder.asker_id)
        if asker is None or other is None:
            raise LookupError(problem)
        id_ = new_id()
        services.ask(session, asker, id=id_, plot_id=holder.plot_id, problem=problem, now=at)
        taker = other if then == "other" else expert
        if then != "pool":
            _work(session, taker, id_, then, at, now)


def _work(
    session: Session, taker: Caller, id_: UUID, then: str, at: datetime, now: datetime
) -> None:
    taken = at + timedelta(hours=2)
    services.take(session, taker, id_, now=taken)
    ahead = {"today": 0, "tomorrow": 1, "other": 2}.get(then)
    if ahead is not None:
        day = clock.local(now).date() + timedelta(ahead)
        put = diary.put_on_day(session, taker, id_, day, now=taken + timedelta(minutes=5))
        event = session.get_one(VisitEvent, (id_, put.version))
        arrivals.visit_changed(session, put, event)  # the pages that hang it in are not there yet


def _whose(session: Session, rng: Random) -> Iterator[Holder]:
    """Yield whose plots the open calls are for."""
    holders = holders_of_zhuxi(session)
    shown = caller_for(session, Role.GROWER).account_id
    manager = caller_for(session, Role.MANAGER).account_id
    mine = [each for each in holders if each.holder_id == shown]
    others = [each for each in holders if each.holder_id not in (shown, manager)]
    yield from mine[1:3]
    yield next(each for each in holders if each.holder_id == manager)
    yield from rng.sample(others, len(NOW) - 3)
