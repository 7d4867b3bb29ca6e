"""The servers under test: real processes on free ports of this machine."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter, sleep

from orchard.bench.client import Browser

NOWHERE = "http://127.0.0.1:9"  # no page that is measured may wait for the weather server
START_S = 60.0
COMMAND = "from orchard.cli import main; main()"  # `orchard`, wherever its script lies


@dataclass(frozen=True)
class Running:
    """A server that answers, and what its start took."""

    port: int
    process: subprocess.Popen[bytes]
    start_s: float

    def memory_mb(self) -> float | None:
        """Return the memory that is its own (PSS), or None where the system does not tell."""
        try:
            lines = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            return None
        kb = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return round(kb / 1024, 1)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return the environment of an `orchard` process on a data folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ORCHARD_")}
    return {
        **kept,
        "ORCHARD_DATA_DIR": str(folder),
        "ORCHARD_WEATHER_URL": NOWHERE,
        "PYTHONWARNINGS": "ignore",
        **more,
    }


@contextmanager
def orchard_serve(
    folder: Path, path: str = "/sign-in", cookie: str = "", **more: str
) -> Iterator[Running]:
    """Run `orchard serve` with its jobs; measured from the start to the first whole page.

    more: further settings, as environment variables.
    """
    port = free_port()
    command = [sys.executable, "-c", COMMAND, "serve", "--port", str(port)]
    with _running(command, port, environment(folder, **more), path, cookie) as running:
        yield running


@contextmanager
def limit_serve(database: Path, threads: int) -> Iterator[Running]:
    """Run the limit page under the same embedded server."""
    port = free_port()
    command = [sys.executable, "-m", "orchard.bench.limit_page", str(database), str(port)]
    with _running([*command, str(threads)], port, dict(os.environ), "/", "") as running:
        yield running


@contextmanager
def _running(
    command: list[str], port: int, env: dict[str, str], path: str, cookie: str
) -> Iterator[Running]:
    with TemporaryFile() as said:
        begun = perf_counter()
        process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=said)
        try:
            if not _has_page(process, port, path, cookie, begun + START_S):
                said.seek(0)
                raise RuntimeError(said.read().decode(errors="replace")[-400:])
            yield Running(port, process, perf_counter() - begun)
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _has_page(
    process: subprocess.Popen[bytes], port: int, path: str, cookie: str, until: float
) -> bool:
    while perf_counter() < until and process.poll() is None:
        try:
            if Browser(port).get(path, Cookie=cookie)[0] == 200:
                return True
        except OSError:
            sleep(0.01)
    return False
