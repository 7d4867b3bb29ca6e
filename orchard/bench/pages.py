"""Pages beside the limit page in the same run: interleaved rounds, medians, ratios."""

import gzip
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchard.bench import county, limit_page
from orchard.bench.client import Browser, latencies_ms, per_second
from orchard.bench.figures import Target, mid, p95, told
from orchard.bench.servers import limit_serve, orchard_serve

CONNECTIONS = 8
# Issue 2, "What must be seen"
P50_RATIO, THROUGHPUT_SHARE, QUERIES, START_S, MEMORY_MB = 3.0, 0.25, 6, 2.0, 150.0

CountQueries = Callable[[Path, str, str], int]


@dataclass
class Page:
    """One page of one server, and what was measured of it."""

    name: str
    port: int
    path: str
    cookie: str
    p50: list[float] = field(default_factory=list)
    all_ms: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def measure(self, requests: int, seconds: float) -> None:
        """Take one round."""
        taken = latencies_ms(self.port, self.path, self.cookie, requests)
        self.p50.append(mid(taken, 4))
        self.all_ms += taken
        rate = per_second(
            self.port, self.path, self.cookie, connections=CONNECTIONS, seconds=seconds
        )
        self.rates.append(rate)

    def facts(self) -> dict[str, Any]:
        """Return the figures of all rounds."""
        body = Browser(self.port).get(self.path, Cookie=self.cookie)[1]
        return {
            "p50_ms": mid(self.p50),
            "p95_ms": p95(self.all_ms),
            "rps": mid(self.rates, 1),
            "bytes": len(body),
            "gzipped": len(gzip.compress(body, 5)),
        }


@dataclass(frozen=True)
class Opened:
    """A county with its two signed-in people."""

    doors: county.Doors
    technician: str
    grower: str


def run(
    counties: Sequence[county.Doors],
    work: Path,
    *,
    threads: int,
    rounds: int,
    seconds: float,
    count_queries: CountQueries,
) -> dict[str, Any]:
    """Measure list and home page of each county beside the limit page."""
    limit_page.build(work / "limit.db")
    opened = [_sign_in(doors) for doors in counties]
    with ExitStack() as stack:
        limit = stack.enter_context(limit_serve(work / "limit.db", threads))
        pages, servers = [Page("limit", limit.port, "/", "")], {}
        for each in opened:
            size = each.doors.plots
            serve = orchard_serve(each.doors.folder, "/plots", each.technician)
            servers[size] = stack.enter_context(serve)
            port = servers[size].port
            pages.append(Page(f"list_{size}", port, "/plots", each.technician))
            pages.append(Page(f"today_{size}", port, "/today", each.grower))
        for _ in range(rounds):
            for page in pages:
                page.measure(200, seconds)
        measured = {page.name: page.facts() for page in pages}
        memory = {size: server.memory_mb() for size, server in servers.items()}
    _compare(measured)
    for each in opened:
        for name, cookie in (("list", each.technician), ("today", each.grower)):
            path = "/plots" if name == "list" else "/today"
            queries = count_queries(each.doors.folder, path, cookie)
            measured[f"{name}_{each.doors.plots}"]["queries"] = queries
    start = {size: round(server.start_s, 2) for size, server in servers.items()}
    facts = {"rounds": rounds, "pages": measured, "start_s": start, "memory_mb": memory}
    return told("pages", facts, _targets(measured, start, memory))


def _sign_in(doors: county.Doors) -> Opened:
    """Start the server once to sign in; the sessions stay when it starts again."""
    with orchard_serve(doors.folder) as running:
        technician = county.technician(running.port, doors)
        return Opened(doors, technician, county.grower(running.port, doors))


def _compare(measured: dict[str, Any]) -> None:
    limit = measured["limit"]
    for name, page in measured.items():
        if name != "limit":
            page["p50_ratio"] = round(page["p50_ms"] / limit["p50_ms"], 2)
            page["rps_share"] = round(page["rps"] / limit["rps"], 3)


def _targets(
    measured: dict[str, Any], start: dict[int, float], memory: dict[int, float | None]
) -> list[Target]:
    found = []
    for name, page in measured.items():
        if name == "limit":
            continue
        found.append(Target(f"{name}: p50 beside the limit", page["p50_ratio"], most=P50_RATIO))
        share = page["rps_share"]
        found.append(Target(f"{name}: throughput of the limit", share, least=THROUGHPUT_SHARE))
        found.append(Target(f"{name}: queries", page["queries"], most=QUERIES))
    for kind in ("list", "today"):
        counts = [page["queries"] for name, page in measured.items() if name.startswith(kind)]
        spread = float(max(counts) - min(counts))
        found.append(Target(f"{kind}: queries more in the larger county", spread, most=0))
    for size, seconds in start.items():
        found.append(Target(f"start to first page, {size} plots, s", seconds, most=START_S))
        found.append(Target(f"memory with jobs, {size} plots, MB", memory[size], most=MEMORY_MB))
    return found
