"""What makes the county of today: the calendar that is on, what was done and what is late."""

from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from sqlmodel import Session, col, select

from orchard.accounts.models import Account, Grant
from orchard.accounts.queries import caller_of_account
from orchard.accounts.rules import Caller, Role
from orchard.demo.cast import ZHUXI, Member, cast
from orchard.plots.models import Plot
from orchard.plots.queries import own_plots
from orchard.synth import names
from orchard.tasks import planning, rules, services
from orchard.tasks.models import State, Task

PAST_DAYS = 21  # tasks that fell due this long ago are there, done or late
LATE_DAYS = 6  # the printed grower has done what fell due before, and not what fell due since
DILIGENT = 0.85  # share of the growers who tap what they have done
DONE = 0.9  # share of their past tasks that they did
TAPPED_BEFORE = timedelta(hours=2)  # the printed grower's last tap can still be taken back


def switch_on_unsure_rows(session: Session, *, now: datetime) -> int:
    """Let the technician of Zhuxi switch on what is off because its source is weak."""
    technician = caller_for(session, Role.TECHNICIAN)
    unsure = [row.code for row in rules.calendar().rows.values() if not row.is_on]
    codes = [code for code in unsure if rules.calendar().rows[code].may_switch]
    for code in [*codes, rules.SHIFT]:
        services.switch(session, technician, ZHUXI, code, is_on=True, now=now)
    return len(codes) + 1


def plan_the_past(session: Session, today: date) -> int:
    """Plan as it was planned before today, so that something can be done or late."""
    return planning.plan(session, today - timedelta(PAST_DAYS))


def settle_the_past(session: Session, today: date, *, now: datetime) -> int:
    """Let most growers have done most of what fell due; the printed one has some late tasks."""
    rng, shown = Random("settled"), caller_for(session, Role.GROWER)
    settled = 0
    for account_id in _account_ids(session):
        if account_id == shown.account_id or rng.random() > DILIGENT:
            continue
        caller = caller_of_account(session, account_id)
        for task in _past(session, caller, today) if caller else []:
            if caller and rng.random() < DONE:
                after = timedelta(days=rng.randint(0, 3), hours=rng.randint(0, 9))
                at = min(now - (today - task.due_on) + after, now - TAPPED_BEFORE)
                services.mark_done(session, caller, task.key, now=at)
                settled += 1
    return settled + _settle_own(session, shown, today, now)


def _settle_own(session: Session, shown: Caller, today: date, now: datetime) -> int:
    """Leave the printed grower one tap that he can take back, and the late tasks after it."""
    own = _past(session, shown, today)
    before = [task for task in own if (today - task.due_on).days > LATE_DAYS]
    for task in before:
        services.mark_done(session, shown, task.key, now=now - (today - task.due_on))
    for task in own[len(before) :][:1]:
        services.mark_done(session, shown, task.key, now=now - TAPPED_BEFORE)
    return len(own)


def caller_for(session: Session, role: Role) -> Caller:
    """Return the member of the printed cast who has a role."""
    member: Member = next(each for each in cast().shown if each.role == role)
    account = session.exec(select(Account.id).where(Account.phone == names.phone(member.phone)))
    caller = caller_of_account(session, account.one())
    if caller is None:
        raise LookupError(role)
    return caller


def _account_ids(session: Session) -> list[UUID]:
    holders = select(Grant.account_id).where(col(Grant.role).in_([Role.GROWER, Role.MANAGER]))
    return sorted(session.exec(holders))


def _past(session: Session, caller: Caller, today: date) -> list[Task]:
    """Return the caller's open tasks that were due before today."""
    mine = own_plots(caller).with_only_columns(col(Plot.id))
    rows = session.exec(
        select(Task)
        .where(col(Task.plot_id).in_(mine), Task.state == State.OPEN, col(Task.due_on) < today)
        .order_by(col(Task.due_on), col(Task.plot_id), col(Task.code))
    )
    return list(rows)
