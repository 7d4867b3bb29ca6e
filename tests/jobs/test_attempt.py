"""One attempt: the heart beats while it works, and the ledger learns how it ended."""

from time import monotonic

from structlog.testing import capture_logs

from jobs.attempt import attempt
from orchard import db, ledger
from orchard.ledger import JobRun, RunState
from tests.make import NOW


def begin(job="weather"):
    with db.transaction() as session:
        return ledger.claim(session, job, NOW, by="us", now=NOW)


def row_of(run) -> JobRun:
    with db.reading() as session:
        return session.get(JobRun, (run.job, run.slot))


def test_a_run_that_works_is_closed_with_its_counts(database):
    run = begin()
    with capture_logs() as lines:
        assert attempt(lambda _run: {"cells": 2}, run, beat_s=8)
    assert (row_of(run).state, row_of(run).counts) == (RunState.DONE, "cells=2")
    assert [(line["event"], line["job"], line["cells"]) for line in lines] == [
        ("job_done", "weather", 2)
    ]


def test_a_run_that_fails_tells_the_kind_of_error_and_nothing_that_people_typed(database):
    def broken(_run):
        raise ValueError("刘洪 13900000001")

    run = begin()
    with capture_logs() as lines:
        assert not attempt(broken, run, beat_s=8)
    row = row_of(run)
    assert (row.state, row.error) == (RunState.FAILED, "ValueError")
    assert row.next_try_at is not None
    assert [line["event"] for line in lines] == ["job_failed"]
    from orchard.logs import _where_it_broke

    told = str(_where_it_broke(None, "error", dict(lines[0])))
    assert "ValueError" in told
    assert "test_attempt.py" in told
    assert "刘洪" not in told


def test_the_heart_beats_while_the_job_works(database):
    run = begin()

    def long(_run):
        until = monotonic() + 20
        while row_of(run).beats < 3:
            assert monotonic() < until
        return {}

    assert attempt(long, run, beat_s=0.02)


def test_a_job_whose_run_was_taken_over_is_told_to_end_and_closes_nothing(database):
    run = begin()

    def robbed(mine):
        with db.transaction() as session:
            seen = session.get(JobRun, (run.job, run.slot))
            assert ledger.take_over(session, seen, by="other", now=NOW)
        assert mine.stopping.wait(20)
        return {"cells": 9}

    with capture_logs() as lines:
        assert not attempt(robbed, run, beat_s=0.02)
    row = row_of(run)
    assert (row.state, row.attempt, row.counts) == (RunState.RUNNING, 2, "")
    assert [line["event"] for line in lines] == ["job_taken_over"]
