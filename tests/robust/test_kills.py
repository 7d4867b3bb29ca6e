"""kill -9 in the middle of writes: what was acknowledged is there, and nothing is half there."""

import http.client
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any

import pytest

from orchard.ids import new_id
from tests import make, server
from tests.robust.cast import Cast, fill
from tests.robust.load import Program, crowding
from tests.server import Server

ROUNDS = 10
CAMPAIGN = int(os.environ.get("ORCHARD_CAMPAIGN_KILLS", "200"))
WRITERS = 8
START_S = 5.0
ORPHANS = (  # a plot is registered with its first version and its tasks, or not at all
    "SELECT count(*) FROM plot WHERE created_by_id IS NOT NULL AND"
    " (id NOT IN (SELECT plot_id FROM plot_change) OR id NOT IN (SELECT plot_id FROM task))",
    "SELECT count(*) FROM plot p WHERE created_by_id IS NOT NULL AND version <>"
    " (SELECT max(version) FROM plot_change c WHERE c.plot_id = p.id)",
)


class Writer(Thread):
    """Registers plots and corrects each once, and notes what was acknowledged."""

    def __init__(self, running: Server, secret: str, stop: Event) -> None:
        super().__init__(daemon=True)
        self.program, self.stop = Program(running, secret), stop
        self.kept: dict[str, dict[str, Any]] = {}

    def run(self) -> None:
        """Write until the server is gone."""
        with suppress(OSError, http.client.HTTPException):
            while not self.stop.is_set():
                self._one()

    def _one(self) -> None:
        body = {
            "id": str(new_id()),
            "name": "坡",
            "village_code": make.VILLAGE,
            "area_mu": "2",
            "variety": "chunjin",
        }
        status, made = self.program.call("POST", "/plots", body)
        assert status == 201, made
        self.kept[made["id"]] = made
        status, changed = self.program.call(
            "PUT", f"/plots/{made['id']}", {**body, "name": "新坡", "version": 1}
        )
        assert status == 200, changed
        self.kept[made["id"]] = changed


def kill_while_writing(cast: Cast, wait_s: float) -> tuple[float, dict[str, dict[str, Any]]]:
    """Start, write, kill; return how long the start took and what was acknowledged."""
    stop = Event()
    with server.running() as running:
        writers = [Writer(running, secret, stop) for secret in cast.managers]
        for writer in writers:
            writer.start()
        writers[0].join(wait_s)
        running.kill()
        stop.set()
        for writer in writers:
            writer.join(30)
    return running.started_s, {
        plot: kept for writer in writers for plot, kept in writer.kept.items()
    }


def check(path: Path, acknowledged: dict[str, dict[str, Any]]) -> None:
    """Read the file as the next start would, and compare."""
    with sqlite3.connect(path) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert file.execute("PRAGMA foreign_key_check").fetchall() == []
        assert [file.execute(orphans).fetchone()[0] for orphans in ORPHANS] == [0, 0]
        rows = file.execute("SELECT id, name, version FROM plot").fetchall()
    file.close()
    stands = {row[0].replace("-", ""): row[1:] for row in rows}
    for plot, kept in acknowledged.items():
        name, version = stands[plot.replace("-", "")]
        assert version >= kept["version"], plot
        assert version > kept["version"] or name == kept["name"], plot


def kills(path: Path, rounds: int, seed: int) -> Iterator[tuple[float, int]]:
    """Kill again and again over the same file; yield start time and acknowledged writes."""
    cast, chance = fill(managers=WRITERS), Random(seed)
    everything: dict[str, dict[str, Any]] = {}
    for _ in range(rounds):
        started_s, acknowledged = kill_while_writing(cast, chance.uniform(0.05, 0.5))
        everything.update(acknowledged)
        check(path, everything)
        yield started_s, sum(one["version"] for one in acknowledged.values())


def run(path: Path, rounds: int, say: Callable[[str], None]) -> None:
    """Run the rounds, print the figures and hold them against the limits."""
    limit_s = START_S * crowding()
    figures = list(kills(path, rounds, seed=rounds))
    starts = sorted(started_s for started_s, _ in figures)
    written = sum(number for _, number in figures)
    say(
        f"{rounds} kills, {written} acknowledged writes, 0 lost,"
        f" start to first page {starts[len(starts) // 2]:.1f} s (longest {starts[-1]:.1f} s)"
    )
    assert written > rounds
    assert starts[len(starts) // 2] <= limit_s


def test_10_kills_lose_nothing_acknowledged(
    sqlite_database: Path, say: Callable[[str], None]
) -> None:
    run(sqlite_database, ROUNDS, say)


@pytest.mark.campaign
def test_many_kills_lose_nothing_acknowledged(
    sqlite_database: Path, say: Callable[[str], None]
) -> None:
    run(sqlite_database, CAMPAIGN, say)
