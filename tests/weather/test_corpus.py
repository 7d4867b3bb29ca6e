"""Every bad answer ends as the corpus says, through the real client over loopback."""

import shutil
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from orchard import db, settings
from orchard.weather import gateway
from tests.engines import slow_on
from tests.weather import answers
from tests.weather.answers import CASES, NOW
from tests.weather.corpus import apply

SLOW = {"drip", "drip-headers", "hang", "continue-endless", "connect-timeout"}
FLAPPING = "flapping"
SLACK_S = 2.5  # a machine that tests on every core wakes a thread late
MOST_BUSY_S = 4.0  # 0.2 s alone; a collection of garbage of a long test run counts in it


def kind_of(name: str) -> str:
    return CASES[name].get("behaviour", {}).get("kind", "")


QUICK = [name for name in CASES if kind_of(name) not in SLOW and name != FLAPPING]
LONG = [name for name in CASES if kind_of(name) in SLOW]
CLASSES = sorted({CASES[name]["class"] for name in QUICK})


def faults_of(name: str, before: dict[str, answers.Row]) -> list[str]:
    """Return what differs when one case is pulled and then the good answer."""
    case = CASES[name]
    limits = case["expect"].get("limits", {"requests": 1})
    with answers.server(name) as running:
        if kind_of(name) == "redirect-https-to-http":
            gateway.TRUSTED = running.ca_file
        begun, busy = time.perf_counter(), time.thread_time()
        answers.pull(NOW)
        seconds, busy = time.perf_counter() - begun, time.thread_time() - busy
        gateway.TRUSTED = True
    found = answers.differences(case, before, answers.stored())
    with db.reading() as session:
        told = len(answers.alarms(session))
    if told != (1 if "alarm" in case["expect"] else 0):
        found.append(f"{name}: {told} alarms")
    if seconds - busy > limits.get("job_s", 20) + SLACK_S or busy > MOST_BUSY_S:
        found.append(f"{name}: took {seconds:.1f} s, judging {busy:.1f} s")
    if len(running.hits) != limits["requests"] or running.canary_hits:
        found.append(f"{name}: {len(running.hits)} requests, {running.canary_hits} at the canary")
    if any(apply._order(hit) != "A,B" for hit in running.hits):
        found.append(f"{name}: asked in another order")
    if running.sent > gateway.MOST_BYTES + 8 * 1024 * 1024:
        found.append(f"{name}: the server sent {running.sent} bytes")
    return found + _recovery(name)


def _recovery(name: str) -> list[str]:
    """Return what stays stuck when the server is well again after the wait."""
    waits = [row["next_try_at"] for row in answers.stored().values() if row["next_try_at"]]
    later = max([NOW, *waits]) + timedelta(seconds=1)
    with answers.server("ok"):
        answers.pull(later)
    rows = answers.stored().values()
    well = all(
        (row["fetched_at"], row["failures"], row["reason"]) == (later, 0, "") for row in rows
    )
    return [] if well else [f"{name}: the good answer after it was not taken"]


def test_the_corpus_is_whole():
    assert len(CASES) == 206
    assert len(QUICK) + len(LONG) + 1 == 206


@slow_on("postgres")
@pytest.mark.parametrize("kind", CLASSES)
def test_every_quick_case_ends_as_the_corpus_says(database: str, kind: str):
    answers.make_plots()
    before = answers.seed()
    found = []
    for name in QUICK:
        if CASES[name]["class"] == kind:
            answers.put_back(before)
            found += faults_of(name, before)
    assert found == []


class Everybodys(threading.local):
    """Settings of each thread, so that slow cases run beside each other on their own files."""

    chosen: settings.Settings


@pytest.mark.campaign
def test_every_slow_case_ends_within_its_deadline(
    sqlite_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    answers.make_plots()
    before = answers.seed()
    db.dispose()
    own, found = Everybodys(), []
    monkeypatch.setattr(settings, "get", lambda: own.chosen)
    monkeypatch.setattr(settings, "use", lambda chosen: setattr(own, "chosen", chosen))

    def run(name: str) -> None:
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(sqlite_database, folder)
        own.chosen = settings.Settings(data_dir=folder, secret_key="test")
        answers.put_back(before)
        found.extend(faults_of(name, before))

    threads = [threading.Thread(target=run, args=(name,)) for name in LONG]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == []
    assert not [thread for thread in threading.enumerate() if thread.name == "weather-call"]


def test_a_flapping_server_is_asked_once_a_pull_and_recovers(database: str):
    answers.make_plots()
    answers.seed()
    now, states = NOW, []
    with answers.server(FLAPPING) as running:
        for _ in range(6):
            answers.pull(now)
            rows = answers.stored()
            states.append([rows[label]["reason"] for label in "AB"])
            now = max(row["next_try_at"] or now for row in rows.values()) + timedelta(minutes=3)
    assert states == [["status"] * 2, [""] * 2] * 3
    assert len(running.hits) == 6
    with db.reading() as session:
        assert answers.alarms(session) == []
