"""Which jobs are left behind and which hang, from lines of the ledger made by hand."""

from datetime import datetime, timedelta

import pytest

from orchard.ledger import JobRun, RunState
from orchard.overdue import CLAIMED_WITHIN, hangs_after, hung, left_behind
from orchard.timetable import DAY, TIMETABLE, Times, at
from tests.make import NOW

PULL = Times("weather", every=at(3, 0), start=at(0, 10))
PLAN = Times("tasks", every=at(3, 0), start=at(0, 20), after=("weather",))
OFTEN = Times("photos", every=timedelta(minutes=1))
ROWS = (PULL, PLAN, OFTEN)
SECOND = timedelta(seconds=1)


def line(row: Times, slot: datetime, state=RunState.DONE, **values) -> JobRun:
    """Return a run that took its slot at once and ended two seconds later."""
    kept = {"job": row.name, "slot": slot, "state": state, "attempt": 1, "claimed_by": "x"}
    ended = None if state == RunState.RUNNING else slot + 2 * SECOND
    return JobRun(**{**kept, "heartbeat_at": NOW, "started_at": slot, "ended_at": ended, **values})


def behind(*lines: JobRun, now=NOW, at_work: datetime | None = NOW - CLAIMED_WITHIN) -> list[str]:
    """Judge what a ledger of these lines says of the jobs."""
    newest = {(row.name, row.newest_slot(now)) for row in ROWS}
    standing = [
        row for row in lines if row.state == RunState.RUNNING or (row.job, row.slot) in newest
    ]
    last = {row.job: row for row in sorted(lines, key=lambda row: row.started_at)}
    return left_behind(standing, last, at_work, now, ROWS)


def sound(now=NOW) -> list[JobRun]:
    """Return the ledger of a process that takes every slot."""
    return [line(row, row.newest_slot(now)) for row in ROWS]


def test_a_county_whose_jobs_take_their_slots_leaves_none_behind():
    assert behind(*sound()) == []


def test_a_job_that_nobody_takes_while_others_run_is_left_behind():
    pull, plan, often = sound()
    assert behind(plan, often) == ["weather"]
    assert behind(pull, often) == ["tasks"]


def test_what_waits_for_a_job_left_behind_is_not_counted_beside_it():
    assert behind(sound()[2]) == ["weather"]


def test_a_slot_is_given_two_pulses():
    due = PULL.newest_slot(NOW)
    for age, told in ((15, []), (16, ["weather"])):
        now = due + age * SECOND
        before = [line(PULL, due - at(3, 0)), line(OFTEN, OFTEN.newest_slot(now))]
        assert behind(*before, now=now, at_work=now - CLAIMED_WITHIN) == told


def test_a_job_of_each_minute_is_left_behind_for_the_whole_minute():
    pull, plan, _ = sound()
    old = line(OFTEN, NOW - timedelta(hours=9))
    for second in (0, 1, 30, 59):
        now = NOW + second * SECOND
        assert behind(pull, plan, old, now=now, at_work=now - CLAIMED_WITHIN) == ["photos"]


def test_what_stood_back_for_its_own_long_run_is_given_two_pulses_again():
    pull, plan, _ = sound()
    long = line(OFTEN, NOW - timedelta(minutes=4), ended_at=NOW - 5 * SECOND)
    assert behind(pull, plan, long) == []
    assert behind(pull, plan, long, now=NOW + 20 * SECOND, at_work=NOW) == ["photos"]


def test_what_waits_for_another_job_is_due_when_that_has_ended():
    _, plan, often = sound()
    for ended, told in ((NOW - 5 * SECOND, []), (NOW - CLAIMED_WITHIN, ["tasks"])):
        slow = line(PULL, PULL.newest_slot(NOW), ended_at=ended)
        assert behind(slow, line(PLAN, plan.slot - at(3, 0)), often) == told
    runs = line(PULL, PULL.newest_slot(NOW), RunState.RUNNING)
    assert behind(runs, often) == []


def test_a_failed_slot_whose_waiting_is_over_is_left_behind_too():
    _, plan, often = sound()
    for again, told in ((5 * SECOND, []), (-5 * SECOND, []), (-CLAIMED_WITHIN, ["weather"])):
        failed = line(PULL, PULL.newest_slot(NOW), RunState.FAILED, next_try_at=NOW + again)
        assert behind(failed, plan, often) == told
    assert behind(line(PULL, PULL.newest_slot(NOW), RunState.FAILED), plan, often) == []


def test_a_fresh_installation_is_given_its_time():
    assert behind(at_work=None) == []
    assert behind(sound()[2], at_work=None) == []
    assert behind(sound()[2], at_work=NOW - CLAIMED_WITHIN) == ["weather"]


def test_a_server_that_was_off_for_three_days_is_given_its_time():
    off = NOW - 3 * DAY
    before = sound(off)
    assert behind(*before, at_work=off) == []
    begun = [*before, line(OFTEN, OFTEN.newest_slot(NOW), started_at=NOW)]
    later = NOW + CLAIMED_WITHIN
    assert behind(*begun, now=later - SECOND, at_work=off) == []
    assert behind(*begun, now=later, at_work=NOW) == ["weather"]


def test_a_server_that_was_off_for_ten_minutes_is_given_its_time():
    off, now = PULL.newest_slot(NOW) - timedelta(minutes=5), PULL.newest_slot(NOW) + 5 * SECOND * 60
    assert behind(*sound(off), now=now, at_work=off) == []


def test_a_clock_that_was_ahead_for_a_while_hides_nothing():
    ahead = sound(NOW + 40 * DAY)
    assert behind(*ahead) == ["weather", "photos"]


@pytest.mark.parametrize(
    ("every", "limit"),
    [
        (timedelta(minutes=1), timedelta(minutes=15)),
        (timedelta(minutes=10), timedelta(minutes=20)),
        (at(3, 0), at(6, 0)),
        (DAY, at(6, 0)),
    ],
)
def test_a_run_may_take_twice_its_interval_within_reason(every, limit):
    assert hangs_after(every) == limit


def test_a_run_that_takes_too_long_hangs_although_its_heart_beats():
    for row in TIMETABLE:
        limit = hangs_after(row.every)
        sound_run = line(row, NOW - limit, RunState.RUNNING)
        too_long = line(row, NOW - limit - SECOND, RunState.RUNNING)
        assert hung([sound_run], NOW) == []
        assert hung([too_long], NOW) == [row.name]
    ended = line(PULL, NOW - DAY)
    assert hung([ended], NOW) == []


def test_a_run_of_a_job_that_exists_no_more_may_hang_too():
    gone = Times("gone", every=DAY)
    assert hung([line(gone, NOW - at(7, 0), RunState.RUNNING)], NOW) == ["gone"]
