"""The commands as people run them: real processes, whatever the host's zone is."""

import json
import signal
import sys
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlmodel import select

from jobs.schedule import SCHEDULE
from orchard import db, ledger
from orchard.cli import main
from orchard.ledger import JobRun, RunState
from tests import make
from tests.engines import slow_on
from tests.jobs.processes import Process, wait_for, workers
from tests.reminders.owing import DAY, local, outbox, task

ORCHARD = [sys.executable, "-c", "from orchard.cli import main; main()"]
ZONES = ["UTC", "Asia/Shanghai", "America/New_York"]
NAMES = {row.name for row in SCHEDULE}
pytestmark = slow_on("postgres")


@pytest.fixture
def orchard(database, tmp_path):
    """A function that starts a command; whatever still runs at the end is taken away."""
    started: list[Process] = []

    def start(*words: str, **environ: str) -> Process:
        log = tmp_path / f"command{len(started)}.log"
        started.append(Process([*ORCHARD, *words], log, **environ))
        return started[-1]

    yield start
    for process in started:
        process.remove()


@pytest.fixture
def grower(database):
    with db.transaction() as session:
        who = make.caller(session)
        plot = make.plot(session, who)
        task(session, plot, code="CG")
        task(session, plot, DAY - timedelta(days=1), code="QY1")
    return who


@pytest.mark.campaign
def test_a_job_run_by_hand_twice_at_once_does_no_harm(orchard, grower):
    now = local(hour=7, minute=30).isoformat()
    both = [orchard("jobs", "run", "reminders", ORCHARD_NOW=now) for _ in range(2)]
    assert [process.end() for process in both] == [0, 0]
    both = [orchard("jobs", "run", "messages", ORCHARD_NOW=now) for _ in range(2)]
    assert [process.end() for process in both] == [0, 0]
    assert [message.status for message in outbox(grower.person_id)] == ["sent"]
    sent = "".join(process.log.read_text() for process in both).count('"event": "message"')
    assert sent == 1


@pytest.mark.campaign
def test_the_outbox_is_the_same_in_every_zone_of_the_host(database, tmp_path, grower):
    told = []
    for zone in ZONES:
        with workers(tmp_path, TZ=zone) as start:
            process = start("zones")
            assert process.end() == 0, process.log.read_text()
            told.append(process.lines)
    assert told[0] == told[1] == told[2]
    states = {line.split()[0]: line.split()[-1] for line in told[0] if " log " in line}
    assert states == {"00:45": "owed", "06:45": "owed", "07:45": "sent", "23:45": "expired"}
    assert {line.split()[1] for line in told[0] if " log " in line} == {"2026-11-23"}
    assert sum("slot" in line for line in told[0]) == 4 * len(SCHEDULE)


def has_started(process) -> bool:
    """Say whether a process holds its signals by now: before that, the first one ends it."""
    return '"started"' in process.log.read_text()


@pytest.mark.campaign
def test_four_commands_at_once_run_the_whole_table_once(orchard, grower):
    four = [orchard("jobs", "work") for _ in range(4)]

    def done() -> set[str]:
        with db.reading() as session:
            rows = session.exec(select(JobRun.job).where(JobRun.state == RunState.DONE))
            return set(rows.all())

    wait_for(lambda: done() >= NAMES, *four, within_s=90, look_s=0.2)
    wait_for(lambda: all(has_started(each) for each in four), *four, within_s=90, look_s=0.2)
    for process in four:
        process.send(signal.SIGTERM)
    assert [process.end() for process in four] == [0] * 4
    lines = [json.loads(line) for process in four for line in process.log.read_text().splitlines()]
    ran = [(line["job"], line["slot"]) for line in lines if line["event"] == "job_done"]
    assert len(ran) == len(set(ran))
    assert {line["event"] for line in lines} <= {"started", "job_done", "stopped", "message"}
    with db.reading() as session:
        assert {row.attempt for row in session.exec(select(JobRun))} == {1}


def test_the_list_tells_last_run_result_and_next_run(orchard, grower):
    now = local(hour=12).isoformat()
    assert orchard("jobs", "run", "reminders", ORCHARD_NOW=now).end() == 0
    listed = orchard("jobs", "list", "--json", ORCHARD_NOW=now)
    assert listed.end() == 0
    rows = {row["job"]: row for row in json.loads(listed.lines[0])}
    assert set(rows) == NAMES
    told = rows["reminders"]
    assert (told["last_run"], told["result"]) == ("2026-11-23 12:30:00", "done")
    assert (told["next_run"], told["counts"]) == ("2026-11-24 06:30:00", "people=1")
    plain = CliRunner().invoke(main, ["jobs", "list"])
    assert plain.exit_code == 0
    assert len(plain.output.splitlines()) == len(NAMES)


def test_a_job_that_fails_by_hand_fails_the_command(orchard, database):
    _rename("reminder_due", "elsewhere")
    try:
        failed = orchard("jobs", "run", "reminders")
        assert failed.end() == 1
    finally:
        _rename("elsewhere", "reminder_due")
    assert "Error: reminders failed in 500154" in failed.log.read_text()
    with db.reading() as session:
        (row,) = session.exec(select(JobRun)).all()
    assert row.state == RunState.FAILED


def _rename(old: str, new: str) -> None:
    with db.transaction() as session:
        session.connection().exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")


@pytest.mark.parametrize(
    ("words", "environ", "sentence"),
    [
        (("jobs", "run", "nothing"), {}, "no job is named nothing"),
        (("jobs", "work"), {"ORCHARD_NOW": "2026-11-23T08:00+08:00"}, "ORCHARD_NOW is set"),
    ],
)
def test_what_cannot_be_run_is_refused_in_one_line(orchard, database, words, environ, sentence):
    refused = orchard(*words, **environ)
    assert refused.end() != 0
    errors = [line for line in refused.log.read_text().splitlines() if line.startswith("Error")]
    assert len(errors) == 1
    assert sentence in errors[0]


@pytest.mark.parametrize(
    "words",
    [
        ("jobs", "run", "messages"),
        pytest.param(("serve", "--port", "0"), marks=pytest.mark.campaign),
    ],
)
def test_a_clock_that_stands_is_refused_on_a_real_database(orchard, database, words):
    with db.transaction() as session:
        ledger.note(session, "purpose", ledger.Purpose.REAL)
    refused = orchard(*words, ORCHARD_NOW="2026-11-23T08:00+08:00")
    assert refused.end() == 1
    assert "ORCHARD_NOW is refused" in refused.log.read_text()
    with db.reading() as session:
        assert session.exec(select(JobRun)).all() == []


@pytest.mark.campaign
def test_serve_answers_runs_the_jobs_and_ends_cleanly(orchard, grower):
    server = orchard("serve", "--port", "0")
    wait_for(lambda: server.lines, server)
    assert server.lines[0].startswith("listening on http://127.0.0.1:")

    def done() -> set[str]:
        with db.reading() as session:
            return set(session.exec(select(JobRun.job)).all())

    wait_for(lambda: done() >= NAMES, server, within_s=60, look_s=0.2)
    server.send(signal.SIGTERM)
    assert server.end() == 0


@pytest.mark.campaign
def test_serve_with_a_clock_that_stands_runs_no_job(orchard, grower):
    server = orchard("serve", "--port", "0", ORCHARD_NOW=local().isoformat())
    wait_for(lambda: server.lines, server)
    server.send(signal.SIGTERM)
    assert server.end() == 0
    with db.reading() as session:
        assert session.exec(select(JobRun)).all() == []
