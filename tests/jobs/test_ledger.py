"""Claims: one statement decides, taking over raises the number, an older number writes nothing."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from orchard import db, ledger
from orchard.ledger import Fenced, JobRun, RunState
from tests.crowd import each_at_once
from tests.make import NOW

LATER = NOW + timedelta(minutes=5)


def claim(slot=NOW, by="one", job="weather"):
    with db.transaction() as session:
        return ledger.claim(session, job, slot, by=by, now=NOW)


def seen(run) -> JobRun:
    with db.reading() as session:
        return session.get(JobRun, (run.job, run.slot))


def test_a_slot_is_claimed_once(database):
    assert claim().attempt == 1
    assert claim(by="two") is None


def test_no_job_runs_twice_at_once_for_two_slots(database):
    first = claim()
    assert claim(LATER) is None
    assert claim(LATER, job="tasks")
    with db.transaction() as session:
        assert ledger.finish(session, first, now=LATER, counts={"cells": 3})
    assert claim(LATER)


def test_twelve_threads_at_once_get_one_claim(database):
    def race(number: int):
        return claim(NOW + timedelta(minutes=number % 2), by=str(number))

    won = [run for run in each_at_once(race, range(12)) if run]
    assert len(won) == 1


def test_taking_over_raises_the_number_and_fences_the_old_owner(database):
    old = claim()
    with db.transaction() as session:
        new = ledger.take_over(session, seen(old), by="two", now=LATER)
    assert (new.attempt, seen(old).claimed_by) == (2, "two")
    with pytest.raises(Fenced), old.transaction() as session:
        ledger.note(session, "written", "by the old owner")
    with pytest.raises(Fenced):
        old.check()
    with db.transaction() as session:
        assert not ledger.beat(session, old, now=LATER)
        assert not ledger.finish(session, old, now=LATER, counts={})
    with new.transaction() as session:
        assert ledger.fact(session, "written") == ""


def test_who_beat_since_he_was_seen_is_not_taken_over(database):
    run = claim()
    before = seen(run)
    with db.transaction() as session:
        assert ledger.beat(session, run, now=LATER)
        assert ledger.take_over(session, before, by="two", now=LATER) is None
    with run.transaction() as session:
        ledger.note(session, "written", "yes")
    assert seen(run).beats == 2


def test_what_a_fenced_block_wrote_before_the_end_is_not_kept(database):
    run = claim()
    with pytest.raises(ZeroDivisionError), run.transaction() as session:
        ledger.note(session, "written", "half")
        raise ZeroDivisionError
    with db.reading() as session:
        assert ledger.fact(session, "written") == ""
    assert seen(run).beats == 0


def test_a_failed_slot_waits_longer_each_time_and_is_given_up_after_five(database):
    run, waits = claim(), []
    for _ in range(ledger.MAX_ATTEMPTS):
        with db.transaction() as session:
            ledger.finish(session, run, now=NOW, counts={}, error="ZeroDivisionError")
        row = seen(run)
        waits.append(row.next_try_at and (row.next_try_at - NOW) / timedelta(minutes=1))
        with db.transaction() as session:
            run = ledger.take_over(session, row, by="two", now=NOW) or run
    assert waits == [1, 5, 15, 60, None]
    assert (seen(run).state, seen(run).error) == (RunState.FAILED, "ZeroDivisionError")


def test_a_failed_slot_is_not_taken_up_while_the_job_runs(database):
    run = claim()
    with db.transaction() as session:
        ledger.finish(session, run, now=NOW, counts={}, error="Busy")
    claim(LATER)
    with pytest.raises(IntegrityError), db.transaction() as session:
        ledger.take_over(session, seen(run), by="two", now=LATER)
    assert seen(run).state == RunState.FAILED


def test_a_silent_run_is_given_up_as_seen_or_not_at_all(database):
    run = claim()
    before = seen(run)
    with db.transaction() as session:
        ledger.beat(session, run, now=LATER)
        assert not ledger.give_up(session, before, now=LATER)
        session.expire_all()
    with db.transaction() as session:
        assert ledger.give_up(session, seen(run), now=LATER)
    assert seen(run).error == "silent"


def test_runs_by_hand_at_one_moment_have_lines_of_their_own(database):
    for _ in range(3):
        with db.transaction() as session:
            run = ledger.claim_now(session, "reminders", by="hand", now=NOW)
            ledger.finish(session, run, now=NOW, counts={})
    with db.reading() as session:
        assert len(session.exec(select(JobRun)).all()) == 3


def test_by_hand_waits_while_the_job_runs(database):
    claim()
    with db.transaction() as session:
        assert ledger.claim_now(session, "weather", by="hand", now=LATER) is None


def test_the_line_of_a_run_says_what_it_did(database):
    run = claim()
    with db.transaction() as session:
        ledger.finish(session, run, now=LATER, counts={"cells": 3, "fresh": 2})
    with db.reading() as session:
        (last,) = ledger.last_runs(session, ["weather", "tasks"]).values()
    assert (last.state, last.counts, last.ended_at) == (RunState.DONE, "cells=3 fresh=2", LATER)


def test_a_clock_may_stand_in_a_test_but_not_on_a_real_database(session):
    ledger.require_may_freeze(session)
    ledger.note(session, "purpose", ledger.Purpose.REAL)
    with pytest.raises(ledger.FrozenClock):
        ledger.require_may_freeze(session)
