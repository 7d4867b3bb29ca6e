"""Sending what is owed: once, by day, each message alone, and again after a crash."""

from datetime import timedelta
from itertools import chain

import pytest
from sqlmodel import select

from jobs import reminders as job
from orchard import clock, db, ledger
from orchard.accounts.rules import Role
from orchard.reminders import gateway, rules
from orchard.reminders.models import Message
from orchard.reminders.queries import undelivered
from orchard.reminders.rules import Channel, Kind, Status
from orchard.reminders.services import claim_messages
from tests import make
from tests.crowd import at_once
from tests.reminders.owing import DAY, local, outbox, owe, run

NOON = local(hour=12, minute=0)


@pytest.fixture
def sent(monkeypatch):
    """The log channel, replaced by a list of what was sent."""
    out: list = []
    monkeypatch.setitem(gateway.CHANNELS, Channel.LOG, lambda parcel: out.append(parcel.id))
    return out


def all_statuses() -> list[Status]:
    return sorted(message.status for message in outbox())


@pytest.mark.parametrize(
    ("hour", "minute", "kinds"),
    [(6, 59, {Kind.FROST_2}), (7, 0, {Kind.FROST_2, Kind.MORNING}), (21, 0, {Kind.FROST_2})],
)
def test_only_frost_goes_out_in_quiet_hours(session, hour, minute, kinds):
    late = local(DAY + timedelta(days=1), hour=12)
    owe(session, 2, useful_until=late)
    owe(session, 1, Kind.FROST_2, useful_until=late)
    claimed = claim_messages(session, now=local(hour=hour, minute=minute))
    assert {parcel.kind for parcel in claimed} == kinds


def test_what_is_claimed_is_not_claimed_again_for_half_an_hour(session):
    owe(session, 3)
    assert len(claim_messages(session, now=NOON)) == 3
    assert claim_messages(session, now=NOON + timedelta(minutes=30)) == []
    assert len(claim_messages(session, now=NOON + timedelta(minutes=30, seconds=1))) == 3


def test_the_oldest_are_claimed_first(session):
    made = owe(session, 5)
    claimed = claim_messages(session, now=NOON, limit=3)
    assert {parcel.id for parcel in claimed} == {message.id for message in made[:3]}


def test_eight_workers_at_once_never_get_the_same_message(database):
    with db.transaction() as session:
        wanted = {message.id for message in owe(session, 60)}

    def claim() -> list:
        found = []
        for _ in range(12):
            with db.transaction() as session:
                found += [each.id for each in claim_messages(session, now=NOON, limit=5)]
        return found

    got = list(chain.from_iterable(at_once(8, claim)))
    assert len(got) == len(set(got)) == 60
    assert set(got) == wanted


def test_every_owed_message_is_sent_once(database, sent):
    with db.transaction() as session:
        wanted = {message.id for message in owe(session, 5)}
    run("messages", NOON)
    run("messages", NOON + timedelta(minutes=5))
    assert set(sent) == wanted
    assert len(sent) == 5
    assert all_statuses() == [Status.SENT] * 5


def test_nothing_is_sent_inside_a_transaction(database, monkeypatch):
    with db.transaction() as session:
        owe(session, 2)

    def send(_parcel: object) -> None:
        with db.transaction() as session:  # an error at once if one were open
            ledger.note(session, "sent", "yes")

    monkeypatch.setitem(gateway.CHANNELS, Channel.LOG, send)
    run("messages", NOON)
    assert all_statuses() == [Status.SENT] * 2


def test_a_poisoned_message_holds_up_nobody_else(database, caplog):
    with db.transaction() as session:
        owe(session, 2)
        (poison,) = owe(session, 1, params="{nonsense", made_at=make.NOW - timedelta(hours=1))
        owe(session, 2)
    run("messages", NOON)
    assert all_statuses() == [Status.FAILED, *[Status.SENT] * 4]
    assert [m.id for m in outbox() if m.status == Status.FAILED] == [poison.id]


def test_a_message_that_breaks_the_channel_holds_up_nobody_else(database, monkeypatch):
    with db.transaction() as session:
        (poison,) = owe(session, 1)
        owe(session, 3)

    def send(parcel: object) -> None:
        if parcel.id == poison.id:
            raise ZeroDivisionError

    monkeypatch.setitem(gateway.CHANNELS, Channel.LOG, send)
    run("messages", NOON)
    assert all_statuses() == [Status.OWED, *[Status.SENT] * 3]
    (left,) = [message for message in outbox() if message.status == Status.OWED]
    assert (left.id, left.tries) == (poison.id, 1)
    assert left.next_try_at == NOON + timedelta(minutes=5)


@pytest.mark.parametrize("most", [3, pytest.param(rules.MOST_TRIES, marks=pytest.mark.campaign)])
def test_a_channel_that_is_down_is_tried_every_five_minutes_then_staff_sees_it(
    database, monkeypatch, most
):
    with db.transaction() as session:
        here = make.person(session, name="刘洪")
        there = make.person(session, name="外镇人", village_code=make.OTHER_VILLAGE)
        late = local(hour=21, minute=0)
        for person in (here, there):
            owe(session, 1, person_id=person.id, useful_until=late)
    tries = []

    def send(parcel: object) -> None:
        tries.append(parcel.id)
        raise gateway.GatewayDown

    monkeypatch.setitem(gateway.CHANNELS, Channel.LOG, send)
    monkeypatch.setattr(rules, "MOST_TRIES", most)
    for turn in range(most + 3):
        run("messages", local(hour=7, minute=0) + timedelta(minutes=5 * turn))
    assert len(tries) == 2 * most
    assert all_statuses() == [Status.FAILED] * 2
    with db.reading() as session:
        rows = undelivered(session, [make.ZHUXI], DAY)
    assert [(row.name, row.kind) for row in rows] == [("刘洪", Kind.MORNING)]


def test_a_crash_between_sending_and_noting_sends_the_same_key_again(database, monkeypatch):
    keys = []

    def send_and_die(parcel: object) -> None:
        keys.append(parcel.id)
        if len(keys) == 1:
            raise SystemExit

    monkeypatch.setitem(gateway.CHANNELS, Channel.LOG, send_and_die)
    with db.transaction() as session:
        (message,) = owe(session, 1)
        first = ledger.claim_now(session, "messages", by="dies", now=NOON)
    with clock.frozen_at(NOON), pytest.raises(SystemExit):
        job.deliver(first)
    with db.transaction() as session:
        ledger.finish(session, first, now=NOON, counts={}, error="killed")
    run("messages", NOON + timedelta(minutes=29))
    assert keys == [message.id]
    run("messages", NOON + timedelta(minutes=31))
    assert keys == [message.id, message.id]
    assert all_statuses() == [Status.SENT]


def test_a_run_that_was_taken_over_sends_nothing_more(database, monkeypatch):
    keys = []
    with db.transaction() as session:
        owe(session, 3)
        mine = ledger.claim_now(session, "messages", by="frozen", now=NOON)

    def send_then_freeze(parcel: object) -> None:
        keys.append(parcel.id)
        with db.transaction() as session:
            seen = session.get(ledger.JobRun, (mine.job, mine.slot))
            assert ledger.take_over(session, seen, by="other", now=NOON)

    monkeypatch.setitem(gateway.CHANNELS, Channel.LOG, send_then_freeze)
    with clock.frozen_at(NOON), pytest.raises(ledger.Fenced):
        job.deliver(mine)
    assert len(keys) == 1
    assert all_statuses() == [Status.OWED] * 3


def test_a_run_taken_over_before_it_sends_does_not_send(database, sent):
    with db.transaction() as session:
        owe(session, 1)
        mine = ledger.claim_now(session, "messages", by="frozen", now=NOON)
        (parcel,) = claim_messages(session, now=NOON)
        seen = session.get(ledger.JobRun, (mine.job, mine.slot))
        assert ledger.take_over(session, seen, by="other", now=NOON)
    with pytest.raises(ledger.Fenced):
        job._send(mine, parcel)
    assert sent == []


def test_a_delivery_told_to_stop_gives_back_what_it_did_not_try(database, monkeypatch):
    with db.transaction() as session:
        owe(session, 4)
        mine = ledger.claim_now(session, "messages", by="us", now=NOON)
    monkeypatch.setitem(gateway.CHANNELS, Channel.LOG, lambda _parcel: mine.stopping.set())
    with clock.frozen_at(NOON):
        assert job.deliver(mine)["sent"] == 1
    with db.reading() as session:
        left = session.exec(select(Message).where(Message.status == Status.OWED)).all()
    assert [message.claimed_at for message in left] == [None] * 3


def test_what_is_of_no_use_any_more_is_not_sent(database, sent):
    with db.transaction() as session:
        owe(session, 1)
    run("messages", local(hour=21, minute=5))
    run("messages", local(DAY + timedelta(days=1), hour=7, minute=0))
    assert sent == []
    assert all_statuses() == [Status.EXPIRED]


def test_old_messages_go_unless_the_clock_has_jumped(database):
    with db.transaction() as session:
        owe(session, 1, local_date=DAY - timedelta(days=400))
        owe(session, 1)
    run("messages", local(DAY - timedelta(days=3)))
    run("upkeep", NOON)
    assert len(outbox()) == 2
    run("upkeep", NOON + timedelta(hours=1))
    assert len(outbox()) == 1


def test_a_secretary_of_no_town_sees_no_failures(session):
    owe(session, 1, status=Status.FAILED)
    assert undelivered(session, make.caller(session, Role.GROWER).places(Role.SECRETARY), DAY) == []
