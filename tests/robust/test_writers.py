"""Twenty writers at once lose nothing, and nobody waits long."""

from typing import Any

import pytest

from tests import server
from tests.robust.cast import Cast, fill
from tests.robust.load import Program, at_once, percentile
from tests.server import Server

WRITERS = 20
PLOTS = 5
CHANGES = {"sqlite": 100, "postgres": 25}  # of each writer; the number where it is hard
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


def test_20_writers_lose_no_update(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    cast = fill(managers=WRITERS, shared_plots=PLOTS)
    changes = CHANGES[database]
    with server.running() as running:
        programs = [Program(running, secret) for secret in cast.managers]
        jobs = [(program, cast.shared[n % PLOTS]) for n, program in enumerate(programs)]
        conflicts = sum(at_once(lambda job: add_trees(*job, changes), jobs))
        final = [programs[0].call("GET", f"/plots/{plot}")[1] for plot in cast.shared]
        assert "locked" not in running.log.read_text()
    took = [one for program in programs for one in program.took]
    with capsys.disabled():
        p50, p99 = percentile(took, 0.5), percentile(took, 0.99)
        print(
            f"\n{database}: {WRITERS} writers x {changes} changes, {len(took)} requests,"
            f" {conflicts} conflicts, p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms"
        )
    assert [plot["tree_count"] for plot in final] == [WRITERS // PLOTS * changes] * PLOTS
    assert [plot["version"] for plot in final] == [WRITERS // PLOTS * changes + 1] * PLOTS
    assert p99 <= P99_S
