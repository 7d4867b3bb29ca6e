"""Twenty writers at once lose nothing, and nobody waits long."""

from collections.abc import Callable
from typing import Any

import pytest

from tests import server
from tests.crowd import each_at_once
from tests.engines import slow_on
from tests.robust.cast import fill
from tests.robust.load import Program, crowding, percentile

WRITERS = 20
PLOTS = 10
P99_S = 1.0
FACTS = ("name", "village_code", "area_mu", "variety", "planted_year", "elevation_m", "lat", "lon")


def add_trees(program: Program, plot: str, times: int) -> int:
    """Add one tree after the other; count how often somebody was faster."""
    conflicts = 0
    for _ in range(times):
        while True:
            status, read = program.call("GET", f"/plots/{plot}")
            assert status == 200, read
            status, kept = program.call("PUT", f"/plots/{plot}", one_more(read))
            if status == 200:
                assert kept["tree_count"] == read["tree_count"] + 1
                break
            assert status == 409, kept
            conflicts += 1
    return conflicts


def one_more(read: dict[str, Any]) -> dict[str, Any]:
    """Return the correction that adds one tree to what was read."""
    facts = {name: read[name] for name in (*FACTS, "version")}
    return {**facts, "tree_count": read["tree_count"] + 1}


def write(engine: str, changes: int, say: Callable[[str], None]) -> None:
    """Let all write, print the figures and hold them against the limits."""
    cast, limit_s = fill(managers=WRITERS, shared_plots=PLOTS), P99_S * crowding()
    with server.running() as running:
        programs = [Program(running, secret) for secret in cast.managers]
        jobs = [(program, cast.shared[n % PLOTS]) for n, program in enumerate(programs)]
        conflicts = sum(each_at_once(lambda job: add_trees(*job, changes), jobs))
        final = [programs[0].call("GET", f"/plots/{plot}")[1] for plot in cast.shared]
        assert "locked" not in running.log.read_text()
    took = [one for program in programs for one in program.took]
    p50, p99 = percentile(took, 0.5), percentile(took, 0.99)
    say(
        f"{engine}: {WRITERS} writers x {changes} changes, {len(took)} requests,"
        f" {conflicts} conflicts, p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms"
    )
    added = WRITERS // PLOTS * changes
    assert [plot["tree_count"] for plot in final] == [added] * PLOTS
    assert [plot["version"] for plot in final] == [added + 1] * PLOTS
    assert p99 <= limit_s


@slow_on("postgres")
def test_20_writers_lose_no_update(database: str, say: Callable[[str], None]) -> None:
    write(database, 12, say)


@pytest.mark.campaign
def test_20_writers_of_100_changes_lose_no_update(
    database: str, say: Callable[[str], None]
) -> None:
    write(database, 100, say)
