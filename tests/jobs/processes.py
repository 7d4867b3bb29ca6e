"""Starts workers, and waits for what they say, never for time to pass."""

import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from orchard import settings

ROOT = Path(__file__).parents[2]
WORKER = Path(__file__).with_name("worker.py")


class Process:
    """One worker: what it said so far, and ways to wait for more."""

    def __init__(self, command: list[str], log: Path, **environ: str) -> None:
        here = settings.get()
        values = {
            "PYTHONPATH": str(ROOT),
            "ORCHARD_DATABASE_URL": here.url,
            "ORCHARD_DATA_DIR": str(here.data_dir),
            "ORCHARD_SECRET_KEY": "test",
            "ORCHARD_WEATHER_URL": "http://127.0.0.1:9",
        }
        self.lines: list[str] = []
        self._rest = b""
        self.log = log
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log.open("wb"),
            cwd=ROOT,
            env={**os.environ, **values, **environ},
        )
        self.pid = self._child.pid
        os.set_blocking(self.output.fileno(), False)

    @property
    def output(self):
        return self._child.stdout

    def read(self) -> None:
        """Take what it said meanwhile."""
        *whole, self._rest = (self._rest + (self.output.read() or b"")).split(b"\n")
        self.lines += [line.decode() for line in whole]

    def go(self) -> None:
        """Let the job that stands still go on."""
        self._child.stdin.write(b"g")
        self._child.stdin.flush()

    def send(self, sign: signal.Signals) -> None:
        """Send a signal."""
        self._child.send_signal(sign)

    def end(self, within_s: float = 30.0) -> int:
        """Wait until it has ended, and return its exit code."""
        code = self._child.wait(within_s)
        self.read()
        return code

    def remove(self) -> None:
        """Take it away if it is still there."""
        if self._child.poll() is None:
            self._child.kill()
            self._child.wait(10)
        for pipe in (self._child.stdin, self.output):
            pipe.close()


@contextmanager
def workers(folder: Path, *pace_s: float, **environ: str) -> Iterator:
    """Yield a function that starts a worker of a kind; all are gone afterwards."""
    started: list[Process] = []

    def start(kind: str) -> Process:
        command = [sys.executable, str(WORKER), kind, *map(str, pace_s)]
        started.append(Process(command, folder / f"worker{len(started)}.log", **environ))
        return started[-1]

    try:
        yield start
    finally:
        for process in started:
            process.remove()


def wait_for(
    condition, *processes: Process, within_s: float = 30.0, look_s: float | None = None
) -> None:
    """Read what processes say until a condition holds; fail with what they said.

    look_s: how often to look at a condition that is not in what they say.
    """
    until = monotonic() + within_s
    with selectors.DefaultSelector() as selector:
        for process in processes:
            selector.register(process.output, selectors.EVENT_READ, process)
        while not condition():
            left = until - monotonic()
            said = [(process.lines, process.log.read_text()[-2000:]) for process in processes]
            assert left > 0, f"not within {within_s} s: {said}"
            for key, _ in selector.select(min(left, look_s or left)):
                key.data.read()


def says(process: Process, line: str, within_s: float = 30.0) -> None:
    """Wait until a process has said one line."""
    wait_for(lambda: line in process.lines, process, within_s=within_s)
