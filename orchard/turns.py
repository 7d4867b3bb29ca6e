"""Whose turn it is: writers in the order in which they came, and pages before jobs."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep

from orchard.errors import Busy

QUIET_S = 0.005  # without a page for so long, nobody is being kept waiting
MOST_S = 0.05  # a step of a job waits no longer than this, so that jobs end on a busy day too


class FairLock:
    """First come, first served; SQLite's own wait is not, and lets one writer starve."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    def acquire(self, wait_s: float) -> None:
        """Wait for our turn, or raise Busy."""
        turn = threading.Event()
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            self._waiting.append(turn)
        if not turn.wait(wait_s):
            with self._guard:
                if turn in self._waiting:
                    self._waiting.remove(turn)
                    raise Busy

    def release(self) -> None:
        """Hand over to whoever waited longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False


class Pages:
    """The pages that this process is making. They share one processor with its jobs."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._running = 0
        self._last = 0.0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count a page while it is made."""
        with self._guard:
            self._running += 1
        try:
            yield
        finally:
            with self._guard:
                self._running -= 1
                self._last = monotonic()

    def make_way(self) -> None:
        """Wait until nobody waits for a page: what a job does before each of its steps."""
        until = monotonic() + MOST_S
        while (left := until - monotonic()) > 0 and self._are_wanted():
            sleep(min(QUIET_S, left))

    def _are_wanted(self) -> bool:
        return self._running > 0 or monotonic() - self._last < QUIET_S


pages = Pages()
