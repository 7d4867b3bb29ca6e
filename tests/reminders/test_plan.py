"""What the morning's job owes to whom."""

from datetime import timedelta

import pytest

from orchard import db
from orchard.accounts.rules import Role
from orchard.reminders.models import ReminderDue
from orchard.reminders.queries import messages_for, newest_for, untold, without_account
from orchard.reminders.rules import Channel, Status
from orchard.tasks.models import Reason, Source, State
from tests import make
from tests.reminders.owing import DAY, dues, local, outbox, run, said, task
from tests.reminders.test_frost import foretell

YESTERDAY = DAY - timedelta(days=1)


@pytest.fixture
def grower(database):
    """A grower with a plot, beside a stranger with none of his."""
    with db.transaction() as session:
        who = make.caller(session)
        plot = make.plot(session, who)
        stranger = make.caller(session)
        make.plot(session, stranger, name="沟边")
    return who, plot, stranger


def test_what_falls_due_is_on_the_page_at_once_and_owed_elsewhere(grower):
    who, plot, stranger = grower
    with db.transaction() as session:
        task(session, plot)
    run("reminders", local())
    page, log = outbox(who.person_id, Channel.PAGE), outbox(who.person_id)
    assert [(m.status, m.local_date) for m in (*page, *log)] == [
        (Status.SENT, DAY),
        (Status.OWED, DAY),
    ]
    assert said(log[0]) == {"n": 1, "codes": ["QY1"], "kinds": 1, "missed": 0}
    assert outbox(stranger.person_id) == []
    with db.reading() as session:
        assert newest_for(session, who.person_id, DAY).id == page[0].id
        assert newest_for(session, stranger.person_id, DAY) is None


def test_several_tasks_of_a_day_are_one_message(grower):
    who, plot, _ = grower
    with db.transaction() as session:
        other = make.plot(session, who, name="沟边")
        for held in (plot, other):
            task(session, held, code="QY1")
            task(session, held, code="CG")
    run("reminders", local())
    (message,) = outbox(who.person_id)
    assert said(message) == {"n": 4, "codes": ["CG", "QY1"], "kinds": 2, "missed": 0}


def test_the_same_morning_twice_owes_nothing_new(grower):
    who, plot, _ = grower
    with db.transaction() as session:
        task(session, plot)
    run("reminders", local())
    before = [message.id for message in outbox()], dues()
    with db.transaction() as session:
        task(session, plot, code="CG")
    run("reminders", local(hour=10))
    run("messages", local(hour=10))
    assert [message.id for message in outbox()] == before[0]
    assert [due.told_on for due in dues()].count(None) == 1
    tomorrow = DAY + timedelta(days=1)
    run("reminders", local(tomorrow))
    assert [said(message)["codes"] for message in outbox(who.person_id)] == [["QY1"], ["CG"]]


def test_what_is_not_due_settled_or_put_off_is_not_told(grower):
    who, plot, _ = grower
    tomorrow = DAY + timedelta(days=1)
    with db.transaction() as session:
        task(session, plot, tomorrow, code="CG")
        task(session, plot, code="QY1", state=State.DONE)
        task(session, plot, code="QY2", postponed_to=tomorrow, reason=Reason.RAIN)
    run("reminders", local())
    assert outbox() == []
    assert dues() == []
    run("reminders", local(tomorrow))
    (message,) = outbox(who.person_id)
    assert said(message)["codes"] == ["CG", "QY2"]
    assert said(message)["missed"] == 0


def test_the_managers_of_an_employer_are_told_once_each(database):
    with db.transaction() as session:
        firm, other = make.employer(session), make.employer(session, name="别家")
        first = make.caller(session, Role.MANAGER, employer_id=firm.id)
        second = make.caller(session, Role.MANAGER, employer_id=firm.id)
        stranger = make.caller(session, Role.MANAGER, employer_id=other.id)
        task(session, make.plot(session, firm))
        task(session, make.plot(session, firm, name="沟边"))
    run("reminders", local())
    assert {message.person_id for message in outbox()} == {first.person_id, second.person_id}
    assert [said(message)["n"] for message in outbox()] == [2, 2]
    assert outbox(stranger.person_id) == []


def test_who_has_no_account_is_listed_for_the_town_and_gets_no_message(database):
    with db.transaction() as session:
        old = make.person(session, name="张秀英")
        task(session, make.plot(session, old))
        elsewhere = make.person(session, name="外镇人", village_code=make.OTHER_VILLAGE)
        task(session, make.plot(session, elsewhere, village_code=make.OTHER_VILLAGE))
    run("reminders", local())
    assert outbox() == []
    assert len(dues()) == 2
    with db.reading() as session:
        rows = without_account(session, [make.ZHUXI], DAY)
    assert [(row.name, row.tasks) for row in rows] == [("张秀英", 1)]


def test_a_disabled_account_gets_no_message(grower):
    who, plot, _ = grower
    with db.transaction() as session:
        task(session, plot)
        from orchard.accounts.models import Account

        session.get(Account, who.account_id).disabled_at = make.NOW
    run("reminders", local())
    assert outbox() == []


def test_what_was_missed_in_48_hours_is_merged_into_one_and_older_stays_on_the_page(grower):
    who, plot, _ = grower
    with db.transaction() as session:
        for back in range(4):
            task(session, plot, DAY - timedelta(days=back))
    run("reminders", local(hour=12))
    (message,) = outbox(who.person_id)
    assert said(message) == {"n": 3, "codes": ["QY1"], "kinds": 1, "missed": 2}
    assert [due.told_on for due in dues()] == [None, DAY, DAY, DAY]


def test_a_morning_that_nothing_sent_is_merged_into_the_next(grower):
    who, plot, _ = grower
    with db.transaction() as session:
        task(session, plot, YESTERDAY, code="CG")
        task(session, plot, DAY)
    run("reminders", local(YESTERDAY))
    run("reminders", local())
    first, second = outbox(who.person_id)
    assert (first.status, second.status) == (Status.EXPIRED, Status.OWED)
    assert said(second) == {"n": 2, "codes": ["CG", "QY1"], "kinds": 2, "missed": 1}
    with db.reading() as session:
        assert [each.local_date for each in messages_for(session, who.person_id)] == [DAY]


def test_a_morning_that_was_sent_is_not_told_again(grower):
    who, plot, _ = grower
    with db.transaction() as session:
        task(session, plot, YESTERDAY, code="CG")
        task(session, plot, DAY)
    run("reminders", local(YESTERDAY))
    run("messages", local(YESTERDAY, hour=7, minute=0))
    run("reminders", local())
    first, second = outbox(who.person_id)
    assert first.status == Status.SENT
    assert said(second) == {"n": 1, "codes": ["QY1"], "kinds": 1, "missed": 0}
    with db.reading() as session:
        assert len(messages_for(session, who.person_id)) == 2


def test_a_task_settled_before_the_late_morning_is_not_told(grower):
    who, plot, _ = grower
    with db.transaction() as session:
        made = task(session, plot, YESTERDAY)
    run("reminders", local(YESTERDAY))
    with db.transaction() as session:
        row = session.get(type(made), tuple(made.key))
        row.state = State.DONE
    run("reminders", local())
    assert [message.local_date for message in outbox(who.person_id)] == [YESTERDAY]
    with db.reading() as session:
        assert list(untold(session, DAY)) == []


@pytest.mark.parametrize(("hours", "count"), [(71, 2), (73, 1), (None, 1)])
def test_a_frost_that_only_an_old_forecast_knows_is_not_told(grower, hours, count):
    who, plot, _ = grower
    with db.transaction() as session:
        task(session, plot)
        task(session, plot, code="FD", source=Source.EVENT, level=2)
        if hours is not None:
            foretell(session, plot.cell, 2, at=local() - timedelta(hours=hours))
    run("reminders", local())
    assert said(outbox(who.person_id)[0])["n"] == count
    assert len(dues()) == count


def test_what_fell_silent_before_it_was_told_is_dropped(grower):
    who, plot, _ = grower
    with db.transaction() as session:
        made = task(session, plot, YESTERDAY, code="PS", source=Source.EVENT)
        due = {"plot_id": plot.id, "code": "PS", "occurrence": made.occurrence}
        session.add(ReminderDue(**due, due_on=YESTERDAY, person_id=who.person_id))
    run("reminders", local())
    assert outbox(who.person_id) == [] and dues() == []
