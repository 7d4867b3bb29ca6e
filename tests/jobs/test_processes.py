"""Real processes: nothing runs twice, the dead are replaced, the frozen do nothing on waking."""

import http.client
import signal
from collections import Counter
from collections.abc import Iterator
from time import monotonic

import pytest
from sqlmodel import col, select

from orchard import db
from orchard.ledger import Installation, JobRun, RunState
from tests.engines import slow_on
from tests.jobs.processes import Process, says, wait_for, workers

SHORT = (0.3, 3.0, 20.0)  # beat, silence, stop: the real pace is run as a campaign
REAL = (8.0, 40.0, 20.0)


def written() -> list[str]:
    """Return what the runs wrote: one digit for each attempt that did."""
    with db.reading() as session:
        return list(session.exec(select(Installation.value).where(Installation.key != "purpose")))


def runs() -> list[tuple[str, RunState, int]]:
    with db.reading() as session:
        rows = session.exec(select(JobRun).order_by(col(JobRun.slot)))
        return [(row.job, row.state, row.attempt) for row in rows]


def take_over(tmp_path, pace, within_s, quiet_sign) -> Iterator[tuple[Process, float]]:
    """Freeze or kill a worker in mid-job; yield it once another has done the work instead."""
    with workers(tmp_path, *pace) as start:
        first = start("held")
        says(first, "began 1")
        second = start("held")
        began = monotonic()
        first.send(quiet_sign)
        says(second, "began 2", within_s=within_s)
        took_s = monotonic() - began
        second.go()
        says(second, "wrote 2")
        second.send(signal.SIGTERM)
        assert second.end() == 0
        assert runs() == [("held", RunState.DONE, 2)]
        yield first, took_s


@slow_on("postgres")
def test_four_processes_at_once_run_nothing_twice(database, tmp_path):
    with workers(tmp_path, *SHORT) as start:
        four = [start("quick") for _ in range(4)]

        def ran() -> list[str]:
            return [line for process in four for line in process.lines]

        wait_for(lambda: len(ran()) >= 16, *four, within_s=60)
        for process in four:
            process.send(signal.SIGTERM)
        assert [process.end() for process in four] == [0] * 4
        slots = Counter(tuple(line.split()[1:3]) for line in ran())
    assert set(slots.values()) == {1}
    assert {line.split()[3] for line in ran()} == {"1"}
    assert written() == ["1"] * len(slots)
    assert {state for _, state, _ in runs()} == {RunState.DONE}


@slow_on("postgres")
@pytest.mark.parametrize(
    ("pace", "within_s"),
    [(SHORT, 20.0), pytest.param(REAL, 60.0, marks=pytest.mark.campaign)],
    ids=["short", "real"],
)
def test_a_process_killed_in_mid_job_is_replaced(database, tmp_path, pace, within_s):
    for _, took_s in take_over(tmp_path, pace, within_s, signal.SIGKILL):
        assert pace[1] - pace[0] < took_s < within_s
    assert written() == ["2"]


@pytest.mark.campaign
@pytest.mark.parametrize(
    ("pace", "within_s"),
    [(SHORT, 20.0), (REAL, 90.0)],
    ids=["short", "real"],
)
def test_a_frozen_process_changes_nothing_on_waking(database, tmp_path, pace, within_s):
    for first, _ in take_over(tmp_path, pace, within_s, signal.SIGSTOP):
        first.send(signal.SIGCONT)
        first.go()
        says(first, "fenced 1")
        first.send(signal.SIGTERM)
        assert first.end() == 0
    assert runs() == [("held", RunState.DONE, 2)]
    assert written() == ["2"]


@pytest.mark.campaign
def test_a_process_frozen_inside_a_transaction_frees_its_rows_on_postgresql(database, tmp_path):
    with workers(tmp_path, *SHORT) as start:
        first = start("inside")
        says(first, "began 1")
        first.send(signal.SIGSTOP)
        if database == "sqlite":  # its writer is one for all: nobody can write, nobody takes over
            first.send(signal.SIGCONT)
            first.go()
            says(first, "wrote 1")
            return
        second = start("inside")
        says(second, "began 2")
        second.go()
        says(second, "wrote 2")
        first.send(signal.SIGCONT)
        first.go()
        says(first, "lost 1")
    assert written() == ["2", "2"]


@pytest.mark.campaign
def test_a_process_told_to_stop_finishes_its_job(database, tmp_path):
    with workers(tmp_path, *SHORT) as start:
        only = start("held")
        says(only, "began 1")
        only.send(signal.SIGTERM)
        only.go()
        assert only.end(20) == 0
        assert "wrote 1" in only.lines
    assert runs() == [("held", RunState.DONE, 1)]


@pytest.mark.campaign
def test_a_job_that_does_not_end_is_left_and_taken_over_later(database, tmp_path):
    with workers(tmp_path, *SHORT[:2], 0.5) as start:
        stuck = start("held")
        says(stuck, "began 1")
        stuck.send(signal.SIGTERM)
        assert stuck.end(10) == 0
        assert runs() == [("held", RunState.RUNNING, 1)]
        other = start("held")
        says(other, "began 2", within_s=20)
        other.go()
        says(other, "wrote 2")
    assert written() == ["2"]


@slow_on("postgres")
def test_a_server_told_to_stop_finishes_request_and_job(database, tmp_path):
    with workers(tmp_path, *SHORT) as start:
        server = start("serve")
        says(server, "began 1")
        host, port = server.lines[0].split()[1].split(":")
        asking = http.client.HTTPConnection(host, int(port), timeout=30)
        asking.request("GET", "/")
        says(server, "asked")
        server.send(signal.SIGTERM)
        says(server, "stopping")
        server.go()
        server.go()
        answer = asking.getresponse()
        assert (answer.status, len(answer.read())) == (200, 300_000)
        assert server.end(20) == 0
        assert "wrote 1" in server.lines
        with pytest.raises(ConnectionRefusedError):
            http.client.HTTPConnection(host, int(port), timeout=5).request("GET", "/")
    assert runs() == [("held", RunState.DONE, 1)]
